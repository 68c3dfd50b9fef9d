package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void anOlderFileIsReplacedOrStaysWhole() throws IOException {
    Path file = folder.resolve("a.bin");
    AtomicFile.write(file, out -> out.write(new byte[100_000]));
    assertThat(file).hasSize(100_000);
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[50_000]);
                      throw new IOException("No space left on device");
                    }))
        .hasMessage("Writing " + file + " failed: No space left on device.");
    assertThat(file).hasSize(100_000);
    AtomicFile.write(file, out -> out.write(7));
    assertThat(file).hasBinaryContent(new byte[] {7});
    assertThat(folder.toFile().list()).containsExactly("a.bin");
  }

  @Test
  void aFolderIsNotReplaced() {
    assertThatThrownBy(() -> AtomicFile.write(folder, out -> out.write(1)))
        .hasMessage(folder + " is a folder; name the file to write.");
    Path file = folder.resolve("missing/a.bin");
    assertThatThrownBy(() -> AtomicFile.write(file, out -> out.write(1)))
        .hasMessageStartingWith("Writing " + file + " failed: ");
  }

  @Test
  void theHiddenNameIsLeftOut() {
    Path hidden = folder.resolve(".a.writing");
    FileSystemException full = new FileSystemException(hidden + "/x", null, "Disk quota exceeded");
    assertThat(AtomicFile.reason(full, hidden)).isEqualTo("Disk quota exceeded");
    FileSystemException other = new FileSystemException("/b", null, "Input/output error");
    assertThat(AtomicFile.reason(other, hidden)).isEqualTo("/b: Input/output error");
  }
}
