package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.electra4j.Device;
import org.electra4j.ElectraTrainer;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.io.CheckpointDirectory;
import org.electra4j.train.PretrainingRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed at any moment, as by {@code kill -9}, loses at most what it had not
 * saved.
 */
class KilledRunTest {
  private static final int STEPS = 600;
  private static final int KILLS = 6;

  @TempDir Path folder;

  /** The process that is killed: starts the run in a folder, or resumes it. */
  public static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      Path home = Path.of(arguments[0]);
      PretrainingConfig config = config(home);
      if (Files.exists(config.output().resolve("run.json"))) {
        ElectraTrainer.resume(config.output(), Integer.parseInt(arguments[1]));
      } else {
        ElectraTrainer.pretrain(config);
      }
    }
  }

  private static PretrainingConfig config(Path home) throws IOException {
    return PretrainingRun.in(home, 60)
        .device(Device.CPU)
        .threads(2)
        .steps(STEPS)
        .saveEvery(7)
        .keepCheckpoints(2)
        .evalEvery(50)
        .build();
  }

  @Test
  void resumesToTheBytesOfTheUninterruptedRun() throws IOException, InterruptedException {
    Path whole = Files.createDirectories(folder.resolve("whole"));
    PretrainingResult expected = ElectraTrainer.pretrain(config(whole));
    Path killed = Files.createDirectories(folder.resolve("killed"));
    Random random = new Random(7);
    for (int kill = 0; kill < KILLS; kill++) {
      long before = newestCheckpoint(killed);
      Process process = start(killed, 1 + kill % 3);
      while (process.isAlive() && newestCheckpoint(killed) == before) {
        Thread.sleep(2);
      }
      Thread.sleep(random.nextInt(150)); // somewhere within steps, evaluations and saves
      assertThat(process.isAlive())
          .as("killed too late; see %s", killed.resolve("log.txt"))
          .isTrue();
      process.destroyForcibly().waitFor();
    }
    assertThat(start(killed, 2).waitFor()).isZero();
    PretrainingRun.assertSameBytes(killed.resolve("run/model"), expected.model());
  }

  private static long newestCheckpoint(Path home) throws IOException {
    return new CheckpointDirectory(home.resolve("run"))
        .latest()
        .map(path -> CheckpointDirectory.step(path).getAsLong())
        .orElse(-1L);
  }

  private static Process start(Path home, int threads) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            home.toString(),
            Integer.toString(threads))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log.txt").toFile()))
        .start();
  }
}
