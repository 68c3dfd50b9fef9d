package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochMilli(1_700_000_000_500L), ZoneOffset.UTC);

  @TempDir Path directory;

  /** The bytes are those of tensorboard 2.21's RecordWriter for the same two events. */
  @Test
  void oneEventHasTheBytesThatTensorBoardWrites() throws IOException {
    try (TensorBoardWriter writer = new TensorBoardWriter(directory, CLOCK, "host")) {
      writer.scalar("loss", 1.5, 300);
      assertThat(writer.file().getFileName().toString())
          .startsWith("events.out.tfevents.1700000000.host.");
      writer.flush();
      assertThat(HexFormat.of().formatHex(Files.readAllBytes(writer.file())))
          .isEqualTo(
              "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531101b"
                  + "000000000000001a0d9e130900002040fc54d94110ac022a0d0a0b0a046c6f7373150000c03f"
                  + "edfb8f15");
    }
  }

  @Test
  void everyScalarIsReadBack() throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/loss", 10.25);
    values.put("größe", Double.NaN);
    values.put("", -1e30);
    List<String> expected = new ArrayList<>();
    Path file;
    try (TensorBoardWriter writer = new TensorBoardWriter(directory.resolve("a/b"))) {
      file = writer.file();
      for (long step : new long[] {0, 1, 127, 128, 1L << 40}) {
        writer.scalars(values, step);
        values.forEach((tag, value) -> expected.add(step + " " + tag + " " + value.floatValue()));
      }
    }
    double now = System.currentTimeMillis() / 1000.0;

    List<String> read = new ArrayList<>();
    List<byte[]> records = records(file);
    for (byte[] record : records) {
      Event event = Event.decode(record);
      assertThat(event.wallTime).isBetween(now - 3600, now + 1);
      event.scalars.forEach((tag, value) -> read.add(event.step + " " + tag + " " + value));
    }
    assertThat(Event.decode(records.get(0)).version).isEqualTo("brain.Event:2");
    assertThat(read).containsExactlyElementsOf(expected);
    try (TensorBoardWriter second = new TensorBoardWriter(directory.resolve("a/b"))) {
      assertThat(second.file()).isNotEqualTo(file);
    }
  }

  /** Splits a file into its records, checking both checksums of each. */
  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = new byte[8];
      bytes.get(length);
      assertThat(bytes.getInt()).isEqualTo(masked(crc32c(length)));
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      bytes.get(data);
      assertThat(bytes.getInt()).isEqualTo(masked(crc32c(data)));
      records.add(data);
    }
    return records;
  }

  private static int masked(int crc) {
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  /** Bit by bit, with the reversed Castagnoli polynomial. */
  private static int crc32c(byte[] data) {
    int crc = ~0;
    for (byte b : data) {
      crc ^= b & 0xFF;
      for (int i = 0; i < 8; i++) {
        crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
      }
    }
    return ~crc;
  }

  /** A decoder for just the fields of an event that are written. */
  private static final class Event {
    double wallTime;
    long step;
    String version;
    final Map<String, Float> scalars = new LinkedHashMap<>();

    static Event decode(byte[] data) {
      Event event = new Event();
      ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
      while (in.hasRemaining()) {
        switch ((int) varint(in)) {
          case 0x09 -> event.wallTime = in.getDouble();
          case 0x10 -> event.step = varint(in);
          case 0x1a -> event.version = new String(block(in), StandardCharsets.UTF_8);
          case 0x2a -> event.summary(block(in));
          default -> throw new AssertionError("unknown field of Event");
        }
      }
      return event;
    }

    private void summary(byte[] data) {
      ByteBuffer in = ByteBuffer.wrap(data);
      while (in.hasRemaining()) {
        assertThat(varint(in)).isEqualTo(0x0a);
        ByteBuffer value = ByteBuffer.wrap(block(in)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(varint(value)).isEqualTo(0x0a);
        String tag = new String(block(value), StandardCharsets.UTF_8);
        assertThat(varint(value)).isEqualTo(0x15);
        scalars.put(tag, value.getFloat());
        assertThat(value.hasRemaining()).isFalse();
      }
    }

    private static byte[] block(ByteBuffer in) {
      byte[] data = new byte[(int) varint(in)];
      in.get(data);
      return data;
    }

    private static long varint(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte b = in.get();
        value |= (long) (b & 0x7F) << shift;
        if (b >= 0) {
          return value;
        }
      }
    }
  }
}
