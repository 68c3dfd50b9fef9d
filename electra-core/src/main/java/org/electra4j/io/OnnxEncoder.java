package org.electra4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.electra4j.ElectraConfig;
import org.electra4j.io.OnnxGraph.Node;
import org.electra4j.io.OnnxGraph.Weight;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;

/**
 * A BERT encoder inside an ONNX file as PyTorch exports it, such as the sentence models that
 * LangChain4j brings: its weights by their Hugging Face names, and its shape.
 *
 * <p>The shape is read from the weights; the number of heads and the LayerNorm epsilon, which no
 * weight tells, from the constants of the graph.
 */
public final class OnnxEncoder {
  /** Prefix of the names that the exporter makes up for constants it has folded. */
  private static final String MADE_UP = "onnx::";

  private static final String MAT_MUL = "MatMul";
  private static final String FIRST_ATTENTION = "/encoder/layer.0/attention/self/Concat";
  private static final String FIRST_NORM = "/embeddings/LayerNorm/Add";
  private static final String WORDS = "embeddings.word_embeddings.weight";
  private static final String POSITIONS = "embeddings.position_embeddings.weight";
  private static final String TYPES = "embeddings.token_type_embeddings.weight";
  private static final String INTERMEDIATE = "encoder.layer.%d.intermediate.dense.bias";

  private final Path file;
  private final OnnxGraph graph;
  private final Map<String, Weight> weights;
  private final ElectraConfig config;

  private OnnxEncoder(Path file, OnnxGraph graph) throws FileFormatException {
    this.file = file;
    this.graph = graph;
    this.weights = huggingFaceWeights();
    this.config = readConfig();
  }

  /**
   * Reads a file, which may lie inside a jar.
   *
   * @throws FileFormatException if it is no ONNX file or not of a BERT encoder as PyTorch exports
   *     it; names what is missing
   */
  public static OnnxEncoder read(Path file) throws IOException {
    return read(file, ByteBuffer.wrap(Files.readAllBytes(file)));
  }

  /** Reads the bytes of a file; {@code file} is named in exceptions. */
  public static OnnxEncoder read(Path file, ByteBuffer model) throws FileFormatException {
    return new OnnxEncoder(file, OnnxGraph.read(file, model));
  }

  /**
   * Writes the encoder of a LangChain4j embedding artifact, a jar with one {@code *.onnx} and one
   * {@code *tokenizer.json}, as a model directory.
   *
   * @throws NoSuchFileException if the jar holds no such files
   * @throws FileFormatException as {@link #read(Path)}
   */
  public static void importJar(Path jar, Path directory) throws IOException {
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      Path root = files.getPath("/");
      read(find(jar, root, ".onnx")).write(directory, find(jar, root, "tokenizer.json"));
    }
  }

  private static Path find(Path jar, Path root, String ending) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(entry -> entry.getFileName().toString().endsWith(ending))
          .sorted()
          .findFirst()
          .orElseThrow(() -> new NoSuchFileException(jar.toString(), null, "holds no *" + ending));
    }
  }

  /** Returns the shape; dropout and initializer range, which a graph does not tell, are BERT's. */
  public ElectraConfig config() {
    return config;
  }

  /** Returns the names of the weights, as Hugging Face's BertModel has them, without a prefix. */
  public List<String> names() {
    return List.copyOf(weights.keySet());
  }

  /**
   * Returns the shape of a weight, matrices as (out, in).
   *
   * @throws IllegalArgumentException if there is no such weight
   */
  public int[] shape(String name) {
    return weight(name).shape().clone();
  }

  /**
   * Returns a copy of the values of a weight, matrices as (out, in) row by row.
   *
   * @throws IllegalArgumentException if there is no such weight
   */
  public float[] values(String name) {
    return weight(name).values();
  }

  private Weight weight(String name) {
    Weight weight = weights.get(name);
    if (weight == null) {
      throw new IllegalArgumentException(file + " has no weight \"" + name + "\".");
    }
    return weight;
  }

  /**
   * Writes a Hugging Face directory of a bare encoder: configuration, weights and tokenizer files.
   *
   * @param tokenizer the {@code tokenizer.json} of the model; its truncation becomes {@code
   *     model_max_length}, its padding is left out
   * @throws FileFormatException if the vocabulary has another size than the word table
   */
  public void write(Path directory, Path tokenizer) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve(TokenizerFiles.TOKENIZER_FILE), Files.readAllBytes(tokenizer));
    Vocabulary vocabulary = TokenizerFiles.readVocabulary(directory);
    TokenizerOptions options = TokenizerFiles.readOptions(directory);
    if (vocabulary.size() != config.vocabSize()) {
      throw new FileFormatException(
          tokenizer,
          "has "
              + vocabulary.size()
              + " tokens, but the word table of "
              + file
              + " has "
              + config.vocabSize()
              + " rows.");
    }
    TokenizerFiles.write(directory, vocabulary, options, maxLength(directory));
    HuggingFaceConfig.electra(config.withPadTokenId(vocabulary.padId()), "ElectraModel")
        .write(directory);
    SafetensorsWriter writer = new SafetensorsWriter();
    weights.forEach(
        (name, weight) -> {
          FloatBuffer data = weight.data();
          long[] shape = Arrays.stream(weight.shape()).asLongStream().toArray();
          writer.floats("electra." + name, FloatSource.of(data), shape);
        });
    writer.writeTo(directory.resolve(Safetensors.MODEL_FILE));
  }

  private int maxLength(Path directory) throws IOException {
    return JsonTree.read(directory.resolve(TokenizerFiles.TOKENIZER_FILE))
        .path("truncation")
        .path("max_length")
        .asInt(config.maxPositionEmbeddings());
  }

  /**
   * The exporter folds the transposition of a linear layer's weight into a constant with a made-up
   * name; the layer is then named by the MatMul node that uses it, as in {@code
   * /encoder/layer.0/attention/self/query/MatMul}.
   */
  private Map<String, Weight> huggingFaceWeights() throws FileFormatException {
    Map<String, Weight> result = new LinkedHashMap<>();
    for (Map.Entry<String, Weight> entry : graph.initializers().entrySet()) {
      boolean folded = entry.getKey().startsWith(MADE_UP);
      String name = folded ? parameterName(entry.getKey(), entry.getValue()) : entry.getKey();
      Weight weight = folded ? entry.getValue().transposed() : entry.getValue();
      if (result.put(name, weight) != null) {
        throw new FileFormatException(file, "two weights are called " + name + ".");
      }
    }
    return result;
  }

  private String parameterName(String initializer, Weight weight) throws FileFormatException {
    List<Node> users =
        graph.nodes().stream().filter(node -> node.inputs().contains(initializer)).toList();
    String suffix = "/" + MAT_MUL;
    if (weight.shape().length != 2
        || users.size() != 1
        || !users.get(0).opType().equals(MAT_MUL)
        || users.get(0).inputs().indexOf(initializer) != 1
        || !users.get(0).name().startsWith("/")
        || !users.get(0).name().endsWith(suffix)) {
      throw new FileFormatException(
          file,
          initializer
              + " must be the right side of one MatMul that is named after its layer, but is used"
              + " by "
              + users
              + ".");
    }
    String node = users.get(0).name();
    return node.substring(1, node.length() - suffix.length()).replace('/', '.') + ".weight";
  }

  private ElectraConfig readConfig() throws FileFormatException {
    int[] words = required(WORDS, 2);
    int hidden = words[1];
    int layers = 0;
    while (weights.containsKey(String.format(INTERMEDIATE, layers))) {
      layers++;
    }
    int[] intermediate = required(String.format(INTERMEDIATE, 0), 1);
    try {
      return new ElectraConfig(
          words[0],
          hidden,
          hidden,
          layers,
          heads(hidden),
          intermediate[0],
          0.1f,
          0.1f,
          required(POSITIONS, 2)[0],
          required(TYPES, 2)[0],
          0.02f,
          epsilon(),
          0);
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(file, e.getMessage(), e);
    }
  }

  private int[] required(String name, int rank) throws FileFormatException {
    Weight weight = weights.get(name);
    if (weight == null || weight.shape().length != rank) {
      throw new FileFormatException(
          file, "holds no BERT encoder as PyTorch exports it: " + name + " is missing.");
    }
    return weight.shape();
  }

  /** Queries are reshaped to (batch, length, heads, width of a head). */
  private int heads(int hidden) throws FileFormatException {
    for (Node node : graph.nodes()) {
      int inputs = node.inputs().size();
      if (node.name().startsWith(FIRST_ATTENTION) && inputs >= 2) {
        Number heads = graph.constant(node.inputs().get(inputs - 2));
        Number size = graph.constant(node.inputs().get(inputs - 1));
        if (heads instanceof Long n && size instanceof Long d && n * d == hidden) {
          return Math.toIntExact(n);
        }
      }
    }
    throw new FileFormatException(
        file, "does not tell the number of attention heads: no constant " + FIRST_ATTENTION + ".");
  }

  private float epsilon() throws FileFormatException {
    for (Node node : graph.nodes()) {
      if (node.name().equals(FIRST_NORM)) {
        for (String input : node.inputs()) {
          if (graph.constant(input) instanceof Float epsilon) {
            return epsilon;
          }
        }
      }
    }
    throw new FileFormatException(
        file, "does not tell the epsilon of LayerNorm: no constant at " + FIRST_NORM + ".");
  }
}
