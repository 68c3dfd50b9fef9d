package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the assembler reported of every CUDA kernel. */
class CudaRegistersTest {
  private static final Path TABLE = Path.of("target/native/cuda/registers.txt");

  private record Kernel(
      String architecture, int registers, int stack, int spilled, int shared, String name) {
    static Kernel of(String line) {
      String[] f = line.split(" ", 6);
      return new Kernel(
          f[0],
          Integer.parseInt(f[1]),
          Integer.parseInt(f[2]),
          Integer.parseInt(f[3]),
          Integer.parseInt(f[4]),
          f[5]);
    }
  }

  @Test
  void noKernelSpills() throws IOException {
    assumeThat(TABLE).as("the table of the CUDA kernels: is nvcc installed?").exists();
    List<Kernel> kernels;
    try (var lines = Files.lines(TABLE)) {
      kernels = lines.map(Kernel::of).toList();
    }
    assertThat(kernels).extracting(Kernel::architecture).contains("sm_80", "sm_90");
    assertThat(kernels).extracting(Kernel::name).anyMatch(n -> n.startsWith("residual_norm"));
    assertThat(kernels).filteredOn(kernel -> kernel.spilled() > 0).isEmpty();
  }
}
