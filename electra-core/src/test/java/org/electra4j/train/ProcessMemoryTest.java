package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ProcessMemoryTest {
  @TempDir Path folder;

  @Test
  void readsKibibytesOfTheFieldAskedFor() throws IOException {
    Path status =
        Files.writeString(
            folder.resolve("status"), "Name:\tjava\nVmHWM:\t   2048 kB\nVmRSS:\t  1024 kB\n");
    assertThat(ProcessMemory.read(status, "VmRSS:")).hasValue(1 << 20);
    assertThat(ProcessMemory.read(status, "VmHWM:")).hasValue(2 << 20);
    assertThat(ProcessMemory.read(status, "VmSwap:")).isEmpty();
    assertThat(ProcessMemory.read(folder.resolve("none"), "VmRSS:")).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void knowsItsOwn() {
    long resident = ProcessMemory.resident().orElseThrow();
    assertThat(resident).isGreaterThan(1 << 20);
    assertThat(ProcessMemory.peakResident().orElseThrow()).isGreaterThanOrEqualTo(resident);
  }
}
