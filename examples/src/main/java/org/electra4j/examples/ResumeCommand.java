package org.electra4j.examples;

import java.nio.file.Path;
import org.electra4j.ElectraTrainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "resume",
    header = "Continues a run that was stopped or killed.",
    description = "The result is the same as if the run had never stopped.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  electra resume runs/small")
final class ResumeCommand extends ElectraCommand {
  @Parameters(paramLabel = "DIR", description = "Output folder of the run.")
  Path output;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Worker threads (default: as many as before).")
  Integer threads;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description = "Write event files for TensorBoard.")
  Path tensorBoard;

  ResumeCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws Exception {
    if (threads != null) {
      positive("--threads", threads);
    }
    return new TrainingRun(streams, tensorBoard, false)
        .run(
            output,
            listeners ->
                threads == null
                    ? ElectraTrainer.resume(output, listeners)
                    : ElectraTrainer.resume(output, threads, listeners));
  }
}
