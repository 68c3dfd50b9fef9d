package org.electra4j.finetune.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.electra4j.finetune.data.Answer;
import org.electra4j.finetune.data.GlueTask;
import org.electra4j.finetune.data.QuestionExample;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskKind;
import org.electra4j.finetune.data.Tasks;
import org.junit.jupiter.api.Test;

/** The metrics of each kind of task, and what they refuse. */
class TaskMetricsTest {
  private static final Offset<Double> EXACT = Offset.offset(1e-12);

  @Test
  void everyTaskIsScoredByTheMetricsItNames() {
    for (String name : Tasks.names()) {
      Task<?> task = Tasks.byName(name);
      assertThat(example(task.kind())).as(name).containsKeys(task.metrics().toArray(String[]::new));
    }
    assertThat(GlueTask.COLA.task().metrics().get(0)).isEqualTo("matthews");
  }

  private static Map<String, Double> example(TaskKind kind) {
    return switch (kind) {
      case CLASSIFICATION -> TaskMetrics.classification(2, new int[] {0, 1}, new int[] {0, 1});
      case REGRESSION -> TaskMetrics.regression(new double[] {0, 1}, new double[] {0, 1});
      case MULTI_LABEL -> TaskMetrics.multiLabel(1, List.of(List.of(0)), List.of(List.of(0)));
      case TAGGING -> TaskMetrics.tagging(List.of("O"), List.of(new int[1]), List.of(new int[1]));
      case QUESTION_ANSWERING ->
          TaskMetrics.questions(List.of(question("a")), Map.of("q", "a"), Map.of(), 0);
    };
  }

  @Test
  void spansAreScoredAsSpansAndWordsAsWords() {
    List<int[]> gold = List.of(new int[] {1, 2, 0, 3});
    List<int[]> predicted = List.of(new int[] {1, 0, 0, 3});
    Map<String, Double> spans =
        TaskMetrics.tagging(List.of("O", "B-X", "E-X", "S-Y"), gold, predicted);
    assertThat(spans.get("precision")).isEqualTo(0.5);
    assertThat(spans.get("recall")).isEqualTo(0.5);
    assertThat(spans.get("f1_macro")).isEqualTo(0.5);
    assertThat(spans.get("accuracy")).isEqualTo(0.75);

    Map<String, Double> words =
        TaskMetrics.tagging(List.of("O", "ADJ", "NOUN", "VERB"), gold, predicted);
    assertThat(words.get("precision")).isEqualTo(1);
    assertThat(words.get("recall")).isCloseTo(2 / 3.0, EXACT);
    assertThat(words.get("f1")).isCloseTo(0.8, EXACT);
  }

  @Test
  void moreThanTwoClassesHaveNoPositiveOne() {
    assertThat(TaskMetrics.classification(3, new int[] {0, 2}, new int[] {0, 1}))
        .containsEntry("accuracy", 0.5)
        .containsKey("f1_macro")
        .doesNotContainKeys("f1", "precision", "recall");
  }

  @Test
  void questionsThatAllHaveAnswersHaveNoThresholds() {
    assertThat(TaskMetrics.questions(List.of(question("a cat")), Map.of("q", "cat"), Map.of(), 0))
        .containsExactly(Map.entry("exact", 100.0), Map.entry("f1", 100.0));
  }

  @Test
  void constantNumbersHaveNoCorrelation() {
    double[] constant = {2, 2, 2};
    double[] rising = {1, 2, 3};
    assertThat(Correlation.pearson(constant, rising)).isNaN();
    assertThat(Correlation.spearman(rising, constant)).isNaN();
    assertThat(Correlation.spearman(rising, new double[] {1, Double.NaN, 2})).isNaN();
    assertThat(RocCurve.area(new boolean[] {true, true}, new double[] {0, 1})).isNaN();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> ConfusionMatrix.of(2, new int[1], new int[2]))
        .hasMessage("1 gold values but 2 predictions");
    assertThatThrownBy(() -> ConfusionMatrix.of(2, new int[0], new int[0]))
        .hasMessage("a metric needs at least one example");
    assertThatThrownBy(() -> ConfusionMatrix.of(2, new int[] {-1}, new int[] {0}))
        .hasMessage("classes must be in [0, 2), got gold -1 and predicted 0 at 0");
    assertThatThrownBy(() -> SpanScores.of(List.of(List.of("O")), List.of(List.of("O", "O"))))
        .hasMessage("sentence 0 has 1 gold tags but 2 predicted ones");
    assertThatThrownBy(() -> SquadScores.of(List.of(question("a")), Map.of()))
        .hasMessage("question q has no prediction");
    assertThatThrownBy(() -> SquadScores.bestF1(List.of(question("a")), Map.of("q", "a"), Map.of()))
        .hasMessage("question q has no no-answer score");
    assertThatThrownBy(() -> MultiLabelScores.of(2, List.of(List.of(1, 1)), List.of(List.of())))
        .hasMessage("labels must be in [0, 2), each once, got [1, 1]");
    assertThatThrownBy(() -> RocCurve.area(new boolean[] {true}, new double[] {Double.NaN}))
        .hasMessage("score 0 is not a number");
  }

  private static QuestionExample question(String answer) {
    return new QuestionExample("q", "", "?", "", List.of(new Answer(answer, Answer.UNLOCATED)));
  }
}
