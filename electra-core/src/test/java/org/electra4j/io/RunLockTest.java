package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {

  @TempDir Path folder;

  /** Takes the lock, says so, and holds it until it is killed; exits with 3 where it is refused. */
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      try {
        RunLock lock = RunLock.acquire(Path.of(arguments[0]));
        System.out.write('L');
        System.out.flush();
        Thread.sleep(60_000);
        lock.close();
      } catch (IOException e) {
        Runtime.getRuntime().exit(3);
      }
    }
  }

  @Test
  void aSecondRunInThisProcessIsRefused() throws Exception {
    Path other = folder.resolve("runs/../runs/small");
    Files.createDirectories(folder.resolve("runs"));
    try (RunLock lock = RunLock.acquire(other)) {
      assertThat(lock.folder()).isEqualTo(folder.resolve("runs/small").toRealPath());
      Path link = Files.createSymbolicLink(folder.resolve("link"), lock.folder());
      assertThatThrownBy(() -> RunLock.acquire(link))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(
              link.toString(), "process " + ProcessHandle.current().pid() + ", this one");

      // the refusal must not have dropped the lock of this process
      assertThat(ChildProcess.start(Holder.class, lock.folder().toString()).waitFor()).isEqualTo(3);
      RunLock.acquire(folder.resolve("another")).close();
    }
    RunLock again = RunLock.acquire(other);
    again.close();
    again.close();
  }

  @Test
  void aSecondProcessIsRefusedUntilTheFirstIsGone() throws Exception {
    Process holder = ChildProcess.start(Holder.class, folder.toString());
    try {
      assertThat(holder.getInputStream().read()).isEqualTo('L');
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> RunLock.acquire(folder))
            .isInstanceOf(IOException.class)
            .hasMessage(
                "Another run (process "
                    + holder.pid()
                    + ") is writing into "
                    + folder
                    + "; wait for it to end or choose another output folder.");
      }
    } finally {
      holder.destroyForcibly().waitFor();
    }
    RunLock.acquire(folder).close();
  }

  @Test
  void aFileInTheWayIsAnError() throws IOException {
    Path file = Files.writeString(folder.resolve("x"), "");
    assertThatThrownBy(() -> RunLock.acquire(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + " is a file, not a folder; choose another output folder.");
    Files.delete(file);
    RunLock.acquire(file).close();
  }
}
