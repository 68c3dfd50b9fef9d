package org.electra4j.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads tensors by name from safetensors files: one file, or a sharded model through its {@code
 * model.safetensors.index.json}.
 *
 * <p>Files are memory-mapped piece by piece, so files over 2 GB work and nothing is copied but what
 * is asked for. Everything in the header is checked on opening. Instances are safe for use by
 * several threads; buffers that were handed out stay valid after {@link #close}.
 *
 * <p>Format: <a href="https://huggingface.co/docs/safetensors">huggingface.co/docs/safetensors</a>.
 */
public final class Safetensors implements Closeable {

  /** File name of an unsharded model in a Hugging Face directory. */
  public static final String MODEL_FILE = "model.safetensors";

  /** File name of the index of a sharded model in a Hugging Face directory. */
  public static final String INDEX_FILE = "model.safetensors.index.json";

  /** File name of the weights that PyTorch pickles. */
  private static final String PICKLE_FILE = "pytorch_model.bin";

  private final Path source;
  private final Map<String, SafetensorsFile> files;
  private final Map<String, TensorInfo> tensors;
  private final Map<String, String> metadata;

  private Safetensors(
      Path source, Map<String, SafetensorsFile> files, Map<String, String> metadata) {
    this.source = source;
    this.files = files;
    this.metadata = metadata;
    Map<String, TensorInfo> infos = new LinkedHashMap<>();
    files.forEach((name, file) -> infos.put(name, file.header().tensors().get(name)));
    this.tensors = Collections.unmodifiableMap(infos);
  }

  /**
   * Opens {@code model.safetensors}, or the shards that {@code model.safetensors.index.json} lists,
   * in a directory; or a single {@code .safetensors} or {@code .index.json} file.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws FileFormatException if a file is not valid; names the file and the tensor
   */
  public static Safetensors open(Path path) throws IOException {
    Path file = path;
    if (Files.isDirectory(path)) {
      file = path.resolve(MODEL_FILE);
      if (!Files.exists(file)) {
        file = path.resolve(INDEX_FILE);
      }
      if (!Files.exists(file)) {
        throw new NoSuchFileException(path.toString(), null, missing(path));
      }
    }
    return file.getFileName().toString().endsWith(".json") ? openIndex(file) : openFile(file);
  }

  private static String missing(Path directory) {
    String neither = "holds neither " + MODEL_FILE + " nor " + INDEX_FILE;
    if (Files.exists(directory.resolve(PICKLE_FILE))
        || Files.exists(directory.resolve(PICKLE_FILE + ".index.json"))) {
      return neither
          + ", but "
          + PICKLE_FILE
          + ", which may run code when it is read. Convert it where transformers is installed:"
          + " python -c \"from transformers import AutoConfig as C; import transformers as t;"
          + " d='.'; getattr(t, C.from_pretrained(d).architectures[0]).from_pretrained(d)"
          + ".save_pretrained(d)\"";
    }
    return neither;
  }

  private static Safetensors openFile(Path path) throws IOException {
    SafetensorsFile file = SafetensorsFile.open(path);
    Map<String, SafetensorsFile> files = new LinkedHashMap<>();
    file.header().tensors().keySet().forEach(name -> files.put(name, file));
    return new Safetensors(path, files, file.header().metadata());
  }

  private static Safetensors openIndex(Path index) throws IOException {
    JsonNode map = JsonTree.read(index).get("weight_map");
    if (map == null || !map.isObject()) {
      throw new FileFormatException(
          index, "needs an object \"weight_map\" from tensor names to file names.");
    }
    Map<String, SafetensorsFile> shards = new TreeMap<>();
    try {
      Map<String, SafetensorsFile> files = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : map.properties()) {
        String shardName = shardName(index, entry);
        SafetensorsFile shard = shards.get(shardName);
        if (shard == null) {
          shard = SafetensorsFile.open(index.resolveSibling(shardName));
          shards.put(shardName, shard);
        }
        if (!shard.header().tensors().containsKey(entry.getKey())) {
          throw new FileFormatException(
              index,
              "places tensor \""
                  + entry.getKey()
                  + "\" in "
                  + shardName
                  + ", which does not hold it.");
        }
        files.put(entry.getKey(), shard);
      }
      checkIndexComplete(index, files, shards);
      return new Safetensors(index, files, Map.of());
    } catch (IOException | RuntimeException e) {
      closeAll(shards.values(), e);
      throw e;
    }
  }

  private static String shardName(Path index, Map.Entry<String, JsonNode> entry)
      throws FileFormatException {
    String name = entry.getValue().isTextual() ? entry.getValue().textValue() : "";
    if (name.isEmpty()
        || name.contains("/")
        || name.contains("\\")
        || name.indexOf(0) >= 0
        || name.equals(".")
        || name.equals("..")
        || !isPath(name)) {
      throw new FileFormatException(
          index, "needs the name of a file beside it for tensor \"" + entry.getKey() + "\".");
    }
    return name;
  }

  /** Some names are none in the encoding of the file system. */
  private static boolean isPath(String name) {
    try {
      Path.of(name);
      return true;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static void checkIndexComplete(
      Path index, Map<String, SafetensorsFile> files, Map<String, SafetensorsFile> shards)
      throws FileFormatException {
    for (Map.Entry<String, SafetensorsFile> shard : shards.entrySet()) {
      for (String name : shard.getValue().header().tensors().keySet()) {
        if (files.get(name) != shard.getValue()) {
          throw new FileFormatException(
              index, "does not list tensor \"" + name + "\" that " + shard.getKey() + " holds.");
        }
      }
    }
  }

  /** Returns the file, or the index file, that was opened. */
  public Path source() {
    return source;
  }

  /** Returns all tensors by name, in the order of the header or the index. */
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /**
   * Returns the free-form metadata of the header, such as {@code format}; empty for a sharded
   * model.
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Returns the data of a tensor as a read-only, little-endian view of the file.
   *
   * @throws IllegalArgumentException if there is no such tensor, or it is larger than 1 GiB (use
   *     {@link #readFloats(String, long, FloatBuffer)})
   */
  public ByteBuffer bytes(String name) throws IOException {
    return file(name).bytes(tensors.get(name));
  }

  /**
   * Returns all elements of a tensor of F32, F16, BF16 or F64 as floats.
   *
   * @throws IllegalArgumentException if there is no such tensor, its type is another, or it has
   *     more elements than an array
   */
  public float[] readFloats(String name) throws IOException {
    SafetensorsFile file = file(name);
    float[] values = new float[arrayLength(name)];
    file.readFloats(tensors.get(name), 0, FloatBuffer.wrap(values));
    return values;
  }

  /**
   * Fills {@code destination} up to its limit with elements of a tensor of F32, F16, BF16 or F64,
   * from {@code firstElement} on.
   *
   * @throws IllegalArgumentException if there is no such tensor, its type is another, or it has
   *     fewer elements from there on than the destination takes
   */
  public void readFloats(String name, long firstElement, FloatBuffer destination)
      throws IOException {
    file(name).readFloats(tensors.get(name), firstElement, destination);
  }

  /**
   * Returns all elements of a tensor of I64, I32, I16, I8, U8 or BOOL as longs.
   *
   * @throws IllegalArgumentException if there is no such tensor, its type is another, or it has
   *     more elements than an array
   */
  public long[] readLongs(String name) throws IOException {
    SafetensorsFile file = file(name);
    long[] values = new long[arrayLength(name)];
    file.readLongs(tensors.get(name), values);
    return values;
  }

  private int arrayLength(String name) {
    long count = tensors.get(name).elementCount();
    if (count > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          source
              + ": tensor \""
              + name
              + "\" has "
              + count
              + " elements, too many for one array; read it in parts.");
    }
    return (int) count;
  }

  private SafetensorsFile file(String name) {
    SafetensorsFile file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException(source + " has no tensor \"" + name + "\".");
    }
    return file;
  }

  /** Closes the files; reading afterwards fails, buffers that were handed out stay valid. */
  @Override
  public void close() throws IOException {
    IOException failure = new IOException("Closing " + source + " failed.");
    closeAll(files.values(), failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private static void closeAll(Iterable<SafetensorsFile> files, Exception failure) {
    for (SafetensorsFile file : files) {
      try {
        file.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
