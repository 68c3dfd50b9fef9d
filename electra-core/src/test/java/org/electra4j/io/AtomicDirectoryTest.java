package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.electra4j.io.AtomicDirectory.Moment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AtomicDirectoryTest {

  private static final int HALTED = 137;

  @TempDir Path folder;
  private Path target;

  @BeforeEach
  void name() {
    target = folder.resolve("model");
  }

  /** Writes versions of a directory and, at a moment, dies without any cleaning up. */
  static final class Writer {
    public static void main(String[] arguments) throws IOException {
      Path target = Path.of(arguments[0]);
      if (arguments.length == 1) {
        for (int version = 0; ; version++) {
          AtomicDirectory.write(target, content(version));
          System.out.write('.');
          System.out.flush();
        }
      }
      AtomicDirectory.write(
          target,
          content(Integer.parseInt(arguments[1])),
          moment -> {
            if (moment.name().equals(arguments[2])) {
              Runtime.getRuntime().halt(HALTED);
            }
          });
    }
  }

  private static AtomicDirectory.Content content(int version) {
    return directory -> {
      Files.writeString(directory.resolve("version"), Integer.toString(version));
      Files.createDirectories(directory.resolve("generator/deep"));
      for (int i = 0; i < 3; i++) {
        Files.writeString(directory.resolve("generator/deep/" + i), (version + "\n").repeat(5_000));
      }
    };
  }

  /** Returns the version, having checked that the directory is that version as a whole. */
  private static int versionOf(Path directory) throws IOException {
    int version = Integer.parseInt(Files.readString(directory.resolve("version")));
    for (int i = 0; i < 3; i++) {
      assertThat(Files.readString(directory.resolve("generator/deep/" + i)))
          .isEqualTo((version + "\n").repeat(5_000));
    }
    return version;
  }

  private void assertOnlyTarget() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries).containsExactly(target);
    }
  }

  @Test
  void writesAndReplaces() throws IOException {
    Path nested = folder.resolve("a/b/model");
    AtomicDirectory.write(nested, content(1));
    assertThat(versionOf(nested)).isEqualTo(1);
    AtomicDirectory.write(target, content(1));
    AtomicDirectory.write(target, directory -> Files.writeString(directory.resolve("only"), "x"));
    try (Stream<Path> entries = Files.list(target)) {
      assertThat(entries).containsExactly(target.resolve("only"));
    }
    assertThat(AtomicDirectory.find(target)).contains(target);
    AtomicDirectory.delete(target);
    assertThat(AtomicDirectory.find(target)).isEmpty();
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries).containsExactly(folder.resolve("a"));
    }
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void aProcessThatDiesAtAnyMomentLeavesAWholeDirectory(Moment moment) throws Exception {
    AtomicDirectory.write(target, content(1));
    assertThat(die(2, moment)).isEqualTo(HALTED);

    int found = versionOf(AtomicDirectory.find(target).orElseThrow());
    assertThat(found).isIn(1, 2);
    AtomicDirectory.recover(target);

    assertThat(versionOf(target)).isEqualTo(moment == Moment.WRITTEN ? 1 : 2);
    assertOnlyTarget();
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void theNextWriteCleansUpWhateverTheDeadProcessLeft(Moment moment) throws Exception {
    assertThat(die(1, moment)).isEqualTo(HALTED);
    assertThat(AtomicDirectory.find(target).isPresent()).isEqualTo(moment != Moment.WRITTEN);

    AtomicDirectory.write(target, content(2));

    assertThat(versionOf(target)).isEqualTo(2);
    assertOnlyTarget();
  }

  private int die(int version, Moment moment) throws Exception {
    Process process =
        ChildProcess.start(
            Writer.class, target.toString(), Integer.toString(version), moment.name());
    return process.waitFor();
  }

  @Test
  void killsAtRandomTimesNeverLoseTheDirectory() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 6; round++) {
      Process process = ChildProcess.start(Writer.class, target.toString());
      assertThat(process.getInputStream().read()).isEqualTo('.');
      Thread.sleep(random.nextInt(40));
      process.destroyForcibly().waitFor();

      versionOf(AtomicDirectory.find(target).orElseThrow());
      AtomicDirectory.recover(target);
      versionOf(target);
      assertOnlyTarget();
    }
  }

  @Test
  void aFailedWriteLeavesTheOlderContentAndNothingElse() throws IOException {
    AtomicDirectory.write(target, content(1));

    assertThatThrownBy(
            () ->
                AtomicDirectory.write(
                    target,
                    directory -> {
                      content(2).writeTo(directory);
                      failingStream(directory.resolve("generator/big"), 3_000)
                          .write(new byte[10_000]);
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Writing "
                + target
                + " failed: No space left on device. The previous content is unchanged.");

    assertThat(versionOf(target)).isEqualTo(1);
    assertOnlyTarget();
  }

  private static OutputStream failingStream(Path file, int limit) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    return new OutputStream() {
      private int written;

      @Override
      public void write(int b) throws IOException {
        if (++written > limit) {
          out.close();
          throw new IOException("No space left on device");
        }
        out.write(b);
      }
    };
  }

  @Test
  void aFullDeviceIsReported() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this platform has no /dev/full");
    AtomicDirectory.write(target, content(1));

    assertThatThrownBy(
            () ->
                AtomicDirectory.write(
                    target,
                    directory -> {
                      Path file = directory.resolve("model.safetensors");
                      Files.createSymbolicLink(file, full);
                      new SafetensorsWriter().floats("w", new float[4], 4).writeTo(file);
                    }))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left on device. The previous content is unchanged.");

    assertThat(versionOf(target)).isEqualTo(1);
    assertOnlyTarget();
    assertThat(full).exists();
  }

  @Test
  void aRuntimeExceptionIsAFailedWrite() throws IOException {
    assertThatThrownBy(
            () ->
                AtomicDirectory.write(
                    target,
                    directory -> {
                      throw new IllegalStateException("no tensors");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("Writing " + target + " failed: no tensors.")
        .hasCauseInstanceOf(IllegalStateException.class);
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries).isEmpty();
    }
  }

  @Test
  void aFileInTheWayIsRefusedAndKept() throws IOException {
    Files.writeString(target, "mine");
    assertThatThrownBy(() -> AtomicDirectory.write(target, content(1)))
        .hasMessageContaining(target + " is a file, not a directory");
    assertThat(Files.readString(target)).isEqualTo("mine");
  }

  @Test
  void anInterruptBeforeOrWhileWritingDoesNotStopIt() throws IOException {
    int[] calls = {0};
    Thread.currentThread().interrupt();
    AtomicDirectory.write(
        target,
        directory -> {
          if (calls[0]++ == 0) {
            Thread.currentThread().interrupt(); // the next use of a channel fails
          }
          content(5).writeTo(directory);
        });

    assertThat(Thread.interrupted()).isTrue();
    assertThat(calls[0]).isEqualTo(2);
    assertThat(versionOf(target)).isEqualTo(5);
    assertOnlyTarget();
  }

  @Test
  void linksAreDeletedButNotFollowed() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("kept"), "x");
    AtomicDirectory.write(
        target, directory -> Files.createSymbolicLink(directory.resolve("link"), outside));
    AtomicDirectory.delete(target);
    assertThat(outside.resolve("kept")).exists();
    assertThat(target).doesNotExist();
  }
}
