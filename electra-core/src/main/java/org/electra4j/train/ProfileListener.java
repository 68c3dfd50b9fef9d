package org.electra4j.train;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.electra4j.backend.Backend;
import org.electra4j.backend.KernelProfile;
import org.electra4j.backend.ProfilingBackend;

/** Times the kernels of some steps early in a run; evaluations and checkpoints are left out. */
final class ProfileListener implements TrainingListener {
  private static final long WARM_UP_STEPS = 20;
  private static final long STEPS = 50;

  private final Consumer<KernelProfile> consumer;
  private ProfilingBackend profiling;
  private long warmUpEnd;
  private long end;

  ProfileListener(Consumer<KernelProfile> consumer) {
    this.consumer = consumer;
  }

  /** Returns the backend that a run with these listeners computes with. */
  static Backend profiled(Backend backend, List<TrainingListener> listeners) {
    Backend outermost = backend;
    for (TrainingListener listener : listeners) {
      if (listener instanceof ProfileListener profile) {
        profile.profiling = new ProfilingBackend(outermost);
        outermost = profile.profiling.backend();
      }
    }
    return outermost;
  }

  @Override
  public void onTrainingBegin(TrainingSession session) {
    long first = session.firstStep();
    long steps = session.config().steps() - first;
    warmUpEnd = first + Math.min(WARM_UP_STEPS, steps / 2);
    end = Math.min(warmUpEnd + STEPS, first + steps);
    profiling.reset();
  }

  @Override
  public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
    if (progress.step() <= warmUpEnd) {
      profiling.reset();
    } else if (progress.step() <= end) {
      profiling.endStep();
    }
    if (progress.step() == end) {
      report();
    }
  }

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    profiling.restartStep();
  }

  @Override
  public void onCheckpoint(TrainingSession session, long step, Path directory) {
    profiling.restartStep();
  }

  /** A run that stops early reports what it has. */
  @Override
  public void onTrainingEnd(TrainingSession session) {
    if (session.step() < end) {
      report();
    }
  }

  private void report() {
    KernelProfile profile = profiling.profile();
    if (profile.steps() > 0) {
      consumer.accept(profile);
    }
  }
}
