package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.ElectraTrainer;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.kernels.CudaSimulator.Order;
import org.electra4j.model.GoldenContract;
import org.electra4j.train.PretrainingRun;
import org.electra4j.train.TrainingListener;
import org.electra4j.train.TrainingProgress;
import org.electra4j.train.TrainingSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs on the CUDA kernels, simulated: data, steps, evaluation, checkpoints. */
@Tag("simulator")
class CudaSimPretrainingTest {
  @TempDir Path folder;

  private record Losses(List<Double> generator, List<Double> main) implements TrainingListener {
    @Override
    public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
      generator.add(progress.generatorLoss());
      main.add(progress.mainLoss());
    }
  }

  private PretrainingConfig.Builder run(Precision precision) throws IOException {
    PretrainingConfig.Builder tiny = PretrainingRun.in(folder, 40);
    return tiny.model(tiny.build().model().withEmbeddingSize(16).withHeads(32, 2))
        .steps(6)
        .precision(precision);
  }

  private Losses referenceLosses(Precision precision) throws IOException {
    Losses losses = new Losses(new ArrayList<>(), new ArrayList<>());
    Path output = folder.resolve("reference-" + precision);
    ElectraTrainer.pretrain(run(precision).output(output).build(), losses);
    return losses;
  }

  private Losses simulatedLosses(CudaSimulator simulator, Precision precision) throws IOException {
    Losses losses = new Losses(new ArrayList<>(), new ArrayList<>());
    simulate(simulator, precision, Order.FORWARD, 1, losses);
    return losses;
  }

  private PretrainingResult simulate(
      CudaSimulator simulator,
      Precision precision,
      Order order,
      long seed,
      TrainingListener... listeners)
      throws IOException {
    simulator.order(order, seed);
    Path output = folder.resolve("simulated-" + precision + "-" + order + "-" + seed);
    PretrainingConfig config = run(precision).device(Device.cuda(0)).output(output).build();
    return SimulatedBackendProvider.with(
        simulator, () -> ElectraTrainer.pretrain(config, listeners));
  }

  @Test
  void lossesOfFp32AreThoseOfTheReference() throws IOException {
    Losses expected = referenceLosses(Precision.FP32);
    Losses actual = simulatedLosses(CudaSimulator.CHECKED, Precision.FP32);
    assertThat(actual.main()).hasSize(6);
    assertClose(actual.generator(), expected.generator());
    assertClose(actual.main(), expected.main());
  }

  private static void assertClose(List<Double> actual, List<Double> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i) / expected.get(i) - 1)
          .as("step %d: %s instead of %s", i + 1, actual.get(i), expected.get(i))
          .isBetween(-GoldenContract.TOLERANCE, GoldenContract.TOLERANCE);
    }
  }

  /** BF16 may be at most twice as far from FP32 as the plain loops are in the same precision. */
  @Test
  void lossesOfBf16AreWithinTwiceThePlainLoops() throws IOException {
    Losses truth = referenceLosses(Precision.FP32);
    Losses plain = referenceLosses(Precision.BF16);
    Losses actual = simulatedLosses(CudaSimulator.CHECKED, Precision.BF16);
    assertThat(distance(actual.generator(), truth.generator()))
        .isLessThan(2 * distance(plain.generator(), truth.generator()));
    assertThat(distance(actual.main(), truth.main()))
        .isLessThan(2 * distance(plain.main(), truth.main()));
  }

  private static double distance(List<Double> actual, List<Double> truth) {
    assertThat(actual).hasSameSizeAs(truth);
    double sum = 0;
    for (int i = 0; i < truth.size(); i++) {
      sum += Math.abs(actual.get(i) - truth.get(i));
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "BF16"})
  void theOrderOfThreadsChangesNothing(Precision precision) throws IOException {
    PretrainingResult forward = simulate(CudaSimulator.PLAIN, precision, Order.FORWARD, 1);
    assertThat(forward.steps()).isEqualTo(6);
    PretrainingResult reverse = simulate(CudaSimulator.PLAIN, precision, Order.REVERSE, 1);
    PretrainingRun.assertSameBytes(reverse.model(), forward.model());
    PretrainingResult random = simulate(CudaSimulator.PLAIN, precision, Order.RANDOM, 7);
    PretrainingRun.assertSameBytes(random.model(), forward.model());
  }
}
