package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointDirectoryTest {

  @TempDir Path folder;

  private static AtomicDirectory.Content content(String text) {
    return directory -> Files.writeString(directory.resolve("a"), text);
  }

  @Test
  void theNewestIsTheOneOfTheLargestStep() throws IOException {
    CheckpointDirectory checkpoints = new CheckpointDirectory(folder.resolve("checkpoints"));
    assertThat(checkpoints.latest()).isEmpty();
    checkpoints.recover();
    for (int step : new int[] {9, 1000, 100}) {
      Path saved = checkpoints.save(step, content("" + step));
      assertThat(saved).isEqualTo(checkpoints.folder().resolve("checkpoint-" + step));
    }
    Files.createDirectory(checkpoints.folder().resolve("checkpoint-abc"));
    Files.writeString(checkpoints.folder().resolve("checkpoint-5000"), "a file");

    assertThat(checkpoints.latest().orElseThrow()).hasFileName("checkpoint-1000");
    assertThat(checkpoints.all())
        .extracting(path -> CheckpointDirectory.step(path).getAsLong())
        .containsExactly(9L, 100L, 1000L);
    checkpoints.prune(2);
    assertThat(checkpoints.all())
        .extracting(Path::getFileName)
        .extracting(Path::toString)
        .containsExactly("checkpoint-100", "checkpoint-1000");
    assertThatThrownBy(() -> checkpoints.prune(0)).hasMessageContaining("At least one");
    assertThatThrownBy(() -> checkpoints.save(-1, content("")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFailedSaveKeepsTheOlderOnes() throws IOException {
    CheckpointDirectory checkpoints = new CheckpointDirectory(folder);
    checkpoints.save(1, content("one"));
    assertThatThrownBy(
            () ->
                checkpoints.save(
                    2,
                    directory -> {
                      throw new IOException("No space left on device");
                    }))
        .hasMessageContainingAll("checkpoint-2 failed: No space left on device.");
    assertThat(checkpoints.latest().orElseThrow()).hasFileName("checkpoint-1");
  }

  @Test
  void leftoversOfADeadProcessAreCompletedOrRemoved() throws IOException {
    CheckpointDirectory checkpoints = new CheckpointDirectory(folder);
    checkpoints.save(1, content("one"));
    Files.createDirectory(folder.resolve(".checkpoint-2.writing"));
    Files.createDirectory(folder.resolve(".checkpoint-3.ready"));
    Files.writeString(folder.resolve(".checkpoint-3.ready/a"), "three");
    Files.createDirectory(folder.resolve(".checkpoint-1.old"));

    checkpoints.recover();

    assertThat(checkpoints.latest().orElseThrow().resolve("a")).hasContent("three");
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries)
          .containsExactlyInAnyOrder(
              folder.resolve("checkpoint-1"), folder.resolve("checkpoint-3"));
    }
  }
}
