package org.electra4j.finetune.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.electra4j.finetune.data.Answer;
import org.electra4j.finetune.data.QuestionExample;
import org.electra4j.finetune.data.TagScheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Metrics equal what scikit-learn, scipy, seqeval and SQuAD's script gave for the same input. */
class MetricsGoldenTest {
  private static final JsonNode GOLDEN = golden();

  /** Both sides add at most a few hundred doubles in another order. */
  private static final Offset<Double> EXACT = Offset.offset(1e-12);

  static Stream<JsonNode> classification() {
    return cases("classification");
  }

  @ParameterizedTest
  @MethodSource
  void classification(JsonNode golden) {
    int classes = golden.get("classes").asInt();
    ConfusionMatrix matrix =
        ConfusionMatrix.of(classes, ints(golden.get("gold")), ints(golden.get("predicted")));
    assertThat(matrix.accuracy()).isCloseTo(value(golden, "accuracy"), EXACT);
    for (int c = 0; c < classes; c++) {
      assertThat(matrix.precision(c)).isCloseTo(golden.get("precision").get(c).asDouble(), EXACT);
      assertThat(matrix.recall(c)).isCloseTo(golden.get("recall").get(c).asDouble(), EXACT);
      assertThat(matrix.f1(c)).isCloseTo(golden.get("f1").get(c).asDouble(), EXACT);
    }
    assertThat(matrix.macroF1()).isCloseTo(value(golden, "f1_macro"), EXACT);
    assertThat(matrix.micro(-1).f1()).isCloseTo(value(golden, "f1_micro"), EXACT);
    assertScores(matrix.micro(0), golden.get("micro_without_0"));
    assertThat(matrix.matthews()).isCloseTo(value(golden, "matthews"), EXACT);
  }

  static Stream<JsonNode> multiLabel() {
    return cases("multi_label");
  }

  @ParameterizedTest
  @MethodSource
  void multiLabel(JsonNode golden) {
    MultiLabelScores scores =
        MultiLabelScores.of(
            golden.get("classes").asInt(),
            labelSets(golden.get("gold")),
            labelSets(golden.get("predicted")));
    assertThat(scores.accuracy()).isCloseTo(value(golden, "accuracy"), EXACT);
    assertScores(scores.micro(), golden.get("micro"));
    assertThat(scores.macroF1()).isCloseTo(value(golden, "f1_macro"), EXACT);
  }

  static Stream<JsonNode> correlation() {
    return cases("correlation");
  }

  @ParameterizedTest
  @MethodSource
  void correlation(JsonNode golden) {
    double[] gold = doubles(golden.get("gold"));
    double[] predicted = doubles(golden.get("predicted"));
    assertThat(Correlation.pearson(gold, predicted)).isCloseTo(value(golden, "pearson"), EXACT);
    assertThat(Correlation.spearman(gold, predicted)).isCloseTo(value(golden, "spearman"), EXACT);
    assertThat(Correlation.meanSquaredError(gold, predicted))
        .isCloseTo(value(golden, "mse"), EXACT);
  }

  static Stream<JsonNode> roc() {
    return cases("roc");
  }

  @ParameterizedTest
  @MethodSource
  void roc(JsonNode golden) {
    int[] flags = ints(golden.get("positive"));
    boolean[] positive = new boolean[flags.length];
    IntStream.range(0, flags.length).forEach(i -> positive[i] = flags[i] == 1);
    assertThat(RocCurve.area(positive, doubles(golden.get("scores"))))
        .isCloseTo(value(golden, "auc"), EXACT);
  }

  static Stream<JsonNode> spans() {
    return cases("spans");
  }

  @ParameterizedTest
  @MethodSource
  void spans(JsonNode golden) {
    List<List<String>> gold = tags(golden.get("gold"));
    List<List<String>> predicted = tags(golden.get("predicted"));
    SpanScores lenient = SpanScores.of(gold, predicted);
    assertScores(lenient.micro(), golden.get("default"));
    assertThat(lenient.macroF1()).isCloseTo(golden.get("default").get(3).asDouble(), EXACT);

    TagScheme scheme = TagScheme.valueOf(golden.get("scheme").asText());
    SpanScores strict = SpanScores.strict(scheme, gold, predicted);
    assertScores(strict.micro(), golden.get("strict"));
    assertThat(strict.macroF1()).isCloseTo(golden.get("strict").get(3).asDouble(), EXACT);
    assertThat(strict.micro().gold()).isNotEqualTo(lenient.micro().gold());
  }

  @Test
  void squad() {
    JsonNode golden = GOLDEN.get("squad");
    List<QuestionExample> questions = new ArrayList<>();
    Map<String, String> predictions = new LinkedHashMap<>();
    Map<String, Double> noAnswer = new LinkedHashMap<>();
    for (JsonNode node : golden.get("questions")) {
      String id = "q" + questions.size();
      List<Answer> answers =
          stream(node.get("answers"))
              .map(text -> new Answer(text.asText(), Answer.UNLOCATED))
              .toList();
      QuestionExample question = new QuestionExample(id, "", "?", "", answers);
      String prediction = node.get("prediction").asText();
      assertThat(SquadScores.exact(question, prediction)).as(id).isEqualTo(value(node, "exact"));
      assertThat(SquadScores.f1(question, prediction)).as(id).isCloseTo(value(node, "f1"), EXACT);
      questions.add(question);
      predictions.put(id, prediction);
      noAnswer.put(id, value(node, "no_answer"));
    }
    assertSquad(SquadScores.of(questions, predictions), golden.get("plain"));
    JsonNode expected = golden.get("thresholded");
    assertSquad(
        SquadScores.of(questions, predictions, noAnswer, value(golden, "threshold")), expected);

    Map<String, Double> metrics = TaskMetrics.questions(questions, predictions, noAnswer, 0.7);
    assertThat(metrics).hasSize(9);
    metrics.forEach(
        (name, value) -> assertThat(value).as(name).isCloseTo(value(expected, name), PERCENT));
  }

  private static final Offset<Double> PERCENT = Offset.offset(1e-10);

  private static void assertSquad(SquadScores scores, JsonNode golden) {
    assertThat(scores.exact()).isCloseTo(value(golden, "exact"), PERCENT);
    assertThat(scores.f1()).isCloseTo(value(golden, "f1"), PERCENT);
    assertThat(scores.hasAnswerExact()).isCloseTo(value(golden, "HasAns_exact"), PERCENT);
    assertThat(scores.hasAnswerF1()).isCloseTo(value(golden, "HasAns_f1"), PERCENT);
    assertThat(scores.noAnswer()).isCloseTo(value(golden, "NoAns_exact"), PERCENT);
    assertThat(scores.total()).isEqualTo(golden.get("total").asInt());
  }

  private static void assertScores(PrecisionRecall scores, JsonNode golden) {
    assertThat(scores.precision()).isCloseTo(golden.get(0).asDouble(), EXACT);
    assertThat(scores.recall()).isCloseTo(golden.get(1).asDouble(), EXACT);
    assertThat(scores.f1()).isCloseTo(golden.get(2).asDouble(), EXACT);
  }

  private static JsonNode golden() {
    try (InputStream in = MetricsGoldenTest.class.getResourceAsStream("/finetune/metrics.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static Stream<JsonNode> cases(String name) {
    return stream(GOLDEN.get(name));
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static double value(JsonNode node, String name) {
    assertThat(node.get(name)).as(name).isNotNull();
    return node.get(name).asDouble();
  }

  private static int[] ints(JsonNode array) {
    return stream(array).mapToInt(JsonNode::asInt).toArray();
  }

  private static double[] doubles(JsonNode array) {
    return stream(array).mapToDouble(JsonNode::asDouble).toArray();
  }

  private static List<List<Integer>> labelSets(JsonNode rows) {
    return stream(rows).map(row -> stream(row).map(JsonNode::asInt).toList()).toList();
  }

  private static List<List<String>> tags(JsonNode rows) {
    return stream(rows).map(row -> List.of(row.asText().split(" "))).toList();
  }
}
