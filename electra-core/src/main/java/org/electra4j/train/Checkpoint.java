package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.PretrainingConfig;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.ElectraCheckpoint;
import org.electra4j.model.LoadReport;
import org.electra4j.model.ParameterTensors;
import org.electra4j.model.PretrainingNetworks;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;
import org.electra4j.text.Vocabulary;

/**
 * The contents of a checkpoint: a Hugging Face directory, and in its folder {@code training/} what
 * resuming needs besides the weights.
 *
 * <p>{@code training/state.json}: where the run is. {@code training/optimizer.safetensors}: Adam's
 * moments as {@code <parameter>/adam_m} and {@code /adam_v}, and parameters that no Hugging Face
 * architecture has. {@code training/provenance.json}: configuration, versions, device and time
 * spent. All but the last are the same bytes however often a run was stopped.
 */
final class Checkpoint {
  private static final String FIRST = "/adam_m";
  private static final String SECOND = "/adam_v";
  private static final String COPY_GATE = "copy_gate.";

  private Checkpoint() {}

  static Path folder(Path directory) {
    return directory.resolve("training");
  }

  static void write(
      Path directory,
      PretrainingNetworks networks,
      ParameterStore store,
      Vocabulary vocabulary,
      PretrainingConfig config,
      TrainingState state,
      double seconds)
      throws IOException {
    ElectraCheckpoint.save(networks, store, directory);
    writeTokenizer(directory, networks, vocabulary, config);
    if (networks.generator() != null) {
      writeTokenizer(
          directory.resolve(ElectraCheckpoint.GENERATOR_FOLDER), networks, vocabulary, config);
    }
    Path folder = Files.createDirectories(folder(directory));
    RunFiles.JSON.write(folder.resolve("state.json"), state);
    RunFiles.JSON.write(folder.resolve("provenance.json"), provenance(store, config, seconds));
    SafetensorsWriter writer = new SafetensorsWriter();
    for (Parameter parameter : store.parameters()) {
      ParameterTensors.add(writer, store, parameter, Slot.FIRST_MOMENT, parameter.name() + FIRST);
      ParameterTensors.add(writer, store, parameter, Slot.SECOND_MOMENT, parameter.name() + SECOND);
      if (parameter.name().startsWith(COPY_GATE)) {
        ParameterTensors.add(writer, store, parameter, Slot.MASTER, parameter.name());
      }
    }
    writer.writeTo(folder.resolve("optimizer.safetensors"));
  }

  private static void writeTokenizer(
      Path directory, PretrainingNetworks networks, Vocabulary vocabulary, PretrainingConfig config)
      throws IOException {
    TokenizerFiles.write(
        directory,
        vocabulary,
        config.tokenizerOptions(),
        networks.mainConfig().maxPositionEmbeddings());
  }

  private static Map<String, Object> provenance(
      ParameterStore store, PretrainingConfig config, double seconds) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    String version = Checkpoint.class.getPackage().getImplementationVersion();
    provenance.put("electra4j", version == null ? "development" : version);
    provenance.put("java", Runtime.version().toString());
    provenance.put("device", store.backend().device());
    provenance.put("backend", store.backend().description());
    provenance.put("seconds", seconds);
    provenance.put("configuration", config);
    return provenance;
  }

  /**
   * Loads weights, moments and state.
   *
   * @throws FileFormatException when anything is missing or has another shape
   */
  static TrainingState read(Path directory, PretrainingNetworks networks, ParameterStore store)
      throws IOException {
    List<LoadReport> reports = ElectraCheckpoint.load(networks, store, directory);
    for (LoadReport report : reports) {
      List<String> missing =
          report.missing().stream().filter(name -> !name.startsWith(COPY_GATE)).toList();
      if (!missing.isEmpty()) {
        throw new FileFormatException(report.file(), "tensors are missing: " + missing);
      }
    }
    Path folder = folder(directory);
    try (Safetensors file = Safetensors.open(folder.resolve("optimizer.safetensors"))) {
      for (Parameter parameter : store.parameters()) {
        ParameterTensors.load(file, store, parameter, Slot.FIRST_MOMENT, parameter.name() + FIRST);
        ParameterTensors.load(
            file, store, parameter, Slot.SECOND_MOMENT, parameter.name() + SECOND);
        if (parameter.name().startsWith(COPY_GATE)) {
          ParameterTensors.load(file, store, parameter, Slot.MASTER, parameter.name());
        }
      }
    }
    store.refreshWorkingCopy();
    return RunFiles.JSON.read(folder.resolve("state.json"), TrainingState.class);
  }

  /** Returns the time that was spent in training up to a checkpoint, in seconds. */
  static double seconds(Path directory) throws IOException {
    Map<?, ?> provenance =
        RunFiles.JSON.read(folder(directory).resolve("provenance.json"), Map.class);
    return provenance.get("seconds") instanceof Number number ? number.doubleValue() : 0;
  }
}
