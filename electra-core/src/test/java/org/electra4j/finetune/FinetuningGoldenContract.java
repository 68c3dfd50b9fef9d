package org.electra4j.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.electra4j.Precision;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.GoldenFile;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;
import org.electra4j.optim.AdamW;
import org.electra4j.optim.LayerwiseRates;
import org.electra4j.optim.LearningRateSchedule;
import org.electra4j.tensor.Arena;
import org.electra4j.text.ModelInput;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every head against Hugging Face transformers in FP32: logits, loss, every gradient, and the
 * parameters after steps of the reference's recipe. Implemented once a backend; the files are made
 * by {@code src/test/python/golden_finetuning.py}.
 */
public interface FinetuningGoldenContract {
  /** Relative error of a tensor by norm that FP32 must keep. */
  double TOLERANCE = 1e-4;

  int STEPS = 4;

  /** Returns a fresh backend of a precision. */
  Backend backend(Precision precision);

  record Sequence(int[] ids, int[] types) implements ModelInput {}

  @ParameterizedTest
  @EnumSource(Kind.class)
  default void stepsOfEveryHead(Kind kind) {
    GoldenFile golden = new GoldenFile("finetuning_" + kind.name().toLowerCase(Locale.ROOT));
    try (Backend backend = backend(Precision.FP32);
        ParameterStore store = new ParameterStore(backend);
        Arena arena = Arena.allocate(backend, 8 << 20)) {
      TaskNetwork network = network(store, kind, golden);
      List<ModelInput> inputs = inputs(golden);
      AdamW optimizer =
          new AdamW(
              store,
              new AdamW.Options(0.9f, 0.999f, 1e-6f, 0, 1, false),
              new LayerwiseRates(0.8, 2, false));
      LearningRateSchedule schedule = LearningRateSchedule.polynomial(1e-3, 10, 1, 1);
      checkLogits(backend, arena, network, inputs, golden);
      for (int step = 0; step < STEPS; step++) {
        arena.reset();
        Context c = Context.training(backend, arena, 1, step);
        TaskLoss.Outcome outcome =
            TaskLoss.train(
                c,
                network,
                Packing.upload(c, inputs),
                targets(kind, golden),
                null,
                1,
                ElectraModel.TRAIN_ALL);
        if (step == 0) {
          double loss = golden.floats("output.loss")[0];
          assertThat(Math.abs(outcome.loss() / outcome.counted() - loss))
              .isLessThan(TOLERANCE * Math.abs(loss));
          checkGradients(store, golden);
        }
        double norm = golden.floats("steps.grad_norm")[step];
        assertThat(Math.abs(optimizer.gradientNorm() - norm)).isLessThan(TOLERANCE * norm);
        assertThat((float) schedule.rate(step))
            .isEqualTo(golden.floats("steps.learning_rate")[step]);
        optimizer.update(schedule.rate(step), step);
      }
      optimizer.close();
      checkChanges(store, golden);
    }
  }

  private static void checkLogits(
      Backend backend,
      Arena arena,
      TaskNetwork network,
      List<ModelInput> inputs,
      GoldenFile golden) {
    Context c = Context.inference(backend, arena, 0, 0);
    float[] logits = c.downloadFloats(network.logits(c, Packing.upload(c, inputs)));
    assertThat(error(logits, golden.floats("output.logits"))).isLessThan(TOLERANCE);
  }

  private static void checkGradients(ParameterStore store, GoldenFile golden) {
    for (Parameter parameter : store.parameters()) {
      float[] actual = store.read(parameter, Slot.GRADIENT);
      float[] expected = golden.floats("grad." + parameter.name());
      if (vanishes(expected)) {
        assertThat(norm(actual)).as(parameter.name()).isLessThan(1e-3);
      } else {
        assertThat(error(actual, expected)).as(parameter.name()).isLessThan(TOLERANCE);
      }
    }
  }

  /**
   * A constant added to all scores of a softmax has no gradient: that is the bias of the keys, and
   * where a softmax runs over tokens also what adds the same to each of them.
   */
  private static boolean vanishes(float[] gradient) {
    return norm(gradient) < 1e-9;
  }

  private static void checkChanges(ParameterStore store, GoldenFile golden) {
    for (Parameter parameter : store.parameters()) {
      float[] begin = golden.floats(parameter.name());
      float[] actual = minus(store.read(parameter), begin);
      float[] expected = minus(golden.floats("final." + parameter.name()), begin);
      if (vanishes(golden.floats("grad." + parameter.name()))) {
        // Adam turns rounding noise into small steps.
        assertThat(norm(actual)).as(parameter.name()).isLessThan(1e-3);
      } else {
        // Adam divides by sqrt(v) + 1e-6, which magnifies the error of gradients near that size.
        assertThat(error(actual, expected)).as("change of " + parameter).isLessThan(TOLERANCE);
      }
    }
  }

  private static TaskNetwork network(ParameterStore store, Kind kind, GoldenFile golden) {
    int units = golden.floats("output.logits").length / rows(kind, golden);
    TaskNetwork network =
        TaskNetwork.create(
            store,
            new TaskDescription(
                golden.config("discriminator"),
                kind,
                Collections.nCopies(units, "label"),
                Style.DENSE,
                0,
                17));
    store.allocate(true);
    for (Parameter parameter : store.parameters()) {
      store.write(parameter, golden.floats(parameter.name()));
    }
    store.refreshWorkingCopy();
    return network;
  }

  private static int rows(Kind kind, GoldenFile golden) {
    return kind == Kind.TAGGING || kind == Kind.QUESTION_ANSWERING
        ? golden.ints("input.ids").length
        : golden.ints("input.cu_seqlens").length - 1;
  }

  private static List<ModelInput> inputs(GoldenFile golden) {
    int[] ids = golden.ints("input.ids");
    int[] types = golden.ints("input.token_types");
    int[] offsets = golden.ints("input.cu_seqlens");
    List<ModelInput> inputs = new ArrayList<>();
    for (int i = 0; i + 1 < offsets.length; i++) {
      inputs.add(
          new Sequence(
              Arrays.copyOfRange(ids, offsets[i], offsets[i + 1]),
              Arrays.copyOfRange(types, offsets[i], offsets[i + 1])));
    }
    return inputs;
  }

  private static Targets targets(Kind kind, GoldenFile golden) {
    return switch (kind) {
      case CLASSIFICATION, TAGGING -> new Targets.Classes(golden.ints("input.labels"));
      case REGRESSION -> new Targets.Numbers(golden.floats("input.numbers"));
      case MULTI_LABEL -> {
        int[] labels = golden.ints("input.labels");
        float[] present = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
          present[i] = labels[i];
        }
        yield new Targets.Labels(golden.ints("input.cu_seqlens").length - 1, present);
      }
      case QUESTION_ANSWERING ->
          new Targets.Spans(golden.ints("input.starts"), golden.ints("input.ends"));
    };
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

  private static double error(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    return norm(minus(actual, expected)) / norm(expected);
  }
}
