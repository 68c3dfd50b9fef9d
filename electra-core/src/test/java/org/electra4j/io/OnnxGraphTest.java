package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.electra4j.io.OnnxGraph.Weight;
import org.junit.jupiter.api.Test;

class OnnxGraphTest {
  private static final Path FILE = Path.of("model.onnx");
  private static final String QUERY = "/encoder/layer.0/attention/self/query/MatMul";

  private static OnnxGraph read(byte[] model) throws FileFormatException {
    return OnnxGraph.read(FILE, ByteBuffer.wrap(model));
  }

  @Test
  void readsPackedAndUnpackedDimensionsAndBothKindsOfData() throws FileFormatException {
    byte[] unpackedRaw = tensor("a", new byte[] {1 << 3, 2, 1 << 3, 3}, 9, 1, 2, 3, 4, 5, 6);
    byte[] packedFloats = tensor("b", new byte[] {1 << 3 | 2, 1, 2}, 4, 7, 8);
    OnnxGraph graph = read(model(unpackedRaw, packedFloats, node(QUERY, "x", "a")));
    Weight a = graph.initializers().get("a");
    assertThat(a.shape()).containsExactly(2, 3);
    assertThat(a.values()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(a.transposed().shape()).containsExactly(3, 2);
    assertThat(a.transposed().values()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(graph.initializers().get("b").values()).containsExactly(7, 8);
    assertThat(graph.nodes())
        .containsExactly(new OnnxGraph.Node(QUERY, "MatMul", java.util.List.of("x", "a")));
  }

  @Test
  void refusesAFoldedConstantWithoutAnOwner() {
    byte[] weight = tensor("onnx::MatMul_1", new byte[] {1 << 3, 1, 1 << 3, 1}, 9, 1);
    String expected = "model.onnx: onnx::MatMul_1 must be the right side of one MatMul";
    assertThatThrownBy(() -> OnnxEncoder.read(FILE, ByteBuffer.wrap(model(weight))))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(expected);
    byte[] leftSide = model(weight, node(QUERY, "onnx::MatMul_1", "x"));
    assertThatThrownBy(() -> OnnxEncoder.read(FILE, ByteBuffer.wrap(leftSide)))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void aModelThatIsNoEncoderIsRefused() {
    byte[] other = model(tensor("w", new byte[] {1 << 3, 1}, 9, 1));
    assertThatThrownBy(() -> OnnxEncoder.read(FILE, ByteBuffer.wrap(other)))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(
            "model.onnx: holds no BERT encoder as PyTorch exports it:"
                + " embeddings.word_embeddings.weight is missing.");
  }

  @Test
  void refusesDataThatDoesNotFillTheShapeOrTheFile() {
    byte[] weight = tensor("w", new byte[] {1 << 3, 2, 1 << 3, 3}, 9, 1, 2, 3, 4, 5);
    assertThatThrownBy(() -> read(model(weight)))
        .hasMessage("model.onnx: w has shape [2, 3] but 5 values.");
    byte[] model = model(tensor("w", new byte[] {1 << 3, 1}, 9, 1));
    assertThatThrownBy(() -> read(Arrays.copyOf(model, model.length - 1)))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("cut short");
  }

  @Test
  void damagedFilesThrowOnlyTheDocumentedException() {
    byte[] whole =
        model(
            tensor("w", new byte[] {1 << 3, 2, 1 << 3, 3}, 9, 1, 2, 3, 4, 5, 6),
            node(QUERY, "x", "w"));
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = whole.clone();
      for (int j = random.nextInt(3); j >= 0; j--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        read(damaged);
      } catch (FileFormatException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  /** A ModelProto whose graph consists of these fields. */
  private static byte[] model(byte[]... graphFields) {
    return bytesField(7, concatenate(graphFields));
  }

  /** A graph's initializer field; {@code dims} is encoded, {@code dataField} 4 or 9. */
  private static byte[] tensor(String name, byte[] dims, int dataField, float... data) {
    ByteBuffer values =
        ByteBuffer.allocate(data.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    values.asFloatBuffer().put(data);
    byte[] floatType = {2 << 3, 1};
    byte[] content =
        concatenate(dims, floatType, bytesField(dataField, values.array()), stringField(8, name));
    return bytesField(5, content);
  }

  private static byte[] node(String name, String left, String right) {
    byte[] inputs = concatenate(stringField(1, left), stringField(1, right));
    return bytesField(1, concatenate(inputs, stringField(3, name), stringField(4, "MatMul")));
  }

  private static byte[] stringField(int number, String value) {
    return bytesField(number, value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] bytesField(int number, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(number << 3 | 2);
    int length = value.length;
    for (; length > 0x7f; length >>>= 7) {
      out.write(length & 0x7f | 0x80);
    }
    out.write(length);
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static byte[] concatenate(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
