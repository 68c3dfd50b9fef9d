package org.electra4j.finetune.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.electra4j.io.FileFormatException;

/**
 * Whatever bytes a file has, reading it gives examples or a {@link FileFormatException}, soon, and
 * within a small multiple of the file's size in memory.
 */
class ReaderFuzzTest {
  private static final int TRIES = 150;
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /** Buffers and tables of fixed size. */
  private static final long FIXED_BYTES = 2 << 20;

  private static final long BYTES_PER_BYTE = 200;

  /** What formats trip over: structure, broken UTF-8, lone surrogates, numbers out of range. */
  private static final List<byte[]> SNIPPETS =
      List.of(
          bytes("\t"),
          bytes("\n"),
          bytes("\r"),
          bytes("\r\n"),
          bytes("\n\n"),
          bytes("\""),
          bytes(","),
          bytes(" "),
          bytes("{"),
          bytes("}"),
          bytes("["),
          bytes("]"),
          bytes(":"),
          bytes("null"),
          bytes("-1"),
          bytes("99999999999999999999"),
          bytes("1e999"),
          bytes("\\ud83c"),
          bytes("\\"),
          bytes("B-"),
          bytes("I"),
          bytes("-DOCSTART-"),
          bytes("\uFEFF"),
          bytes("\u2028"),
          bytes("\u0000"),
          new byte[] {(byte) 0xFF, (byte) 0xFE},
          new byte[] {(byte) 0xC3},
          new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
          bytes("[".repeat(2000)),
          bytes("{\"a\":".repeat(1500)));

  private static final TextTask COLUMNS =
      TextTask.builder("fuzz", TaskKind.MULTI_LABEL).text("text").label("label").build();
  private static final TextTask NUMBERS =
      TextTask.builder("fuzz", TaskKind.REGRESSION).text("text").label("label").build();
  private static final Task<?> TAGGING = TaggingTask.builder("fuzz").build();
  private static final Task<?> QUESTIONS = QuestionTask.of("fuzz");

  private static final Map<String, byte[]> SAMPLES =
      Map.of(
          "glue.tsv",
          bytes("gj04\t1\t\tThe chef ate.\ncj99\t0\t*\tAte the \"chef.\n"),
          "columns.tsv",
          bytes("text\tlabel\nThe chef\tx,y\nate\t\nthe meal\ty\n"),
          "columns.csv",
          bytes("text,label\n\"The \"\"chef\"\"\",\"x,y\"\r\n\"ate\nthe\",y\n"),
          "columns.jsonl",
          bytes(
              "{\"text\": \"a\\u00e9\", \"label\": [\"x\", 1]}\n{\"text\": 2, \"label\": \"x,y\"}\n"),
          "numbers.tsv",
          bytes("text\tlabel\na\t1.5\nb\t-2e3\n"),
          "words.conll",
          bytes("-DOCSTART- -X- O\n\nThe DT B-NP\nchef NN I-NP\n. . O\n\nL\tL-X\nU\tU-X\n"),
          "squad.json",
          bytes(Fixtures.SQUAD),
          "mrqa.jsonl",
          bytes(Fixtures.MRQA),
          "mrqa.jsonl.gz",
          gzip(Fixtures.MRQA));

  private static Path folder;

  /** Reads every sample once, so that what is measured later is no loading of classes. */
  @BeforeContainer
  static void prepare() throws IOException {
    folder = Files.createTempDirectory("fuzz");
    for (Map.Entry<String, byte[]> sample : SAMPLES.entrySet()) {
      Path file = Files.write(folder.resolve(sample.getKey()), sample.getValue());
      assertThat(task(sample.getKey()).read(Map.of(TaskData.TRAIN, file)).train()).isNotEmpty();
    }
  }

  private static Task<?> task(String sample) {
    return switch (sample) {
      case "glue.tsv" -> GlueTask.COLA.task();
      case "numbers.tsv" -> NUMBERS;
      case "words.conll" -> TAGGING;
      case "squad.json", "mrqa.jsonl", "mrqa.jsonl.gz" -> QUESTIONS;
      default -> COLUMNS;
    };
  }

  @AfterContainer
  static void removeFolder() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Property(tries = TRIES)
  void tables(@ForAll long seed, @ForAll @Size(max = 200) byte[] random) throws IOException {
    check("glue.tsv", seed, random);
    check("columns.tsv", seed, random);
    check("columns.csv", seed, random);
    check("columns.jsonl", seed, random);
    check("numbers.tsv", seed, random);
  }

  @Property(tries = TRIES)
  void taggedWords(@ForAll long seed, @ForAll @Size(max = 200) byte[] random) throws IOException {
    check("words.conll", seed, random);
  }

  @Property(tries = TRIES)
  void questions(@ForAll long seed, @ForAll @Size(max = 200) byte[] random) throws IOException {
    check("squad.json", seed, random);
    check("mrqa.jsonl", seed, random);
    check("mrqa.jsonl.gz", seed, random);
  }

  private static void check(String name, long seed, byte[] random) throws IOException {
    Task<?> task = task(name);
    byte[] sample = SAMPLES.get(name);
    read(task, name, random);
    read(task, name, mutate(sample, new Random(seed)));
    read(task, name, concatenate(sample, random));
  }

  private static void read(Task<?> task, String name, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    assertTimeoutPreemptively(LONGEST, () -> readHere(task, file, content));
  }

  private static void readHere(Task<?> task, Path file, byte[] content) throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      task.read(Map.of(TaskData.TRAIN, file));
    } catch (FileFormatException e) {
      assertThat(e).hasMessageStartingWith(file.toString()).message().endsWith(".");
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated)
        .as("bytes allocated")
        .isLessThan(FIXED_BYTES + BYTES_PER_BYTE * content.length);
  }

  /** Returns bytes with a few of them changed, removed, repeated, or with something put between. */
  private static byte[] mutate(byte[] bytes, Random random) {
    byte[] mutated = bytes.clone();
    for (int i = random.nextInt(6); i >= 0; i--) {
      int from = random.nextInt(mutated.length + 1);
      int to = Math.min(mutated.length, from + random.nextInt(20));
      byte[] head = Arrays.copyOf(mutated, from);
      byte[] tail = Arrays.copyOfRange(mutated, to, mutated.length);
      byte[] between =
          switch (random.nextInt(4)) {
            case 0 -> new byte[0];
            case 1 -> changed(Arrays.copyOfRange(mutated, from, to), random);
            case 2 -> {
              byte[] part = Arrays.copyOfRange(mutated, from, to);
              yield concatenate(part, part);
            }
            default -> SNIPPETS.get(random.nextInt(SNIPPETS.size()));
          };
      mutated = concatenate(concatenate(head, between), tail);
    }
    return mutated;
  }

  private static byte[] changed(byte[] bytes, Random random) {
    if (bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  private static byte[] concatenate(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(bytes(text));
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
    return bytes.toByteArray();
  }
}
