package org.electra4j.bench.study;

import java.util.Locale;
import java.util.Optional;
import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.electra4j.PretrainingConfig;
import org.electra4j.train.Flops;

/**
 * One encoder of the study.
 *
 * @param objective what it is pre-trained to do; empty: random initial weights, the floor
 * @param seed key of its weights, masks and data order
 * @param flops operations of its pre-training, with a learning-rate schedule of its own; 0 for the
 *     floor
 */
record StudyRun(Optional<Objective> objective, long seed, double flops) {
  static final String FLOOR = "random";

  /** Warmup over all steps, as in the tiny preset. */
  private static final double WARMUP_SHARE = 1.0 / 6;

  /** Returns the objective as the command line writes it. */
  String label() {
    return objective.map(StudyRun::label).orElse(FLOOR);
  }

  static String label(Objective objective) {
    return objective.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the folder of the run. */
  String folder() {
    return objective.isEmpty()
        ? String.format(Locale.ROOT, "%s-seed%d", FLOOR, seed)
        : String.format(Locale.ROOT, "%s-%.4g-seed%d", label(), flops, seed);
  }

  /**
   * Returns the configuration of this run: the steps that spend its operations, counted on full
   * sequences, and a checkpoint at each of so many points along them. The floor takes one step of
   * rate zero.
   */
  PretrainingConfig.Builder configure(PretrainingConfig recipe, int vocabSize, int points) {
    PretrainingConfig.Builder builder = recipe.toBuilder().seed(seed).evalEvery(0);
    if (objective.isEmpty()) {
      return builder.steps(1).warmupSteps(1).saveEvery(0);
    }
    long steps = steps(recipe, vocabSize);
    return builder
        .objective(objective.get())
        .steps(steps)
        .warmupSteps(Math.round(WARMUP_SHARE * steps))
        .saveEvery(Math.max(1, steps / points))
        .keepCheckpoints(points + 1);
  }

  private long steps(PretrainingConfig recipe, int vocabSize) {
    double step = recipe.batchSize() * sequenceFlops(recipe, vocabSize);
    return Math.max(1, Math.round(flops / step));
  }

  private double sequenceFlops(PretrainingConfig recipe, int vocabSize) {
    ElectraConfig main = recipe.model().withVocabSize(vocabSize);
    return Flops.trainingSequence(
        objective.get(),
        main,
        recipe.generatorConfig(vocabSize),
        recipe.seqLength(),
        recipe.maskProb());
  }
}
