package org.electra4j.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.parity.OnnxInitializers.Weight;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("parity")
class OnnxInitializersTest {
  private static final String QUERY = "/encoder/layer.0/attention/self/query/MatMul";

  @Test
  void readsEveryWeightOfMiniLmByItsHuggingFaceName() throws IOException {
    Map<String, String> shapes = new LinkedHashMap<>();
    MiniLm.weights().forEach((name, weight) -> shapes.put(name, Arrays.toString(weight.shape())));
    assertThat(shapes).containsExactlyInAnyOrderEntriesOf(expectedShapes());
  }

  @Test
  void transposesFoldedMatricesAndKeepsOthersAsStored() throws IOException {
    OnnxInitializers onnx = OnnxInitializers.read(MiniLm.onnxModel());
    Map<String, Weight> weights = onnx.bertWeights();
    Weight stored = onnx.byName().get("onnx::MatMul_798");
    Weight mapped = weights.get("encoder.layer.0.intermediate.dense.weight");
    assertThat(stored.shape()).containsExactly(384, 1536);
    assertThat(mapped.shape()).containsExactly(1536, 384);
    assertThat(mapped.values()[7 * 384 + 5]).isEqualTo(stored.values()[5 * 1536 + 7]);
    String table = "embeddings.word_embeddings.weight";
    assertThat(weights.get(table).values()).isSameAs(onnx.byName().get(table).values());
  }

  @Test
  void readsPackedAndUnpackedDimensionsAndBothKindsOfData() {
    byte[] unpackedRaw =
        tensor("onnx::MatMul_1", new byte[] {1 << 3, 2, 1 << 3, 3}, 9, 1, 2, 3, 4, 5, 6);
    byte[] packedFloats = tensor("bias", new byte[] {1 << 3 | 2, 1, 2}, 4, 7, 8);
    Map<String, Weight> weights =
        OnnxInitializers.read(model(unpackedRaw, packedFloats, node(QUERY, "x", "onnx::MatMul_1")))
            .bertWeights();
    assertThat(weights).hasSize(2);
    Weight query = weights.get("encoder.layer.0.attention.self.query.weight");
    assertThat(query.shape()).containsExactly(3, 2);
    assertThat(query.values()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(weights.get("bias").values()).containsExactly(7, 8);
  }

  @Test
  void refusesAFoldedConstantWithoutAnOwner() {
    byte[] weight = tensor("onnx::MatMul_1", new byte[] {1 << 3, 1, 1 << 3, 1}, 9, 1);
    assertThatThrownBy(() -> OnnxInitializers.read(model(weight)).bertWeights())
        .hasMessageContaining("onnx::MatMul_1 must be the right side of one MatMul");
    byte[] leftSide = node(QUERY, "onnx::MatMul_1", "x");
    assertThatThrownBy(() -> OnnxInitializers.read(model(weight, leftSide)).bertWeights())
        .hasMessageContaining("onnx::MatMul_1 must be the right side of one MatMul");
  }

  @Test
  void refusesDataThatDoesNotFillTheShapeOrTheFile() {
    byte[] weight = tensor("w", new byte[] {1 << 3, 2, 1 << 3, 3}, 9, 1, 2, 3, 4, 5);
    assertThatThrownBy(() -> OnnxInitializers.read(model(weight)))
        .hasMessage("w has shape [2, 3] but 5 values.");
    byte[] model = model(tensor("w", new byte[] {1 << 3, 1}, 9, 1));
    assertThatThrownBy(() -> OnnxInitializers.read(Arrays.copyOf(model, model.length - 1)))
        .hasMessageContaining("does not fit");
  }

  private static Map<String, String> expectedShapes() {
    Map<String, String> shapes = new LinkedHashMap<>();
    String hidden = "[384]";
    shapes.put("embeddings.word_embeddings.weight", "[30522, 384]");
    shapes.put("embeddings.position_embeddings.weight", "[512, 384]");
    shapes.put("embeddings.token_type_embeddings.weight", "[2, 384]");
    shapes.put("embeddings.LayerNorm.weight", hidden);
    shapes.put("embeddings.LayerNorm.bias", hidden);
    for (int layer = 0; layer < MiniLm.CONFIG.numHiddenLayers(); layer++) {
      String prefix = "encoder.layer." + layer + ".";
      for (String linear : new String[] {"self.query", "self.key", "self.value", "output.dense"}) {
        shapes.put(prefix + "attention." + linear + ".weight", "[384, 384]");
        shapes.put(prefix + "attention." + linear + ".bias", hidden);
      }
      shapes.put(prefix + "intermediate.dense.weight", "[1536, 384]");
      shapes.put(prefix + "intermediate.dense.bias", "[1536]");
      shapes.put(prefix + "output.dense.weight", "[384, 1536]");
      shapes.put(prefix + "output.dense.bias", hidden);
      for (String norm : new String[] {"attention.output.LayerNorm", "output.LayerNorm"}) {
        shapes.put(prefix + norm + ".weight", hidden);
        shapes.put(prefix + norm + ".bias", hidden);
      }
    }
    return shapes;
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
