package org.electra4j.bench.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.data.CorpusPreparer;
import org.electra4j.data.TokenizedCorpus;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTrainer;

/**
 * Text that all runs share: one vocabulary, trained on it, and the corpus in its tokens. Made once
 * in a work folder.
 *
 * @param vocabulary file of the vocabulary
 * @param corpus folder of the prepared corpus
 * @param vocabSize entries of the vocabulary
 * @param tokens tokens of the corpus
 */
record StudyText(Path vocabulary, Path corpus, int vocabSize, long tokens) {

  static StudyText prepare(List<Path> texts, Path work, int vocabSize, int threads)
      throws IOException, InterruptedException {
    Files.createDirectories(work);
    Path file = work.resolve("vocab.txt");
    Path folder = work.resolve("corpus");
    if (!Files.exists(file)) {
      WordPieceTrainer.builder()
          .vocabSize(vocabSize)
          .options(TokenizerOptions.uncased())
          .threads(threads)
          .build()
          .train(CorpusPreparer.textFiles(texts))
          .save(file);
    }
    Vocabulary vocabulary = Vocabulary.load(file);
    if (!TokenizedCorpus.isPrepared(folder)) {
      CorpusPreparer.builder(vocabulary, TokenizerOptions.uncased())
          .threads(threads)
          .build()
          .prepare(texts, folder)
          .close();
    }
    try (TokenizedCorpus corpus = TokenizedCorpus.open(folder, vocabulary)) {
      return new StudyText(file, folder, vocabulary.size(), corpus.tokens());
    }
  }
}
