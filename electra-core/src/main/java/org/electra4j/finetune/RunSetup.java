package org.electra4j.finetune;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.electra4j.ElectraConfig;
import org.electra4j.backend.Backend;
import org.electra4j.finetune.FinetuningConfig.TaskInput;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.inference.AnswerDecoder;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.LoadReport;
import org.electra4j.model.SpanStyle;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.electra4j.train.RunFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a run reads before it trains: shape, tokenizer, and the tasks as sequences. */
final class RunSetup {
  private static final Logger LOG = LoggerFactory.getLogger(RunSetup.class);
  private static final String TASK = "task ";

  private final FinetuningConfig config;
  private final Path directory;
  private final ElectraConfig model;
  private final Vocabulary vocabulary;
  private final TokenizerOptions options;
  private final List<TaskSetup<?, ?>> tasks = new ArrayList<>();

  private RunSetup(FinetuningConfig config) throws IOException {
    this.config = config;
    this.directory = modelDirectory(config.model());
    this.model = withDropout(HuggingFaceConfig.read(directory).config(), config.dropout());
    this.vocabulary = TokenizerFiles.readVocabulary(directory);
    this.options = TokenizerFiles.readOptions(directory);
    WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary, options);
    for (TaskInput<?> input : config.tasks()) {
      tasks.add(AdapterFactory.setup(config, model, tokenizer, input));
    }
  }

  /** Reads model and tokenizer, and encodes the examples of all tasks. */
  static RunSetup of(FinetuningConfig config) throws IOException {
    return new RunSetup(config);
  }

  /** Returns the model directory itself, or that of a pre-training run. */
  static Path modelDirectory(Path path) throws IOException {
    HuggingFaceConfig.requireDirectory(path);
    Path ofRun = new RunFiles(path).model();
    return !Files.exists(path.resolve(HuggingFaceConfig.FILE)) && Files.isDirectory(ofRun)
        ? ofRun
        : path;
  }

  private static ElectraConfig withDropout(ElectraConfig model, Double dropout) {
    return dropout == null
        ? model
        : model
            .withHiddenDropoutProb(dropout.floatValue())
            .withAttentionProbsDropoutProb(dropout.floatValue());
  }

  ElectraConfig model() {
    return model;
  }

  List<TaskSetup<?, ?>> tasks() {
    return tasks;
  }

  BatchPlan plan(long seed) {
    return new BatchPlan(
        tasks.stream().mapToInt(task -> task.train().size()).toArray(),
        config.batchSize(),
        tasks.stream().mapToDouble(TaskSetup::epochs).toArray(),
        seed);
  }

  void initialize(FinetuningStep step) throws IOException {
    LoadReport report = step.initialize(directory);
    if (report == null) {
      LOG.info("Random weights, shape and vocabulary of {}", directory);
      return;
    }
    LOG.info("Initialised from {}", report.summary());
    List<String> missing =
        report.missing().stream().filter(name -> name.startsWith("electra.")).toList();
    if (!missing.isEmpty()) {
      throw new FileFormatException(
          report.file(), "lacks tensors of the encoder: " + String.join(", ", missing) + ".");
    }
  }

  void writeTokenizer(Path folder) throws IOException {
    TokenizerFiles.write(folder, vocabulary, options, model.maxPositionEmbeddings());
  }

  /**
   * Requires that the output folder holds this very run, or none and nothing that one would
   * replace.
   *
   * @throws IOException when it holds another one, or a model of no run
   */
  void requireSameRun(FinetuningFiles files) throws IOException {
    Map<String, Object> identity = identity();
    if (Files.exists(new RunFiles(files.output()).config())) {
      throw new IOException(
          files.output() + " holds a pre-training run; choose another output folder.");
    }
    if (!Files.exists(files.identity())) {
      if (Files.exists(files.model())) {
        throw new IOException(
            files.output() + " holds a model of no run; choose another output folder.");
      }
      return;
    }
    Map<?, ?> known = FinetuningFiles.JSON.read(files.identity(), Map.class);
    Map<String, Object> both = new LinkedHashMap<>(identity);
    known.keySet().forEach(key -> both.putIfAbsent(key.toString(), null));
    for (Map.Entry<String, Object> entry : both.entrySet()) {
      Object before = known.get(entry.getKey());
      if (!Objects.toString(before).equals(Objects.toString(entry.getValue()))) {
        throw new IOException(
            files.output()
                + " holds another fine-tuning run: "
                + difference(entry.getKey(), before, entry.getValue())
                + "; choose another output folder.");
      }
    }
  }

  private static String difference(String key, Object before, Object now) {
    if (key.startsWith(TASK)) {
      return before == null
          ? "it has no " + key
          : now == null ? "it has " + key + " too" : "the training examples of " + key + " differ";
    }
    return key
        + " was "
        + Objects.toString(before, "not set")
        + " and is now "
        + Objects.toString(now, "not set");
  }

  /** Notes what the run is, where nothing is noted. */
  void writeIdentity(FinetuningFiles files) throws IOException {
    if (!Files.exists(files.identity())) {
      FinetuningFiles.JSON.write(files.identity(), identity());
    }
  }

  /** Returns everything that the weights depend on; the order of the keys is that of messages. */
  private Map<String, Object> identity() {
    Map<String, Object> identity = new LinkedHashMap<>();
    identity.put("model", directory.toAbsolutePath().normalize().toString());
    identity.put("from_scratch", config.fromScratch());
    for (TaskInput<?> input : config.tasks()) {
      identity.put(TASK + input.task().name(), fingerprint(input.data()));
    }
    Recipe recipe = Recipe.of(config, model);
    identity.put("epochs", tasks.stream().map(TaskSetup::epochs).toList());
    identity.put("max_length", tasks.stream().map(task -> task.description().maxLength()).toList());
    identity.put("batch_size", config.batchSize());
    identity.put("learning_rate", recipe.learningRate());
    identity.put("layerwise_decay", recipe.layerwiseDecay());
    identity.put("corrected_layerwise_decay", config.correctedLayerwiseDecay());
    identity.put("warmup_share", config.warmupShare());
    identity.put("weight_decay", config.weightDecay());
    identity.put("epsilon", config.epsilon());
    identity.put("bias_correction", config.biasCorrection());
    identity.put("max_grad_norm", config.maxGradNorm());
    identity.put("mean_loss", config.meanLoss());
    identity.put("dropout", model.hiddenDropoutProb());
    identity.put("head_style", config.headStyle().toString());
    if (config.spanStyle() != SpanStyle.INDEPENDENT) {
      identity.put("span_style", config.spanStyle().toString());
    }
    if (!config.answers().equals(AnswerDecoder.defaults())) {
      identity.put("answers", config.answers().toString());
    }
    identity.put("class_weights", config.classWeights().toString());
    identity.put("frozen_layers", config.frozenLayers());
    identity.put("stride", config.stride());
    identity.put("max_question", config.maxQuestion());
    identity.put("trials", config.trials());
    identity.put("seed", config.seed());
    identity.put("patience", config.patience());
    identity.put("eval_every", config.patience() > 0 ? config.evalEvery() : "any");
    return identity;
  }

  private static String fingerprint(TaskData<?> data) {
    long hash = 0;
    for (Example example : data.train()) {
      hash = 31 * hash + TextHash.of(example);
    }
    return data.train().size() + " examples, " + Long.toHexString(hash);
  }

  /** Copies the model files of a trial. */
  static void copyModel(Path trial, Path target) throws IOException {
    try (Stream<Path> paths = Files.walk(trial)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Path to = target.resolve(trial.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(to);
        } else if (!path.getFileName().toString().equals("trial.json")) {
          Files.copy(path, to);
        }
      }
    }
  }

  /** Returns what {@code result.json} holds. */
  Map<String, Object> summary(FinetuningResult result, Backend backend) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("summary", result.summary());
    summary.put("ensemble", result.ensemble());
    summary.put("trials", result.trials());
    summary.put("tokens_per_second", result.tokensPerSecond());
    summary.put("device", backend.device());
    summary.put("precision", backend.precision().toString().toLowerCase(Locale.ROOT));
    summary.put("threads", backend.threads());
    summary.put("model", result.model().toString());
    return summary;
  }
}
