package org.electra4j.kernels;

import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;
import org.electra4j.backend.BackendException;

/**
 * Loads the native libraries once: from the folder that the system property {@code
 * electra.native.path} names, and only from there, or else the bundled ones through JavaCPP, which
 * unpacks them into its cache.
 */
final class NativeLibraries {
  /** System property: a folder with the unpacked libraries. */
  static final String PATH_PROPERTY = "electra.native.path";

  /** A library as JavaCPP names it, and its file. */
  private record Library(String name, String file) {}

  /** What the CPU kernels need, in the order of loading. */
  private static final List<Library> CPU_LIBRARIES =
      List.of(
          new Library("electra_cpu", "libelectra_cpu.so"),
          new Library("jniKernelsLibrary", "libjniKernelsLibrary.so"),
          new Library("jniCpuLibrary", "libjniCpuLibrary.so"));

  /** What the CPU kernels need besides where oneDNN multiplies bf16, in the order of loading. */
  private static final List<Library> ONEDNN_LIBRARIES =
      List.of(
          new Library("gomp@.1", "libgomp.so.1"),
          new Library("dnnl@.3", "libdnnl.so.3"),
          new Library("electra_onednn", "libelectra_onednn.so"),
          new Library("jniOneDnnLibrary", "libjniOneDnnLibrary.so"));

  /** What the CUDA kernels need, in the order of loading. */
  private static final List<Library> CUDA_LIBRARIES =
      List.of(
          new Library("electra_cuda", "libelectra_cuda.so"),
          new Library("jniKernelsLibrary", "libjniKernelsLibrary.so"),
          new Library("jniCudaLibrary", "libjniCudaLibrary.so"));

  private static final Loading CPU = new Loading();
  private static final Loading ONEDNN = new Loading();
  private static final Loading CUDA = new Loading();

  private NativeLibraries() {}

  /**
   * Loads the CPU kernels; later calls return or throw what the first did.
   *
   * @throws BackendException that names the platform, the folder and what was tried
   */
  static synchronized void loadCpu() {
    CPU.once(
        () -> {
          requirePlatform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
          load(CPU_LIBRARIES, CpuLibrary.class);
        });
  }

  /** Returns where the CPU kernels were loaded from; null before {@link #loadCpu}. */
  static synchronized String cpuLocation() {
    return CPU.loaded ? Loader.getLoadedLibraries().get("electra_cpu") : null;
  }

  /**
   * Loads oneDNN and gives its products to the CPU kernels, which are loaded; later calls return or
   * throw what the first did. It is large, and most processes do without it.
   *
   * @throws BackendException that names the folder and what was tried
   */
  static synchronized void loadOneDnn() {
    ONEDNN.once(
        () -> {
          load(ONEDNN_LIBRARIES, OneDnnLibrary.class);
          CpuLibrary.cpu_install_onednn(OneDnnLibrary.onednn_products());
        });
  }

  /**
   * Loads the CUDA kernels; later calls return or throw what the first did.
   *
   * @throws BackendException that names the platform, the folder and what was tried
   */
  static synchronized void loadCuda() {
    CUDA.once(
        () -> {
          requirePlatform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
          load(CUDA_LIBRARIES, CudaLibrary.class);
        });
  }

  /** Returns where the CUDA kernels were loaded from; null before {@link #loadCuda}. */
  static synchronized String cudaLocation() {
    return CUDA.loaded ? Loader.getLoadedLibraries().get("electra_cuda") : null;
  }

  /** What loading came to the first time; guarded by this class. */
  private static final class Loading {
    private BackendException failure;
    private boolean loaded;

    void once(Runnable load) {
      if (failure != null) {
        throw new BackendException(failure.getMessage(), failure.getCause());
      }
      if (loaded) {
        return;
      }
      try {
        load.run();
        loaded = true;
      } catch (BackendException e) {
        failure = e;
        throw e;
      }
    }
  }

  private static void load(List<Library> libraries, Class<?> binding) {
    // JavaCPP reads it when its classes load: our memory is not its business, so it must not count
    // or limit it.
    if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
      System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    }
    String folder = System.getProperty(PATH_PROPERTY, "");
    if (folder.isBlank()) {
      loadBundled(binding);
    } else {
      loadFrom(Path.of(folder), libraries, binding);
    }
  }

  static void requirePlatform(String system, String architecture) {
    boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
    if (!system.toLowerCase(Locale.ROOT).startsWith("linux") || !x86) {
      throw new BackendException(
          "the native kernels are built for Linux on x86-64, but this is "
              + system
              + " on "
              + architecture);
    }
  }

  private static void loadFrom(Path folder, List<Library> libraries, Class<?> binding) {
    String option = PATH_PROPERTY + "=" + folder + ": ";
    for (Library library : libraries) {
      if (!Files.isReadable(folder.resolve(library.file))) {
        throw new BackendException(
            option + "there is no readable " + library.file + " in that folder");
      }
    }
    for (Library library : libraries) {
      Path file = folder.resolve(library.file).toAbsolutePath();
      try {
        String loaded =
            Loader.loadLibrary(
                KernelsLibrary.class, new URL[] {file.toUri().toURL()}, library.name);
        if (!file.toString().equals(loaded)) { // JavaCPP went on to java.library.path
          throw new UnsatisfiedLinkError(loaded + " was loaded instead");
        }
      } catch (LinkageError | RuntimeException | MalformedURLException e) {
        throw new BackendException(option + library.file + " does not load: " + causes(e), e);
      }
    }
    try {
      Loader.load(KernelsLibrary.class);
      Loader.load(binding);
    } catch (LinkageError | RuntimeException e) {
      throw new BackendException(option + "the libraries do not load: " + causes(e), e);
    }
  }

  private static void loadBundled(Class<?> binding) {
    try {
      Loader.load(KernelsLibrary.class);
      Loader.load(binding);
    } catch (LinkageError | RuntimeException e) {
      throw new BackendException(
          "the native kernels for linux-x86_64 do not load: "
              + causes(e)
              + ". Tried the libraries bundled in electra-native, unpacked by JavaCPP into "
              + cacheFolder()
              + ". "
              + advice(causes(e)),
          e);
    }
  }

  private static String cacheFolder() {
    try {
      return Loader.getCacheDir().toString();
    } catch (Exception | LinkageError e) {
      return "no folder (" + e.getMessage() + ")";
    }
  }

  /** Returns what is most likely wrong. */
  static String advice(String causes) {
    if (Files.exists(Path.of("/lib/ld-musl-x86_64.so.1"))) {
      return "This system uses musl; the libraries need glibc 2.34 or newer (Debian 12, Ubuntu 22.04, RHEL 9).";
    }
    if (causes.contains("GLIBC")) {
      return "The libraries need glibc 2.34 or newer (Debian 12, Ubuntu 22.04, RHEL 9).";
    }
    if (causes.contains("failed to map segment") || causes.contains("Operation not permitted")) {
      return "That folder seems to be mounted noexec: set -Dorg.bytedeco.javacpp.cachedir to a folder that may"
          + " hold programs, or unpack the libraries and set -D"
          + PATH_PROPERTY
          + ".";
    }
    return "If that folder cannot be written, set -Dorg.bytedeco.javacpp.cachedir to one that can, or unpack the"
        + " libraries and set -D"
        + PATH_PROPERTY
        + ".";
  }

  /** Returns the distinct messages of a cause chain: the true reason is the last one. */
  static String causes(Throwable e) {
    List<String> messages = new ArrayList<>();
    for (Throwable t = e; t != null && messages.size() < 8; t = t.getCause()) {
      String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
      if (!messages.contains(message)) {
        messages.add(message);
      }
    }
    return String.join("; ", messages);
  }
}
