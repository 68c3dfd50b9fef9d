package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.PretrainingConfig;
import org.electra4j.data.CorpusPreparer;
import org.electra4j.data.CorpusProgress;
import org.electra4j.data.ExampleOptions;
import org.electra4j.data.PretrainingData;
import org.electra4j.data.TokenizedCorpus;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTrainer;

/** Vocabulary, prepared corpus and batches of a run. */
final class RunData implements AutoCloseable {
  private final Vocabulary vocabulary;
  private final TokenizedCorpus corpus;
  private final PretrainingData batches;

  private RunData(Vocabulary vocabulary, TokenizedCorpus corpus, PretrainingData batches) {
    this.vocabulary = vocabulary;
    this.corpus = corpus;
    this.batches = batches;
  }

  static RunData open(PretrainingConfig config, RunFiles files, List<TrainingListener> listeners)
      throws IOException, InterruptedException {
    Vocabulary vocabulary = vocabulary(config, files, listeners);
    TokenizedCorpus corpus = corpus(config, files, vocabulary, listeners);
    try {
      ExampleOptions options =
          new ExampleOptions(
              config.seqLength(),
              config.shortSequenceProb(),
              config.singleSegmentProb(),
              config.heldOutShare(),
              config.laterSentencesMayJoinFirstSegment(),
              config.trimToMaxLengthOnly(),
              config.dropOverflow());
      PretrainingData batches =
          PretrainingData.open(corpus, options, config.batchSize(), config.seed());
      return new RunData(vocabulary, corpus, batches);
    } catch (IOException | InterruptedException | RuntimeException e) {
      corpus.close();
      throw e;
    }
  }

  private static Vocabulary vocabulary(
      PretrainingConfig config, RunFiles files, List<TrainingListener> listeners)
      throws IOException, InterruptedException {
    if (config.vocabulary() != null) {
      return Vocabulary.load(config.vocabulary());
    }
    if (!Files.exists(files.vocabulary())) {
      Vocabulary trained =
          WordPieceTrainer.builder()
              .vocabSize(config.trainVocabularySize())
              .options(config.tokenizerOptions())
              .threads(config.threads())
              .progress(
                  (stage, done, total) ->
                      prepared(
                          listeners,
                          stage == WordPieceTrainer.Stage.COUNTING
                              ? "vocabulary: counting words"
                              : "vocabulary: merging pieces",
                          done,
                          total))
              .build()
              .train(CorpusPreparer.textFiles(config.corpus()));
      trained.save(files.vocabulary());
    }
    return Vocabulary.load(files.vocabulary());
  }

  private static TokenizedCorpus corpus(
      PretrainingConfig config,
      RunFiles files,
      Vocabulary vocabulary,
      List<TrainingListener> listeners)
      throws IOException, InterruptedException {
    Path first = config.corpus().get(0);
    if (config.corpus().size() == 1 && TokenizedCorpus.isPrepared(first)) {
      TokenizedCorpus corpus = TokenizedCorpus.open(first, vocabulary);
      TokenizerOptions options = config.tokenizerOptions();
      if (!corpus.tokenizerOptions().equals(options.withStripAccents(options.stripsAccents()))) {
        corpus.close();
        throw new IllegalArgumentException(
            "The corpus "
                + first
                + " was prepared with "
                + corpus.tokenizerOptions()
                + ", but the run has "
                + config.tokenizerOptions()
                + "; prepare it anew, or choose lowerCase and stripAccents as it has them.");
      }
      return corpus;
    }
    CorpusProgress progress = (done, total) -> prepared(listeners, "corpus", done, total);
    return CorpusPreparer.builder(vocabulary, config.tokenizerOptions())
        .blanksSeparateDocs(config.blanksSeparateDocs())
        .lenient(config.lenient())
        .threads(config.threads())
        .progress(progress)
        .build()
        .prepare(config.corpus(), files.corpus());
  }

  private static void prepared(
      List<TrainingListener> listeners, String what, long done, long total) {
    listeners.forEach(listener -> listener.onPreparation(what, done, total));
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  PretrainingData batches() {
    return batches;
  }

  @Override
  public void close() {
    batches.close();
    corpus.close();
  }
}
