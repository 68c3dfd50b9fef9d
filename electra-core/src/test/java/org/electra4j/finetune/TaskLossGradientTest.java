package org.electra4j.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gradient of every head against the difference of its loss along a random direction. */
class TaskLossGradientTest {
  private static final ElectraConfig CONFIG =
      new ElectraConfig(37, 8, 12, 2, 2, 20, 0.2f, 0.2f, 16, 2, 0.02f, 1e-12f, 0);
  private static final int[] LENGTHS = {7, 2, 9, 5};
  private static final int CLASSES = 3;

  private record Sequence(int[] ids, int[] types) implements ModelInput {}

  @ParameterizedTest
  @EnumSource(Style.class)
  void classes(Style style) {
    check(Kind.CLASSIFICATION, style, new Targets.Classes(new int[] {2, 0, -1, 1}), null);
  }

  @Test
  void weightedClasses() {
    Targets targets = new Targets.Classes(new int[] {2, 0, -1, 1});
    check(Kind.CLASSIFICATION, Style.DENSE, targets, new double[] {0.5, 1, 3});
  }

  @ParameterizedTest
  @EnumSource(Style.class)
  void numbers(Style style) {
    Targets targets = new Targets.Numbers(new float[] {0.5f, -1, Float.NaN, 2});
    check(Kind.REGRESSION, style, targets, null);
  }

  @Test
  void labels() {
    float[] present = {1, 0, 1, 0, 0, 0, Float.NaN, 0, 0, 1, 1, 1};
    check(Kind.MULTI_LABEL, Style.LINEAR, new Targets.Labels(4, present), null);
  }

  @Test
  void tags() {
    check(Kind.TAGGING, Style.DENSE, new Targets.Classes(tagLabels()), null);
  }

  @Test
  void weightedTags() {
    Targets targets = new Targets.Classes(tagLabels());
    check(Kind.TAGGING, Style.LINEAR, targets, new double[] {2, 0, 1});
  }

  private static int[] tagLabels() {
    int[] labels = new int[23];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 4 - 1;
    }
    return labels;
  }

  @Test
  void spans() {
    Targets targets = new Targets.Spans(new int[] {3, 0, -1, 2}, new int[] {5, 0, 4, 2});
    check(Kind.QUESTION_ANSWERING, Style.LINEAR, targets, null);
  }

  @Test
  void jointSpans() {
    boolean[] impossible = {false, true, true, false};
    Targets targets =
        new Targets.JointSpans(new int[] {5, 0, 0, 0}, new int[] {6, 0, 0, 0}, impossible);
    check(Kind.QUESTION_ANSWERING, Style.LINEAR, SpanStyle.JOINT, targets, null);
  }

  @Test
  void frozenLayersGetNoGradient() {
    try (Backend backend = new ReferenceBackend(Precision.FP32);
        ParameterStore store = new ParameterStore(backend)) {
      TaskNetwork network =
          network(store, Kind.CLASSIFICATION, Style.LINEAR, SpanStyle.INDEPENDENT);
      Targets targets = new Targets.Classes(new int[] {2, 0, 1, 1});
      loss(backend, network, targets, null, 1);
      for (Parameter parameter : store.parameters()) {
        boolean frozen =
            parameter.name().startsWith("electra.embeddings")
                || parameter.name().startsWith("electra.encoder.layer.0.");
        float largest = 0;
        for (float value : store.read(parameter, Slot.GRADIENT)) {
          largest = Math.max(largest, Math.abs(value));
        }
        if (frozen) {
          assertThat(largest).as(parameter.name()).isZero();
        } else {
          assertThat(largest).as(parameter.name()).isPositive();
        }
      }
    }
  }

  private static void check(Kind kind, Style style, Targets targets, double[] weights) {
    check(kind, style, SpanStyle.INDEPENDENT, targets, weights);
  }

  private static void check(
      Kind kind, Style style, SpanStyle spans, Targets targets, double[] weights) {
    try (Backend backend = new ReferenceBackend(Precision.FP32);
        ParameterStore store = new ParameterStore(backend)) {
      TaskNetwork network = network(store, kind, style, spans);
      loss(backend, network, targets, weights, ElectraModel.TRAIN_ALL);
      Random random = new Random(3);
      double slope = 0;
      List<float[]> directions = new ArrayList<>();
      for (Parameter parameter : store.parameters()) {
        float[] gradient = store.read(parameter, Slot.GRADIENT);
        float[] direction = new float[gradient.length];
        for (int i = 0; i < direction.length; i++) {
          direction[i] = (float) random.nextGaussian();
          slope += (double) direction[i] * gradient[i];
        }
        directions.add(direction);
      }
      // Small enough for the cubic term, large enough for fp32 losses.
      double step = 1e-3;
      shift(store, directions, step);
      double above = loss(backend, network, targets, weights, ElectraModel.TRAIN_ALL);
      shift(store, directions, -2 * step);
      double below = loss(backend, network, targets, weights, ElectraModel.TRAIN_ALL);
      double difference = (above - below) / (2 * step);
      assertThat(Math.abs(slope)).isGreaterThan(0.1);
      assertThat(Math.abs(difference - slope) / Math.abs(slope))
          .as("difference %s, gradient %s", difference, slope)
          .isLessThan(0.02);
    }
  }

  private static TaskNetwork network(
      ParameterStore store, Kind kind, Style style, SpanStyle spans) {
    List<String> labels = Collections.nCopies(kind == Kind.REGRESSION ? 1 : CLASSES, "x");
    TaskNetwork network =
        TaskNetwork.create(
            store, new TaskDescription(CONFIG, kind, labels, style, 0.2f, 16, spans));
    store.allocate(true);
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
    return network;
  }

  /** Dropout is a function of (seed, step), so the loss is a function of the weights. */
  private static double loss(
      Backend backend, TaskNetwork network, Targets targets, double[] weights, int frozen) {
    List<ModelInput> inputs = new ArrayList<>();
    for (int length : LENGTHS) {
      int[] ids = new int[length];
      int[] types = new int[length];
      for (int i = 0; i < length; i++) {
        ids[i] = 5 + (7 * (i + length)) % 32;
        types[i] = i > 4 ? 1 : 0;
      }
      inputs.add(new Sequence(ids, types));
    }
    try (Arena arena = Arena.allocate(backend, 4 << 20)) {
      Context c = Context.training(backend, arena, 9, 4);
      return TaskLoss.train(c, network, Packing.upload(c, inputs), targets, weights, 1, frozen)
          .loss();
    }
  }

  private static void shift(ParameterStore store, List<float[]> directions, double factor) {
    for (int i = 0; i < directions.size(); i++) {
      Parameter parameter = store.parameters().get(i);
      float[] values = store.read(parameter);
      for (int j = 0; j < values.length; j++) {
        values[j] += (float) (factor * directions.get(i)[j]);
      }
      store.write(parameter, values);
    }
    store.refreshWorkingCopy();
  }
}
