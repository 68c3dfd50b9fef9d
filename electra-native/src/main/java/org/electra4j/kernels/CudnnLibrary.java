package org.electra4j.kernels;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * Finds cuDNN, the second engine of attention on a card: in the jar {@code
 * org.bytedeco:cuda:13.1-9.19-1.5.13:linux-x86_64-redist} where it is on the class path, else where
 * the system's loader looks.
 */
final class CudnnLibrary {
  private static final String FILE = "libcudnn.so.9";
  private static final String FOLDER = "/org/bytedeco/cuda/linux-x86_64/";

  /** What the library opens by itself, from its own folder. */
  private static final List<String> PARTS =
      List.of(
          "libcudnn_graph.so.9",
          "libcudnn_engines_precompiled.so.9",
          "libcudnn_engines_runtime_compiled.so.9",
          "libcudnn_heuristic.so.9",
          "libcudnn_ops.so.9");

  private static final String ADVICE =
      "Set electra.cuda.attention to own, add the dependency org.bytedeco:cuda:13.1-9.19-1.5.13 with the classifier"
          + " linux-x86_64-redist, or put cuDNN 9 where the system's loader finds it (LD_LIBRARY_PATH).";

  private CudnnLibrary() {}

  /** Opens the library; returns why that failed, or an empty string. */
  static String open() {
    String library = FILE;
    URL bundled = CudnnLibrary.class.getResource(FOLDER + FILE);
    if (bundled != null) {
      try {
        library = unpacked(bundled).getAbsolutePath();
        for (String part : PARTS) {
          URL resource = CudnnLibrary.class.getResource(FOLDER + part);
          if (resource != null) {
            unpacked(resource);
          }
        }
      } catch (IOException e) {
        return "cuDNN cannot be unpacked: " + NativeLibraries.causes(e);
      }
    }
    String cause = CudaLibrary.cuda_open_cudnn(library);
    return cause.isEmpty() ? "" : "cuDNN is missing: " + cause + ". " + ADVICE;
  }

  private static File unpacked(URL resource) throws IOException {
    File file = Loader.cacheResource(resource);
    if (file == null) {
      throw new IOException(resource + " cannot be copied to the cache of JavaCPP");
    }
    return file;
  }
}
