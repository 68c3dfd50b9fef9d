package org.electra4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.Tying;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.reference.ReferenceBackend;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;
import org.electra4j.tensor.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gradient of every objective against the difference of its loss along a random direction. */
class ObjectiveGradientTest {
  private static final ElectraConfig MAIN =
      new ElectraConfig(37, 8, 12, 2, 2, 20, 0.2f, 0.2f, 16, 2, 0.02f, 1e-12f, 0);
  private static final int[] CU_SEQLENS = {0, 11, 13, 25};

  @ParameterizedTest
  @EnumSource(Objective.class)
  void withTiedEmbeddings(Objective objective) {
    check(objective, Tying.EMBEDDINGS);
  }

  @ParameterizedTest
  @EnumSource(Tying.class)
  void withEveryTying(Tying tying) {
    check(Objective.ELECTRA, tying);
  }

  private static void check(Objective objective, Tying tying) {
    try (Backend backend = withFrozenSamples(new ReferenceBackend(Precision.FP32));
        ParameterStore store = new ParameterStore(backend)) {
      ElectraConfig generator = tying == Tying.ALL ? MAIN : MAIN.withHeads(6, 2);
      PretrainingNetworks networks =
          new PretrainingNetworks(store, objective, tying, MAIN, generator);
      store.allocate(true);
      randomise(store);
      ElectraPretraining pretraining =
          new ElectraPretraining(
              networks, new MaskingOptions(0.3f, 0.85f, false, 1, 16, 2, 3, 4), 1, 5);
      loss(backend, pretraining, objective);
      Random random = new Random(3);
      double slope = 0;
      float[][] directions = new float[store.parameters().size()][];
      for (int i = 0; i < directions.length; i++) {
        Parameter parameter = store.parameters().get(i);
        float[] gradient = store.read(parameter, Slot.GRADIENT);
        directions[i] = new float[gradient.length];
        for (int j = 0; j < gradient.length; j++) {
          directions[i][j] = (float) random.nextGaussian();
          slope += (double) directions[i][j] * gradient[j];
        }
      }
      // Small enough for the cubic term, large enough for fp32 losses.
      double step = 1e-3;
      shift(store, directions, step);
      double above = loss(backend, pretraining, objective);
      shift(store, directions, -2 * step);
      double below = loss(backend, pretraining, objective);
      double difference = (above - below) / (2 * step);
      assertThat(Math.abs(slope)).isGreaterThan(0.1);
      assertThat(Math.abs(difference - slope) / Math.abs(slope))
          .as("difference %s, gradient %s", difference, slope)
          .isLessThan(0.02);
    }
  }

  /** A sample that flips would be a jump of the loss: all passes use those of the first. */
  private static Backend withFrozenSamples(Backend real) {
    AtomicReference<int[]> samples = new AtomicReference<>();
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(real, arguments);
              if (method.getName().equals("lmHeadForward") && (long) arguments[2] != 0) {
                long sampled = (long) arguments[2];
                int m = (int) arguments[8];
                if (samples.get() == null) {
                  samples.set(new int[m]);
                  real.download(sampled, samples.get(), 0, m);
                }
                real.upload(sampled, samples.get(), 0, m);
              }
              return result;
            });
  }

  /** Dropout and masks are functions of (seed, step), so the loss is a function of the weights. */
  private static double loss(Backend backend, ElectraPretraining pretraining, Objective objective) {
    int tokens = CU_SEQLENS[CU_SEQLENS.length - 1];
    int[] ids = new int[tokens];
    int[] types = new int[tokens];
    int[] positions = new int[tokens];
    for (int i = 0; i + 1 < CU_SEQLENS.length; i++) {
      for (int j = CU_SEQLENS[i]; j < CU_SEQLENS[i + 1]; j++) {
        ids[j] = 5 + (7 * j) % 32;
        positions[j] = j - CU_SEQLENS[i];
        types[j] = positions[j] > 5 ? 1 : 0;
      }
      ids[CU_SEQLENS[i]] = 2;
      ids[CU_SEQLENS[i + 1] - 1] = 3;
    }
    try (Arena arena = Arena.allocate(backend, 4 << 20)) {
      PretrainingOutputs outputs =
          pretraining.run(
              Context.training(backend, arena, 9, 4), ids, types, positions, CU_SEQLENS, 1);
      double weight = objective.isLanguageModel() ? 1 : 5;
      return outputs.generatorLoss() + weight * outputs.mainLoss();
    }
  }

  private static void randomise(ParameterStore store) {
    Random random = new Random(1);
    for (Parameter parameter : store.parameters()) {
      float[] values = new float[(int) parameter.shape().elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            (parameter.name().contains("LayerNorm.weight") ? 1 : 0)
                + 0.3f * (float) random.nextGaussian();
      }
      store.write(parameter, values);
    }
    store.refreshWorkingCopy();
  }

  private static void shift(ParameterStore store, float[][] directions, double factor) {
    for (int i = 0; i < directions.length; i++) {
      Parameter parameter = store.parameters().get(i);
      float[] values = store.read(parameter);
      for (int j = 0; j < values.length; j++) {
        values[j] += (float) (factor * directions[i][j]);
      }
      store.write(parameter, values);
    }
    store.refreshWorkingCopy();
  }
}
