package org.electra4j.finetune;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.electra4j.ElectraTrainer;
import org.electra4j.finetune.data.ClassExample;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.NumberExample;
import org.electra4j.finetune.data.QuestionExample;
import org.electra4j.finetune.data.TaggedWords;
import org.electra4j.inference.AnswerDecoder;
import org.electra4j.inference.LabelScore;
import org.electra4j.inference.QuestionAnswerer;
import org.electra4j.inference.RandomModel;
import org.electra4j.inference.TaggedWord;
import org.electra4j.inference.TextClassifier;
import org.electra4j.inference.TextRegressor;
import org.electra4j.inference.TokenTagger;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.OnnxExport;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.SpanStyle;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of task from examples to a served model. */
class FinetunerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path models;
  @TempDir private Path folder;

  @BeforeAll
  static void model() throws IOException {
    RandomModel.electra(models);
  }

  private FinetuningConfig.Builder quick(FinetuningConfig.Builder builder) {
    return ToyTask.quick(builder, models, folder.resolve("run"));
  }

  @ParameterizedTest
  @EnumSource(Style.class)
  void classification(Style style) throws IOException {
    FinetuningConfig config = quick(ToyTask.classes()).headStyle(style).build();
    FinetuningResult result = ElectraTrainer.finetune(config, FinetuningListeners.basic());
    assertThat(result.stopped()).isEmpty();
    double accuracy = result.summary().get("chef").get("accuracy").median();
    assertThat(accuracy).isGreaterThan(0.9);
    @SuppressWarnings("unchecked")
    List<ClassExample> dev = (List<ClassExample>) config.tasks().get(0).data().dev();
    try (TextClassifier classifier = TextClassifier.load(result.model(), RandomModel.REFERENCE)) {
      assertThat(classifier.labels()).containsExactly("no", "yes");
      assertThat(classifier.isMultiLabel()).isFalse();
      long right = 0;
      for (ClassExample example : dev) {
        List<LabelScore> scores = classifier.classify(example.text());
        assertThat(scores.stream().mapToDouble(LabelScore::probability).sum())
            .isCloseTo(1, within(1e-5));
        right += scores.get(0).index() == example.label() ? 1 : 0;
      }
      assertThat((double) right / dev.size()).isEqualTo(accuracy);
    }
  }

  @Test
  void everythingIsWrittenDown() throws IOException {
    FinetuningConfig config = quick(ToyTask.classes()).epochs(4.0).build();
    FinetuningResult result = ElectraTrainer.finetune(config, FinetuningListeners.basic());
    FinetuningFiles files = new FinetuningFiles(config.output());
    List<JsonNode> lines = Files.readAllLines(files.metrics()).stream().map(this::json).toList();
    assertThat(
            lines.stream().filter(line -> line.has("loss")).map(line -> line.get("step").asInt()))
        .containsExactly(5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60);
    assertThat(
            lines.stream()
                .filter(line -> line.has("eval_accuracy"))
                .map(line -> line.get("step").asInt()))
        .containsExactly(15, 30, 45, 60);
    JsonNode summary = json(Files.readString(files.result()));
    assertThat(summary.at("/summary/chef/accuracy/median").asDouble())
        .isEqualTo(result.trials().get(0).main());
    assertThat(summary.get("device").asText()).isEqualTo("reference");
    assertThat(summary.get("tokens_per_second").asDouble()).isPositive();
    assertThat(Files.readString(files.curves())).contains("Held-out accuracy", "Training loss");
    assertThat(files.model()).isDirectoryContaining("glob:**/config.json");
    assertThat(files.model()).isDirectoryContaining("glob:**/model.safetensors");
    assertThat(files.model()).isDirectoryContaining("glob:**/vocab.txt");
  }

  private JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void regressionInItsOwnUnits() throws IOException {
    FinetuningConfig config = quick(ToyTask.numbers()).epochs(12.0).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    double pearson = result.summary().get("chefs").get("pearson").median();
    assertThat(pearson).isGreaterThan(0.8);
    @SuppressWarnings("unchecked")
    List<NumberExample> dev = (List<NumberExample>) config.tasks().get(0).data().dev();
    try (TextRegressor regressor = TextRegressor.load(result.model(), RandomModel.REFERENCE)) {
      float[] numbers =
          regressor.predict(
              dev.stream().map(NumberExample::text).toList(),
              dev.stream().map(NumberExample::pair).toList());
      double squares = 0;
      for (int i = 0; i < numbers.length; i++) {
        squares += Math.pow(numbers[i] - dev.get(i).number(), 2);
      }
      assertThat(squares / numbers.length)
          .isCloseTo(result.trials().get(0).scores().get("chefs").get("mse"), within(1e-3));
    }
  }

  @Test
  void severalLabels() throws IOException {
    FinetuningResult result = ElectraTrainer.finetune(quick(ToyTask.labels()).build());
    assertThat(result.summary().get("both").get("f1").median()).isGreaterThan(0.85);
    try (TextClassifier classifier = TextClassifier.load(result.model(), RandomModel.REFERENCE)) {
      assertThat(classifier.isMultiLabel()).isTrue();
      assertThat(classifier.classify("the chef ate the meal .").get(1).probability())
          .isGreaterThan(0.5f);
      assertThat(classifier.classify("the zebra ate .").get(0).probability()).isLessThan(0.5f);
    }
  }

  @Test
  void tagging() throws IOException {
    FinetuningConfig config = quick(ToyTask.tags()).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    double f1 = result.summary().get("words").get("f1").median();
    assertThat(f1).isGreaterThan(0.95);
    @SuppressWarnings("unchecked")
    List<TaggedWords> dev = (List<TaggedWords>) config.tasks().get(0).data().dev();
    try (TokenTagger tagger = TokenTagger.load(result.model(), RandomModel.REFERENCE)) {
      assertThat(tagger.labels()).containsExactly("B-NOUN", "B-VERB", "O");
      List<List<TaggedWord>> tagged =
          tagger.tagWords(dev.stream().map(TaggedWords::words).toList());
      for (int i = 0; i < dev.size(); i++) {
        assertThat(tagged.get(i).stream().map(TaggedWord::word)).isEqualTo(dev.get(i).words());
      }
      List<TaggedWord> words = tagger.tag("The chef, zebra!");
      assertThat(words.stream().map(TaggedWord::word))
          .containsExactly("The", "chef", ",", "zebra", "!");
      assertThat(words.get(3).tag()).isEqualTo("B-NOUN");
      assertThat(words.get(3).start()).isEqualTo(10);
      assertThat(words.get(3).end()).isEqualTo(15);
    }
  }

  @ParameterizedTest
  @EnumSource(SpanStyle.class)
  void questionAnswering(SpanStyle style) throws IOException {
    FinetuningConfig config = quick(ToyTask.questions()).spanStyle(style).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    assertThat(result.summary().get("what").get("f1").median()).isGreaterThan(85);
    @SuppressWarnings("unchecked")
    List<QuestionExample> dev = (List<QuestionExample>) config.tasks().get(0).data().dev();
    try (QuestionAnswerer answerer =
        QuestionAnswerer.load(result.model(), RandomModel.REFERENCE, AnswerDecoder.defaults())) {
      long right =
          dev.stream()
              .filter(
                  q ->
                      answerer
                          .answer(q.question(), q.context())
                          .best(answerer.nullThreshold())
                          .equals(q.impossible() ? "" : q.answers().get(0).text()))
              .count();
      assertThat(100.0 * right / dev.size())
          .isEqualTo(result.trials().get(0).scores().get("what").get("exact"));
      assertThat(answerer.nullThreshold()).isEqualTo(style == SpanStyle.JOINT ? -2.75f : 0);
    }
    String architecture = style == SpanStyle.JOINT ? "Joint" : "";
    assertThat(HuggingFaceConfig.read(result.model()).architectures())
        .containsExactly("ElectraFor" + architecture + "QuestionAnswering");
  }

  @Test
  void jointHeadsMakeAnEnsembleAndNoOnnxFile() throws IOException {
    FinetuningConfig config =
        quick(ToyTask.questions()).spanStyle(SpanStyle.JOINT).trials(2).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    assertThat(result.ensemble().get("what").get("f1")).isGreaterThan(80);
    assertThatThrownBy(() -> OnnxExport.write(result.model(), folder.resolve("model.onnx")))
        .hasMessageContaining("joint head for spans");
    OnnxExport.writeEncoder(result.model(), folder.resolve("encoder.onnx"));
    assertThatThrownBy(
            () ->
                ElectraTrainer.finetune(
                    config.toBuilder().spanStyle(SpanStyle.INDEPENDENT).build()))
        .hasMessageContaining("span_style was JOINT and is now not set");
  }

  @Test
  void tensorBoardHasAFolderATrial() throws IOException {
    FinetuningConfig config = quick(ToyTask.classes()).epochs(2.0).trials(2).build();
    Path logs = folder.resolve("logs");
    ElectraTrainer.finetune(config, FinetuningListeners.tensorBoard(logs));
    for (String trial : List.of("trial-1", "trial-2")) {
      try (Stream<Path> files = Files.list(logs.resolve(trial))) {
        String events = Files.readString(files.findFirst().orElseThrow(), ISO_8859_1);
        assertThat(events)
            .contains("train/chef/loss", "learning_rate", "grad_norm", "eval/chef/accuracy");
      }
    }
  }

  @Test
  void wordsThatVanishAreCounted() {
    WordPieceTokenizer tokenizer =
        new WordPieceTokenizer(
            Vocabulary.of(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b")),
            TokenizerOptions.uncased());
    TagAdapter adapter = new TagAdapter(tokenizer, 4, List.of("N", "O"), 0);
    List<TaggedWords> examples =
        List.of(
            new TaggedWords("one", List.of("a", "b"), new int[] {0, 1}),
            new TaggedWords("two", List.of("a", "\u0007", "b", "\u200d"), new int[] {0, 1, 0, 1}));
    assertThat(adapter.remarks(adapter.items(examples)))
        .containsExactly(
            "of 2 of 6 words the tokenizer leaves nothing; they are read as [UNK] (first: example"
                + " two)");
    assertThat(adapter.remarks(adapter.items(examples.subList(0, 1)))).isEmpty();
  }

  @Test
  void severalTasksShareAnEncoder() throws IOException {
    FinetuningConfig single = quick(ToyTask.tags()).build();
    FinetuningConfig.Builder both = quick(ToyTask.classes());
    addTask(both, single.tasks().get(0));
    FinetuningResult result = ElectraTrainer.finetune(both.build());
    assertThat(result.summary().get("chef").get("accuracy").median()).isGreaterThan(0.85);
    assertThat(result.summary().get("words").get("f1").median()).isGreaterThan(0.9);
    try (TextClassifier classifier =
            TextClassifier.load(result.model().resolve("chef"), RandomModel.REFERENCE);
        TokenTagger tagger =
            TokenTagger.load(result.model().resolve("words"), RandomModel.REFERENCE)) {
      assertThat(classifier.classify("the chef ate .").get(0).label()).isEqualTo("yes");
      assertThat(tagger.tag("chef").get(0).tag()).isEqualTo("B-NOUN");
    }
  }

  private static <E extends Example> void addTask(
      FinetuningConfig.Builder builder, FinetuningConfig.TaskInput<E> input) {
    builder.andTask(input.task(), input.data());
  }
}
