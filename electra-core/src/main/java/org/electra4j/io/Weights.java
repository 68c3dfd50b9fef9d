package org.electra4j.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The tensors of one network by the names that Hugging Face gives its parameters, {@code
 * electra.encoder.layer.0.…}, whatever the file calls them; matrices are (out, in).
 */
public interface Weights extends Closeable {

  /** Returns the file. */
  Path source();

  /** Returns the shape of each tensor by its Hugging Face name, in the order of the file. */
  Map<String, List<Long>> shapes();

  /** Returns what the file calls a tensor. */
  String nameInFile(String name);

  /**
   * Returns all elements of a tensor, row-major.
   *
   * @throws IllegalArgumentException if there is no such tensor, or it has no floating-point type
   */
  float[] readFloats(String name) throws IOException;

  /** Returns the elements of a tensor, which are read when they are first asked for. */
  default FloatSource source(String name) {
    return LazyTensor.of(this, name);
  }
}
