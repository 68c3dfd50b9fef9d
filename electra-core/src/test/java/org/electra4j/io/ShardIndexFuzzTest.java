package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Whatever the index of a sharded model holds, it is read or refused, in little memory. */
class ShardIndexFuzzTest {
  private static final String GOOD =
      "{\"metadata\":{\"total_size\":8},\"weight_map\":"
          + "{\"a\":\"model-1.safetensors\",\"b\":\"model-2.safetensors\"}}";
  private static final long ALLOWANCE = 4 << 20;
  private static final int MEMORY_FACTOR = 100;

  private static final Path index = fresh();

  private static Path fresh() {
    try {
      Path folder = Files.createTempDirectory("shards");
      for (String name : new String[] {"a", "b"}) {
        Path shard = folder.resolve("model-" + (name.equals("a") ? 1 : 2) + ".safetensors");
        new SafetensorsWriter().floats(name, new float[1], 1).writeTo(shard);
        shard.toFile().deleteOnExit();
      }
      Path file = folder.resolve(Safetensors.INDEX_FILE);
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether it was read. */
  private static boolean openOrRefuse(byte[] content) throws IOException {
    Files.write(index, content);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    boolean read = true;
    try {
      Safetensors.open(index).close();
    } catch (FileFormatException | NoSuchFileException e) {
      read = false;
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(ALLOWANCE + (long) MEMORY_FACTOR * content.length);
    return read;
  }

  @Property(tries = 300)
  void changedBytes(
      @ForAll @Size(min = 1, max = 3) int[] places, @ForAll @Size(3) byte[] replacements)
      throws IOException {
    byte[] content = GOOD.getBytes(StandardCharsets.UTF_8);
    assertThat(openOrRefuse(content)).isTrue();
    for (int i = 0; i < places.length; i++) {
      content[Math.floorMod(places[i], content.length)] = replacements[i];
    }
    openOrRefuse(content);
  }

  @Property(tries = 50)
  void deepNesting(@ForAll @Size(min = 1, max = 200) byte[] seed) throws IOException {
    String deep = "[".repeat(seed.length * 100);
    assertThat(openOrRefuse(("{\"weight_map\":" + deep).getBytes(StandardCharsets.UTF_8)))
        .isFalse();
  }
}
