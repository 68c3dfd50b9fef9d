package org.electra4j.data;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;

/** Small corpora over the words w0 … w999, whose ids are 5 … 1004. */
final class Corpora {
  static final int FIRST_WORD = 5;
  static final Vocabulary VOCABULARY = vocabulary(1000);

  private Corpora() {}

  static Vocabulary vocabulary(int words) {
    List<String> tokens = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    for (int i = 0; i < words; i++) {
      tokens.add("w" + i);
    }
    return Vocabulary.of(tokens);
  }

  static CorpusPreparer.Builder preparer() {
    return CorpusPreparer.builder(VOCABULARY, TokenizerOptions.uncased()).threads(2);
  }

  /** Returns documents of random sentences, a blank line after each document. */
  static List<String> lines(Random random, int documents, int maxSentences, int maxWords) {
    List<String> lines = new ArrayList<>();
    for (int d = 0; d < documents; d++) {
      int sentences = 1 + random.nextInt(maxSentences);
      for (int s = 0; s < sentences; s++) {
        lines.add(sentence(random, 1 + random.nextInt(maxWords)));
      }
      lines.add("");
    }
    return lines;
  }

  static String sentence(Random random, int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(i == 0 ? "" : " ").append('w').append(random.nextInt(1000));
    }
    return text.toString();
  }

  static TokenizedCorpus prepareLines(List<String> lines, Path folder) {
    try {
      return preparer().build().prepareLines(lines, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static Path writeGzip(Path file, String... members) throws IOException {
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    Files.createFile(file);
    for (String member : members) {
      try (OutputStream out =
          new GZIPOutputStream(Files.newOutputStream(file, StandardOpenOption.APPEND))) {
        out.write(member.getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }

  static int[] tokens(TokenizedCorpus corpus, long start, long end) {
    int[] ids = new int[Math.toIntExact(end - start)];
    corpus.copyTokens(start, ids, 0, ids.length);
    return ids;
  }

  /** Returns the corpus as "w1 w2 | w3 || w4": sentences parted by "|", documents by "||". */
  static String show(TokenizedCorpus corpus, Vocabulary vocabulary) {
    List<String> documents = new ArrayList<>();
    for (long d = 0; d < corpus.documents(); d++) {
      List<String> sentences = new ArrayList<>();
      for (long s = corpus.documentStart(d); s < corpus.documentStart(d + 1); s++) {
        int[] ids = tokens(corpus, corpus.sentenceStart(s), corpus.sentenceStart(s + 1));
        sentences.add(String.join(" ", Arrays.stream(ids).mapToObj(vocabulary::token).toList()));
      }
      documents.add(String.join(" | ", sentences));
    }
    return String.join(" || ", documents);
  }

  static String show(TokenizedCorpus corpus) {
    return show(corpus, VOCABULARY);
  }
}
