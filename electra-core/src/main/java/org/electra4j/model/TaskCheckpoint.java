package org.electra4j.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;

/**
 * Files of a fine-tuned model: a directory that transformers loads.
 *
 * <p>transformers has no linear head on [CLS]. It is saved as the dense head that computes the
 * same: since {@code x = gelu(x) - gelu(-x)}, a dense layer {@code [W; -W; 0]} under an output
 * {@code [I, -I, 0]} gives {@code W x}. That takes twice as many hidden units as there are logits.
 */
public final class TaskCheckpoint {
  static final String LINEAR_WEIGHT = "classifier.weight";
  static final String LINEAR_BIAS = "classifier.bias";
  private static final String DENSE = "classifier.dense.";
  private static final String OUTPUT = "classifier.out_proj.";

  private TaskCheckpoint() {}

  /**
   * Requires that the head can be saved.
   *
   * @throws IllegalArgumentException when a linear head has too many logits
   */
  public static void requireSavable(TaskDescription description) {
    int h = description.config().hiddenSize();
    if (description.style() == Style.LINEAR && 2 * description.labels().size() > h) {
      throw new IllegalArgumentException(
          "A linear head of "
              + description.labels().size()
              + " labels on "
              + h
              + " hidden units cannot be saved for transformers, which takes two units a label; use"
              + " the dense head.");
    }
  }

  /** Writes {@code config.json} and {@code model.safetensors}. */
  public static void save(
      TaskNetwork network, TaskDescription description, ParameterStore store, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    description.toHuggingFace().write(directory);
    Map<String, Parameter> names = network.names(store);
    SafetensorsWriter writer = new SafetensorsWriter();
    if (isLinear(network)) {
      addAsDense(
          writer,
          store.read(names.remove(LINEAR_WEIGHT)),
          store.read(names.remove(LINEAR_BIAS)),
          description.config().hiddenSize());
    }
    ElectraCheckpoint.add(writer, store, names);
    writer.writeTo(directory.resolve(Safetensors.MODEL_FILE));
  }

  private static boolean isLinear(TaskNetwork network) {
    return network.head() instanceof ElectraSequenceHead head && head.style() == Style.LINEAR;
  }

  /** Declares a linear head as the dense one that computes the same. */
  static void addAsDense(SafetensorsWriter writer, float[] weight, float[] bias, int h) {
    int units = bias.length;
    float[] dense = new float[h * h];
    float[] denseBias = new float[h];
    float[] output = new float[units * h];
    System.arraycopy(weight, 0, dense, 0, weight.length);
    System.arraycopy(bias, 0, denseBias, 0, units);
    for (int i = 0; i < weight.length; i++) {
      dense[weight.length + i] = -weight[i];
    }
    for (int i = 0; i < units; i++) {
      denseBias[units + i] = -bias[i];
      output[i * h + i] = 1;
      output[i * h + units + i] = -1;
    }
    writer
        .floats(DENSE + "weight", dense, h, h)
        .floats(DENSE + "bias", denseBias, h)
        .floats(OUTPUT + "weight", output, units, h)
        .floats(OUTPUT + "bias", new float[units], units);
  }

  /**
   * Loads encoder and head.
   *
   * @throws FileFormatException when a tensor has another shape than its parameter
   */
  public static LoadReport load(TaskNetwork network, ParameterStore store, Path directory)
      throws IOException {
    Map<String, Parameter> names = network.names(store);
    LoadReport report;
    if (isLinear(network)) {
      Map<String, Parameter> head = new LinkedHashMap<>();
      head.put(LINEAR_WEIGHT, names.remove(LINEAR_WEIGHT));
      head.put(LINEAR_BIAS, names.remove(LINEAR_BIAS));
      report = withLinear(ElectraCheckpoint.load(store, names, directory), head, store, directory);
    } else {
      report = ElectraCheckpoint.load(store, names, directory);
    }
    store.refreshWorkingCopy();
    return report;
  }

  /** Takes the linear head out of the dense one that it was saved as. */
  private static LoadReport withLinear(
      LoadReport encoder, Map<String, Parameter> head, ParameterStore store, Path directory)
      throws IOException {
    List<String> loaded = new ArrayList<>(encoder.loaded());
    List<String> missing = new ArrayList<>(encoder.missing());
    try (Safetensors file = Safetensors.open(directory)) {
      for (Map.Entry<String, Parameter> entry : head.entrySet()) {
        String saved = DENSE + entry.getKey().substring("classifier.".length());
        Parameter parameter = entry.getValue();
        int wanted = (int) parameter.shape().elements();
        float[] all = file.tensors().containsKey(saved) ? file.readFloats(saved) : new float[0];
        if (all.length < 2 * wanted) {
          missing.add(parameter.name());
          continue;
        }
        store.write(parameter, Arrays.copyOf(all, wanted));
        loaded.add(parameter.name());
      }
    }
    List<String> unexpected =
        encoder.unexpected().stream()
            .filter(name -> !name.startsWith(DENSE) && !name.startsWith(OUTPUT))
            .toList();
    return new LoadReport(encoder.file(), loaded, missing, unexpected, encoder.ignored());
  }

  /** Loads the encoder alone, from any model directory; heads keep their values. */
  public static LoadReport loadEncoder(ParameterStore store, Path directory) throws IOException {
    Map<String, Parameter> names = new LinkedHashMap<>();
    for (Parameter parameter : store.parameters()) {
      if (parameter.name().startsWith("electra.")) {
        names.put(parameter.name(), parameter);
      }
    }
    LoadReport report = ElectraCheckpoint.load(store, names, directory);
    store.refreshWorkingCopy();
    return report;
  }
}
