package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.finetune.Evaluation;
import org.electra4j.finetune.ModelEvaluation;
import org.electra4j.finetune.PredictionFiles;
import org.electra4j.finetune.data.Example;
import org.electra4j.inference.AnswerDecoder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores of fine-tuned models. */
@Command(
    name = "evaluate",
    header = "Evaluates a fine-tuned model on a task.",
    customSynopsis = "electra evaluate --task NAME --data PATH... --model DIR... [OPTIONS]",
    description = "Prints one JSON object with the metrics.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  electra evaluate --task sst2 --data glue/SST-2 --model runs/sst2",
      "  electra evaluate --task mnli --data glue/MNLI --model runs/mnli --split test --predictions out"
    })
final class EvaluateCommand extends ElectraCommand {
  @Mixin TaskOptions task = new TaskOptions();

  @Option(
      names = "--model",
      required = true,
      arity = "1..*",
      paramLabel = "DIR",
      description = "Fine-tuned model, or output folder of the run; several: mean of the logits.")
  List<Path> models;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "dev, test, dev_mismatched, … (default: dev).")
  String split = "dev";

  @Option(
      names = "--predictions",
      paramLabel = "DIR",
      description = "Write the predictions too; of GLUE tasks as its server takes them.")
  Path predictions;

  @Mixin AnswerOptions answers = new AnswerOptions();
  @Mixin EngineOptions engine = new EngineOptions();

  EvaluateCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws Exception {
    if (task.problem() != null) {
      throw wrong(task.problem());
    }
    if (task.tasks.size() > 1) {
      throw wrong("Several tasks cannot be evaluated at once; run the command once a task.");
    }
    positive("--threads", engine.threads.threads);
    AnswerDecoder decoder = answers.decoder();
    if (answers.isGiven() && !task.hasQuestions()) {
      throw wrong(AnswerOptions.ONLY_QUESTIONS);
    }
    TaskOptions.Input<?> input = task.read(task.task(0), 0);
    if (predictions != null) {
      PredictionFiles.makeFolder(predictions);
    }
    return evaluate(input, decoder);
  }

  private <E extends Example> int evaluate(TaskOptions.Input<E> input, AnswerDecoder decoder)
      throws IOException {
    Evaluation evaluation =
        ModelEvaluation.evaluate(
            models, input.task(), input.data(), split, engine.inference(), decoder);
    JsonLines out = new JsonLines(streams.out());
    out.write(
        json -> {
          json.writeStringField("task", input.task().name());
          json.writeStringField("split", split);
          JsonLines.writeNumbers(json, evaluation.scores());
          JsonLines.writeNumber(json, "loss", evaluation.loss());
          json.writeNumberField("examples", evaluation.ids().size());
        });
    out.flush();
    if (predictions != null) {
      streams
          .err()
          .println(
              "predictions: "
                  + PredictionFiles.write(predictions, input.task(), input.data(), evaluation));
    }
    return Electra.DONE;
  }
}
