package org.electra4j.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.electra4j.ElectraConfig;
import org.electra4j.Precision;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.reference.ReferenceBackend;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.SpanStyle;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;
import org.electra4j.tensor.Arena;
import org.electra4j.text.ModelInput;
import org.junit.jupiter.api.Test;

/**
 * The joint head for spans against plain loops over the hidden states, and its gradients against
 * those of the reference backend, which {@link TaskLossGradientTest} holds to differences.
 */
public interface JointSpanHeadContract {
  double TOLERANCE = 1e-4;
  int HIDDEN = 12;
  int WIDTH = 512;
  ElectraConfig CONFIG = new ElectraConfig(37, 8, HIDDEN, 2, 2, 20, 0, 0, 32, 2, 0.02f, 1e-12f, 0);
  int[] LENGTHS = {9, 30, 4};
  int[] STARTS = {6, 0, 3};
  int[] ENDS = {7, 0, 3};
  boolean[] IMPOSSIBLE = {false, true, false};

  /** Returns a fresh backend of a precision. */
  Backend backend(Precision precision);

  /** Two segments, the second from token 3 on. */
  record Sequence(int[] ids, int[] types) implements ModelInput {
    static List<ModelInput> all() {
      List<ModelInput> inputs = new ArrayList<>();
      for (int length : LENGTHS) {
        int[] types = new int[length];
        Arrays.fill(types, Math.min(3, length), length, 1);
        inputs.add(new Sequence(new Random(length).ints(length, 5, 37).toArray(), types));
      }
      return inputs;
    }
  }

  /** A network with random weights and the values of its head's layers. */
  final class Model implements AutoCloseable {
    final ParameterStore store;
    final TaskNetwork network;
    final Arena arena;

    Model(Backend backend) {
      store = new ParameterStore(backend);
      network =
          TaskNetwork.create(
              store,
              new TaskDescription(
                  CONFIG,
                  Kind.QUESTION_ANSWERING,
                  List.of("a", "b"),
                  Style.LINEAR,
                  0,
                  32,
                  SpanStyle.JOINT));
      store.allocate(true);
      Random random = new Random(1);
      for (Parameter parameter : store.parameters()) {
        float[] values = new float[(int) parameter.shape().elements()];
        for (int i = 0; i < values.length; i++) {
          values[i] =
              (parameter.name().contains("LayerNorm.weight") ? 1 : 0)
                  + 0.2f * (float) random.nextGaussian();
        }
        store.write(parameter, values);
      }
      store.refreshWorkingCopy();
      arena = Arena.allocate(backend, 32 << 20);
    }

    double[] layer(String name, double[] x, boolean gelu) {
      float[] w = store.read(store.get(name + ".weight"));
      float[] bias = store.read(store.get(name + ".bias"));
      double[] y = new double[bias.length];
      for (int i = 0; i < y.length; i++) {
        double sum = bias[i];
        for (int j = 0; j < x.length; j++) {
          sum += w[i * x.length + j] * x[j];
        }
        y[i] = gelu ? sum * 0.5 * (1 + erf(sum / Math.sqrt(2))) : sum;
      }
      return y;
    }

    /** Numerical integral: slow, and independent of the kernels' polynomials. */
    private static double erf(double x) {
      int steps = 400;
      double sum = 0;
      for (int i = 0; i < steps; i++) {
        double a = x * i / steps;
        double b = x * (i + 1) / steps;
        double m = (a + b) / 2;
        sum += (Math.exp(-a * a) + 4 * Math.exp(-m * m) + Math.exp(-b * b)) * (b - a) / 6;
      }
      return 2 / Math.sqrt(Math.PI) * sum;
    }

    double[][] hidden() {
      arena.reset();
      Context c = Context.inference(store.backend(), arena, 0, 0);
      float[] all =
          c.downloadActivation(
              network.hidden(c, Packing.upload(c, Sequence.all()), ElectraModel.TRAIN_ALL));
      double[][] rows = new double[all.length / HIDDEN][HIDDEN];
      for (int i = 0; i < all.length; i++) {
        rows[i / HIDDEN][i % HIDDEN] = all[i];
      }
      return rows;
    }

    double loss(float scale) {
      arena.reset();
      Context c = Context.training(store.backend(), arena, 1, 0);
      Targets targets = new Targets.JointSpans(STARTS, ENDS, IMPOSSIBLE);
      return TaskLoss.train(c, network, Packing.upload(c, Sequence.all()), targets, null, scale, -1)
          .loss();
    }

    @Override
    public void close() {
      arena.close();
      store.close();
    }
  }

  private static double[] beside(double[] a, double[] b) {
    double[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** Returns log-probabilities; -∞ where a token may not be an end. */
  private static double[] logSoftmax(double[] logits, int[] types) {
    double[] masked = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      masked[i] = i == 0 || types[i] == 1 ? logits[i] : Double.NEGATIVE_INFINITY;
      sum += Math.exp(masked[i]);
    }
    double log = Math.log(sum);
    return Arrays.stream(masked).map(z -> z - log).toArray();
  }

  private static double[] starts(Model model, double[][] rows, int[] types) {
    return logSoftmax(
        Arrays.stream(rows).mapToDouble(row -> model.layer("qa_start", row, false)[0]).toArray(),
        types);
  }

  private static double[] ends(Model model, double[][] rows, int[] types, int start) {
    return logSoftmax(
        Arrays.stream(rows)
            .map(row -> model.layer("qa_end.dense", beside(rows[start], row), true))
            .mapToDouble(x -> model.layer("qa_end.out_proj", x, false)[0])
            .toArray(),
        types);
  }

  private static double noAnswer(Model model, double[][] rows, int[] types) {
    double[] p = Arrays.stream(starts(model, rows, types)).map(Math::exp).toArray();
    double[] mean = new double[HIDDEN];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < HIDDEN; j++) {
        mean[j] += p[i] * rows[i][j];
      }
    }
    double[] x = model.layer("qa_answerable.dense", beside(rows[0], mean), true);
    return model.layer("qa_answerable.out_proj", x, false)[0];
  }

  @Test
  default void theLossIsThatOfThePublishedFormula() {
    try (Backend backend = backend(Precision.FP32);
        Model model = new Model(backend)) {
      double[][] hidden = model.hidden();
      double expected = 0;
      int begin = 0;
      for (int b = 0; b < LENGTHS.length; b++) {
        double[][] rows = Arrays.copyOfRange(hidden, begin, begin + LENGTHS[b]);
        int[] types = Sequence.all().get(b).types();
        double z = noAnswer(model, rows, types);
        expected -= starts(model, rows, types)[STARTS[b]] / 2;
        expected -= ends(model, rows, types, STARTS[b])[ENDS[b]] / 2;
        expected += 0.5 * Math.log1p(Math.exp(IMPOSSIBLE[b] ? -z : z));
        begin += LENGTHS[b];
      }
      assertThat(model.loss(1)).isCloseTo(expected, within(TOLERANCE * expected));
    }
  }

  @Test
  default void theBeamHoldsTheBestEndsOfTheBestStarts() {
    try (Backend backend = backend(Precision.FP32);
        Model model = new Model(backend)) {
      double[][] hidden = model.hidden();
      model.arena.reset();
      Context c = Context.inference(backend, model.arena, 0, 0);
      List<float[]> results = model.network.results(c, Packing.upload(c, Sequence.all()), LENGTHS);
      int begin = 0;
      for (int b = 0; b < LENGTHS.length; b++) {
        double[][] rows = Arrays.copyOfRange(hidden, begin, begin + LENGTHS[b]);
        begin += LENGTHS[b];
        int[] types = Sequence.all().get(b).types();
        float[] spans = results.get(b);
        assertThat((double) spans[0]).isCloseTo(noAnswer(model, rows, types), within(1e-3));
        int allowed = 1 + Arrays.stream(types).sum();
        int beam = Math.min(20, allowed);
        assertThat(spans).hasSize(1 + 3 * beam * beam);
        double[] ofStart = starts(model, rows, types);
        for (int k = 0; k < beam; k++) {
          int start = (int) spans[1 + 3 * k * beam];
          long better = Arrays.stream(ofStart).filter(p -> p > ofStart[start] + 1e-4).count();
          assertThat(better).as("start %s", k).isLessThanOrEqualTo(k);
          double[] ofEnd = ends(model, rows, types, start);
          for (int m = 0; m < beam; m++) {
            int at = 1 + 3 * (k * beam + m);
            assertThat((int) spans[at]).isEqualTo(start);
            int end = (int) spans[at + 1];
            assertThat(Arrays.stream(ofEnd).filter(p -> p > ofEnd[end] + 1e-4).count())
                .as("end %s of start %s", m, k)
                .isLessThanOrEqualTo(m);
            assertThat((double) spans[at + 2]).isCloseTo(ofStart[start] + ofEnd[end], within(1e-3));
          }
        }
      }
    }
  }

  @Test
  default void gradientsAreThoseOfTheReferenceBackend() {
    try (Backend backend = backend(Precision.FP32);
        Backend reference = new ReferenceBackend(Precision.FP32);
        Model model = new Model(backend);
        Model expected = new Model(reference)) {
      model.loss(0.5f);
      expected.loss(0.5f);
      for (Parameter parameter : expected.store.parameters()) {
        float[] wanted = expected.store.read(parameter, Slot.GRADIENT);
        float[] got = model.store.read(model.store.get(parameter.name()), Slot.GRADIENT);
        double error = 0;
        double norm = 0;
        for (int i = 0; i < wanted.length; i++) {
          error += Math.pow(got[i] - wanted[i], 2);
          norm += Math.pow(wanted[i], 2);
        }
        assertThat(Math.sqrt(error))
            .as(parameter.name())
            .isLessThanOrEqualTo(TOLERANCE * (Math.sqrt(norm) + 1e-3));
      }
    }
  }
}
