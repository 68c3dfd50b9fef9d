package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class TensorFlowCheckpointTest {
  private static final String QUERY = "electra/encoder/layer_1/attention/self/query/kernel";
  private static final String NAME = "model.ckpt-7";
  private static final String DATA = NAME + ".data-00000-of-00001";

  @TempDir Path folder;

  /** Returns a committed checkpoint's directory. */
  public static Path golden(String name) {
    try {
      return Path.of(TensorFlowCheckpointTest.class.getResource("/tensorflow/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the values that {@code make_tensorflow_golden.py} gives a variable. */
  public static float[] values(String name, int count) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) ((crc.getValue() + i * 7919L) % 1000 / 1000.0 - 0.5);
    }
    return values;
  }

  @BeforeEach
  void copy() throws IOException {
    for (String file : List.of(NAME + ".index", DATA)) {
      Files.copy(golden("pretrained").resolve(file), folder.resolve(file));
    }
  }

  @Test
  void everyTensorIsReadWithItsShapeAndValues() throws IOException {
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(golden("pretrained"))) {
      assertThat(checkpoint.tensors()).hasSize(66 * 3 + 1);
      assertThat(checkpoint.tensors().get(QUERY).hasShape(12, 12)).isTrue();
      assertThat(checkpoint.tensors().get("generator_predictions/output_bias").hasShape(29))
          .isTrue();
      assertThat(checkpoint.readLong("global_step")).isEqualTo(7);
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        if (!tensor.name().equals("global_step")) {
          assertThat(checkpoint.readFloats(tensor.name()))
              .as(tensor.name())
              .isEqualTo(values(tensor.name(), (int) tensor.elementCount()));
        }
      }
    }
  }

  @Test
  void prefixIndexDataAndDirectoryNameTheSame() throws IOException {
    for (String name : List.of("", NAME, NAME + ".index", DATA)) {
      Path path = folder.resolve(name);
      assertThat(TensorFlowCheckpoint.isCheckpoint(path)).as(name).isTrue();
      try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(path)) {
        assertThat(checkpoint.source()).isEqualTo(folder.resolve(NAME + ".index"));
      }
    }
    assertThat(TensorFlowCheckpoint.isCheckpoint(folder.resolve("other"))).isFalse();
    assertThatThrownBy(() -> TensorFlowCheckpoint.open(folder.resolve("other")))
        .hasMessageContaining("other.index");
  }

  @Test
  void aDirectoryOfSeveralNeedsAName() throws IOException {
    Files.copy(folder.resolve(NAME + ".index"), folder.resolve("a.index"));
    assertThatThrownBy(() -> TensorFlowCheckpoint.open(folder))
        .hasMessageContaining("holds 2 TensorFlow checkpoints");
    Files.writeString(
        folder.resolve("checkpoint"), "model_checkpoint_path: \"/elsewhere/" + NAME + "\"\n");
    TensorFlowCheckpoint.open(folder).close();
  }

  @Test
  void damagedDataAreFoundByTheChecksum() throws IOException {
    byte[] data = Files.readAllBytes(folder.resolve(DATA));
    long offset;
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(folder)) {
      offset = checkpoint.tensors().get(QUERY).byteOffset();
    }
    data[(int) offset + 5] ^= 1;
    Files.write(folder.resolve(DATA), data);
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(folder)) {
      assertThatThrownBy(() -> checkpoint.readFloats(QUERY))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContaining(DATA + ": " + QUERY + " is damaged");
    }
  }

  @Test
  void truncatedAndMissingDataAreNamed() throws IOException {
    Files.write(folder.resolve(DATA), new byte[16]);
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(folder)) {
      assertThatThrownBy(() -> checkpoint.readFloats(QUERY))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContaining("truncated");
    }
    Files.delete(folder.resolve(DATA));
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(folder)) {
      assertThatThrownBy(() -> checkpoint.readFloats(QUERY)).hasMessageContaining(DATA);
    }
  }

  @Test
  void aDamagedIndexIsRefused() throws IOException {
    byte[] index = Files.readAllBytes(folder.resolve(NAME + ".index"));
    index[40] ^= 1;
    Files.write(folder.resolve(NAME + ".index"), index);
    assertThatThrownBy(() -> TensorFlowCheckpoint.open(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("checksum");
    Files.write(folder.resolve(NAME + ".index"), new byte[100]);
    assertThatThrownBy(() -> TensorFlowCheckpoint.open(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("is no index of a TensorFlow checkpoint");
  }
}
