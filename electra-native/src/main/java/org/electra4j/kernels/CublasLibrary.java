package org.electra4j.kernels;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import org.bytedeco.javacpp.Loader;

/**
 * Finds cuBLASLt, which multiplies matrices on a card: in the jar {@code
 * org.bytedeco:cuda:13.1-9.19-1.5.13:linux-x86_64-redist} where it is on the class path, else where
 * the system's loader looks.
 */
final class CublasLibrary {
  private static final String FILE = "libcublasLt.so.13";
  private static final String RESOURCE = "/org/bytedeco/cuda/linux-x86_64/" + FILE;
  private static final String ADVICE =
      "Add the dependency org.bytedeco:cuda:13.1-9.19-1.5.13 with the classifier linux-x86_64-redist, or put the"
          + " libraries of CUDA 13 where the system's loader finds them (LD_LIBRARY_PATH).";

  private CublasLibrary() {}

  /** Opens the library; returns why that failed, or an empty string. */
  static String open() {
    String library = FILE;
    URL bundled = CublasLibrary.class.getResource(RESOURCE);
    if (bundled != null) {
      try {
        File unpacked = Loader.cacheResource(bundled);
        library = unpacked == null ? FILE : unpacked.getAbsolutePath();
      } catch (IOException e) {
        return "cuBLASLt cannot be unpacked: " + NativeLibraries.causes(e);
      }
    }
    String cause = CudaLibrary.cuda_open_cublaslt(library);
    return cause.isEmpty() ? "" : "cuBLASLt is missing: " + cause + ". " + ADVICE;
  }
}
