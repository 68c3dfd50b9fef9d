package org.electra4j.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Builds an ONNX graph node by node and writes it as one file; weights are read when they are
 * written, so that memory holds one at a time.
 *
 * <p>Format: onnx.proto of the ONNX project, opset 17.
 */
final class OnnxGraphWriter {
  /** Type numbers of TensorProto. */
  static final int FLOAT = 1;

  static final int INT64 = 7;

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final int MODEL_IR_VERSION = 1;
  private static final int MODEL_PRODUCER = 2;
  private static final int MODEL_GRAPH = 7;
  private static final int MODEL_OPSET = 8;
  private static final int MODEL_METADATA = 14;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_NAME = 2;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int GRAPH_INPUT = 11;
  private static final int GRAPH_OUTPUT = 12;
  private static final int ATTRIBUTE_FLOAT = 1;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;
  private static final int TENSOR_RAW_DATA = 9;
  private static final int BUFFER_FLOATS = 1 << 18;

  private record Initializer(byte[] header, long bytes, FloatSource floats, long[] longs) {
    long length() {
      return header.length + bytes;
    }
  }

  private final ProtobufWriter graph = new ProtobufWriter();
  private final List<Initializer> initializers = new ArrayList<>();
  private final Set<String> initializerNames = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, String> metadata;

  /**
   * @param name of the graph
   * @param metadata free-form entries of the model
   */
  OnnxGraphWriter(String name, Map<String, String> metadata) {
    graph.string(GRAPH_NAME, name);
    this.metadata = metadata;
  }

  /** Declares an input; dimensions are numbers or names of dynamic sizes. */
  void input(String name, int type, Object... dimensions) {
    graph.message(GRAPH_INPUT, valueInfo(name, type, dimensions));
  }

  /** Declares an output; dimensions are numbers or names of dynamic sizes. */
  void output(String name, int type, Object... dimensions) {
    graph.message(GRAPH_OUTPUT, valueInfo(name, type, dimensions));
  }

  private static ProtobufWriter valueInfo(String name, int type, Object... dimensions) {
    ProtobufWriter shape = new ProtobufWriter();
    for (Object dimension : dimensions) {
      ProtobufWriter dim = new ProtobufWriter();
      if (dimension instanceof Number number) {
        dim.varint(1, number.longValue());
      } else {
        dim.string(2, dimension.toString());
      }
      shape.message(1, dim);
    }
    ProtobufWriter tensor = new ProtobufWriter().varint(1, type).message(2, shape);
    ProtobufWriter wrapped = new ProtobufWriter().message(1, tensor);
    return new ProtobufWriter().string(1, name).message(2, wrapped);
  }

  /** Adds a node of one output and returns the output's name, which is made up. */
  String node(String operator, Map<String, ?> attributes, String... inputs) {
    String output =
        operator.toLowerCase(Locale.ROOT) + "_" + counts.merge(operator, 1, Integer::sum);
    nodeTo(output, operator, attributes, inputs);
    return output;
  }

  /** Adds a node without attributes and returns its output's name. */
  String node(String operator, String... inputs) {
    return node(operator, Map.of(), inputs);
  }

  /** Adds a node whose output has a given name. */
  void nodeTo(String output, String operator, Map<String, ?> attributes, String... inputs) {
    ProtobufWriter node = new ProtobufWriter();
    for (String input : inputs) {
      node.string(1, input);
    }
    node.string(2, output).string(3, output).string(4, operator);
    attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
    graph.message(GRAPH_NODE, node);
  }

  private static ProtobufWriter attribute(String name, Object value) {
    ProtobufWriter attribute = new ProtobufWriter().string(1, name);
    if (value instanceof Float number) {
      return attribute.fixed32(2, number).varint(20, ATTRIBUTE_FLOAT);
    }
    if (value instanceof Integer number) {
      return attribute.varint(3, number).varint(20, ATTRIBUTE_INT);
    }
    for (int number : (int[]) value) {
      attribute.varint(8, number);
    }
    return attribute.varint(20, ATTRIBUTE_INTS);
  }

  /** Adds a weight once and returns its name. */
  String weight(String name, FloatSource source, long... shape) {
    if (initializerNames.add(name)) {
      long elements = 1;
      for (long size : shape) {
        elements *= size;
      }
      add(name, FLOAT, shape, elements * Float.BYTES, source, null);
    }
    return name;
  }

  /** Adds a scalar once and returns its name. */
  String scalar(float value) {
    return weight("scalar_" + value, FloatSource.of(FloatBuffer.wrap(new float[] {value})));
  }

  /** Adds a vector of whole numbers once and returns its name. */
  String longs(long... values) {
    StringBuilder name = new StringBuilder("longs");
    for (long value : values) {
      name.append('_').append(value);
    }
    if (initializerNames.add(name.toString())) {
      long bytes = (long) values.length * Long.BYTES;
      add(name.toString(), INT64, new long[] {values.length}, bytes, null, values);
    }
    return name.toString();
  }

  private void add(
      String name, int type, long[] shape, long bytes, FloatSource floats, long[] longs) {
    ProtobufWriter header = new ProtobufWriter();
    for (long size : shape) {
      header.varint(1, size);
    }
    header.varint(2, type).string(8, name).header(TENSOR_RAW_DATA, bytes);
    initializers.add(new Initializer(header.toByteArray(), bytes, floats, longs));
  }

  /**
   * Writes the model to a stream, which stays open.
   *
   * @param file is named in exceptions
   * @throws IOException also if the model is larger than the 2 GB of a protobuf message
   */
  void writeTo(OutputStream out) throws IOException {
    long graphBytes = graph.size();
    List<byte[]> fields = new ArrayList<>();
    for (Initializer initializer : initializers) {
      byte[] field =
          new ProtobufWriter().header(GRAPH_INITIALIZER, initializer.length()).toByteArray();
      fields.add(field);
      graphBytes += field.length + initializer.length();
    }
    ProtobufWriter model =
        new ProtobufWriter()
            .varint(MODEL_IR_VERSION, IR_VERSION)
            .string(MODEL_PRODUCER, "electra4j");
    model.message(MODEL_OPSET, new ProtobufWriter().string(1, "").varint(2, OPSET));
    metadata.forEach(
        (key, value) ->
            model.message(MODEL_METADATA, new ProtobufWriter().string(1, key).string(2, value)));
    model.header(MODEL_GRAPH, graphBytes);
    if (model.size() + graphBytes > Integer.MAX_VALUE) {
      throw new IOException(
          "the model has " + graphBytes + " bytes, but an ONNX file holds 2 GB at most.");
    }
    out.write(model.toByteArray());
    out.write(graph.toByteArray());
    for (int i = 0; i < fields.size(); i++) {
      out.write(fields.get(i));
      write(initializers.get(i), out);
    }
    out.flush();
  }

  private static void write(Initializer initializer, OutputStream out) throws IOException {
    out.write(initializer.header());
    if (initializer.longs() != null) {
      ByteBuffer bytes = buffer((int) initializer.bytes());
      bytes.asLongBuffer().put(initializer.longs());
      out.write(bytes.array());
      return;
    }
    long elements = initializer.bytes() / Float.BYTES;
    FloatBuffer floats = FloatBuffer.allocate((int) Math.min(elements, BUFFER_FLOATS));
    ByteBuffer bytes = buffer(floats.capacity() * Float.BYTES);
    for (long first = 0; first < elements; first += floats.capacity()) {
      floats.clear().limit((int) Math.min(floats.capacity(), elements - first));
      initializer.floats().read(first, floats);
      int count = floats.flip().remaining();
      bytes.asFloatBuffer().put(floats);
      out.write(bytes.array(), 0, count * Float.BYTES);
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
