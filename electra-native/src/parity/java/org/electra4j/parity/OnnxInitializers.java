package org.electra4j.parity;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights inside an ONNX file: its fp32 initializers, by their own names or by the names that
 * Hugging Face gives the parameters of a BERT encoder.
 *
 * <p>Format: onnx.proto of the ONNX project; only the fields read here are interpreted.
 */
final class OnnxInitializers {
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int NODE_INPUT = 1;
  private static final int NODE_NAME = 3;
  private static final int NODE_OP_TYPE = 4;
  private static final int TENSOR_DIMS = 1;
  private static final int TENSOR_DATA_TYPE = 2;
  private static final int TENSOR_FLOAT_DATA = 4;
  private static final int TENSOR_NAME = 8;
  private static final int TENSOR_RAW_DATA = 9;
  private static final int TENSOR_EXTERNAL_DATA = 13;
  private static final int FLOAT = 1;

  /** Prefix of the names that the exporter makes up for constants it has folded. */
  private static final String MADE_UP = "onnx::";

  private static final String MAT_MUL = "MatMul";

  /** A tensor, row-major. */
  record Weight(int[] shape, float[] values) {
    /** Returns the transposed matrix. */
    Weight transposed() {
      if (shape.length != 2) {
        throw new IllegalArgumentException("Not a matrix: " + Arrays.toString(shape) + ".");
      }
      int rows = shape[0];
      int columns = shape[1];
      float[] result = new float[values.length];
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          result[column * rows + row] = values[row * columns + column];
        }
      }
      return new Weight(new int[] {columns, rows}, result);
    }
  }

  private record Node(String name, String opType, List<String> inputs) {}

  private final Map<String, Weight> initializers = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private OnnxInitializers() {}

  /**
   * Reads a serialised ModelProto; initializers of other types than fp32 are left out.
   *
   * @throws IllegalArgumentException if it is not well-formed or keeps its data in another file
   */
  static OnnxInitializers read(byte[] model) {
    OnnxInitializers result = new OnnxInitializers();
    ProtobufReader reader = new ProtobufReader(ByteBuffer.wrap(model));
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field == MODEL_GRAPH) {
        result.readGraph(reader.message());
      } else {
        reader.skip();
      }
    }
    return result;
  }

  private void readGraph(ProtobufReader graph) {
    for (int field = graph.next(); field != 0; field = graph.next()) {
      switch (field) {
        case GRAPH_NODE -> nodes.add(readNode(graph.message()));
        case GRAPH_INITIALIZER -> readInitializer(graph.message());
        default -> graph.skip();
      }
    }
  }

  private static Node readNode(ProtobufReader node) {
    String name = "";
    String opType = "";
    List<String> inputs = new ArrayList<>();
    for (int field = node.next(); field != 0; field = node.next()) {
      switch (field) {
        case NODE_INPUT -> inputs.add(node.string());
        case NODE_NAME -> name = node.string();
        case NODE_OP_TYPE -> opType = node.string();
        default -> node.skip();
      }
    }
    return new Node(name, opType, inputs);
  }

  private void readInitializer(ProtobufReader tensor) {
    String name = "";
    long dataType = 0;
    List<Integer> shape = new ArrayList<>();
    FloatBuffer data = FloatBuffer.allocate(0);
    for (int field = tensor.next(); field != 0; field = tensor.next()) {
      switch (field) {
        case TENSOR_DIMS -> readDims(tensor, shape);
        case TENSOR_DATA_TYPE -> dataType = tensor.varint();
        case TENSOR_FLOAT_DATA, TENSOR_RAW_DATA -> data = tensor.bytes().asFloatBuffer();
        case TENSOR_NAME -> name = tensor.string();
        case TENSOR_EXTERNAL_DATA ->
            throw new IllegalArgumentException("An initializer keeps its data in another file.");
        default -> tensor.skip();
      }
    }
    if (dataType == FLOAT) {
      put(name, shape, data);
    }
  }

  private static void readDims(ProtobufReader tensor, List<Integer> shape) {
    if (tensor.isLengthDelimited()) {
      ProtobufReader packed = tensor.message();
      while (packed.hasRemaining()) {
        shape.add(Math.toIntExact(packed.readVarint()));
      }
    } else {
      shape.add(Math.toIntExact(tensor.varint()));
    }
  }

  private void put(String name, List<Integer> shape, FloatBuffer data) {
    int elements = shape.stream().reduce(1, Math::multiplyExact);
    if (data.remaining() != elements) {
      throw new IllegalArgumentException(
          name + " has shape " + shape + " but " + data.remaining() + " values.");
    }
    float[] values = new float[elements];
    data.get(values);
    initializers.put(name, new Weight(shape.stream().mapToInt(i -> i).toArray(), values));
  }

  /** Returns every fp32 initializer under its own name, as stored. */
  Map<String, Weight> byName() {
    return initializers;
  }

  /**
   * Returns the weights of a BERT encoder by their Hugging Face names, matrices as (out, in).
   *
   * <p>The exporter folds the transposition of a linear layer's weight into a constant with a
   * made-up name; the layer is then named by the MatMul node that uses it, as in {@code
   * /encoder/layer.0/attention/self/query/MatMul}.
   *
   * @throws IllegalArgumentException if a constant with a made-up name is not used by exactly one
   *     MatMul, or two weights get one name
   */
  Map<String, Weight> bertWeights() {
    Map<String, Weight> weights = new LinkedHashMap<>();
    initializers.forEach(
        (name, weight) -> {
          boolean folded = name.startsWith(MADE_UP);
          String parameter = folded ? parameterName(name) : name;
          if (weights.put(parameter, folded ? weight.transposed() : weight) != null) {
            throw new IllegalArgumentException("Two weights are called " + parameter + ".");
          }
        });
    return weights;
  }

  private String parameterName(String initializer) {
    List<Node> users = nodes.stream().filter(n -> n.inputs().contains(initializer)).toList();
    if (users.size() != 1
        || !users.get(0).opType().equals(MAT_MUL)
        || users.get(0).inputs().indexOf(initializer) != 1) {
      throw new IllegalArgumentException(
          initializer + " must be the right side of one MatMul, but is used by " + users + ".");
    }
    String node = users.get(0).name();
    String suffix = "/" + MAT_MUL;
    if (!node.startsWith("/") || !node.endsWith(suffix)) {
      throw new IllegalArgumentException("The node name " + node + " does not name a layer.");
    }
    return node.substring(1, node.length() - suffix.length()).replace('/', '.') + ".weight";
  }
}
