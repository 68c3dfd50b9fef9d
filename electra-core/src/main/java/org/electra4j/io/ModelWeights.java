package org.electra4j.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a Hugging Face directory: those of {@code model.safetensors} or its shards.
 *
 * <p>Names are those of ELECTRA in transformers, also where the file has others: BERT's ({@code
 * bert.encoder.…}), those of a bare encoder ({@code encoder.…}), of a discriminator saved with its
 * trainer ({@code discriminator.electra.…}), or the LayerNorm {@code gamma} and {@code beta} of old
 * conversions.
 */
public final class ModelWeights implements Weights {
  private static final String ELECTRA = "electra.";
  private static final String BERT = "bert.";
  private static final String DATA_PARALLEL = "module.";
  private static final String DISCRIMINATOR = "discriminator.";
  private static final List<String> ENCODER =
      List.of("embeddings.", "embeddings_project.", "encoder.layer.");

  private final Safetensors file;
  private final Map<String, TensorInfo> tensors;
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  private ModelWeights(Safetensors file) throws FileFormatException {
    this.file = file;
    Map<String, TensorInfo> byName = new LinkedHashMap<>();
    for (TensorInfo tensor : file.tensors().values()) {
      String name = electraName(tensor.name());
      TensorInfo other = byName.put(name, tensor);
      if (other != null) {
        throw new FileFormatException(
            file.source(),
            "tensors \""
                + other.name()
                + "\" and \""
                + tensor.name()
                + "\" are both "
                + name
                + "; keep one of them.");
      }
      shapes.put(name, tensor.shape());
    }
    this.tensors = byName;
  }

  /**
   * Opens a directory, or one of its files, as {@link Safetensors#open} does.
   *
   * @throws FileFormatException also if two tensors of the file are the same parameter
   */
  public static ModelWeights open(Path path) throws IOException {
    Safetensors file = Safetensors.open(path);
    try {
      return new ModelWeights(file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Returns the name that ELECTRA has in transformers for a tensor; names of heads stay. */
  static String electraName(String name) {
    String plain = name.startsWith(DATA_PARALLEL) ? name.substring(DATA_PARALLEL.length()) : name;
    if (plain.startsWith(DISCRIMINATOR)) {
      plain = plain.substring(DISCRIMINATOR.length());
    }
    if (plain.startsWith(BERT)) {
      plain = plain.substring(BERT.length());
    }
    if (ENCODER.stream().anyMatch(plain::startsWith)) {
      plain = ELECTRA + plain;
    }
    return plain
        .replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias");
  }

  @Override
  public Path source() {
    return file.source();
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public String nameInFile(String name) {
    return tensor(name).name();
  }

  @Override
  public float[] readFloats(String name) throws IOException {
    return file.readFloats(tensor(name).name());
  }

  @Override
  public FloatSource source(String name) {
    String inFile = tensor(name).name();
    return (first, destination) -> file.readFloats(inFile, first, destination);
  }

  private TensorInfo tensor(String name) {
    TensorInfo tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(file.source() + " has no tensor \"" + name + "\".");
    }
    return tensor;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
