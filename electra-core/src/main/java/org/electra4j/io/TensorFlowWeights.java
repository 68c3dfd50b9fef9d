package org.electra4j.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.electra4j.ElectraConfig;

/**
 * One network of a google-research/electra checkpoint by Hugging Face names: slashes become dots,
 * {@code layer_i} becomes {@code layer.i}, {@code kernel} becomes {@code weight} and is transposed,
 * {@code gamma} and {@code beta} become {@code weight} and {@code bias}.
 */
public final class TensorFlowWeights implements Weights {
  /** Which network of a checkpoint. */
  public enum Part {
    /** The discriminator, or the one network of a masked language model or a fine-tuned model. */
    MAIN,
    /** The generator, with the tables that it shares. */
    GENERATOR
  }

  /** Which of Adam's moments. */
  public enum Moment {
    FIRST("/adam_m"),
    SECOND("/adam_v");

    private final String suffix;

    Moment(String suffix) {
      this.suffix = suffix;
    }
  }

  private static final String ELECTRA = "electra/";
  private static final String GENERATOR = "generator/";
  private static final String EMBEDDINGS = "embeddings/";
  private static final String GENERATOR_HEAD = "generator_predictions/";
  private static final String DISCRIMINATOR_HEAD = "discriminator_predictions/";
  private static final String TASKS = "task_specific/";
  private static final String JOINT_LAYER = "qa_hidden";

  /** The layers of heads in the order in which tf.layers numbers them. */
  private static final Map<String, String> ONE_LAYER = Map.of("dense", "classifier");

  private static final Map<String, String> JOINT_LAYERS =
      Map.of(
          "dense",
          "qa_start",
          JOINT_LAYER,
          "qa_end.dense",
          "dense_1",
          "qa_end.out_proj",
          "dense_2",
          "qa_answerable.dense",
          "dense_3",
          "qa_answerable.out_proj");

  private static final String STEP = "global_step";
  private static final String KERNEL = "/kernel";
  private static final int PUBLISHED_HEAD_SIZE = 64;

  private final TensorFlowCheckpoint checkpoint;
  private final Map<String, String> names = new LinkedHashMap<>();
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  /** Takes a network without the head of a task. Closing this does not close the checkpoint. */
  public TensorFlowWeights(TensorFlowCheckpoint checkpoint, Part part) {
    this(checkpoint, part, null);
  }

  /**
   * Takes the network of a fine-tuned model. Closing this does not close the checkpoint.
   *
   * @param task whose head is taken too: {@code classifier.weight} of a single layer, or {@code
   *     qa_start}, {@code qa_end} and {@code qa_answerable} of the joint head for spans
   */
  public TensorFlowWeights(TensorFlowCheckpoint checkpoint, String task) {
    this(checkpoint, Part.MAIN, task);
  }

  private TensorFlowWeights(TensorFlowCheckpoint checkpoint, Part part, String task) {
    this.checkpoint = checkpoint;
    for (TensorInfo tensor : checkpoint.tensors().values()) {
      String name = huggingFaceName(checkpoint, part, tensor.name());
      if (name == null && task != null) {
        name = headName(checkpoint, task, tensor.name());
      }
      if (name != null) {
        names.put(name, tensor.name());
        shapes.put(name, isKernel(tensor) ? reversed(tensor.shape()) : tensor.shape());
      }
    }
  }

  private static String headName(TensorFlowCheckpoint checkpoint, String task, String name) {
    String scope = TASKS + task + "/";
    int end = name.lastIndexOf('/');
    if (!name.startsWith(scope) || end < scope.length()) {
      return null;
    }
    Map<String, String> layers = hasJointHead(checkpoint, task) ? JOINT_LAYERS : ONE_LAYER;
    String layer = layers.get(name.substring(scope.length(), end));
    return switch (name.substring(end)) {
      case KERNEL -> layer == null ? null : layer + ".weight";
      case "/bias" -> layer == null ? null : layer + ".bias";
      default -> null;
    };
  }

  /** Returns the tasks that the checkpoint has heads of, sorted. */
  public static List<String> tasks(TensorFlowCheckpoint checkpoint) {
    Set<String> tasks = new TreeSet<>();
    for (String name : checkpoint.tensors().keySet()) {
      int end = name.startsWith(TASKS) ? name.indexOf('/', TASKS.length()) : -1;
      if (end > 0) {
        tasks.add(name.substring(TASKS.length(), end));
      }
    }
    return List.copyOf(tasks);
  }

  /** Returns whether the head of a task is the joint one for spans. */
  public static boolean hasJointHead(TensorFlowCheckpoint checkpoint, String task) {
    return has(checkpoint, TASKS + task + "/" + JOINT_LAYER + "/");
  }

  /** Returns whether a tensor of the checkpoint, or a moment of it, is of this network. */
  public boolean covers(String nameInCheckpoint) {
    return names.containsValue(withoutMoment(nameInCheckpoint));
  }

  /** Returns whether the checkpoint has a discriminator. */
  public static boolean hasDiscriminator(TensorFlowCheckpoint checkpoint) {
    return has(checkpoint, DISCRIMINATOR_HEAD);
  }

  /** Returns whether the checkpoint has a masked-language-model head. */
  public static boolean hasLanguageModel(TensorFlowCheckpoint checkpoint) {
    return has(checkpoint, GENERATOR_HEAD);
  }

  /** Returns whether the generator has an encoder of its own, rather than the discriminator's. */
  public static boolean hasGeneratorEncoder(TensorFlowCheckpoint checkpoint) {
    return has(checkpoint, GENERATOR + "encoder/");
  }

  /** Returns whether the generator has embeddings of its own. */
  public static boolean hasGeneratorEmbeddings(TensorFlowCheckpoint checkpoint) {
    return has(checkpoint, GENERATOR + EMBEDDINGS);
  }

  private static boolean has(TensorFlowCheckpoint checkpoint, String prefix) {
    return checkpoint.tensors().keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /** Returns the tensors that are neither of a network here, nor moments, nor the step. */
  public static Set<String> unknown(TensorFlowCheckpoint checkpoint) {
    Set<String> unknown = new TreeSet<>(checkpoint.tensors().keySet());
    unknown.remove(STEP);
    for (Part part : Part.values()) {
      unknown.removeIf(
          name ->
              huggingFaceName(checkpoint, part, withoutMoment(name)) != null
                  && checkpoint.tensors().containsKey(withoutMoment(name)));
    }
    return unknown;
  }

  /** Returns {@code global_step}, or 0 where there is none. */
  public static long step(TensorFlowCheckpoint checkpoint) throws IOException {
    return checkpoint.tensors().containsKey(STEP) ? checkpoint.readLong(STEP) : 0;
  }

  private static String withoutMoment(String name) {
    for (Moment moment : Moment.values()) {
      if (name.endsWith(moment.suffix)) {
        return name.substring(0, name.length() - moment.suffix.length());
      }
    }
    return name;
  }

  /** Returns the name in a part, or null where a tensor does not belong to it. */
  private static String huggingFaceName(TensorFlowCheckpoint file, Part part, String name) {
    if (!withoutMoment(name).equals(name)) {
      return null;
    }
    boolean generator = part == Part.GENERATOR;
    String scope = generator && hasGeneratorEncoder(file) ? GENERATOR : ELECTRA;
    String tables = generator && hasGeneratorEmbeddings(file) ? GENERATOR : ELECTRA;
    if (name.startsWith(tables + EMBEDDINGS)) {
      return "electra." + leaf(name.substring(tables.length()));
    }
    if (name.startsWith(scope + "encoder/") || name.startsWith(scope + "embeddings_project/")) {
      return "electra." + leaf(name.substring(scope.length()));
    }
    boolean languageModel = generator || !hasDiscriminator(file);
    if (languageModel && name.equals(GENERATOR_HEAD + "output_bias")) {
      return "generator_lm_head.bias";
    }
    if (languageModel && name.startsWith(GENERATOR_HEAD)
        || !generator && name.startsWith(DISCRIMINATOR_HEAD)) {
      return leaf(name.replace("/dense_1/", "/dense_prediction/"));
    }
    return null;
  }

  private static String leaf(String name) {
    return name.replaceAll("layer_(\\d+)/", "layer.$1/")
        .replaceAll("_embeddings$", "_embeddings.weight")
        .replaceAll("/(kernel|gamma)$", ".weight")
        .replaceAll("/beta$", ".bias")
        .replace('/', '.');
  }

  private static boolean isKernel(TensorInfo tensor) {
    return tensor.name().endsWith(KERNEL) && tensor.shape().size() == 2;
  }

  private static List<Long> reversed(List<Long> shape) {
    List<Long> reversed = new ArrayList<>(shape);
    Collections.reverse(reversed);
    return reversed;
  }

  /**
   * Returns the shape of the network, read from its tensors; dropout is the reference's 0.1.
   *
   * @param heads attention heads, which no tensor tells; 0 for the reference's, of width 64
   * @throws FileFormatException if tensors lack or their shapes contradict each other
   */
  public ElectraConfig config(int heads) throws FileFormatException {
    String embeddings = "electra.embeddings.";
    int[] words = shape(embeddings + "word_embeddings.weight", 2);
    String layer = "electra.encoder.layer.%d.";
    String first = String.format(layer, 0);
    int[] intermediate = shape(first + "intermediate.dense.weight", 2);
    int hidden = intermediate[1];
    int layers = 0;
    while (shapes.containsKey(String.format(layer, layers) + "intermediate.dense.weight")) {
      layers++;
    }
    try {
      return new ElectraConfig(
          words[0],
          words[1],
          hidden,
          layers,
          heads > 0 ? heads : Math.max(1, hidden / PUBLISHED_HEAD_SIZE),
          intermediate[0],
          0.1f,
          0.1f,
          shape(embeddings + "position_embeddings.weight", 2)[0],
          shape(embeddings + "token_type_embeddings.weight", 2)[0],
          0.02f,
          1e-12f,
          0);
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(source(), e.getMessage(), e);
    }
  }

  private int[] shape(String name, int rank) throws FileFormatException {
    List<Long> shape = shapes.get(name);
    if (shape == null || shape.size() != rank) {
      throw new FileFormatException(
          source(),
          "holds no network of google-research/electra: "
              + name.replace('.', '/').replaceAll("/weight$", "")
              + " is missing.");
    }
    return shape.stream().mapToInt(size -> (int) Math.min(Integer.MAX_VALUE, size)).toArray();
  }

  @Override
  public Path source() {
    return checkpoint.source();
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public String nameInFile(String name) {
    String original = names.get(name);
    if (original == null) {
      throw new IllegalArgumentException(source() + " has no tensor \"" + name + "\".");
    }
    return original;
  }

  @Override
  public float[] readFloats(String name) throws IOException {
    return read(nameInFile(name), nameInFile(name));
  }

  /** Returns whether a moment of Adam is there for a tensor. */
  public boolean hasMoment(String name, Moment moment) {
    TensorInfo stored = checkpoint.tensors().get(nameInFile(name) + moment.suffix);
    return stored != null
        && stored.shape().equals(checkpoint.tensors().get(nameInFile(name)).shape());
  }

  /** Returns a moment of Adam in the layout of {@link #readFloats}. */
  public float[] readMoment(String name, Moment moment) throws IOException {
    return read(nameInFile(name), nameInFile(name) + moment.suffix);
  }

  private float[] read(String variable, String stored) throws IOException {
    TensorInfo tensor = checkpoint.tensors().get(variable);
    float[] values = checkpoint.readFloats(stored);
    if (!isKernel(tensor)) {
      return values;
    }
    return LazyTensor.transposed(values, tensor.shape().get(0).intValue());
  }

  /** Does nothing: the checkpoint is closed by who opened it. */
  @Override
  public void close() {}
}
