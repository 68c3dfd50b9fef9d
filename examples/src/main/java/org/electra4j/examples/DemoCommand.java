package org.electra4j.examples;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.ElectraTrainer;
import org.electra4j.PretrainingConfig;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.ReplacedTokenDetector;
import org.electra4j.train.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    header = "Pre-trains a tiny model on bundled text and lets it find swapped words.",
    description =
        "Takes about four minutes on two cores. The bundled text is in the public domain.",
    sortOptions = false)
final class DemoCommand extends ElectraCommand {
  private static final String MARKER = "this-is-the-electra-demo";
  private static final int VOCABULARY = 8_192;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "electra-demo",
      description = "Output folder; an earlier demo in it is replaced (default: ${DEFAULT-VALUE}).")
  Path out;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "9000",
      description = "Training steps (default: ${DEFAULT-VALUE}).")
  int steps;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "auto, cpu, cuda[:i] or reference (default: ${DEFAULT-VALUE}).")
  Device device;

  @Mixin ThreadOptions threads = new ThreadOptions();

  DemoCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws Exception {
    positive("--steps", steps);
    positive("--threads", threads.threads);
    Path data = data();
    makeFolder();
    streams
        .err()
        .println("Pre-training a tiny ELECTRA on 5 MB of text: speeches, novels, the Bible.");
    PretrainingConfig config =
        PretrainingConfig.tiny()
            .corpus(data.resolve("corpus.txt.gz"))
            .trainVocabulary(VOCABULARY)
            .output(out)
            .steps(steps)
            .warmupSteps(Math.max(1, steps / 6))
            .heldOutShare(0.02)
            .evalEvery(Math.max(1, steps / 12))
            .saveEvery(Math.max(1, steps / 4))
            .keepCheckpoints(1)
            .device(device)
            .threads(threads.threads)
            .build();
    int code =
        new TrainingRun(streams, null, false)
            .run(out, listeners -> ElectraTrainer.pretrain(config, listeners));
    if (code == Electra.DONE) {
      showDetection();
      showNextSteps();
    }
    return code;
  }

  private void showDetection() throws IOException {
    InferenceOptions options =
        InferenceOptions.defaults().withDevice(device).withThreads(threads.threads);
    SuspiciousWords words = new SuspiciousWords(streams.outIsTerminal());
    streams.out().println();
    streams
        .out()
        .println("One word of each sentence was swapped. What the model suspects is marked:");
    streams.out().println();
    try (ReplacedTokenDetector detector =
        ReplacedTokenDetector.load(new RunFiles(out).model(), options)) {
      for (SwappedSentences.Swapped swapped : SwappedSentences.ALL) {
        streams.out().println("  " + words.mark(swapped.text(), detector.detect(swapped.text())));
        streams.out().printf("      \"%s\" was \"%s\"%n", swapped.swapped(), swapped.original());
      }
    }
  }

  private void showNextSteps() {
    RunFiles files = new RunFiles(out);
    streams.out().println();
    streams.out().println("Learning curves:  " + files.curves());
    streams.out().println("Model:            " + files.model());
    streams.out().println();
    streams.out().println("Next:");
    streams
        .out()
        .println("  echo 'the chef ate the moon' | examples/electra detect " + files.model());
    streams
        .out()
        .println(
            "  echo 'we must [MASK] our country' | examples/electra fill-mask " + files.model());
    streams.out().println("  examples/electra pretrain --help");
  }

  /** Makes an empty output folder, in the place of an earlier demo if there is one. */
  private void makeFolder() throws IOException {
    if (Files.exists(out)) {
      if (!Files.isDirectory(out)) {
        throw wrong("--out " + out + " is a file; name a folder.");
      }
      boolean empty;
      try (Stream<Path> content = Files.list(out)) {
        empty = content.findAny().isEmpty();
      }
      if (!empty && !Files.exists(out.resolve(MARKER))) {
        throw wrong("--out " + out + " holds other files; name a new or empty folder.");
      }
      deleteContent();
    }
    Files.createDirectories(out);
    Files.createFile(out.resolve(MARKER));
  }

  private void deleteContent() throws IOException {
    List<Path> content;
    try (Stream<Path> walk = Files.walk(out)) {
      content = walk.filter(path -> !path.equals(out)).sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : content) {
      Files.delete(path);
    }
  }

  /** Returns the folder examples/data, found from where the classes lie. */
  private static Path data() throws IOException {
    try {
      URI code = DemoCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      for (Path p = Path.of(code); p != null; p = p.getParent()) {
        if (Files.exists(p.resolve("data/corpus.txt.gz"))) {
          return p.resolve("data");
        }
      }
      throw new NoSuchFileException(
          "data/corpus.txt.gz",
          null,
          "the demo's text is not beside the classes; run examples/electra");
    } catch (URISyntaxException e) {
      throw new IOException("The classes lie at an address that is no path: " + e.getMessage(), e);
    }
  }
}
