package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.electra4j.backend.BackendException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeLibrariesTest {
  private static final String OURS = "/org/electra4j/kernels/linux-x86_64/";
  private static final String ONEDNN = "/org/bytedeco/dnnl/linux-x86_64/";
  private static final String[] LIBRARIES = {
    OURS + "libelectra_cpu.so",
    OURS + "libelectra_onednn.so",
    OURS + "libelectra_cuda.so",
    OURS + "libjniCpuLibrary.so",
    OURS + "libjniOneDnnLibrary.so",
    OURS + "libjniCudaLibrary.so",
    OURS + "libjniKernelsLibrary.so",
    ONEDNN + "libdnnl.so.3",
    ONEDNN + "libgomp.so.1"
  };

  private static final Map<String, String> ONEDNN_PRODUCTS = Map.of("ELECTRA_CPU_BF16", "onednn");

  @TempDir Path folder;

  @Test
  void bundledLibrariesLoadWithAndWithoutPointerCollection() throws Exception {
    String fresh = "-Dorg.bytedeco.javacpp.cachedir=" + folder;
    String output = probe(Map.of(), fresh, "-Dorg.bytedeco.javacpp.noPointerGC=true");
    assertThat(output).contains("cause=\n", "FP32=7.0 on ").contains("cpu library: /");
    assertThat(probe(Map.of(), fresh)).contains("FP32=7.0 on ");
  }

  @Test
  void namedFolderIsUsed() throws Exception {
    unpack();
    assertThat(probe(Map.of(), "-Delectra.native.path=" + folder))
        .contains("cause=\n", "FP32=7.0 on ", "library: " + folder.resolve("libelectra_cpu.so"));
  }

  @Test
  void namedFolderWithoutALibraryIsAnError() throws Exception {
    unpack();
    Files.delete(folder.resolve("libjniCpuLibrary.so"));
    String message =
        "electra.native.path="
            + folder
            + ": there is no readable libjniCpuLibrary.so in that folder";
    assertThat(probe(Map.of(), "-Delectra.native.path=" + folder))
        .contains("cause=" + message, "bf16=false", "FP32 failed: " + message);
  }

  @Test
  void oneDnnIsLoadedOnlyWhereItMultiplies() throws Exception {
    unpack();
    String[] options = {"-Delectra.native.path=" + folder};
    String output = probe(ONEDNN_PRODUCTS, options);
    assertThat(output).contains("FP32=7.0 on ", "FP32 with oneDNN=false");
    if (multipliesBf16(output)) {
      assertThat(output)
          .contains("needs libelectra_onednn.so, which was not loaded")
          .contains("BF16=7.0 on ", "BF16 with oneDNN=true");
      String own = probe(Map.of(), options);
      assertThat(own)
          .contains("BF16=7.0 on ", "FP32 with oneDNN=false")
          .contains("BF16 with oneDNN=" + !own.contains("products by 16-bit integers"));
    }
  }

  @Test
  void bundledOneDnnLoadsInTwoProcessesAtOnce() throws Exception {
    String fresh = "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache");
    String packed = packedClassPath();
    Process first = start(ONEDNN_PRODUCTS, fresh, "-cp", packed);
    String second = probe(ONEDNN_PRODUCTS, fresh, "-cp", packed);
    for (String output : List.of(output(first), second)) {
      assertThat(output).contains("FP32=7.0 on ");
      if (multipliesBf16(output)) {
        assertThat(output).contains("BF16=7.0 on ", "BF16 with oneDNN=true");
      }
    }
  }

  @Test
  void missingOneDnnIsAnErrorOnlyWhereItMultiplies() throws Exception {
    unpack();
    Files.delete(folder.resolve("libdnnl.so.3"));
    String output = probe(ONEDNN_PRODUCTS, "-Delectra.native.path=" + folder);
    assertThat(output).contains("cause=\n", "FP32=7.0 on ").doesNotContain("BF16=");
    if (multipliesBf16(output)) {
      assertThat(output)
          .contains(
              "BF16 failed: electra.native.path="
                  + folder
                  + ": there is no readable libdnnl.so.3 in that folder");
    }
  }

  @Test
  void otherProductsOfBf16AreRefused() throws Exception {
    assertThat(probe(Map.of("ELECTRA_CPU_BF16", "mkl")))
        .contains("cause=ELECTRA_CPU_BF16 must be onednn")
        .doesNotContain("FP32=");
  }

  @Test
  void namedFolderWithABrokenLibraryIsAnErrorAndNotReplaced() throws Exception {
    unpack();
    Files.writeString(folder.resolve("libelectra_cpu.so"), "not a library");
    assertThat(probe(Map.of(), "-Delectra.native.path=" + folder))
        .contains("cause=electra.native.path=" + folder + ": libelectra_cpu.so does not load: ")
        .doesNotContain("FP32=");
  }

  @Test
  void cacheThatCannotBeWrittenIsNamedWithAdvice() throws Exception {
    assertThat(
            probe(
                Map.of(),
                "-Dorg.bytedeco.javacpp.cachedir=/proc/electra",
                "-Duser.home=/proc/none",
                "-Djava.io.tmpdir=/proc/none",
                "-cp",
                packedClassPath()))
        .contains("cause=the native kernels for linux-x86_64 do not load: ")
        .contains("electra.native.path")
        .doesNotContain("FP32=");
  }

  @ParameterizedTest
  @CsvSource({"avx2,AVX2", "avx512,AVX-512"})
  void instructionSetCanBeCappedAndBf16ThenSaysWhy(String cap, String name) throws Exception {
    String output = probe(Map.of("ELECTRA_CPU_ISA", cap));
    if (output.contains("the processor lacks")) {
      return; // nothing to cap on this machine
    }
    assertThat(output)
        .contains("bf16=false", "FP32=7.0 on " + name + ", 2 threads")
        .contains("BF16 failed: cpu: bf16 needs a processor with AVX512_VNNI, but " + name);
  }

  @Test
  void unknownInstructionSetIsAnError() throws Exception {
    assertThat(probe(Map.of("ELECTRA_CPU_ISA", "sse9")))
        .contains("cause=ELECTRA_CPU_ISA must be avx2, avx512, avx512_vnni or avx512_bf16")
        .doesNotContain("FP32=");
  }

  @Test
  void twoClassLoadersHaveTheirOwnKernels() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    for (int i = 0; i < 2; i++) {
      try (URLClassLoader loader =
          new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
        Object provider =
            loader.loadClass(CpuBackendProvider.class.getName()).getConstructor().newInstance();
        Object cause = provider.getClass().getMethod("unavailabilityCause").invoke(provider);
        assertThat(cause).as("class loader %d", i).isEqualTo("");
      }
    }
  }

  @Test
  void otherPlatformsAreNamed() {
    assertThatThrownBy(() -> NativeLibraries.requirePlatform("Mac OS X", "aarch64"))
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "the native kernels are built for Linux on x86-64, but this is Mac OS X on aarch64");
    assertThatCode(() -> NativeLibraries.requirePlatform("Linux", "amd64"))
        .doesNotThrowAnyException();
  }

  @Test
  void adviceFollowsTheCause() {
    assertThat(NativeLibraries.advice("version `GLIBC_2.34' not found")).contains("glibc 2.34");
    assertThat(NativeLibraries.advice("failed to map segment from shared object"))
        .contains("noexec", "org.bytedeco.javacpp.cachedir", "electra.native.path");
  }

  @Test
  void jarCarriesItsMetadata() {
    String config = "/META-INF/native-image/org.electra4j/electra-native/";
    for (String name :
        List.of(
            "resource-config.json",
            "jniKernelsLibrary/jni-config.json",
            "jniKernelsLibrary/reflect-config.json",
            "jniCpuLibrary/jni-config.json",
            "jniCpuLibrary/reflect-config.json",
            "jniOneDnnLibrary/jni-config.json",
            "jniOneDnnLibrary/reflect-config.json",
            "jniCudaLibrary/jni-config.json",
            "jniCudaLibrary/reflect-config.json")) {
      assertThat(getClass().getResource(config + name)).as(name).isNotNull();
    }
    assertThat(getClass().getResource("/META-INF/services/org.electra4j.backend.BackendProvider"))
        .isNotNull();
    for (String library : LIBRARIES) {
      assertThat(getClass().getResource(library)).as(library).isNotNull();
    }
  }

  /** Returns whether the processor has instructions for bf16, so that oneDNN can be had. */
  private static boolean multipliesBf16(String output) {
    return output.contains("cpu instruction set: AVX-512 BF16");
  }

  private void unpack() throws IOException {
    for (String library : LIBRARIES) {
      try (InputStream in = getClass().getResourceAsStream(library)) {
        Files.copy(in, folder.resolve(library.substring(library.lastIndexOf('/') + 1)));
      }
    }
  }

  /** Returns the class path with our classes and libraries in a jar, as users have them. */
  private String packedClassPath() throws IOException, URISyntaxException {
    Path classes =
        Path.of(
            CpuBackendProvider.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path jar = folder.resolve("electra-native.jar");
    try (Stream<Path> files = Files.walk(classes);
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.setLevel(Deflater.NO_COMPRESSION);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return jar
        + File.pathSeparator
        + System.getProperty("java.class.path").replace(classes + File.pathSeparator, "");
  }

  /** Runs {@link KernelProbe} in a fresh process and returns what it printed. */
  private static String probe(Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    return output(start(environment, options));
  }

  private static Process start(Map<String, String> environment, String... options)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(options)); // the last class path counts
    command.add(KernelProbe.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("ELECTRA_CPU_ISA", "ELECTRA_CPU_BF16"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String output(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("exit code, after printing %s", output).isZero();
    return output;
  }
}
