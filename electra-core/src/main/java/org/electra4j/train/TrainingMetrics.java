package org.electra4j.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.Objective;

/** The names of metrics in {@code metrics.jsonl} and TensorBoard, with their values. */
final class TrainingMetrics {
  static final String EVAL = "eval_";

  private TrainingMetrics() {}

  /** Returns losses and scores of a step by name; NaN where the objective has no such value. */
  static Map<String, Double> scores(Objective objective, TrainingProgress progress) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("loss", progress.loss());
    scores.put("generator_loss", progress.generatorLoss());
    putMain(scores, objective, progress.mainLoss());
    scores.put("masked_lm_accuracy", progress.maskedLmAccuracy());
    putDiscriminator(scores, progress.discriminator());
    return scores;
  }

  /** Returns rates of a step by name. */
  static Map<String, Double> rates(TrainingProgress progress) {
    Map<String, Double> rates = new LinkedHashMap<>();
    rates.put("learning_rate", progress.learningRate());
    rates.put("grad_norm", progress.gradNorm());
    rates.put("tokens_per_second", progress.tokensPerSecond());
    rates.put("data_wait_share", progress.dataWaitShare());
    return rates;
  }

  /** Returns held-out losses and scores by name, without {@link #EVAL}. */
  static Map<String, Double> scores(Objective objective, ValidationMetrics metrics) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("generator_loss", metrics.generatorLoss());
    putMain(scores, objective, metrics.mainLoss());
    scores.put("masked_lm_accuracy", metrics.maskedLmAccuracy());
    putDiscriminator(scores, metrics.discriminator());
    return scores;
  }

  private static void putMain(Map<String, Double> scores, Objective objective, double loss) {
    boolean languageModel = objective.isLanguageModel();
    scores.put("discriminator_loss", languageModel ? Double.NaN : loss);
    if (languageModel && objective.hasGenerator()) {
      scores.put("language_model_loss", loss);
    }
  }

  private static void putDiscriminator(Map<String, Double> scores, BinaryMetrics metrics) {
    boolean known = metrics != null;
    scores.put("disc_auc", known ? metrics.auc() : Double.NaN);
    scores.put("disc_precision", known ? metrics.precision() : Double.NaN);
    scores.put("disc_recall", known ? metrics.recall() : Double.NaN);
    scores.put("disc_balanced_accuracy", known ? metrics.balancedAccuracy() : Double.NaN);
  }
}
