package org.electra4j.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.electra4j.bench.FinetuneData;
import org.electra4j.bench.Workspace;
import org.electra4j.bench.report.Section.Column;
import org.electra4j.bench.report.Section.Kind;

/** Fine-tuning and evaluation of a classifier on a task's real lengths, against PyTorch. */
final class FinetuneSections {
  private static final String PRESET = "small";
  private static final int BATCH = 32;
  private static final int MAX_LENGTH = 128;
  private static final int MEASURED_ITERATIONS = 3;
  private static final List<String> PRECISIONS = List.of("bf16", "fp32");

  private static final String TRAINING =
      "One step of a classifier with random weights: forward with dropout 0.1, summed"
          + " cross-entropy, backward, clipping to norm 1, AdamW with a rate of its own for each"
          + " layer. %s has %s examples to train on, %.1f tokens each on average; the first %d"
          + " shuffled batches of %d are taken again and again by every contender, in the same"
          + " order and with the same token ids, cut at %d. Ours packs them; the peer is PyTorch"
          + " with transformers' `ElectraForSequenceClassification`, which pads each batch to its"
          + " longest sequence, and bf16 is autocast there (`src/main/python/finetune_step.py`)."
          + " Real is the share of the computed tokens that are no padding.";

  private static final String EVALUATION =
      "Classes of the %,d held-out texts, %.1f tokens each on average. Ours goes from text to label"
          + " (`TextClassifier`), tokenising included; the peer goes from token ids, in batches of"
          + " %d as they come, padded to their longest, without gradients.";

  private FinetuneSections() {}

  static List<Section> of(Settings settings, Path folder, String task) throws IOException {
    FinetuneData data = FinetuneData.read(folder, task, BATCH, MAX_LENGTH);
    Path file = Workspace.target().resolve("finetune-" + task + ".jsonl");
    data.write(file);
    double tokens = data.batches().stream().mapToInt(batch -> batch.ids().length).sum();
    int used = BATCH * data.batches().size();
    String training =
        String.format(
            Locale.ROOT,
            TRAINING,
            task,
            String.format(Locale.ROOT, "%,d", data.trainExamples()),
            tokens / used,
            data.batches().size(),
            BATCH,
            MAX_LENGTH);
    int dev = data.dev().size();
    String evaluation =
        String.format(Locale.ROOT, EVALUATION, dev, (double) data.devTokens() / dev, BATCH);
    return List.of(
        section("finetune", "Fine-tuning step", training, true, settings, folder, task, file),
        section(
            "evaluation",
            "Evaluation of a classifier",
            evaluation,
            false,
            settings,
            folder,
            task,
            file));
  }

  private static Section section(
      String name,
      String title,
      String text,
      boolean training,
      Settings settings,
      Path folder,
      String task,
      Path file) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                new Column("examples", "examples/s", 1, 1),
                new Column("tokens", "real tokens/s", 1, 0),
                new Column("real_percent", "% real", 1, 0),
                new Column("peak_rss_bytes", "peak RSS, MB", 1e-6, 0)));
    List<Comparison> comparisons = new ArrayList<>();
    for (String precision : PRECISIONS) {
      String work = task + ", " + name + ", " + PRESET + ", " + precision;
      comparisons.add(
          new Comparison(
              work,
              List.of(
                  ours(settings, training, folder, task, precision),
                  pytorch(settings, training, file, precision))));
    }
    return new Section(name, title, text, columns, true, Kind.PEERS, "", comparisons);
  }

  private static Contender ours(
      Settings settings, boolean training, Path folder, String task, String precision) {
    Map<String, String> parameters =
        Map.of(
            "data", folder.toAbsolutePath().toString(),
            "task", task,
            "preset", PRESET,
            "precision", precision,
            "maxLength", "" + MAX_LENGTH);
    return settings.jmh(
        "Electra4J",
        training ? "FinetuneStepBench.step" : "FinetuneEvaluationBench.evaluate",
        parameters,
        Map.of());
  }

  private static Contender pytorch(
      Settings settings, boolean training, Path file, String precision) {
    return new PythonContender(
        "PyTorch",
        List.of("torch", "transformers"),
        "finetune_step.py",
        List.of(
            "--sequences",
            file.toString(),
            "--mode",
            training ? "train" : "evaluate",
            "--preset",
            PRESET,
            "--precision",
            precision,
            "--batch",
            "" + BATCH,
            "--threads",
            "" + settings.threads(),
            "--seconds",
            "" + MEASURED_ITERATIONS * settings.seconds()));
  }
}
