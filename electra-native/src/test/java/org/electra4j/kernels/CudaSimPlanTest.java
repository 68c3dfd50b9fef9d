package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.electra4j.Device;
import org.electra4j.ElectraTrainer;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.KernelProfile;
import org.electra4j.kernels.CudaSimulator.Order;
import org.electra4j.train.PlannedStep;
import org.electra4j.train.PretrainingRun;
import org.electra4j.train.TrainingListener;
import org.electra4j.train.TrainingListeners;
import org.electra4j.train.TrainingProgress;
import org.electra4j.train.TrainingSession;
import org.electra4j.train.ValidationMetrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is known of a step before it runs: its memory, its launches and its bytes. */
@Tag("simulator")
class CudaSimPlanTest {
  private static final CudaSimulator SIMULATOR = CudaSimulator.PLAIN;
  private static final Pattern SENTENCE =
      Pattern.compile(
          "cuda:0: the run needs ([\\d,]+) bytes \\([\\d,]+ for parameters and optimizer, [\\d,]+"
              + " for the largest step of 24 sequences of 24 tokens\\), and ([\\d,]+) are free\\."
              + " The largest batch that fits has (\\d+) sequences; gradient accumulation makes up"
              + " for a smaller one\\.");

  @TempDir Path folder;

  @BeforeEach
  void order() {
    SIMULATOR.order(Order.FORWARD, 1);
  }

  @AfterEach
  void repair() {
    SIMULATOR.capacity(0);
  }

  private PretrainingResult train(int batchSize, String name, TrainingListener... listeners)
      throws IOException {
    PretrainingConfig config =
        PretrainingRun.in(folder, 120)
            .device(Device.cuda(0))
            .batchSize(batchSize)
            .steps(2)
            .saveEvery(0)
            .output(folder.resolve(name))
            .build();
    return SimulatedBackendProvider.with(
        SIMULATOR, () -> ElectraTrainer.pretrain(config, listeners));
  }

  @Test
  void aCardThatIsTooSmallSaysWhichBatchFits() throws IOException {
    SIMULATOR.capacity(1_000_000);
    Matcher sentence = SENTENCE.matcher(refusal(24, "large"));
    assertThat(sentence.matches()).as(sentence.toString()).isTrue();
    long needed = Long.parseLong(sentence.group(1).replace(",", ""));
    long free = Long.parseLong(sentence.group(2).replace(",", ""));
    int fits = Integer.parseInt(sentence.group(3));
    assertThat(free).isBetween(900_000L, 1_000_000L);
    assertThat(needed).isGreaterThan(free);
    assertThat(fits).isBetween(1, 23);
    assertThat(refusal(fits + 1, "one-too-many")).contains("has " + fits + " sequences");
    assertThat(train(fits, "fits").steps()).isEqualTo(2);
    SIMULATOR.capacity(needed + needed / 32 + 10_000);
    assertThat(train(24, "enough").steps()).isEqualTo(2);
    SIMULATOR.capacity(100_000);
    assertThat(refusal(24, "nothing-fits")).contains("Not even a batch of one sequence fits");
  }

  private String refusal(int batchSize, String name) {
    List<String> messages = new ArrayList<>();
    assertThatThrownBy(() -> train(batchSize, name))
        .isInstanceOf(BackendException.class)
        .satisfies(e -> messages.add(e.getMessage()));
    return messages.get(0);
  }

  /** One allocation, of the bytes that were announced, before the first step, and none after it. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "BF16"})
  void theMemoryOfARunIsOneBlock(Precision precision) throws IOException {
    long before = SIMULATOR.allocations();
    long free = SIMULATOR.allocatedBytes();
    List<Long> announced = new ArrayList<>();
    List<Long> allocations = new ArrayList<>();
    List<Long> used = new ArrayList<>();
    TrainingListener watch =
        new TrainingListener() {
          private void note(TrainingSession session) {
            announced.add(session.plannedBytes());
            allocations.add(SIMULATOR.allocations() - before);
            used.add(SIMULATOR.allocatedBytes() - free);
          }

          @Override
          public void onTrainingBegin(TrainingSession session) {
            note(session);
          }

          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            note(session);
          }

          @Override
          public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
            note(session);
          }

          @Override
          public void onTrainingEnd(TrainingSession session) {
            note(session);
          }
        };
    PretrainingConfig config =
        PretrainingRun.in(folder, 120)
            .device(Device.cuda(0))
            .precision(precision)
            .batchSize(4)
            .steps(5)
            .evalEvery(2)
            .saveEvery(2)
            .output(folder.resolve("watched"))
            .build();
    SimulatedBackendProvider.with(SIMULATOR, () -> ElectraTrainer.pretrain(config, watch));
    assertThat(allocations).hasSizeGreaterThanOrEqualTo(9).containsOnly(1L);
    assertThat(used).isEqualTo(announced);
    assertThat(SIMULATOR.allocatedBytes()).as("bytes in use after the run").isEqualTo(free);
  }

  @Test
  void oneBlockAtATimeIsReserved() {
    try (Backend backend = SIMULATOR.open(Precision.FP32, 1)) {
      long free = SIMULATOR.allocatedBytes();
      backend.reserve(1024, 256);
      long first = backend.alloc(256);
      long second = backend.alloc(257);
      assertThat(second - first).isEqualTo(256);
      assertThat(SIMULATOR.allocatedBytes() - free).isEqualTo(1024);
      backend.release(first);
      assertThatThrownBy(() -> backend.reserve(1024, 0))
          .hasMessage("cuda:0: reserve: an arena is reserved while the one before is in use");
      assertThat(backend.alloc(100)).isEqualTo(first);
      backend.release(first);
      backend.release(second);
      assertThat(SIMULATOR.allocatedBytes()).isEqualTo(free);
      SIMULATOR.capacity(4096);
      assertThatThrownBy(() -> backend.reserve(5000, 0))
          .hasMessage("cuda:0: reserve: no memory for 5000 bytes");
    }
  }

  @Test
  void aProfileCountsTheLaunchesThatWerePlanned() throws IOException {
    List<KernelProfile> profiles = new ArrayList<>();
    train(4, "profiled", TrainingListeners.profile(profiles::add));
    KernelProfile measured = profiles.get(0);
    PretrainingConfig config = PretrainingRun.in(folder, 120).batchSize(4).build();
    try (Backend backend = SIMULATOR.open(Precision.FP32, 1)) {
      KernelProfile planned =
          PlannedStep.profile(backend, config, PlannedStep.vocabulary(folder, 28));
      assertThat(planned.launches()).isPositive();
      assertThat(measured.launches()).isEqualTo(measured.steps() * planned.launches());
      assertThat(measured.toString()).contains("launches", "MB/step");
      for (KernelProfile.Kernel kernel : planned.kernels()) {
        assertThat(kernel.launches())
            .as(kernel.name())
            .isGreaterThanOrEqualTo(kernel.name().startsWith("alloc") ? 0 : kernel.calls());
      }
    }
  }

  /** The list in cuda/step_cost.md is that of the step as built. */
  @Test
  void theListOfTheSmallStepIsTrue() throws IOException {
    PretrainingConfig small =
        PretrainingConfig.small()
            .corpus(folder)
            .vocabulary(folder.resolve("words.txt"))
            .output(folder)
            .build();
    KernelProfile step;
    try (Backend backend = SIMULATOR.open(Precision.BF16, 1)) {
      step = PlannedStep.profile(backend, small, PlannedStep.vocabulary(folder, 30_522));
    }
    assertThat(step.steps()).isEqualTo(1);
    List<String> expected =
        step.kernels().stream()
            .sorted(
                Comparator.comparingDouble(KernelProfile.Kernel::bytes)
                    .reversed()
                    .thenComparing(KernelProfile.Kernel::name))
            .map(k -> row(k.name(), k.calls(), k.launches(), k.bytes()))
            .collect(Collectors.toCollection(ArrayList::new));
    long calls = step.kernels().stream().mapToLong(KernelProfile.Kernel::calls).sum();
    expected.add(row("all", calls, step.launches(), step.bytes()));
    List<String> lines = Files.readAllLines(Path.of("src/main/cpp/cuda/step_cost.md"));
    int begin = lines.indexOf("| --- | ---: | ---: | ---: |") + 1;
    assertThat(lines.subList(begin, begin + expected.size())).isEqualTo(expected);
  }

  private static String row(String name, long calls, long launches, double bytes) {
    return String.format(
        Locale.ROOT, "| %s | %d | %d | %.1f |", name, calls, launches, bytes / 1e6);
  }
}
