package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tests of the simulator itself, a program in C++: its primitives, and the mistakes that it
 * reports.
 */
@Tag("simulator")
class CudaSimulatorTest {

  @ParameterizedTest
  @CsvSource({
    "plain, forward, 1",
    "plain, random, 1",
    "checked, forward, 1",
    "checked, reverse, 1",
    "checked, random, 1",
    "checked, random, 2",
    "checked, random, 3"
  })
  void itsOwnTestsPass(String flavour, String order, String seed)
      throws IOException, InterruptedException {
    ProcessBuilder program =
        new ProcessBuilder(
            System.getProperty("electra.cudasim.path", "target/cudasim")
                + "/cudasim_test_"
                + flavour);
    program.environment().put("CUDASIM_ORDER", order);
    program.environment().put("CUDASIM_SEED", seed);
    Process process = program.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).containsPattern("[1-9][0-9]+ passed, 0 failed");
  }
}
