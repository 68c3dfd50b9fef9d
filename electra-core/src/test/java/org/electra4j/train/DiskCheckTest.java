package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.backend.reference.ReferenceBackend;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.ParameterStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class DiskCheckTest {
  @TempDir Path folder;

  @Test
  void aDiskThatIsTooSmallIsWarnedOf() {
    Path run = Path.of("run");
    assertThat(DiskCheck.warning(run, 1_000, 1_000)).isEmpty();
    assertThat(DiskCheck.warning(run, 60_000_000, 6_000_000))
        .contains(
            "run has room for 6 MB, but the run will keep 60 MB of models and checkpoints there;"
                + " make room before it saves.");
  }

  @Test
  void aRunKeepsItsCheckpointsAndAModel() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(DiskCheck.class);
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    logger.addAppender(events);
    PretrainingConfig config =
        PretrainingRun.in(folder, 3).steps(Long.MAX_VALUE).keepCheckpoints(2_000_000_000).build();
    try (ParameterStore store = new ParameterStore(new ReferenceBackend(Precision.FP32))) {
      store.add("w", new Initializer.Constant(0), 1_000, 1_000);
      assertThat(DiskCheck.checkpointBytes(store)).isEqualTo(12_000_000);
      DiskCheck.warn(folder, config.toBuilder().steps(8).keepCheckpoints(1).build(), store);
      assertThat(events.list).isEmpty();
      DiskCheck.warn(folder, config, store);
    } finally {
      logger.detachAppender(events);
    }
    assertThat(events.list).hasSize(1);
    assertThat(events.list.get(0).getFormattedMessage())
        .contains("the run will keep 24,000,000,012 MB of models and checkpoints");
  }
}
