package org.electra4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.Tying;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;
import org.electra4j.optim.AdamW;
import org.electra4j.optim.LearningRateSchedule;
import org.electra4j.tensor.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole-model parity with Hugging Face transformers in FP32: losses, logits, every gradient, ten
 * optimizer steps. Implemented once a backend.
 */
public interface GoldenContract {
  /** Relative error of a tensor by norm that FP32 must keep. */
  double TOLERANCE = 1e-4;

  /** Returns a fresh backend of a precision. */
  Backend backend(Precision precision);

  @ParameterizedTest
  @ValueSource(strings = {"electra_projection", "electra_no_projection"})
  default void lossesAndGradients(String name) {
    try (GoldenRun run = new GoldenRun(name, backend(Precision.FP32))) {
      PretrainingOutputs outputs = run.step();
      GoldenFile golden = run.golden;
      assertClose(
          "generator loss", outputs.generatorLoss(), golden.floats("output.generator_loss")[0]);
      assertClose(
          "discriminator loss", outputs.mainLoss(), golden.floats("output.discriminator_loss")[0]);
      assertThat(error(outputs.logits(), golden.floats("output.discriminator_logits")))
          .isLessThan(TOLERANCE);
      assertThat(outputs.replaced()).isEqualTo(golden.ints("input.labels"));
      assertThat(golden.parameters()).hasSameSizeAs(run.store.parameters());
      for (String parameter : golden.parameters()) {
        float[] actual = run.store.read(run.parameter(parameter), Slot.GRADIENT);
        float[] expected = golden.floats("grad." + parameter);
        if (parameter.endsWith("key.bias")) { // zero in exact arithmetic
          assertThat(norm(actual)).as(parameter).isLessThan(1e-3);
        } else {
          assertThat(error(actual, expected)).as("gradient of " + parameter).isLessThan(TOLERANCE);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"electra_projection", "electra_no_projection"})
  default void generatorOutputs(String name) {
    try (GoldenRun run = new GoldenRun(name, backend(Precision.FP32))) {
      run.lookAtGenerator();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"electra_projection", "electra_no_projection"})
  default void tenOptimizerSteps(String name) {
    try (GoldenRun run = new GoldenRun(name, backend(Precision.FP32))) {
      GoldenFile golden = run.golden;
      AdamW optimizer = new AdamW(run.store, AdamW.Options.electra());
      LearningRateSchedule schedule = LearningRateSchedule.polynomial(1e-3, 20, 3, 1);
      for (int step = 0; step < 10; step++) {
        PretrainingOutputs outputs = run.step();
        String at = " of step " + step;
        assertClose(
            "generator loss" + at,
            outputs.generatorLoss(),
            golden.floats("steps.generator_loss")[step]);
        assertClose(
            "discriminator loss" + at,
            outputs.mainLoss(),
            golden.floats("steps.discriminator_loss")[step]);
        double rate = schedule.rate(step);
        assertThat((float) rate)
            .as("rate" + at)
            .isEqualTo(golden.floats("steps.learning_rate")[step]);
        assertClose(
            "gradient norm" + at, optimizer.gradientNorm(), golden.floats("steps.grad_norm")[step]);
        optimizer.update(rate, step);
      }
      optimizer.close();
      for (String parameter : golden.parameters()) {
        float[] begin = golden.floats(parameter);
        float[] actual = minus(run.store.read(run.parameter(parameter)), begin);
        float[] expected = minus(golden.floats("final." + parameter), begin);
        if (parameter.endsWith("key.bias")) { // Adam turns rounding noise into small steps
          assertThat(norm(actual)).as(parameter).isLessThan(1e-3);
        } else {
          // Adam divides by sqrt(v) + 1e-6, which magnifies the error of gradients near that size.
          assertThat(error(actual, expected)).as("change of " + parameter).isLessThan(TOLERANCE);
        }
      }
    }
  }

  /**
   * BF16 may be at most twice as far from the truth as the plain loops are in the same precision.
   */
  @ParameterizedTest
  @ValueSource(strings = {"electra_projection", "electra_no_projection"})
  default void bf16WithinTwiceThePlainLoops(String name) {
    try (GoldenRun run = new GoldenRun(name, backend(Precision.BF16));
        GoldenRun plain =
            new GoldenRun(
                name, new org.electra4j.backend.reference.ReferenceBackend(Precision.BF16))) {
      PretrainingOutputs actual = run.step();
      PretrainingOutputs yardstick = plain.step();
      float[] truth = run.golden.floats("output.discriminator_logits");
      assertThat(error(actual.logits(), truth)).isLessThan(2 * error(yardstick.logits(), truth));
      double actualSum = 0;
      double plainSum = 0;
      for (String parameter : run.golden.parameters()) {
        if (!parameter.endsWith("key.bias")) {
          float[] grad = run.golden.floats("grad." + parameter);
          actualSum += error(run.store.read(run.parameter(parameter), Slot.GRADIENT), grad);
          plainSum += error(plain.store.read(plain.parameter(parameter), Slot.GRADIENT), grad);
        }
      }
      assertThat(actualSum).as("summed relative gradient errors").isLessThan(2 * plainSum);
    }
  }

  private static void assertClose(String what, double actual, double expected) {
    assertThat(Math.abs(actual - expected) / Math.abs(expected))
        .as(what + ": " + actual + " instead of " + expected)
        .isLessThan(TOLERANCE);
  }

  private static float[] minus(float[] a, float[] b) {
    float[] difference = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return difference;
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  static double error(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    return norm(minus(actual, expected)) / norm(expected);
  }

  /** A network with golden weights on a backend whose masks and samples are the golden ones. */
  final class GoldenRun implements AutoCloseable {
    private final GoldenFile golden;
    private final Backend backend;
    private final ParameterStore store;
    private final PretrainingNetworks networks;
    private final ElectraPretraining pretraining;
    private final Arena arena;

    GoldenRun(String name, Backend real) {
      this.golden = new GoldenFile(name);
      this.backend = withGoldenMasks(real);
      this.store = new ParameterStore(backend);
      this.networks =
          new PretrainingNetworks(
              store,
              Objective.ELECTRA,
              Tying.EMBEDDINGS,
              golden.config("discriminator"),
              golden.config("generator"));
      store.allocate(true);
      for (String parameter : golden.parameters()) {
        store.write(parameter(parameter), golden.floats(parameter));
      }
      store.refreshWorkingCopy();
      this.pretraining =
          new ElectraPretraining(
              networks, new MaskingOptions(0.15f, 0.85f, false, 1, 64, 2, 3, 4), 1, 50);
      this.arena = Arena.allocate(backend, 4 << 20);
    }

    PretrainingOutputs step() {
      arena.reset();
      return pretraining.run(
          Context.training(backend, arena, 1, 0),
          golden.ints("input.ids"),
          golden.ints("input.token_types"),
          positions(),
          golden.ints("input.cu_seqlens"),
          1);
    }

    void lookAtGenerator() {
      Context c = Context.inference(backend, arena, 1, 0);
      PackedBatch batch =
          PackedBatch.upload(
              c,
              golden.ints("input.masked_ids"),
              golden.ints("input.token_types"),
              positions(),
              golden.ints("input.cu_seqlens"));
      ElectraGenerator generator = networks.generator();
      var hidden = generator.encode(c, batch, 0);
      assertThat(error(c.downloadActivation(hidden), golden.floats("output.generator_hidden")))
          .isLessThan(TOLERANCE);
      var rows =
          org.electra4j.autograd.RowOps.gather(
              c, hidden, c.upload(golden.ints("input.masked_positions")));
      var logits = generator.logits(c, rows);
      assertThat(error(logits, golden.floats("output.generator_logits"))).isLessThan(TOLERANCE);
      PackedBatch corrupted = batch.withIds(c.upload(golden.ints("input.corrupted_ids")));
      var states = networks.discriminator().encode(c, corrupted, 0);
      assertThat(error(c.downloadActivation(states), golden.floats("output.discriminator_hidden")))
          .isLessThan(TOLERANCE);
    }

    private int[] positions() {
      int[] cu = golden.ints("input.cu_seqlens");
      int[] positions = new int[cu[cu.length - 1]];
      for (int i = 0; i + 1 < cu.length; i++) {
        for (int j = cu[i]; j < cu[i + 1]; j++) {
          positions[j] = j - cu[i];
        }
      }
      return positions;
    }

    Parameter parameter(String goldenName) {
      String name =
          goldenName.startsWith("discriminator.")
              ? goldenName.substring("discriminator.".length())
              : goldenName;
      return java.util.Objects.requireNonNull(store.get(name), name);
    }

    private Backend withGoldenMasks(Backend real) {
      return (Backend)
          Proxy.newProxyInstance(
              Backend.class.getClassLoader(),
              new Class<?>[] {Backend.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("maskTokens")) {
                  upload(real, (long) arguments[0], golden.ints("input.masked_ids"));
                  upload(real, (long) arguments[1], golden.ints("input.masked_positions"));
                  upload(real, (long) arguments[2], golden.ints("input.masked_labels"));
                  return null;
                }
                try {
                  Object result = method.invoke(real, arguments);
                  if (method.getName().equals("lmHeadForward")) {
                    upload(real, (long) arguments[2], golden.ints("input.sampled"));
                  }
                  return result;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    private static void upload(Backend backend, long address, int[] values) {
      backend.upload(address, values, 0, values.length);
    }

    @Override
    public void close() {
      arena.close();
      store.close();
      backend.close();
    }
  }
}
