package org.electra4j.finetune.data;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tasks of GLUE (gluebenchmark.com) with their official file layouts, read without quoting, and
 * label orders.
 */
public enum GlueTask {
  /** Linguistic acceptability: 0 or 1. */
  COLA("CoLA"),
  /** Sentiment of film reviews: 0 or 1. */
  SST2("SST-2", "sst-2", "sst"),
  /** Whether two sentences are paraphrases: 0 or 1. */
  MRPC("MRPC"),
  /** Similarity of two sentences, 0 to 5. */
  STSB("STS-B", "sts-b", "sts"),
  /**
   * Whether two questions ask the same: 0 or 1. Rows of its files that are cut short are skipped.
   */
  QQP("QQP"),
  /** Inference, matched and mismatched, with the diagnostic set as split {@link #DIAGNOSTIC}. */
  MNLI("MNLI", "mnli-m"),
  /** Whether a sentence answers a question. */
  QNLI("QNLI"),
  /** Textual entailment. */
  RTE("RTE"),
  /** Winograd schemas as inference: 0 or 1. */
  WNLI("WNLI"),
  /** The diagnostic set as test split, to train on MNLI's files. */
  AX("AX", "diagnostic");

  /** MNLI's second dev split, of other genres than train. */
  public static final String DEV_MISMATCHED = "dev_mismatched";

  /** MNLI's second test split, of other genres than train. */
  public static final String TEST_MISMATCHED = "test_mismatched";

  /** The diagnostic set beside MNLI's splits. */
  public static final String DIAGNOSTIC = "diagnostic";

  static final String[] INFERENCE = {"contradiction", "entailment", "neutral"};
  private static final String[] ENTAILMENT = {"entailment", "not_entailment"};
  private static final String[] NO_YES = {"0", "1"};
  private static final String[] DIAGNOSTIC_FILES = {"diagnostic.tsv", "diagnostic-full.tsv"};

  private final String officialName;
  private final List<String> aliases;

  GlueTask(String officialName, String... aliases) {
    this.officialName = officialName;
    this.aliases = List.of(aliases);
  }

  /** Returns the name that GLUE writes, for instance {@code SST-2}. */
  public String officialName() {
    return officialName;
  }

  /** Returns the name of {@link #task}, for instance {@code sst2}. */
  public String taskName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the names by which {@link Tasks#byName} knows the task. */
  List<String> names() {
    return Stream.concat(Stream.of(taskName()), aliases.stream()).toList();
  }

  /** Returns the task: its files, columns, labels and metrics. */
  public TextTask task() {
    TextTask.Builder builder =
        TextTask.builder(taskName(), this == STSB ? TaskKind.REGRESSION : TaskKind.CLASSIFICATION);
    return switch (this) {
      case COLA -> cola(builder);
      case SST2 -> standard(builder.text("sentence").label("label").labels(NO_YES));
      case MRPC -> mrpc(builder);
      case STSB ->
          standard(builder.text("sentence1").pair("sentence2").label("score").symmetric(true));
      case QQP -> qqp(builder);
      case MNLI -> mnli(builder);
      case QNLI ->
          standard(builder.text("question").pair("sentence").label("label").labels(ENTAILMENT));
      case RTE ->
          standard(builder.text("sentence1").pair("sentence2").label("label").labels(ENTAILMENT));
      case WNLI ->
          standard(builder.text("sentence1").pair("sentence2").label("label").labels(NO_YES));
      case AX -> ax(builder);
    };
  }

  private static TextTask standard(TextTask.Builder builder) {
    return builder
        .id("index")
        .split(TaskData.TRAIN, "train.tsv")
        .split(TaskData.DEV, "dev.tsv")
        .split(TaskData.TEST, "test.tsv")
        .build();
  }

  /** Only the test file has a header. */
  private static TextTask cola(TextTask.Builder builder) {
    return builder
        .labels(NO_YES)
        .metrics("matthews", "accuracy")
        .header(false)
        .text(3)
        .label(1)
        .split(TaskData.TRAIN, "train.tsv")
        .split(TaskData.DEV, "dev.tsv")
        .header(true)
        .id("index")
        .text("sentence")
        .label("label")
        .split(TaskData.TEST, "test.tsv")
        .build();
  }

  /**
   * GLUE's files, and Microsoft's own, whose test set has labels and whose dev set is the part of
   * the training file that GLUE's list of ids names.
   */
  private static TextTask mrpc(TextTask.Builder builder) {
    return builder
        .labels(NO_YES)
        .metrics("accuracy", "f1")
        .symmetric(true)
        .id("index")
        .text("#1 String")
        .pair("#2 String")
        .label("Quality")
        .split(TaskData.TRAIN, "train.tsv", "msr_paraphrase_train.txt")
        .split(TaskData.DEV, "dev.tsv")
        .devIds(List.of("#1 ID", "#2 ID"), "dev_ids.tsv", "mrpc_dev_ids.tsv")
        .split(TaskData.TEST, "test-labelled.tsv", "msr_paraphrase_test.txt", "test.tsv")
        .build();
  }

  private static TextTask qqp(TextTask.Builder builder) {
    return builder
        .labels(NO_YES)
        .metrics("accuracy", "f1")
        .skipMalformed(true)
        .id("id")
        .text("question1")
        .pair("question2")
        .label("is_duplicate")
        .split(TaskData.TRAIN, "train.tsv")
        .split(TaskData.DEV, "dev.tsv")
        .split(TaskData.TEST, "test.tsv")
        .build();
  }

  private static TextTask.Builder inference(TextTask.Builder builder) {
    return builder
        .labels(INFERENCE)
        .noLabel("-")
        .id("index")
        .text("sentence1", "Premise")
        .pair("sentence2", "Hypothesis")
        .label("gold_label", "Label")
        .split(TaskData.TRAIN, "train.tsv")
        .split(TaskData.DEV, "dev_matched.tsv", "dev.tsv");
  }

  private static TextTask mnli(TextTask.Builder builder) {
    return inference(builder)
        .split(DEV_MISMATCHED, "dev_mismatched.tsv")
        .split(TaskData.TEST, "test_matched.tsv", "test.tsv")
        .split(TEST_MISMATCHED, "test_mismatched.tsv")
        .split(DIAGNOSTIC, DIAGNOSTIC_FILES)
        .build();
  }

  private static TextTask ax(TextTask.Builder builder) {
    return inference(builder)
        .metrics("matthews", "accuracy")
        .split(TaskData.TEST, DIAGNOSTIC_FILES)
        .build();
  }

  /** Returns the name of the file with a split's predictions that the GLUE server takes. */
  public String predictionFile(String split) {
    String stem =
        switch (this) {
          case MNLI ->
              Map.of(TEST_MISMATCHED, "MNLI-mm", DEV_MISMATCHED, "MNLI-mm", DIAGNOSTIC, "AX")
                  .getOrDefault(split, "MNLI-m");
          default -> officialName;
        };
    return stem + ".tsv";
  }

  /** Returns the task of a name, or null; GLUE's own and google-research/electra's names do. */
  static GlueTask byName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Stream.of(values())
        .filter(task -> task.names().contains(lower))
        .findFirst()
        .orElse(null);
  }

  static List<String> allNames() {
    return Stream.of(values()).map(GlueTask::taskName).collect(Collectors.toList());
  }
}
