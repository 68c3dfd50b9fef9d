package org.electra4j.model;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.electra4j.ElectraConfig;
import org.electra4j.Tying;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.FloatSource;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.ModelWeights;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.io.Weights;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;

/**
 * Maps parameters to the files of a Hugging Face directory: the main network in {@code config.json}
 * and {@code model.safetensors}, its generator in the folder {@code generator/} beside them.
 */
public final class ElectraCheckpoint {
  /** Folder of the generator inside a model directory. */
  public static final String GENERATOR_FOLDER = "generator";

  private static final String ELECTRA = "electra.";
  private static final String EMBEDDINGS = "electra.embeddings.";
  private static final String COPY_GATE = "copy_gate.";

  /** Elements that are loaded at a time. */
  private static final int PIECE = 1 << 16;

  private ElectraCheckpoint() {}

  /** Writes configuration and weights of all networks that were pre-trained. */
  public static void save(PretrainingNetworks networks, ParameterStore store, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    String architecture =
        networks.objective().isLanguageModel()
            ? HuggingFaceConfig.GENERATOR
            : HuggingFaceConfig.DISCRIMINATOR;
    HuggingFaceConfig.electra(networks.mainConfig(), architecture).write(directory);
    write(store, mainNames(store), directory);
    if (networks.generator() != null) {
      Path folder = Files.createDirectories(directory.resolve(GENERATOR_FOLDER));
      ElectraConfig config = networks.generator().electra().config();
      HuggingFaceConfig.electra(config, HuggingFaceConfig.GENERATOR).write(folder);
      write(store, generatorNames(store, networks.tying()), folder);
    }
  }

  /** Name in the file to parameter, for the main network. */
  static Map<String, Parameter> mainNames(ParameterStore store) {
    Map<String, Parameter> names = new LinkedHashMap<>();
    for (Parameter parameter : store.parameters()) {
      String name = parameter.name();
      if (!name.startsWith(PretrainingNetworks.GENERATOR) && !name.startsWith(COPY_GATE)) {
        names.put(name, parameter);
      }
    }
    return names;
  }

  /** Name in the file to parameter, for the generator, shared parameters included. */
  static Map<String, Parameter> generatorNames(ParameterStore store, Tying tying) {
    Map<String, Parameter> names = new LinkedHashMap<>();
    for (Parameter parameter : store.parameters()) {
      String name = parameter.name();
      if (name.startsWith(PretrainingNetworks.GENERATOR)) {
        names.put(name.substring(PretrainingNetworks.GENERATOR.length()), parameter);
      } else if (tying == Tying.ALL && name.startsWith(ELECTRA)
          || tying == Tying.EMBEDDINGS && name.startsWith(EMBEDDINGS)) {
        names.put(name, parameter);
      }
    }
    return names;
  }

  private static void write(ParameterStore store, Map<String, Parameter> names, Path directory)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    add(writer, store, names);
    writer.writeTo(directory.resolve(Safetensors.MODEL_FILE));
  }

  /** Declares parameters under their names in the file, in alphabetical order. */
  static void add(SafetensorsWriter writer, ParameterStore store, Map<String, Parameter> names) {
    for (Map.Entry<String, Parameter> entry : new TreeMap<>(names).entrySet()) {
      ParameterTensors.add(
          writer, store, entry.getValue(), ParameterStore.Slot.MASTER, entry.getKey());
    }
  }

  /**
   * Loads the main network, and the generator where the directory and the objective have one;
   * shared parameters are taken from the main network's file.
   *
   * @return one report a file
   * @throws FileFormatException when a tensor has another shape than its parameter
   */
  public static List<LoadReport> load(
      PretrainingNetworks networks, ParameterStore store, Path directory) throws IOException {
    List<LoadReport> reports = new ArrayList<>();
    reports.add(load(store, mainNames(store), directory));
    Path folder = directory.resolve(GENERATOR_FOLDER);
    if (networks.generator() != null && Files.isDirectory(folder)) {
      Map<String, Parameter> own = generatorNames(store, networks.tying());
      own.values().removeIf(p -> !p.name().startsWith(PretrainingNetworks.GENERATOR));
      LoadReport report = load(store, own, folder);
      List<String> unexpected = new ArrayList<>(report.unexpected());
      unexpected.removeIf(generatorNames(store, networks.tying())::containsKey);
      reports.add(
          new LoadReport(
              report.file(), report.loaded(), report.missing(), unexpected, report.ignored()));
    }
    store.refreshWorkingCopy();
    return reports;
  }

  /**
   * Loads every parameter of a store from a model directory, names as they are.
   *
   * @throws FileFormatException when a tensor has another shape than its parameter
   */
  public static LoadReport load(ParameterStore store, Path directory) throws IOException {
    LoadReport report = load(store, mainNames(store), directory);
    store.refreshWorkingCopy();
    return report;
  }

  /** Loads parameters by their names in the file. */
  static LoadReport load(ParameterStore store, Map<String, Parameter> names, Path directory)
      throws IOException {
    try (Weights weights = ModelWeights.open(directory)) {
      return load(store, names, weights);
    }
  }

  /** Loads parameters by their Hugging Face names. */
  static LoadReport load(ParameterStore store, Map<String, Parameter> names, Weights weights)
      throws IOException {
    LoadReport report = compare(names, weights);
    float[] piece = new float[PIECE];
    for (Map.Entry<String, Parameter> entry : names.entrySet()) {
      if (weights.shapes().containsKey(entry.getKey())) {
        load(store, entry.getValue(), weights.source(entry.getKey()), piece);
      }
    }
    return report;
  }

  /** Loads a parameter piece by piece, so that the heap need not hold it. */
  private static void load(
      ParameterStore store, Parameter parameter, FloatSource source, float[] piece)
      throws IOException {
    long elements = parameter.shape().elements();
    for (long first = 0; first < elements; first += piece.length) {
      int count = (int) Math.min(piece.length, elements - first);
      source.read(first, FloatBuffer.wrap(piece, 0, count));
      store.write(parameter, first, piece, count);
    }
  }

  /**
   * Returns what loading would do.
   *
   * @throws FileFormatException when a tensor has another shape than its parameter
   */
  static LoadReport compare(Map<String, Parameter> names, Weights weights)
      throws FileFormatException {
    List<String> loaded = new ArrayList<>();
    List<String> unexpected = new ArrayList<>();
    List<String> ignored = new ArrayList<>();
    for (Map.Entry<String, List<Long>> tensor : weights.shapes().entrySet()) {
      Parameter parameter = names.get(tensor.getKey());
      if (parameter != null) {
        requireShape(weights, tensor.getKey(), parameter);
        loaded.add(parameter.name());
      } else {
        (isKnown(tensor.getKey()) ? ignored : unexpected).add(weights.nameInFile(tensor.getKey()));
      }
    }
    List<String> missing = new ArrayList<>();
    names.values().stream().map(Parameter::name).forEach(missing::add);
    missing.removeAll(new HashSet<>(loaded));
    return new LoadReport(weights.source(), loaded, missing, unexpected, ignored);
  }

  private static void requireShape(Weights weights, String name, Parameter parameter)
      throws FileFormatException {
    List<Long> shape = weights.shapes().get(name);
    if (!shape.equals(Arrays.stream(ParameterTensors.shape(parameter)).boxed().toList())) {
      throw new FileFormatException(
          weights.source(),
          "tensor "
              + weights.nameInFile(name)
              + " has shape "
              + shape
              + ", but the configuration asks for "
              + parameter.shape());
    }
  }

  /** Tied weights and buffers that some files repeat, and what BERT has beside its encoder. */
  private static boolean isKnown(String name) {
    return name.equals("generator_lm_head.weight")
        || name.endsWith("embeddings.position_ids")
        || name.startsWith("pooler.dense.")
        || name.startsWith("cls.predictions.")
        || name.startsWith("cls.seq_relationship.");
  }
}
