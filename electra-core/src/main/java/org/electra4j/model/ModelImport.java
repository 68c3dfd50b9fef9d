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
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.ModelWeights;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.io.TensorFlowCheckpoint;
import org.electra4j.io.TensorFlowWeights;
import org.electra4j.io.TensorFlowWeights.Part;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.io.Weights;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;

/**
 * Writes models of other programs as model directories: every parameter of the network under its
 * Hugging Face name, in fp32, in one file; what the network has no place for is reported.
 */
public final class ModelImport {
  /** Architecture of an encoder without a head. */
  public static final String ENCODER = "ElectraModel";

  private static final String ELECTRA = "electra.";

  private ModelImport() {}

  /**
   * Copies a Hugging Face directory of ELECTRA with any head, or the encoder of BERT; its generator
   * too, where a folder {@code generator} is beside it.
   *
   * @return one report a network
   * @throws FileFormatException when a file is not valid, a tensor has another shape than the
   *     configuration asks for, or a parameter is missing
   */
  public static List<LoadReport> huggingFace(Path source, Path directory) throws IOException {
    List<LoadReport> reports = new ArrayList<>();
    HuggingFaceConfig description = target(HuggingFaceConfig.read(source));
    try (Weights weights = ModelWeights.open(source)) {
      reports.add(copy(weights, description, source, directory));
    }
    boolean tokenizer =
        Files.exists(source.resolve(TokenizerFiles.VOCABULARY_FILE))
            || Files.exists(source.resolve(TokenizerFiles.TOKENIZER_FILE));
    if (tokenizer) {
      TokenizerFiles.write(
          directory,
          TokenizerFiles.readVocabulary(source),
          TokenizerFiles.readOptions(source),
          description.config().maxPositionEmbeddings());
    }
    Path generator = source.resolve(ElectraCheckpoint.GENERATOR_FOLDER);
    if (Files.isDirectory(generator)) {
      reports.addAll(huggingFace(generator, directory.resolve(ElectraCheckpoint.GENERATOR_FOLDER)));
    }
    return reports;
  }

  /** Keeps what the network has a head for; everything else becomes a bare encoder. */
  private static HuggingFaceConfig target(HuggingFaceConfig read) {
    boolean known =
        read.modelType().equals("electra")
            && read.architectures().size() == 1
            && (isNamed(read, HuggingFaceConfig.DISCRIMINATOR)
                || isNamed(read, HuggingFaceConfig.GENERATOR)
                || isNamed(read, HuggingFaceConfig.JOINT_SPANS)
                || Arrays.stream(Kind.values())
                    .anyMatch(kind -> isNamed(read, kind.architecture())));
    return known ? read : HuggingFaceConfig.electra(read.config(), ENCODER);
  }

  private static boolean isNamed(HuggingFaceConfig description, String architecture) {
    return description.architectures().contains(architecture);
  }

  /**
   * Writes the networks of a google-research/electra checkpoint: a discriminator with its generator
   * beside it, a masked language model, or the encoder of a fine-tuned model.
   *
   * @param heads attention heads; 0 for the reference's, of width 64
   * @param generatorHeads the same of the generator
   * @return one report a network; tensors of the checkpoint that belong to none are unexpected in
   *     the first
   * @throws FileFormatException when the checkpoint is not valid or a parameter is missing
   */
  public static List<LoadReport> tensorFlow(
      TensorFlowCheckpoint checkpoint, int heads, int generatorHeads, Path directory)
      throws IOException {
    boolean discriminator = TensorFlowWeights.hasDiscriminator(checkpoint);
    boolean languageModel = TensorFlowWeights.hasLanguageModel(checkpoint);
    String main =
        discriminator
            ? HuggingFaceConfig.DISCRIMINATOR
            : languageModel ? HuggingFaceConfig.GENERATOR : ENCODER;
    List<LoadReport> reports = new ArrayList<>();
    LoadReport first = tensorFlow(checkpoint, Part.MAIN, heads, main, directory);
    reports.add(
        new LoadReport(
            first.file(),
            first.loaded(),
            first.missing(),
            List.copyOf(TensorFlowWeights.unknown(checkpoint)),
            first.ignored()));
    if (discriminator && languageModel) {
      Path folder = directory.resolve(ElectraCheckpoint.GENERATOR_FOLDER);
      reports.add(
          tensorFlow(
              checkpoint, Part.GENERATOR, generatorHeads, HuggingFaceConfig.GENERATOR, folder));
    }
    return reports;
  }

  /**
   * Writes the encoder of a fine-tuned google-research/electra checkpoint with the head of one
   * task; a linear head as the dense one that computes the same.
   *
   * @param heads attention heads; 0 for the reference's, of width 64
   * @return what was read; every other tensor, of other tasks too, is unexpected
   * @throws FileFormatException when the checkpoint is not valid, lacks a parameter, or has another
   *     head or number of classes
   */
  public static LoadReport tensorFlow(
      TensorFlowCheckpoint checkpoint, int heads, TensorFlowHead head, Path directory)
      throws IOException {
    TensorFlowWeights weights = new TensorFlowWeights(checkpoint, head.task());
    TaskDescription description = head.describe(checkpoint, weights, heads);
    boolean linear =
        description.kind() != Kind.TAGGING && description.kind() != Kind.QUESTION_ANSWERING;
    if (linear) {
      TaskCheckpoint.requireSavable(description);
    }
    ParameterStore store = new ParameterStore(null); // never allocated: names and shapes only
    TaskNetwork.create(store, description);
    Map<String, Parameter> parameters = byName(store);
    LoadReport report = ElectraCheckpoint.compare(parameters, weights).requireComplete();
    Files.createDirectories(directory);
    description.toHuggingFace().write(directory);
    SafetensorsWriter writer = new SafetensorsWriter();
    if (linear) {
      addLinear(writer, weights, head, description.config().hiddenSize());
      parameters.remove(TaskCheckpoint.LINEAR_WEIGHT);
      parameters.remove(TaskCheckpoint.LINEAR_BIAS);
    }
    write(writer, parameters, weights, directory);
    List<String> unknown = new ArrayList<>(TensorFlowWeights.unknown(checkpoint));
    unknown.removeIf(weights::covers);
    return new LoadReport(
        report.file(), report.loaded(), report.missing(), unknown, report.ignored());
  }

  private static void addLinear(
      SafetensorsWriter writer, TensorFlowWeights weights, TensorFlowHead head, int hidden)
      throws IOException {
    float[] weight = weights.readFloats(TaskCheckpoint.LINEAR_WEIGHT);
    float[] bias = weights.readFloats(TaskCheckpoint.LINEAR_BIAS);
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) (weight[i] * head.range());
    }
    for (int i = 0; i < bias.length; i++) {
      bias[i] = (float) (bias[i] * head.range() + head.least());
    }
    TaskCheckpoint.addAsDense(writer, weight, bias, hidden);
  }

  private static void write(
      SafetensorsWriter writer, Map<String, Parameter> parameters, Weights weights, Path directory)
      throws IOException {
    for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
      writer.floats(
          entry.getKey(), weights.source(entry.getKey()), ParameterTensors.shape(entry.getValue()));
    }
    writer.writeTo(directory.resolve(Safetensors.MODEL_FILE));
  }

  private static LoadReport tensorFlow(
      TensorFlowCheckpoint checkpoint, Part part, int heads, String architecture, Path directory)
      throws IOException {
    TensorFlowWeights weights = new TensorFlowWeights(checkpoint, part);
    return copy(
        weights,
        HuggingFaceConfig.electra(weights.config(heads), architecture),
        directory,
        directory);
  }

  private static LoadReport copy(
      Weights weights, HuggingFaceConfig description, Path source, Path directory)
      throws IOException {
    Map<String, Parameter> parameters = parameters(description, source);
    LoadReport report = ElectraCheckpoint.compare(parameters, weights).requireComplete();
    Files.createDirectories(directory);
    description.write(directory);
    write(new SafetensorsWriter(), parameters, weights, directory);
    return report;
  }

  /**
   * Returns the parameters that a configuration asks for, without values, by their names in a file.
   *
   * @param source is named in exceptions
   */
  static Map<String, Parameter> parameters(HuggingFaceConfig description, Path source)
      throws IOException {
    ParameterStore store = new ParameterStore(null); // never allocated: names and shapes only
    if (isNamed(description, HuggingFaceConfig.DISCRIMINATOR)) {
      new ElectraDiscriminator(store, "", new ElectraModel(store, ELECTRA, description.config()));
    } else if (isNamed(description, HuggingFaceConfig.GENERATOR)) {
      new ElectraGenerator(store, "", new ElectraModel(store, ELECTRA, description.config()));
    } else if (isNamed(description, ENCODER)) {
      new ElectraModel(store, ELECTRA, description.config());
    } else {
      TaskDescription task = TaskDescription.of(description, source, Kind.values()).dense();
      TaskNetwork.create(store, task);
    }
    return byName(store);
  }

  private static Map<String, Parameter> byName(ParameterStore store) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    store.parameters().forEach(parameter -> parameters.put(parameter.name(), parameter));
    return parameters;
  }
}
