package org.electra4j.model;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.io.TensorInfo;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;

/** Parameters, and what the optimizer keeps of them, as tensors of safetensors files. */
public final class ParameterTensors {
  private ParameterTensors() {}

  /** Declares a slot of a parameter, which is read from the store when the file is written. */
  public static void add(
      SafetensorsWriter writer, ParameterStore store, Parameter parameter, Slot slot, String name) {
    writer.floats(
        name,
        (first, destination) -> read(store, parameter, slot, first, destination),
        shape(parameter));
  }

  private static void read(
      ParameterStore store, Parameter parameter, Slot slot, long first, FloatBuffer destination) {
    float[] values = new float[destination.remaining()];
    store.read(parameter, slot, first, values);
    destination.put(values);
  }

  /**
   * Loads a slot of a parameter; when all are loaded, {@link ParameterStore#refreshWorkingCopy} is
   * due.
   *
   * @throws FileFormatException when the tensor is missing or has another shape
   */
  public static void load(
      Safetensors file, ParameterStore store, Parameter parameter, Slot slot, String name)
      throws IOException {
    TensorInfo tensor = file.tensors().get(name);
    if (tensor == null) {
      throw new FileFormatException(file.source(), "tensor " + name + " is missing.");
    }
    if (!tensor.hasShape(shape(parameter))) {
      throw new FileFormatException(
          file.source(),
          "tensor " + name + " has shape " + tensor.shape() + ", not " + parameter.shape() + ".");
    }
    store.write(parameter, slot, file.readFloats(name));
  }

  /** Returns the sizes of a parameter as files have them. */
  static long[] shape(Parameter parameter) {
    return Arrays.stream(parameter.shape().toArray()).asLongStream().toArray();
  }
}
