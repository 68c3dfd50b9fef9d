package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsHeaderTest {

  private static final String GOOD =
      "{\"__metadata__\":{\"format\":\"pt\"},"
          + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
          + "\"b\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[8,10]}}";

  private static final Path file = fresh();

  private static Path fresh() {
    try {
      Path path = Files.createTempFile("header", ".safetensors");
      path.toFile().deleteOnExit();
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void open() throws IOException {
    Safetensors.open(file).close();
  }

  @Test
  void aGoodHeaderMayBePaddedAndHoldUnknownKeys() throws IOException {
    SafetensorsFiles.write(file, GOOD + "   ", new byte[10]);
    open();
    SafetensorsFiles.write(
        file,
        "{\"a\":{\"x\":{\"y\":[1]},\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
        new byte[1]);
    open();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void anImpossibleHeaderLengthIsRefused(long length) throws IOException {
    SafetensorsFiles.write(file, length, GOOD.getBytes(StandardCharsets.UTF_8), new byte[10]);
    assertRefused("the header length is " + Long.toUnsignedString(length));
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    SafetensorsFiles.write(file, GOOD, new byte[10]);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused("");
    }
  }

  @Test
  void trailingBytesAreRefused() throws IOException {
    SafetensorsFiles.write(file, GOOD, new byte[13]);
    assertRefused("3 trailing bytes after the last tensor");
  }

  @Test
  void invalidTextIsRefused() throws IOException {
    SafetensorsFiles.write(file, 4, new byte[] {'{', '"', (byte) 0xFF, '}'}, new byte[0]);
    assertRefused("not valid UTF-8");
    SafetensorsFiles.write(file, " {}", new byte[0]);
    assertRefused("does not start with '{'");
    SafetensorsFiles.write(file, "{} {}", new byte[0]);
    assertRefused("goes on after its JSON object");
    SafetensorsFiles.write(file, "{\"a\":3}", new byte[0]);
    assertRefused("tensor \"a\" must be an object");
    SafetensorsFiles.write(file, "{\"a\":", new byte[0]);
    assertRefused("not valid JSON");
    SafetensorsFiles.write(file, "{\"a\" 1}", new byte[0]);
    assertRefused("not valid JSON");
    SafetensorsFiles.write(file, "{\"a\":" + "[".repeat(100_000), new byte[0]);
    assertRefused("");
    SafetensorsFiles.write(file, "{\"__metadata__\":{},\"__metadata__\":{}}", new byte[0]);
    assertRefused("__metadata__ must be one object of strings");
    SafetensorsFiles.write(file, "{\"__metadata__\":{\"x\":1}}", new byte[0]);
    assertRefused("entry \"x\" must be one string");
  }

  /**
   * Each line: what stands for tensor "a" (with single quotes), data bytes, part of the message.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'dtype':'F33','shape':[1],'data_offsets':[0,4]}|4|unknown dtype \"F33\"",
        "{'dtype':3,'shape':[1],'data_offsets':[0,4]}|4|needs a string as dtype",
        "{'dtype':'F32','shape':[2],'data_offsets':[0,4]}|4|which is 8 bytes, but data_offsets give it 4",
        "{'dtype':'F32','shape':[1],'data_offsets':[4,0]}|4|ends before it starts",
        "{'dtype':'F32','shape':[1],'data_offsets':[4,8]}|8|leaves a gap before it",
        "{'dtype':'F32','shape':[2],'data_offsets':[0,8]}|4|the file has only 4; it is truncated",
        "{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}|4|whole numbers from 0",
        "{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}|4|whole numbers from 0",
        "{'dtype':'F32','shape':['1'],'data_offsets':[0,4]}|4|whole numbers from 0",
        "{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,4]}|4|whole numbers from 0",
        "{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}|4|impossible shape",
        "{'dtype':'F32','shape':1,'data_offsets':[0,4]}|4|needs an array of whole numbers as shape",
        "{'dtype':'F32','shape':[1],'data_offsets':[0]}|4|two data_offsets",
        "{'dtype':'F32','shape':[1],'data_offsets':[0,4,4]}|4|two data_offsets",
        "{'dtype':'F32','shape':[1]}|4|needs dtype, shape and two data_offsets",
        "{'dtype':'F32','shape':[1],'shape':[1],'data_offsets':[0,4]}|4|has shape twice",
        "{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}|8|occurs twice",
        "{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}|8|overlaps the one before it",
        "[]|0|must be an object",
        "null|0|must be an object"
      })
  void aBadEntryIsNamed(String entry, int dataBytes, String message) throws IOException {
    SafetensorsFiles.write(file, ("{'a':" + entry + "}").replace('\'', '"'), new byte[dataBytes]);
    assertRefused(message);
  }

  private static void assertRefused(String message) {
    assertThatThrownBy(SafetensorsHeaderTest::open)
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Property(tries = 1000)
  void mutatedFilesEitherOpenOrAreRefused(@ForAll("mutations") List<int[]> mutations)
      throws IOException {
    SafetensorsFiles.write(file, GOOD, new byte[10]);
    byte[] bytes = Files.readAllBytes(file);
    for (int[] mutation : mutations) {
      bytes[mutation[0] % bytes.length] = (byte) mutation[1];
    }
    Files.write(file, bytes);
    openWithinMemory();
  }

  @Property(tries = 1000)
  void headersOfHostileFragmentsEitherOpenOrAreRefused(@ForAll("headers") String header)
      throws IOException {
    SafetensorsFiles.write(file, header, new byte[16]);
    openWithinMemory();
  }

  @Provide
  Arbitrary<List<int[]>> mutations() {
    Arbitrary<Integer> structural =
        Arbitraries.of("{}[]\",:0123456789-eE. \\nF".chars().boxed().toList());
    Arbitrary<Integer> value =
        Arbitraries.oneOf(structural, Arbitraries.integers().between(0, 255));
    return Combinators.combine(Arbitraries.integers().between(0, 1000), value)
        .as((at, to) -> new int[] {at, to})
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Provide
  Arbitrary<String> headers() {
    return Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"dtype\"",
            "\"F32\"",
            "\"shape\"",
            "\"data_offsets\"",
            "\"__metadata__\"",
            "null",
            "true",
            "0",
            "4",
            "16",
            "9223372036854775807",
            "1e400",
            "-1",
            "[0,16]",
            "[4]",
            "{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}",
            "[1000000000000]",
            " ",
            "\u0000")
        .list()
        .ofMaxSize(12)
        .map(parts -> "{" + String.join("", parts) + "}");
  }

  /**
   * Opens the file; a refusal is fine, any other exception and more than 1 MB of garbage is not.
   */
  private static void openWithinMemory() throws IOException {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(thread);
    try {
      open();
    } catch (FileFormatException e) {
      assertThat(e).hasMessageStartingWith(file + ": ");
    }
    assertThat(threads.getThreadAllocatedBytes(thread) - before).isLessThan(1 << 20);
  }
}
