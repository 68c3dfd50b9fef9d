package org.electra4j.io;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * Writes scalars to an event file that TensorBoard shows. Safe for use by several threads.
 *
 * <p>An event file is a sequence of TFRecords, each {@code length (u64), masked CRC32C of the
 * length, data, masked CRC32C of the data}, all little-endian; the data are {@code
 * tensorflow.Event} messages (tensorflow/core/util/event.proto, framework/summary.proto;
 * core/lib/io/record_writer.h).
 */
public final class TensorBoardWriter implements Closeable {

  private static final AtomicInteger FILES = new AtomicInteger();
  private static final String FILE_VERSION = "brain.Event:2";
  private static final int CRC_MASK_DELTA = 0xA282EAD8;

  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE_VALUE = 2;

  private final Path file;
  private final OutputStream out;
  private final Clock clock;

  /**
   * Starts a new event file in a directory, which is made if it does not exist.
   *
   * @throws IOException if the file cannot be made
   */
  public TensorBoardWriter(Path logDirectory) throws IOException {
    this(logDirectory, Clock.systemUTC(), host());
  }

  TensorBoardWriter(Path logDirectory, Clock clock, String host) throws IOException {
    this.clock = clock;
    Files.createDirectories(logDirectory);
    this.file =
        logDirectory.resolve(
            String.format(
                Locale.ROOT,
                "events.out.tfevents.%010d.%s.%d.%d",
                clock.millis() / 1000,
                host,
                ProcessHandle.current().pid(),
                FILES.getAndIncrement()));
    this.out =
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    Message event = new Message();
    event.fixed64(EVENT_WALL_TIME, wallTime());
    event.bytes(EVENT_FILE_VERSION, FILE_VERSION.getBytes(StandardCharsets.UTF_8));
    writeRecord(event.toByteArray());
    out.flush();
  }

  private static String host() {
    String name = System.getenv("HOSTNAME");
    if (name == null || name.isBlank()) {
      name = System.getenv("COMPUTERNAME");
    }
    return name == null || name.isBlank() ? "localhost" : name.replaceAll("[^A-Za-z0-9_-]", "_");
  }

  /** Returns the event file. */
  public Path file() {
    return file;
  }

  /** Writes one scalar of a step. */
  public void scalar(String tag, double value, long step) throws IOException {
    scalars(Map.of(tag, value), step);
  }

  /** Writes several scalars of a step as one event, in the order of the map. */
  public synchronized void scalars(Map<String, Double> values, long step) throws IOException {
    Message summary = new Message();
    for (Map.Entry<String, Double> entry : values.entrySet()) {
      Message value = new Message();
      value.bytes(VALUE_TAG, entry.getKey().getBytes(StandardCharsets.UTF_8));
      value.fixed32(VALUE_SIMPLE_VALUE, entry.getValue().floatValue());
      summary.bytes(SUMMARY_VALUE, value.toByteArray());
    }
    Message event = new Message();
    event.fixed64(EVENT_WALL_TIME, wallTime());
    event.varint(EVENT_STEP, step);
    event.bytes(EVENT_SUMMARY, summary.toByteArray());
    writeRecord(event.toByteArray());
  }

  /** Hands everything written so far to the operating system, so that TensorBoard sees it. */
  public synchronized void flush() throws IOException {
    out.flush();
  }

  /** Flushes and closes the file. */
  @Override
  public synchronized void close() throws IOException {
    out.close();
  }

  private double wallTime() {
    return clock.millis() / 1000.0;
  }

  private void writeRecord(byte[] data) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(data.length).putInt(maskedCrc(head.array(), Long.BYTES));
    ByteBuffer tail = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    tail.putInt(maskedCrc(data, data.length));
    out.write(head.array());
    out.write(data);
    out.write(tail.array());
  }

  private static int maskedCrc(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK_DELTA;
  }

  /** Encodes one protocol buffer message. */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void varint(int field, long value) {
      rawVarint(field << 3 | VARINT);
      rawVarint(value);
    }

    void fixed64(int field, double value) {
      rawVarint(field << 3 | FIXED64);
      littleEndian(Double.doubleToRawLongBits(value), Double.BYTES);
    }

    void fixed32(int field, float value) {
      rawVarint(field << 3 | FIXED32);
      littleEndian(Float.floatToRawIntBits(value), Float.BYTES);
    }

    void bytes(int field, byte[] value) {
      rawVarint(field << 3 | LENGTH_DELIMITED);
      rawVarint(value.length);
      out.writeBytes(value);
    }

    private void rawVarint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest & 0x7F) | 0x80);
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    private void littleEndian(long value, int bytes) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >>> (8 * i)));
      }
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }
  }
}
