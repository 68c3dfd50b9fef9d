package org.electra4j.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.model.ParameterTensors;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;

/**
 * Where a trial is. With the configuration it says everything: order of the examples and dropout
 * are functions of the seed and the step.
 *
 * @param trial number, from 1 on
 * @param step steps taken
 * @param updates steps that changed the parameters
 * @param tokens real tokens seen
 * @param seconds time spent in training
 */
record TrialState(int trial, long step, long updates, long tokens, double seconds) {
  private static final Map<Slot, String> SUFFIXES = suffixes();

  private static Map<Slot, String> suffixes() {
    Map<Slot, String> suffixes = new LinkedHashMap<>();
    suffixes.put(Slot.MASTER, "");
    suffixes.put(Slot.FIRST_MOMENT, "/adam_m");
    suffixes.put(Slot.SECOND_MOMENT, "/adam_v");
    return suffixes;
  }

  static TrialState begin(int trial) {
    return new TrialState(trial, 0, 0, 0, 0);
  }

  TrialState after(boolean updated, int moreTokens, double moreSeconds) {
    return new TrialState(
        trial, step + 1, updates + (updated ? 1 : 0), tokens + moreTokens, seconds + moreSeconds);
  }

  /** Writes the state and all parameters with their moments. */
  void write(Path folder, ParameterStore store) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (Parameter parameter : store.parameters()) {
      SUFFIXES.forEach(
          (slot, suffix) ->
              ParameterTensors.add(writer, store, parameter, slot, parameter.name() + suffix));
    }
    writer.writeTo(folder.resolve("state.safetensors"));
    FinetuningFiles.JSON.write(folder.resolve("state.json"), this);
  }

  /** Reads the state of a folder. */
  static TrialState read(Path folder) throws IOException {
    return FinetuningFiles.JSON.read(folder.resolve("state.json"), TrialState.class);
  }

  /**
   * Loads all parameters and moments.
   *
   * @throws FileFormatException when one is missing or has another shape
   */
  static void load(Path folder, ParameterStore store) throws IOException {
    try (Safetensors file = Safetensors.open(folder.resolve("state.safetensors"))) {
      for (Parameter parameter : store.parameters()) {
        for (Map.Entry<Slot, String> entry : SUFFIXES.entrySet()) {
          String name = parameter.name() + entry.getValue();
          ParameterTensors.load(file, store, parameter, entry.getKey(), name);
        }
      }
    }
    store.refreshWorkingCopy();
  }
}
