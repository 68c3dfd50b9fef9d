package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  @TempDir Path temp;

  private void publish(Path target, String text) throws Exception {
    try (AtomicFolder folder = new AtomicFolder(target)) {
      Files.writeString(folder.path().resolve("a"), text);
      folder.publish();
    }
  }

  @Test
  void appearsWholeAndReplacesTheOlderOne() throws Exception {
    Path target = temp.resolve("below/target");
    publish(target, "one");
    try (AtomicFolder folder = new AtomicFolder(target)) {
      Files.writeString(folder.path().resolve("a"), "two");
      assertThat(target.resolve("a")).hasContent("one");
      folder.publish();
    }
    assertThat(target.resolve("a")).hasContent("two");
    assertThat(target.toFile().list()).containsExactly("a");
    assertThat(target.getParent().toFile().list()).containsExactly("target");
  }

  @Test
  void leavesNothingWhenNotPublished() throws Exception {
    try (AtomicFolder folder = new AtomicFolder(temp.resolve("target"))) {
      Files.writeString(folder.path().resolve("a"), "one");
    }
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void whatKilledProcessesLeftIsDeletedAndWhatIsInUseIsKept() throws Exception {
    Path abandoned = Files.createDirectory(temp.resolve(".target.tmp-1"));
    Files.createFile(abandoned.resolve("lock"));
    Files.writeString(abandoned.resolve("tokens.bin"), "half");
    Path other = Files.createDirectory(temp.resolve(".other.tmp-1"));
    Files.createFile(other.resolve("lock"));
    try (AtomicFolder inUse = new AtomicFolder(temp.resolve("target"))) {
      assertThat(abandoned).doesNotExist();
      publish(temp.resolve("target"), "one");
      assertThat(inUse.path()).isDirectory();
      assertThat(other).isDirectory();
    }
  }

  @Test
  void aLinkKeepsPointingToWhatIsReplaced() throws Exception {
    Path real = temp.resolve("disk/real");
    publish(real, "one");
    Path link = Files.createSymbolicLink(temp.resolve("link"), real);
    publish(link, "two");
    assertThat(link).isSymbolicLink();
    assertThat(real.resolve("a")).hasContent("two");
  }
}
