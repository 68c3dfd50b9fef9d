package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.electra4j.ElectraTrainer;
import org.electra4j.finetune.ClassWeights;
import org.electra4j.finetune.Evaluation;
import org.electra4j.finetune.FinetuningConfig;
import org.electra4j.finetune.FinetuningFiles;
import org.electra4j.finetune.FinetuningListener;
import org.electra4j.finetune.FinetuningListeners;
import org.electra4j.finetune.FinetuningResult;
import org.electra4j.finetune.ModelEvaluation;
import org.electra4j.finetune.PredictionFiles;
import org.electra4j.finetune.ScoreSummary;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.SpanStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options are the fields of {@link FinetuningConfig}. */
@Command(
    name = "finetune",
    header = "Fine-tunes a pre-trained model on labelled examples.",
    customSynopsis = "electra finetune --task NAME --data PATH... --model DIR --out DIR [OPTIONS]",
    description = {
      "Prints one JSON object with the metrics on the dev split: of several trials the median,",
      "with mean, deviation and best. Writes model/, trial-<n>/, metrics.jsonl, curves.svg and",
      "result.json into the output folder. Ctrl-C saves; the same command goes on from there."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  electra finetune --task sst2 --data glue/SST-2 --model runs/small --out runs/sst2",
      "  electra finetune --task chunk --data conll2000 --model runs/small --out runs/chunk --trials 3",
      "  electra finetune --task topics --kind classification --text body --label topic \\",
      "    --data train=a.tsv dev=b.tsv --model runs/small --out runs/topics"
    })
final class FinetuneCommand extends ElectraCommand {
  private static final int STOPPED = 130;
  private static final Map<String, String> OPTION_OF_FIELD =
      Map.of(
          "batchSize", "--batch",
          "warmupShare", "--warmup",
          "maxLength", "--seq-length",
          "frozenLayers", "--freeze-layers");

  @Mixin TaskOptions task = new TaskOptions();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Pre-trained model directory, or output folder of a pre-training run.")
  Path model;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Output folder.")
  Path out;

  @Option(
      names = "--from-scratch",
      description = "Random weights; shape and vocabulary of --model: the baseline.")
  boolean fromScratch;

  @Option(
      names = "--epochs",
      paramLabel = "X",
      description = "Default: 10 for STS-B and RTE, 2 for questions, else 3.")
  Double epochs;

  @Option(names = "--batch", paramLabel = "N", description = "Sequences a step (default: 32).")
  Integer batch;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Peak rate (default: Small 3e-4, Base 1e-4, Large 5e-5).")
  Double learningRate;

  @Option(
      names = "--layerwise-decay",
      paramLabel = "X",
      description = "Factor of the rate a layer (default: 0.8, Large 0.9).")
  Double layerwiseDecay;

  @Option(
      names = "--corrected-layerwise-decay",
      description = "The top layer has the factor once; as published it has it twice.")
  boolean correctedLayerwiseDecay;

  @Option(names = "--warmup", paramLabel = "X", description = "Share of steps (default: 0.1).")
  Double warmup;

  @Option(names = "--weight-decay", paramLabel = "X", description = "Default: 0.")
  Double weightDecay;

  @Option(names = "--bias-correction", description = "Correct the bias of Adam's moments.")
  boolean biasCorrection;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Norm that gradients are clipped to; 0 for none (default: 1).")
  Double maxGradNorm;

  @Option(names = "--mean-loss", description = "Average the loss over a batch; as published: sum.")
  boolean meanLoss;

  @Option(names = "--dropout", paramLabel = "X", description = "Default: the model's own.")
  Double dropout;

  @Option(
      names = "--head",
      paramLabel = "STYLE",
      description = "linear (as published) or dense (as transformers) (default: linear).")
  Style head;

  @Option(
      names = "--question-head",
      paramLabel = "STYLE",
      description =
          "independent (as transformers) or joint (as published: ends that depend on the start, and"
              + " a logit for no answer; transformers cannot load it) (default: independent).")
  SpanStyle questionHead;

  @Option(
      names = "--class-weights",
      paramLabel = "W",
      description = "balanced, or a number for each label with commas between.")
  String classWeights;

  @Option(
      names = "--freeze-layers",
      paramLabel = "N",
      description = "Train neither the embeddings nor the lowest N layers.")
  Integer freezeLayers;

  @Option(
      names = {"--seq-length", "--max-length"},
      paramLabel = "N",
      description = "Longest sequence (default: 128, for questions 512).")
  Integer seqLength;

  @Option(
      names = "--hold-out",
      paramLabel = "X",
      description =
          "Share of the training examples to judge by, for data without a dev split; questions are"
              + " taken article by article.")
  Double holdOut;

  @Option(names = "--trials", paramLabel = "N", description = "Models to train (default: 1).")
  Integer trials;

  @Option(names = "--seed", paramLabel = "N", description = "Of the first trial (default: 1).")
  Long seed;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description = "Steps between evaluations (default: an epoch).")
  Long evalEvery;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "End a trial after N evaluations without a better score; keep its best.")
  Integer patience;

  @Option(
      names = "--predictions",
      paramLabel = "DIR",
      description =
          "Write predictions for all other splits; of GLUE tasks as its server takes them.")
  Path predictions;

  @Option(names = "--log-every", paramLabel = "N", description = "Steps between lines of metrics.")
  Long logEvery;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description = "Write event files for TensorBoard, a folder a trial.")
  Path tensorBoard;

  @Mixin AnswerOptions answers = new AnswerOptions();
  @Mixin EngineOptions engine = new EngineOptions();

  FinetuneCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws Exception {
    if (task.problem() != null) {
      throw wrong(task.problem());
    }
    positive("--threads", engine.threads.threads);
    FinetuningConfig config = config();
    if (predictions != null) {
      PredictionFiles.makeFolder(predictions);
    }
    List<FinetuningListener> listeners = new ArrayList<>(List.of(FinetuningListeners.basic()));
    listeners.add(
        streams.ofProcess()
            ? FinetuningListeners.progressBar()
            : FinetuningListeners.progressLines(streams.err()));
    if (tensorBoard != null) {
      listeners.add(FinetuningListeners.tensorBoard(tensorBoard));
    }
    try (LastWord lastWord = new LastWord()) {
      return report(config, finetune(config, listeners.toArray(FinetuningListener[]::new)));
    }
  }

  /** What the model refuses is named by its option. */
  private FinetuningResult finetune(FinetuningConfig config, FinetuningListener... listeners)
      throws IOException {
    try {
      return ElectraTrainer.finetune(config, listeners);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(withOptions(e.getMessage(), OPTION_OF_FIELD), e);
    }
  }

  private FinetuningConfig config() throws IOException {
    FinetuningConfig.Builder builder = null;
    for (int i = 0; i < task.tasks.size(); i++) {
      builder = add(builder, heldOut(task.read(task.task(i), i)));
    }
    builder.model(model).output(out).fromScratch(fromScratch).biasCorrection(biasCorrection);
    builder.meanLoss(meanLoss).correctedLayerwiseDecay(correctedLayerwiseDecay);
    builder.threads(engine.threads.threads).device(engine.device).precision(engine.precision);
    builder.answers(answers.decoder());
    if (answers.isGiven() && !task.hasQuestions()) {
      throw wrong(AnswerOptions.ONLY_QUESTIONS);
    }
    set(epochs, builder::epochs);
    set(batch, builder::batchSize);
    set(learningRate, builder::learningRate);
    set(layerwiseDecay, builder::layerwiseDecay);
    set(warmup, builder::warmupShare);
    set(weightDecay, builder::weightDecay);
    set(maxGradNorm, builder::maxGradNorm);
    set(dropout, builder::dropout);
    set(head, builder::headStyle);
    set(questionHead, builder::spanStyle);
    set(freezeLayers, builder::frozenLayers);
    set(seqLength, builder::maxLength);
    set(trials, builder::trials);
    set(seed, builder::seed);
    set(evalEvery, builder::evalEvery);
    set(patience, builder::patience);
    set(logEvery, builder::logEvery);
    set(weights(), builder::classWeights);
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw wrong(withOptions(e.getMessage(), OPTION_OF_FIELD));
    }
  }

  private static <E extends Example> FinetuningConfig.Builder add(
      FinetuningConfig.Builder builder, TaskOptions.Input<E> input) {
    return builder == null
        ? FinetuningConfig.of(input.task(), input.data())
        : builder.andTask(input.task(), input.data());
  }

  private <E extends Example> TaskOptions.Input<E> heldOut(TaskOptions.Input<E> input) {
    if (holdOut == null) {
      return input;
    }
    if (!input.data().split(TaskData.DEV).isEmpty()) {
      throw wrong("--hold-out is for data without a dev split, but this has one.");
    }
    try {
      return new TaskOptions.Input<>(
          input.task(), input.data().holdOut(TaskData.TRAIN, TaskData.DEV, holdOut, 1));
    } catch (IllegalArgumentException e) {
      throw wrong("--hold-out: " + e.getMessage() + ".");
    }
  }

  private ClassWeights weights() {
    if (classWeights == null) {
      return null;
    }
    if (classWeights.equals("balanced")) {
      return ClassWeights.balanced();
    }
    try {
      return ClassWeights.of(
          Arrays.stream(classWeights.split(",")).mapToDouble(Double::parseDouble).toArray());
    } catch (NumberFormatException e) {
      throw wrong(
          "--class-weights must be balanced, or numbers with commas between, but is \""
              + classWeights
              + "\".");
    }
  }

  private int report(FinetuningConfig config, FinetuningResult result) throws IOException {
    if (result.stopped().isPresent()) {
      streams
          .err()
          .printf("stopped (%s), the same command goes on from here%n", result.stopped().get());
      return STOPPED;
    }
    JsonLines json = new JsonLines(streams.out());
    json.write(fields -> write(fields, config, result));
    json.flush();
    if (predictions != null) {
      for (FinetuningConfig.TaskInput<?> input : config.tasks()) {
        predict(input, result, config);
      }
    }
    FinetuningFiles files = new FinetuningFiles(out);
    streams.err().printf("%,.0f tokens/s%n", result.tokensPerSecond());
    streams.err().println("model: " + files.model());
    streams.err().println("curves: " + files.curves());
    return Electra.DONE;
  }

  private <E extends Example> void predict(
      FinetuningConfig.TaskInput<E> input, FinetuningResult result, FinetuningConfig config)
      throws IOException {
    Path ofTask =
        config.tasks().size() > 1 ? result.model().resolve(input.task().name()) : result.model();
    for (String split : input.data().splits().keySet()) {
      if (!split.equals(TaskData.TRAIN) && !split.equals(TaskData.DEV)) {
        Evaluation evaluation =
            ModelEvaluation.evaluate(
                List.of(ofTask),
                input.task(),
                input.data(),
                split,
                engine.inference(),
                config.answers());
        Path file = PredictionFiles.write(predictions, input.task(), input.data(), evaluation);
        streams.err().println("predictions: " + file);
      }
    }
  }

  private void write(JsonGenerator json, FinetuningConfig config, FinetuningResult result)
      throws IOException {
    Map<String, Map<String, ScoreSummary>> summary = result.summary();
    for (FinetuningConfig.TaskInput<?> input : config.tasks()) {
      String name = input.task().name();
      if (config.tasks().size() > 1) {
        json.writeObjectFieldStart(name);
      } else {
        json.writeStringField("task", name);
      }
      Map<String, ScoreSummary> metrics = summary.get(name);
      scores(json, metrics, ScoreSummary::median);
      if (config.trials() > 1) {
        object(json, "median", metrics, ScoreSummary::median);
        object(json, "mean", metrics, ScoreSummary::mean);
        object(json, "deviation", metrics, ScoreSummary::deviation);
        object(json, "best", metrics, ScoreSummary::best);
      }
      if (result.ensemble().containsKey(name)) {
        json.writeObjectFieldStart("ensemble");
        JsonLines.writeNumbers(json, result.ensemble().get(name));
        json.writeEndObject();
      }
      if (config.tasks().size() > 1) {
        json.writeEndObject();
      }
    }
    json.writeNumberField("trials", result.counted().size());
    long failed = result.trials().stream().filter(trial -> trial.degenerate()).count();
    json.writeNumberField("trials_at_chance_level", failed);
    json.writeNumberField("tokens_per_second", result.tokensPerSecond());
    json.writeStringField("model", result.model().toString());
  }

  private static void object(
      JsonGenerator json,
      String name,
      Map<String, ScoreSummary> metrics,
      ToDoubleFunction<ScoreSummary> value)
      throws IOException {
    json.writeObjectFieldStart(name);
    scores(json, metrics, value);
    json.writeEndObject();
  }

  private static void scores(
      JsonGenerator json, Map<String, ScoreSummary> metrics, ToDoubleFunction<ScoreSummary> value)
      throws IOException {
    for (Map.Entry<String, ScoreSummary> entry : metrics.entrySet()) {
      JsonLines.writeNumber(json, entry.getKey(), value.applyAsDouble(entry.getValue()));
    }
  }
}
