package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.electra4j.PretrainingConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class WatchingListenersTest {
  private static final BinaryMetrics COLLAPSED =
      new BinaryMetrics(0.55, 0, 0.01, 0.93, 0.505, 70, 1000);
  private static final BinaryMetrics HEALTHY =
      new BinaryMetrics(0.9, 0.7, 0.4, 0.95, 0.69, 70, 1000);

  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("org.electra4j.train");
  private FakeSession session;

  @BeforeEach
  void listen() throws IOException {
    PretrainingConfig config =
        PretrainingRun.in(folder, 10).steps(1000).warmupSteps(100).evalEvery(10).build();
    session = new FakeSession(config, 500);
    logger.setLevel(Level.INFO);
    events.start();
    logger.addAppender(events);
  }

  @AfterEach
  void unlisten() {
    logger.detachAppender(events);
    logger.setLevel(null);
  }

  @Test
  void collapseIsReportedOnceAfterWarmupAndTwiceInARow() {
    TrainingListener watcher = TrainingListeners.collapseWarning();
    watcher.onValidationBatch(session, at(90, COLLAPSED));
    watcher.onValidationBatch(session, at(100, COLLAPSED));
    watcher.onValidationBatch(session, at(110, COLLAPSED));
    watcher.onValidationBatch(session, at(120, HEALTHY));
    watcher.onValidationBatch(session, at(130, COLLAPSED));
    watcher.onValidationBatch(session, at(140, null));
    assertThat(events.list).isEmpty();
    watcher.onValidationBatch(session, at(150, COLLAPSED));
    watcher.onValidationBatch(session, at(160, COLLAPSED));
    watcher.onValidationBatch(session, at(170, COLLAPSED));
    assertThat(events.list).hasSize(1);
    assertThat(events.list.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(events.list.get(0).getFormattedMessage())
        .contains("step 150", "recall 0.010", "smaller generator", "longer warmup");
  }

  @Test
  void earlyStoppingCountsValidationsWithoutImprovement() {
    TrainingListener stopping =
        TrainingListeners.earlyStopping(ValidationMetric.DISCRIMINATOR_AUC, 2);
    stopping.onTrainingBegin(session);
    stopping.onValidationBatch(session, at(10, HEALTHY));
    stopping.onValidationBatch(session, at(20, COLLAPSED));
    stopping.onValidationBatch(session, at(30, auc(0.95)));
    stopping.onValidationBatch(session, at(40, auc(0.95)));
    assertThat(session.stopReason()).isNull();
    stopping.onValidationBatch(session, at(50, auc(Double.NaN)));
    assertThat(session.stopReason())
        .isEqualTo(
            "DISCRIMINATOR_AUC has not improved in 2 validations; its best, 0.9500, was at step"
                + " 30");
  }

  @Test
  void lossesImproveDownwards() {
    TrainingListener stopping = TrainingListeners.earlyStopping(ValidationMetric.MAIN_LOSS, 1);
    stopping.onTrainingBegin(session);
    stopping.onValidationBatch(session, new ValidationMetrics(10, 5, 0.1, 0.3, HEALTHY, 9));
    stopping.onValidationBatch(session, new ValidationMetrics(20, 6, 0.1, 0.2, HEALTHY, 9));
    assertThat(session.stopReason()).isNull();
    stopping.onValidationBatch(session, new ValidationMetrics(30, 4, 0.1, 0.25, HEALTHY, 9));
    assertThat(session.stopReason()).contains("MAIN_LOSS", "step 20");
  }

  @Test
  void timeLeftCountsTheStepsOfThisProcess() {
    AtomicLong nanos = new AtomicLong(7_000_000_000L);
    TimeLeft left = new TimeLeft(session, nanos::get);
    assertThat(left.at(500)).isNaN();
    nanos.addAndGet(10_000_000_000L);
    assertThat(left.at(600)).isCloseTo(40, within(1e-9)); // 100 steps in 10 s, 400 to go
  }

  @Test
  void loggingWritesALinePerIntervalAndValidation() {
    TrainingListener logging = TrainingListeners.logging();
    logging.onTrainingBegin(session);
    logging.onTrainingBatch(session, progress(501, false));
    logging.onTrainingBatch(session, progress(502, true));
    logging.onValidationBatch(session, at(502, HEALTHY));
    List<String> lines = events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1))
        .startsWith("step 502/1,000  loss 12.50  gen acc 31.2%  AUC 0.900  8123 tok/s");
    assertThat(lines.get(2)).contains("held-out", "AUC 0.900", "recall 40.0%");
  }

  @Test
  void historiesOfLongRunsAreThinned() {
    MetricsHistory history = new MetricsHistory();
    for (int step = 1; step <= 100_000; step++) {
      history.add(
          step, step > 50_000 ? Map.of("a", 1.0 * step, "b", 2.0) : Map.of("a", 1.0 * step));
    }
    assertThat(history.steps()).hasSizeBetween(8_000, 16_384).isEqualTo(history.values("a"));
    assertThat(history.values("b")).hasSameSizeAs(history.steps()).startsWith(Double.NaN);
    assertThat(history.steps()[history.steps().length - 1]).isGreaterThan(99_980);
    assertThat(history.has("b")).isTrue();
    assertThat(history.has("c")).isFalse();
  }

  @Test
  void withoutItsLibraryTheBarNamesTheDependency()
      throws ReflectiveOperationException, IOException {
    List<URL> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains("progressbar")) {
        classPath.add(new File(entry).toURI().toURL());
      }
    }
    try (URLClassLoader loader =
        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> listeners = loader.loadClass(TrainingListeners.class.getName());
      assertThatThrownBy(() -> listeners.getMethod("progressBar").invoke(null))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageContaining("me.tongfei:progressbar:0.10.2");
      assertThat(listeners.getMethod("basic").invoke(null)).isNotNull();
    }
  }

  private static ValidationMetrics at(long step, BinaryMetrics discriminator) {
    return new ValidationMetrics(step, 5, 0.2, 0.2, discriminator, 1000);
  }

  private static BinaryMetrics auc(double auc) {
    return new BinaryMetrics(auc, 0.7, 0.4, 0.95, 0.69, 70, 1000);
  }

  private static TrainingProgress progress(long step, boolean logged) {
    return new TrainingProgress(
        step, logged, 12.5, 5, 0.15, 0.312, HEALTHY, 1e-3, 1, 8123.4, 0.01, false);
  }
}
