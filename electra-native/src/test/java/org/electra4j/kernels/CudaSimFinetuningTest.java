package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.electra4j.Device;
import org.electra4j.ElectraTrainer;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.ProfilingBackend;
import org.electra4j.finetune.ClassWeights;
import org.electra4j.finetune.Evaluation;
import org.electra4j.finetune.FinetuningConfig;
import org.electra4j.finetune.FinetuningListener;
import org.electra4j.finetune.FinetuningProgress;
import org.electra4j.finetune.FinetuningResult;
import org.electra4j.finetune.FinetuningSession;
import org.electra4j.finetune.ToyTask;
import org.electra4j.finetune.TrialResult;
import org.electra4j.finetune.data.Example;
import org.electra4j.inference.RandomModel;
import org.electra4j.kernels.CudaSimulator.Order;
import org.electra4j.train.PretrainingRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fine-tuning steps that are queued, on a card whose work runs as late as it may, and their memory.
 * A run whose calls are waited for one by one says what they must give.
 */
@Tag("simulator")
class CudaSimFinetuningTest {
  private static final CudaSimulator SIMULATOR = CudaSimulator.PLAIN;
  private static final int WARM_UP = 2;
  private static final int STEPS = 8;

  private static final Pattern SENTENCE =
      Pattern.compile(
          "cuda:0: the run needs [\\d,]+ bytes \\([\\d,]+ for parameters and optimizer, [\\d,]+"
              + " for the longest 4000 sequences of a step\\), and [\\d,]+ are free\\. The"
              + " largest batch that fits has (\\d+) sequences\\.");

  @TempDir private static Path models;
  @TempDir private Path folder;

  /** Tasks by their losses, and whether kernels compute these. */
  private enum Loss {
    CLASSES(true),
    TAGS(true),
    SPANS(true),
    WEIGHTED_CLASSES(false),
    NUMBERS(false);

    private final boolean isQueued;

    Loss(boolean isQueued) {
      this.isQueued = isQueued;
    }

    private FinetuningConfig.Builder task() {
      return switch (this) {
        case CLASSES -> ToyTask.classes();
        case TAGS -> ToyTask.tags();
        case SPANS -> ToyTask.questions();
        case WEIGHTED_CLASSES -> ToyTask.classes().classWeights(ClassWeights.balanced());
        case NUMBERS -> ToyTask.numbers();
      };
    }
  }

  @BeforeAll
  static void model() throws IOException {
    RandomModel.electra(models);
  }

  @BeforeEach
  void defer() {
    SIMULATOR.order(Order.FORWARD, 1);
    SIMULATOR.defer(true);
  }

  @AfterEach
  void repair() {
    SIMULATOR.defer(false);
    SIMULATOR.capacity(0);
  }

  private FinetuningConfig.Builder run(FinetuningConfig.Builder task, String name) {
    return ToyTask.quick(task, models, folder.resolve(name))
        .device(Device.cuda(0))
        .batchSize(4)
        .epochs(STEPS / 30.0)
        .dropout(0.1)
        .biasCorrection(false)
        .logEvery(4);
  }

  /** Steps as they were reported, without what depends on time. */
  private record Steps(List<String> heard) implements FinetuningListener {
    @Override
    public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
      assertThat(session.step()).isEqualTo(progress.step());
      heard.add(
          String.join(
              " ",
              progress.task(),
              Long.toString(progress.step()),
              Boolean.toString(progress.logged()),
              Double.toString(progress.loss()),
              Double.toString(progress.learningRate()),
              Double.toString(progress.gradNorm()),
              Boolean.toString(progress.skipped())));
    }
  }

  private static FinetuningResult finetune(
      FinetuningConfig.Builder config, FinetuningListener... listeners) throws IOException {
    FinetuningConfig built = config.build();
    return SimulatedBackendProvider.with(
        SIMULATOR, () -> ElectraTrainer.finetune(built, listeners));
  }

  private static FinetuningResult oneCallAtATime(
      FinetuningConfig.Builder config, FinetuningListener... listeners) throws IOException {
    FinetuningConfig built = config.build();
    UnaryOperator<Backend> waiting = backend -> new ProfilingBackend(backend).backend();
    return SimulatedBackendProvider.with(
        SIMULATOR, waiting, () -> ElectraTrainer.finetune(built, listeners));
  }

  @ParameterizedTest
  @EnumSource(Loss.class)
  void queuedStepsGiveWhatCallsThatAreWaitedForGive(Loss loss) throws IOException {
    Steps expected = new Steps(new ArrayList<>());
    FinetuningResult waited = oneCallAtATime(run(loss.task(), "waited"), expected);
    long before = SIMULATOR.graphs()[2];
    Steps steps = new Steps(new ArrayList<>());
    FinetuningResult queued = finetune(run(loss.task(), "queued"), steps);
    // A trial at chance level has another one after it, on the same backend.
    assertThat(steps.heard()).hasSizeGreaterThanOrEqualTo(STEPS).isEqualTo(expected.heard());
    assertThat(SIMULATOR.graphs()[2] - before)
        .as("graphs launched")
        .isEqualTo(loss.isQueued ? steps.heard().size() - WARM_UP : 0);
    assertThat(queued.summary()).isEqualTo(waited.summary());
    PretrainingRun.assertSameBytes(queued.model(), waited.model());
  }

  /** A step that reads its logits may come while one that is queued still runs. */
  @Test
  void stepsOfBothKindsTakeTurns() throws IOException {
    Steps expected = new Steps(new ArrayList<>());
    Steps steps = new Steps(new ArrayList<>());
    FinetuningResult waited = oneCallAtATime(run(both(), "waited"), expected);
    long before = SIMULATOR.graphs()[2];
    FinetuningResult queued = finetune(run(both(), "queued"), steps);
    assertThat(steps.heard()).isEqualTo(expected.heard());
    assertThat(SIMULATOR.graphs()[2] - before)
        .as("graphs launched")
        .isEqualTo(steps.heard().stream().filter(s -> s.startsWith("words ")).count() - WARM_UP);
    PretrainingRun.assertSameBytes(queued.model(), waited.model());
  }

  private FinetuningConfig.Builder both() {
    FinetuningConfig numbers = run(ToyTask.numbers(), "numbers").build();
    return add(ToyTask.tags(), numbers.tasks().get(0));
  }

  private static <E extends Example> FinetuningConfig.Builder add(
      FinetuningConfig.Builder builder, FinetuningConfig.TaskInput<E> input) {
    return builder.andTask(input.task(), input.data());
  }

  @Test
  void biasCorrectionAndBf16AreQueued() throws IOException {
    Steps expected = new Steps(new ArrayList<>());
    Steps steps = new Steps(new ArrayList<>());
    FinetuningResult waited =
        oneCallAtATime(
            run(ToyTask.classes(), "waited").biasCorrection(true).precision(Precision.BF16),
            expected);
    FinetuningResult queued =
        finetune(
            run(ToyTask.classes(), "queued").biasCorrection(true).precision(Precision.BF16), steps);
    assertThat(steps.heard()).isEqualTo(expected.heard());
    PretrainingRun.assertSameBytes(queued.model(), waited.model());
  }

  @Test
  void figuresArriveWhileTheNextStepRuns() throws IOException {
    List<Long> ahead = new ArrayList<>();
    long before = SIMULATOR.graphs()[2];
    finetune(
        run(ToyTask.classes(), "watched").evalEvery(6),
        new FinetuningListener() {
          @Override
          public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
            ahead.add(SIMULATOR.graphs()[2] - before + WARM_UP - progress.step());
          }
        });
    // The steps that are logged, evaluated or last are waited for: 4, 6 and 8.
    assertThat(ahead.subList(2, STEPS)).containsExactly(1L, 0L, 1L, 0L, 1L, 0L);
  }

  @Test
  void aStoppedTrialSavesTheStepThatWasRunning() throws IOException {
    FinetuningResult expected = finetune(run(ToyTask.tags(), "whole"));
    List<Long> steps = new ArrayList<>();
    FinetuningResult stopped =
        finetune(
            run(ToyTask.tags(), "parts"),
            new FinetuningListener() {
              @Override
              public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
                steps.add(progress.step());
                if (progress.step() == 5) { // step 6 runs by then
                  session.stop("enough");
                }
              }
            });
    assertThat(stopped.stopped()).contains("enough");
    assertThat(steps).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    FinetuningResult resumed = finetune(run(ToyTask.tags(), "parts"));
    assertThat(resumed.summary()).isEqualTo(expected.summary());
    PretrainingRun.assertSameBytes(resumed.model(), expected.model());
  }

  /** One allocation a trial, of the bytes that were announced, before its first step. */
  @Test
  void theMemoryOfATrialIsOneBlock() throws IOException {
    long before = SIMULATOR.allocations();
    long free = SIMULATOR.allocatedBytes();
    List<Long> allocations = new ArrayList<>();
    FinetuningListener watch =
        new FinetuningListener() {
          private void note(FinetuningSession session) {
            assertThat(SIMULATOR.allocatedBytes() - free).isEqualTo(session.plannedBytes());
            allocations.add(SIMULATOR.allocations() - before);
          }

          @Override
          public void onTrialBegin(FinetuningSession session) {
            note(session);
          }

          @Override
          public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
            note(session);
          }

          @Override
          public void onValidation(FinetuningSession session, List<Evaluation> evaluations) {
            note(session);
          }

          @Override
          public void onTrialEnd(FinetuningSession session, TrialResult result) {
            note(session);
          }
        };
    finetune(run(ToyTask.classes(), "watched").trials(2), watch);
    int notes = 1 + STEPS + 1 + 1; // begin, steps, evaluation, end
    assertThat(allocations.subList(0, notes)).containsOnly(1L);
    assertThat(allocations.subList(notes, 2 * notes)).containsOnly(2L);
    assertThat(SIMULATOR.allocatedBytes()).as("bytes in use after the run").isEqualTo(free);
  }

  @Test
  void aCardThatIsTooSmallSaysWhichBatchFits() throws IOException {
    SIMULATOR.capacity(5_000_000);
    Matcher sentence = SENTENCE.matcher(refusal(4000, "large"));
    assertThat(sentence.matches()).as(sentence.toString()).isTrue();
    int fits = Integer.parseInt(sentence.group(1));
    assertThat(refusal(fits + 1, "one-too-many")).contains("has " + fits + " sequences.");
    List<Long> needed = new ArrayList<>();
    finetune(
        run(ToyTask.classes(), "fits").batchSize(fits),
        new FinetuningListener() {
          @Override
          public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
            needed.add(session.plannedBytes());
            session.stop("it runs");
          }
        });
    assertThat(needed.get(0)).isBetween(4_500_000L, 5_000_000L);
    SIMULATOR.capacity(500_000);
    assertThat(refusal(8, "nothing-fits"))
        .contains("Not even a batch of one sequence fits: take a smaller model");
  }

  private String refusal(int batchSize, String name) {
    List<String> messages = new ArrayList<>();
    assertThatThrownBy(() -> finetune(run(ToyTask.classes(), name).batchSize(batchSize)))
        .isInstanceOf(BackendException.class)
        .satisfies(e -> messages.add(e.getMessage()));
    return messages.get(0);
  }
}
