package org.electra4j.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.electra4j.io.TensorFlowIndex.Entry;

/**
 * Reads a TensorFlow checkpoint of version 2, {@code PREFIX.index} with {@code
 * PREFIX.data-00000-of-00001}, without TensorFlow.
 *
 * <p>The index is a table of tensor names to {@code BundleEntryProto}s (type, shape, place and
 * checksum); the data files hold the elements, little-endian. The checksum of a tensor is verified
 * when it is read (TensorFlow's tensor_bundle).
 */
public final class TensorFlowCheckpoint implements Closeable {
  private static final String INDEX = ".index";
  private static final String STATE_FILE = "checkpoint";
  private static final Pattern STATE = Pattern.compile("(?m)^model_checkpoint_path: \"(.*)\"");
  private static final int READ_BYTES = 1 << 20;

  private final Path prefix;
  private final int shards;
  private final Map<String, Entry> entries;
  private final Map<String, TensorInfo> tensors;
  private final Map<Integer, FileChannel> channels = new TreeMap<>();

  private TensorFlowCheckpoint(Path prefix, TensorFlowIndex index) {
    this.prefix = prefix;
    this.shards = index.shards();
    this.entries = index.entries();
    Map<String, TensorInfo> infos = new LinkedHashMap<>();
    entries.forEach((name, entry) -> infos.put(name, entry.tensor()));
    this.tensors = Collections.unmodifiableMap(infos);
  }

  /** Returns whether {@link #open} would find the index of a checkpoint. */
  public static boolean isCheckpoint(Path path) {
    try {
      return Files.isRegularFile(indexOf(prefixOf(path)));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Opens a checkpoint and reads its index.
   *
   * @param path the prefix, such as {@code model.ckpt-1000000}; its index or data file; or the
   *     directory, in which the file {@code checkpoint} tells the newest, or lies just one
   * @throws NoSuchFileException if there is no such checkpoint
   * @throws FileFormatException if the index is not valid
   */
  public static TensorFlowCheckpoint open(Path path) throws IOException {
    Path prefix = prefixOf(path);
    Path index = indexOf(prefix);
    if (!Files.isRegularFile(index)) {
      throw new NoSuchFileException(index.toString(), null, "the index of the checkpoint");
    }
    return new TensorFlowCheckpoint(prefix, TensorFlowIndex.read(index));
  }

  private static Path indexOf(Path prefix) {
    return prefix.resolveSibling(prefix.getFileName() + INDEX);
  }

  private static Path prefixOf(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      String name = path.getFileName().toString();
      return path.resolveSibling(name.replaceFirst("\\.(index|data-\\d{5}-of-\\d{5}|meta)$", ""));
    }
    Path state = path.resolve(STATE_FILE);
    if (Files.isRegularFile(state)) {
      Matcher matcher = STATE.matcher(Files.readString(state));
      if (matcher.find()) {
        Path newest = Path.of(matcher.group(1)).getFileName(); // directories may have been moved
        return path.resolve(newest);
      }
    }
    List<Path> found;
    try (Stream<Path> files = Files.list(path)) {
      found = files.filter(f -> f.getFileName().toString().endsWith(INDEX)).sorted().toList();
    }
    if (found.size() != 1) {
      throw new NoSuchFileException(
          path.toString(),
          null,
          "holds "
              + found.size()
              + " TensorFlow checkpoints (*.index) and no file "
              + STATE_FILE
              + "; name the one to read");
    }
    return prefixOf(found.get(0));
  }

  /** Returns the index file. */
  public Path source() {
    return indexOf(prefix);
  }

  /** Returns type and shape of every numeric tensor by its TensorFlow name, in their order. */
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /**
   * Returns all elements of a floating-point tensor, row-major.
   *
   * @throws IllegalArgumentException if there is no such tensor, or its type is another
   * @throws FileFormatException if a data file is too short or the checksum does not match
   */
  public float[] readFloats(String name) throws IOException {
    Entry entry = entry(name);
    FloatDecoder decoder = FloatDecoder.of(entry.tensor().type());
    if (decoder == null) {
      throw new IllegalArgumentException(
          source() + ": " + name + " is of type " + entry.tensor().type() + ", not of numbers.");
    }
    requireInFile(name, entry);
    float[] values = new float[Math.toIntExact(entry.tensor().elementCount())];
    FloatBuffer destination = FloatBuffer.wrap(values);
    readChecked(name, entry, piece -> decoder.decode(piece, destination));
    return values;
  }

  /**
   * Returns the value of an integer scalar, such as {@code global_step}.
   *
   * @throws IllegalArgumentException if there is no such tensor, or it is another
   * @throws FileFormatException if a data file is too short or the checksum does not match
   */
  public long readLong(String name) throws IOException {
    Entry entry = entry(name);
    SafetensorsType type = entry.tensor().type();
    if (entry.tensor().elementCount() != 1
        || type != SafetensorsType.I64 && type != SafetensorsType.I32) {
      throw new IllegalArgumentException(source() + ": " + name + " is no whole number.");
    }
    requireInFile(name, entry);
    long[] value = new long[1];
    readChecked(
        name,
        entry,
        piece -> value[0] = type == SafetensorsType.I64 ? piece.getLong(0) : piece.getInt(0));
    return value[0];
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(source() + " has no tensor \"" + name + "\".");
    }
    return entry;
  }

  private interface Pieces {
    void accept(ByteBuffer piece);
  }

  private void requireInFile(String name, Entry entry) throws IOException {
    long length = channel(entry.shard()).size();
    if (entry.size() > length - entry.tensor().byteOffset()) {
      throw new FileFormatException(
          dataFile(entry.shard()),
          "ends before "
              + name
              + ": it has "
              + length
              + " bytes, "
              + entry.size()
              + " from "
              + entry.tensor().byteOffset()
              + " on are needed. The file is truncated.");
    }
  }

  /** Hands the bytes of a tensor on, in pieces of whole elements, and checks them. */
  private void readChecked(String name, Entry entry, Pieces pieces) throws IOException {
    FileChannel channel = channel(entry.shard());
    ByteBuffer buffer =
        ByteBuffer.allocate((int) Math.min(READ_BYTES, entry.size()))
            .order(ByteOrder.LITTLE_ENDIAN);
    CRC32C crc = new CRC32C();
    long position = entry.tensor().byteOffset();
    long end = position + entry.size();
    while (position < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, position + buffer.position()) < 0) {
          throw new FileFormatException(
              dataFile(entry.shard()), "was cut short while it was read.");
        }
      }
      position += buffer.position();
      crc.update(buffer.flip());
      pieces.accept(buffer.rewind().slice().order(ByteOrder.LITTLE_ENDIAN));
    }
    if (TableFile.mask((int) crc.getValue()) != entry.crc()) {
      throw new FileFormatException(
          dataFile(entry.shard()),
          name + " is damaged: its checksum does not match the index. Copy the file again.");
    }
  }

  private synchronized FileChannel channel(int shard) throws IOException {
    FileChannel channel = channels.get(shard);
    if (channel == null) {
      Path file = dataFile(shard);
      if (!Files.exists(file)) {
        throw new NoSuchFileException(file.toString(), null, "the data of the checkpoint");
      }
      channel = FileChannel.open(file, StandardOpenOption.READ);
      channels.put(shard, channel);
    }
    return channel;
  }

  private Path dataFile(int shard) {
    return prefix.resolveSibling(
        String.format(Locale.ROOT, "%s.data-%05d-of-%05d", prefix.getFileName(), shard, shards));
  }

  @Override
  public synchronized void close() throws IOException {
    for (FileChannel channel : channels.values()) {
      channel.close();
    }
  }
}
