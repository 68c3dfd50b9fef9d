package org.electra4j.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a serialised ONNX ModelProto holds that tells a network's weights: fp32 initializers, nodes
 * and small constants.
 *
 * <p>Format: onnx.proto of the ONNX project; only the fields read here are interpreted.
 */
final class OnnxGraph {
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int NODE_INPUT = 1;
  private static final int NODE_OUTPUT = 2;
  private static final int NODE_NAME = 3;
  private static final int NODE_OP_TYPE = 4;
  private static final int NODE_ATTRIBUTE = 5;
  private static final int ATTRIBUTE_TENSOR = 5;
  private static final int TENSOR_DIMS = 1;
  private static final int TENSOR_DATA_TYPE = 2;
  private static final int TENSOR_FLOAT_DATA = 4;
  private static final int TENSOR_INT64_DATA = 7;
  private static final int TENSOR_NAME = 8;
  private static final int TENSOR_RAW_DATA = 9;
  private static final int TENSOR_EXTERNAL_DATA = 13;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final String CONSTANT = "Constant";

  /** A node of the graph. */
  record Node(String name, String opType, List<String> inputs) {}

  /** An fp32 tensor, row-major; the data are a view of the file's bytes. */
  record Weight(int[] shape, FloatBuffer data) {
    float[] values() {
      float[] values = new float[data.remaining()];
      data.duplicate().get(values);
      return values;
    }

    /** Returns the transposed matrix. */
    Weight transposed() {
      int rows = shape[0];
      int columns = shape[1];
      float[] result = new float[data.remaining()];
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          result[column * rows + row] = data.get(row * columns + column);
        }
      }
      return new Weight(new int[] {columns, rows}, FloatBuffer.wrap(result));
    }

    @Override
    public String toString() {
      return Arrays.toString(shape);
    }
  }

  private final Path file;
  private final Map<String, Weight> initializers = new LinkedHashMap<>();
  private final Map<String, Number> constants = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private OnnxGraph(Path file) {
    this.file = file;
  }

  /**
   * Reads a serialised ModelProto; initializers of other types than fp32 are left out.
   *
   * @param file is named in exceptions
   * @throws FileFormatException if it is not well-formed or keeps its data in another file
   */
  static OnnxGraph read(Path file, ByteBuffer model) throws FileFormatException {
    OnnxGraph result = new OnnxGraph(file);
    ProtobufReader reader = new ProtobufReader(file, model);
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field == MODEL_GRAPH) {
        result.readGraph(reader.message());
      } else {
        reader.skip();
      }
    }
    return result;
  }

  private void readGraph(ProtobufReader graph) throws FileFormatException {
    for (int field = graph.next(); field != 0; field = graph.next()) {
      switch (field) {
        case GRAPH_NODE -> readNode(graph.message());
        case GRAPH_INITIALIZER -> readTensor(graph.message(), null);
        default -> graph.skip();
      }
    }
  }

  private void readNode(ProtobufReader node) throws FileFormatException {
    String name = "";
    String opType = "";
    String output = "";
    List<String> inputs = new ArrayList<>();
    List<ProtobufReader> attributes = new ArrayList<>();
    for (int field = node.next(); field != 0; field = node.next()) {
      switch (field) {
        case NODE_INPUT -> inputs.add(node.string());
        case NODE_OUTPUT -> output = node.string();
        case NODE_NAME -> name = node.string();
        case NODE_OP_TYPE -> opType = node.string();
        case NODE_ATTRIBUTE -> attributes.add(node.message());
        default -> node.skip();
      }
    }
    nodes.add(new Node(name, opType, inputs));
    if (opType.equals(CONSTANT)) {
      for (ProtobufReader attribute : attributes) {
        for (int field = attribute.next(); field != 0; field = attribute.next()) {
          if (field == ATTRIBUTE_TENSOR) {
            readTensor(attribute.message(), output);
          } else {
            attribute.skip();
          }
        }
      }
    }
  }

  /** Keeps an initializer under its own name, or the single number of a Constant node. */
  private void readTensor(ProtobufReader tensor, String constant) throws FileFormatException {
    String name = "";
    long dataType = 0;
    List<Integer> shape = new ArrayList<>();
    ByteBuffer data = ByteBuffer.allocate(0);
    for (int field = tensor.next(); field != 0; field = tensor.next()) {
      switch (field) {
        case TENSOR_DIMS -> readDims(tensor, shape);
        case TENSOR_DATA_TYPE -> dataType = tensor.varint();
        case TENSOR_FLOAT_DATA, TENSOR_RAW_DATA -> data = tensor.bytes();
        case TENSOR_INT64_DATA -> data = int64(tensor);
        case TENSOR_NAME -> name = tensor.string();
        case TENSOR_EXTERNAL_DATA ->
            throw new FileFormatException(
                file,
                "keeps its weights in another file, which is not supported; save the model as one"
                    + " file.");
        default -> tensor.skip();
      }
    }
    if (constant == null && dataType == FLOAT) {
      putInitializer(name, shape, data.asFloatBuffer());
    } else if (constant != null && shape.stream().allMatch(size -> size == 1)) {
      if (dataType == FLOAT && data.remaining() == Float.BYTES) {
        constants.put(constant, data.getFloat(0));
      } else if (dataType == INT64 && data.remaining() == Long.BYTES) {
        constants.put(constant, data.getLong(0));
      }
    }
  }

  private static ByteBuffer int64(ProtobufReader tensor) throws FileFormatException {
    long value = tensor.isLengthDelimited() ? tensor.message().readVarint() : tensor.readVarint();
    ByteBuffer data = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return data.putLong(0, value);
  }

  private void readDims(ProtobufReader tensor, List<Integer> shape) throws FileFormatException {
    if (!tensor.isLengthDelimited()) {
      shape.add(dimension(tensor.varint()));
      return;
    }
    ProtobufReader packed = tensor.message();
    while (packed.hasRemaining()) {
      shape.add(dimension(packed.readVarint()));
    }
  }

  private int dimension(long value) throws FileFormatException {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new FileFormatException(file, "a tensor has the impossible dimension " + value + ".");
    }
    return (int) value;
  }

  private void putInitializer(String name, List<Integer> shape, FloatBuffer data)
      throws FileFormatException {
    long elements = 1;
    for (int size : shape) {
      elements = Math.min(Integer.MAX_VALUE + 1L, elements * size);
    }
    if (data.remaining() != elements) {
      throw new FileFormatException(
          file, name + " has shape " + shape + " but " + data.remaining() + " values.");
    }
    initializers.put(name, new Weight(shape.stream().mapToInt(i -> i).toArray(), data));
  }

  /** Returns every fp32 initializer under its own name, as stored. */
  Map<String, Weight> initializers() {
    return initializers;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** Returns the value of a Constant node of one element by its output's name, or {@code null}. */
  Number constant(String output) {
    return constants.get(output);
  }
}
