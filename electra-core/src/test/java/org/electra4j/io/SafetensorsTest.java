package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {

  private static final Path GOLDEN = Path.of("src/test/resources/io/types.safetensors");

  @TempDir Path directory;

  @Test
  void readsEveryTypeThatTheReferenceLibraryWrote() throws IOException {
    try (Safetensors file = Safetensors.open(GOLDEN)) {
      assertThat(file.metadata()).containsEntry("made_by", "safetensors").hasSize(2);
      assertThat(file.tensors()).hasSize(11);
      float[] single = file.readFloats("single");
      assertThat(single)
          .startsWith(0f, -0f, 1f, -2.5f, 0.1f, 65504f)
          .endsWith(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
      assertThat(file.tensors().get("single").hasShape(11, 1)).isTrue();
      assertThat(file.tensors().get("single").hasShape(11)).isFalse();
      assertThat(file.readFloats("double")).containsExactly(single);
      assertThat(file.readFloats("half")).containsExactly(file.readFloats("half_widened"));
      assertThat(file.readFloats("bfloat")).containsExactly(file.readFloats("bfloat_widened"));
      assertThat(file.readLongs("long")).containsExactly(1, -2, 1L << 62, 3, 4, 5);
      assertThat(file.readLongs("int")).containsExactly(7, -8);
      assertThat(file.readLongs("bool")).containsExactly(1, 0, 1);
      assertThat(file.readFloats("scalar")).containsExactly(42.5f);
      assertThat(file.readFloats("empty")).isEmpty();
      assertThat(file.bytes("int").getInt(4)).isEqualTo(-8);
      assertThat(file.bytes("int").isReadOnly()).isTrue();
    }
  }

  @Test
  void halvesAreExactForAllBitPatterns() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      double fraction = bits & 1023;
      double magnitude =
          exponent == 0 ? fraction * 0x1p-24 : (1024 + fraction) * Math.scalb(1.0, exponent - 25);
      if (exponent == 31) {
        magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      }
      float expected = (float) (bits >= 1 << 15 ? -magnitude : magnitude);
      if (Float.compare(FloatDecoder.halfToFloat((short) bits), expected) != 0) {
        fail(
            "%04x became %s instead of %s", bits, FloatDecoder.halfToFloat((short) bits), expected);
      }
    }
  }

  @Test
  void writesWhatItReads() throws IOException {
    Path file = directory.resolve("a.safetensors");
    float[] big = new float[700_001]; // more than two write buffers, no multiple of one
    for (int i = 0; i < big.length; i++) {
      big[i] = i * 0.5f;
    }
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .metadata("step", "12")
            .floats("layer.weight \"ü\"", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
            .floats("big", FloatSource.of(FloatBuffer.wrap(big)), 700_001)
            .longs("steps", new long[] {Long.MIN_VALUE, 7}, 2)
            .floats("none", new float[0], 0, 4);
    writer.writeTo(file);

    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "step", "12"));
      assertThat(read.tensors()).containsOnlyKeys("steps", "layer.weight \"ü\"", "big", "none");
      assertThat(read.readFloats("layer.weight \"ü\"")).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(read.tensors().get("layer.weight \"ü\"").hasShape(2, 3)).isTrue();
      assertThat(read.readFloats("big")).isEqualTo(big);
      assertThat(read.readLongs("steps")).containsExactly(Long.MIN_VALUE, 7);
      FloatBuffer middle = FloatBuffer.allocate(3);
      read.readFloats("big", 699_998, middle);
      assertThat(middle.array()).containsExactly(349_999f, 349_999.5f, 350_000f);
      assertThat(read.tensors().get("big").byteOffset() % 4).isZero();
    }
    byte[] first = Files.readAllBytes(file);
    writer.writeTo(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
  }

  @Test
  void wrongUseIsAnErrorThatNamesFileAndTensor() throws IOException {
    try (Safetensors file = Safetensors.open(GOLDEN)) {
      assertThatThrownBy(() -> file.readFloats("nothing"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(GOLDEN.toString(), "no tensor \"nothing\"");
      assertThatThrownBy(() -> file.readFloats("long"))
          .hasMessageContainingAll("\"long\" has dtype I64", "F32, F16, BF16 or F64");
      assertThatThrownBy(() -> file.readLongs("half")).hasMessageContaining("has dtype F16");
      assertThatThrownBy(() -> file.readFloats("single", 10, FloatBuffer.allocate(2)))
          .hasMessageContaining("2 from 10 on do not fit");
      assertThatThrownBy(() -> file.readFloats("single", -1, FloatBuffer.allocate(2)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    SafetensorsWriter writer = new SafetensorsWriter();
    assertThatThrownBy(() -> writer.floats("x", new float[5], 2, 3))
        .hasMessageContainingAll("\"x\"", "[2, 3]", "5 values");
    assertThatThrownBy(() -> writer.floats("x", new float[1], -1)).hasMessageContaining("negative");
    writer.floats("x", new float[1], 1);
    assertThatThrownBy(() -> writer.longs("x", new long[1], 1)).hasMessageContaining("taken");
    assertThatThrownBy(() -> writer.longs("__metadata__", new long[1], 1))
        .hasMessageContaining("taken");
    assertThatThrownBy(
            () ->
                new SafetensorsWriter()
                    .floats("lazy", (first, to) -> {}, 3)
                    .writeTo(directory.resolve("b")))
        .hasMessageContaining("source of tensor \"lazy\" left 3 of 3");
  }

  @Test
  void filesAndTensorsOverTwoGigabytesAreRead() throws IOException {
    Path file = directory.resolve("huge.safetensors");
    long elements = (1L << 29) + 300; // 2 GiB and 1,200 bytes
    String header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":["
            + elements
            + "],\"data_offsets\":[0,"
            + 4 * elements
            + "]},\"tail\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":["
            + 4 * elements
            + ","
            + (4 * elements + 4)
            + "]}}";
    SafetensorsFiles.write(file, header, new byte[0]);
    long dataStart = Files.size(file);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(dataStart + 4 * elements + 4);
      for (long element :
          new long[] {0, (1L << 28) - 1, 1L << 28, (1L << 29) - 1, elements - 1, elements}) {
        sparse.seek(dataStart + 4 * element);
        sparse.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(element % 1000 + 0.5f)));
      }
    }

    try (Safetensors read = Safetensors.open(file)) {
      FloatBuffer two = FloatBuffer.allocate(2);
      read.readFloats("w", (1L << 28) - 1, two); // across the boundary of two mappings
      assertThat(two.array())
          .containsExactly(((1L << 28) - 1) % 1000 + 0.5f, (1L << 28) % 1000 + 0.5f);
      FloatBuffer last = FloatBuffer.allocate(1);
      read.readFloats("w", elements - 1, last);
      assertThat(last.get(0)).isEqualTo((elements - 1) % 1000 + 0.5f);
      assertThat(read.readFloats("tail")).containsExactly(elements % 1000 + 0.5f);
      assertThatThrownBy(() -> read.bytes("w")).hasMessageContaining("larger than 1 GiB");
    }
  }

  @Test
  void shardedModelsAreReadThroughTheirIndex() throws IOException {
    new SafetensorsWriter()
        .floats("a", new float[] {1}, 1)
        .writeTo(directory.resolve("m-1.safetensors"));
    new SafetensorsWriter()
        .floats("b", new float[] {2}, 1)
        .writeTo(directory.resolve("m-2.safetensors"));
    Path index = directory.resolve(Safetensors.INDEX_FILE);
    Files.writeString(
        index,
        "{\"metadata\":{\"total_size\":8},\"weight_map\":{\"b\":\"m-2.safetensors\",\"a\":\"m-1.safetensors\"}}");

    try (Safetensors read = Safetensors.open(directory)) {
      assertThat(read.source()).isEqualTo(index);
      assertThat(read.tensors()).containsOnlyKeys("a", "b");
      assertThat(read.readFloats("a")).containsExactly(1);
      assertThat(read.readFloats("b")).containsExactly(2);
    }

    assertIndexRefused(
        "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\"}}",
        "\"c\" in m-2.safetensors, which does not hold it");
    assertIndexRefused(
        "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\"}}",
        "\"b\" in m-1.safetensors");
    assertIndexRefused(
        "{\"weight_map\":{\"a\":\"../m-1.safetensors\"}}",
        "name of a file beside it for tensor \"a\"");
    new SafetensorsWriter()
        .floats("c", new float[] {3}, 1)
        .floats("d", new float[] {4}, 1)
        .writeTo(directory.resolve("m-3.safetensors"));
    assertIndexRefused(
        "{\"weight_map\":{\"c\":\"m-3.safetensors\"}}",
        "does not list tensor \"d\" that m-3.safetensors holds");
    assertIndexRefused("{\"weight_map\":3}", "weight_map");
    assertIndexRefused("[]", "one JSON object");
    assertIndexRefused("{\"weight_map\":{\"a\":\".\"}}", "the name of a file beside it");
    assertIndexRefused("{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}", "Duplicate field 'a'");
  }

  private void assertIndexRefused(String json, String message) throws IOException {
    Path index = directory.resolve(Safetensors.INDEX_FILE);
    Files.writeString(index, json);
    assertThatThrownBy(() -> Safetensors.open(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll(index.toString(), message);
  }

  @Test
  void aDirectoryWithoutModelIsNamed() {
    assertThatThrownBy(() -> Safetensors.open(directory))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContainingAll(directory.toString(), "model.safetensors");
    Path file = directory.resolve("x.safetensors");
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(file + ": the weights file does not exist");
  }
}
