package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever the index holds, it is read or refused, quickly and in little memory. */
class TensorFlowIndexFuzzTest {
  private static final int FOOTER = 48;
  private static final int TRAILER = 5;
  private static final long ALLOWANCE = 4 << 20;
  private static final int MEMORY_FACTOR = 100;

  private static final Path file = fresh();
  private static final byte[] whole = read();

  private static Path fresh() {
    try {
      Path path = Files.createTempFile("fuzz", ".index");
      path.toFile().deleteOnExit();
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read() {
    try {
      return Files.readAllBytes(
          TensorFlowCheckpointTest.golden("pretrained").resolve("model.ckpt-7.index"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void openOrRefuse(byte[] content) throws IOException {
    Files.write(file, content);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      TensorFlowCheckpoint.open(file).close();
    } catch (FileFormatException e) {
      assertThat(e).hasMessageContaining(file.toString());
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(ALLOWANCE + (long) MEMORY_FACTOR * content.length);
  }

  @Property(tries = 300)
  void anyBytes(@ForAll byte[] bytes) throws IOException {
    byte[] content = Arrays.copyOf(bytes, bytes.length + FOOTER);
    System.arraycopy(whole, whole.length - FOOTER, content, bytes.length, FOOTER);
    openOrRefuse(content);
    openOrRefuse(bytes);
  }

  @Property(tries = 300)
  void cutFiles(@ForAll @IntRange(max = 6682) int length) throws IOException {
    openOrRefuse(Arrays.copyOf(whole, length));
  }

  /** Bytes of the blocks are changed and the checksums made right again. */
  @Property(tries = 2000)
  void changedBytes(
      @ForAll @Size(min = 1, max = 4) int[] places, @ForAll @Size(4) byte[] replacements)
      throws IOException {
    byte[] content = whole.clone();
    for (int i = 0; i < places.length; i++) {
      content[Math.floorMod(places[i], content.length - Long.BYTES)] = replacements[i];
    }
    repairChecksums(content);
    openOrRefuse(content);
  }

  /** The file has one data block, an empty meta-index and an index block, in this order. */
  private static void repairChecksums(byte[] content) {
    ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    for (int[] block : BLOCKS) {
      CRC32C crc = new CRC32C();
      crc.update(content, block[0], block[1] + 1);
      buffer.putInt(block[0] + block[1] + 1, TableFile.mask((int) crc.getValue()));
    }
  }

  private static final int[][] BLOCKS = blocks();

  private static int[][] blocks() {
    ByteBuffer footer = ByteBuffer.wrap(whole, whole.length - FOOTER, FOOTER).slice();
    int metaOffset = varint(footer);
    int metaSize = varint(footer);
    int indexOffset = varint(footer);
    int indexSize = varint(footer);
    assertThat(metaOffset + metaSize + TRAILER).isEqualTo(indexOffset);
    return new int[][] {
      {0, metaOffset - TRAILER}, {metaOffset, metaSize}, {indexOffset, indexSize}
    };
  }

  private static int varint(ByteBuffer buffer) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = buffer.get();
      value |= (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }
}
