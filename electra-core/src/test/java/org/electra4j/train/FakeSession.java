package org.electra4j.train;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.electra4j.PretrainingConfig;
import org.electra4j.model.LoadReport;

/** A session that no loop drives. */
final class FakeSession implements TrainingSession {
  private final PretrainingConfig config;
  private final long firstStep;
  private String stopReason;

  FakeSession(PretrainingConfig config, long firstStep) {
    this.config = config;
    this.firstStep = firstStep;
  }

  String stopReason() {
    return stopReason;
  }

  @Override
  public PretrainingConfig config() {
    return config;
  }

  @Override
  public Path output() {
    return config.output();
  }

  @Override
  public long firstStep() {
    return firstStep;
  }

  @Override
  public long step() {
    return firstStep;
  }

  @Override
  public String deviceDescription() {
    return "no device";
  }

  @Override
  public long parameterCount() {
    return 13_549_312;
  }

  @Override
  public long plannedBytes() {
    return 672_000_000;
  }

  @Override
  public OptionalLong expectedPeakBytes() {
    return OptionalLong.of(890_000_000);
  }

  @Override
  public List<LoadReport> initialization() {
    return List.of();
  }

  @Override
  public void stop(String reason) {
    stopReason = reason;
  }
}
