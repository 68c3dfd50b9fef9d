package org.electra4j.examples;

import java.nio.file.Path;
import java.util.List;
import org.electra4j.data.CorpusPreparer;
import org.electra4j.data.TokenizedCorpus;
import org.electra4j.text.Vocabulary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "prepare",
    header = "Tokenises a corpus once, for several runs.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = {
      "  electra prepare --corpus texts --vocab vocab.txt --out prepared",
      "  electra pretrain --corpus prepared --vocab vocab.txt --out runs/small"
    })
final class PrepareCommand extends ElectraCommand {
  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "Text files or folders of *.txt and *.txt.gz.")
  List<Path> corpus;

  @Option(names = "--vocab", required = true, paramLabel = "FILE", description = "The vocabulary.")
  Path vocab;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the prepared corpus goes.")
  Path out;

  @Option(names = "--lenient", description = "Take bytes that are not UTF-8 as U+FFFD.")
  boolean lenient;

  @Option(names = "--ignore-blank-lines", description = "Blank lines do not end documents.")
  boolean ignoreBlankLines;

  @Mixin TextOptions text = new TextOptions();
  @Mixin ThreadOptions threads = new ThreadOptions();

  PrepareCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws Exception {
    positive("--threads", threads.threads);
    Progress progress = Progress.on(streams);
    CorpusPreparer preparer =
        CorpusPreparer.builder(Vocabulary.load(vocab), text.tokenizerOptions())
            .lenient(lenient)
            .blanksSeparateDocs(!ignoreBlankLines)
            .threads(threads.threads)
            .progress((done, total) -> progress.update("tokenising", done, total))
            .build();
    try (TokenizedCorpus prepared = preparer.prepare(corpus, out)) {
      progress.finish();
      streams
          .err()
          .printf(
              "%,d tokens in %,d sentences of %,d documents in %s%n",
              prepared.tokens(), prepared.sentences(), prepared.documents(), out);
    }
    return Electra.DONE;
  }
}
