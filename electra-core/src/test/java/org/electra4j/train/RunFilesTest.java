package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.electra4j.ElectraTrainer;
import org.electra4j.PretrainingConfig;
import org.electra4j.io.FileFormatException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFilesTest {
  @TempDir Path folder;

  private PretrainingConfig config;
  private RunFiles files;

  @BeforeEach
  void write() throws IOException {
    config = PretrainingRun.in(folder, 3).maskProb(0.2).stripAccents(false).build();
    files = new RunFiles(config.output());
    files.writeConfig(config);
  }

  @Test
  void theConfigurationIsReadBackAsItWasWritten() throws IOException {
    String written = Files.readString(files.config());
    PretrainingConfig read = files.readConfig();
    assertThat(read).usingRecursiveComparison().isEqualTo(config);
    files.writeConfig(read);
    assertThat(files.config()).hasContent(written);
  }

  @Test
  void aRunThatWasMovedWritesWhereItIs() throws IOException {
    Path moved = Files.move(config.output(), folder.resolve("moved"));
    assertThat(new RunFiles(moved).readConfig().output()).isEqualTo(moved);
  }

  @Test
  void aDamagedConfigurationNamesFieldAndRule() throws IOException {
    damage("\"steps\" : 8", "\"steps\" : \"eight\"", "\"steps\" must be a whole number.");
    damage("\"steps\" : 8", "\"steps\" : -8", "steps must be positive, but is -8.");
    damage("\"steps\" : 8", "\"stairs\" : 8", "\"stairs\" is not known here");
    damage("\"steps\" : 8,", "\"steps\" : 8", "was expecting comma");
    damage("\"objective\" : \"ELECTRA\"", "\"objective\" : null", "objective must not be null.");
    damage("\"hiddenSize\" : 16", "\"hiddenSize\" : 17", "numAttentionHeads");
  }

  private void damage(String right, String wrong, String message) throws IOException {
    String written = Files.readString(files.config());
    assertThat(written).contains(right);
    Files.writeString(files.config(), written.replace(right, wrong));
    assertThatThrownBy(() -> ElectraTrainer.resume(config.output()))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(files.config().toString())
        .hasMessageContaining(message)
        .hasMessageNotContainingAny("Source", "REDACTED", "org.electra4j");
    Files.writeString(files.config(), written);
  }
}
