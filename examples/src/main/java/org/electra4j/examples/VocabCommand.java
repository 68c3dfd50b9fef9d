package org.electra4j.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.data.CorpusPreparer;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTrainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "vocab",
    header = "Trains a WordPiece vocabulary from text.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  electra vocab --corpus texts --size 30522 --out vocab.txt")
final class VocabCommand extends ElectraCommand {
  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "Text files or folders of *.txt and *.txt.gz.")
  List<Path> corpus;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where the vocabulary goes, one token a line.")
  Path out;

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "30522",
      description = "Tokens, special ones included (default: ${DEFAULT-VALUE}).")
  int size;

  @Option(
      names = "--min-frequency",
      paramLabel = "N",
      defaultValue = "2",
      description = "How often a pair must occur to be merged (default: ${DEFAULT-VALUE}).")
  int minFrequency;

  @Option(
      names = "--limit-alphabet",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Distinct characters that are kept (default: ${DEFAULT-VALUE}).")
  int limitAlphabet;

  @Mixin TextOptions text = new TextOptions();
  @Mixin ThreadOptions threads = new ThreadOptions();

  VocabCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws Exception {
    positive("--size", size);
    positive("--min-frequency", minFrequency);
    positive("--limit-alphabet", limitAlphabet);
    positive("--threads", threads.threads);
    List<Path> files = CorpusPreparer.textFiles(corpus);
    String problem = OutputPlace.problemOfFile(out, files);
    if (problem != null) {
      throw wrong(problem);
    }
    Progress progress = Progress.on(streams);
    Vocabulary vocabulary =
        WordPieceTrainer.builder()
            .vocabSize(size)
            .minFrequency(minFrequency)
            .limitAlphabet(limitAlphabet)
            .options(text.tokenizerOptions())
            .threads(threads.threads)
            .progress((stage, done, total) -> progress.update(name(stage), done, total))
            .build()
            .train(files);
    progress.finish();
    if (out.toAbsolutePath().getParent() != null) {
      Files.createDirectories(out.toAbsolutePath().getParent());
    }
    vocabulary.save(out);
    streams.err().println(vocabulary.size() + " tokens in " + out);
    return Electra.DONE;
  }

  private static String name(WordPieceTrainer.Stage stage) {
    return stage == WordPieceTrainer.Stage.COUNTING ? "counting words" : "merging pieces";
  }
}
