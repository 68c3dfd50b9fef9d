package org.electra4j.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns a WordPiece vocabulary from text, as Hugging Face's {@code BertWordPieceTokenizer.train}
 * defines it: byte-pair merges (Sennrich et al. 2016) over the words of the normalised text, where
 * a piece inside a word carries "##".
 *
 * <p>The vocabulary is, in this order: the special tokens; the characters, by code point; the
 * characters seen inside words with "##", by code point; then one token per merge, the most
 * frequent pair first, ties by the ids of the pair. Hugging Face numbers the "##" characters in the
 * random order of a hash table; apart from that and what follows from it in ties, the result is the
 * same. It does not depend on the number of threads.
 *
 * <p>Words longer than {@link TokenizerOptions#maxInputCharsPerWord} are left out: the encoder
 * never cuts them. Immutable and thread-safe.
 */
public final class WordPieceTrainer {
  private static final Logger LOG = LoggerFactory.getLogger(WordPieceTrainer.class);

  private final Builder settings;

  private WordPieceTrainer(Builder settings) {
    this.settings = settings;
  }

  /** The two parts of a training. */
  public enum Stage {
    /** Texts are read and their words counted; done and total are characters, or bytes of files. */
    COUNTING,
    /** Pairs are merged; done and total are tokens of the vocabulary. */
    MERGING
  }

  /** Is told how far a training is, on the thread that called {@code train}. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Receives the state of a stage.
     *
     * @param total where {@code done} will end, or -1 if that is not known
     */
    void update(Stage stage, long done, long total);
  }

  /** Returns a builder with Hugging Face's defaults and 30,522 tokens. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns a vocabulary learnt from texts.
   *
   * @throws IllegalArgumentException if the texts have no words, or their characters do not fit
   *     into the vocabulary size
   * @throws InterruptedException if the thread is interrupted
   */
  public Vocabulary train(Iterator<String> texts) throws InterruptedException {
    WordCounter counter = new WordCounter(settings);
    TextBatches.Source source = TextBatches.of(texts);
    try {
      return learn(counter.count(source));
    } catch (IOException e) {
      throw new AssertionError("an iterator does no input or output", e);
    }
  }

  /**
   * Returns a vocabulary learnt from text files: UTF-8, plain or gzip (by the name's ending {@code
   * .gz}).
   *
   * @throws IOException if a file cannot be read; the message has the path
   * @throws IllegalArgumentException as {@link #train(Iterator)}, and if a line is not UTF-8; the
   *     message has the file and the line
   * @throws InterruptedException if the thread is interrupted
   */
  public Vocabulary train(List<Path> files) throws IOException, InterruptedException {
    try (TextBatches.Source source = TextBatches.of(files)) {
      return learn(new WordCounter(settings).count(source));
    }
  }

  private Vocabulary learn(Map<String, Long> words) throws InterruptedException {
    if (words.isEmpty()) {
      throw new IllegalArgumentException("The texts hold no words to learn a vocabulary from.");
    }
    Set<String> tokens = new LinkedHashSet<>(Vocabulary.SPECIAL_TOKENS);
    Set<Integer> alphabet = alphabet(words);
    alphabet.forEach(c -> tokens.add(Character.toString(c)));
    insideWords(words, alphabet).forEach(c -> tokens.add("##" + Character.toString(c)));
    if (tokens.size() > settings.vocabSize) {
      throw new IllegalArgumentException(
          String.format(
              "vocabSize %d cannot hold the %d special tokens and single characters of these texts;"
                  + " raise vocabSize or lower limitAlphabet.",
              settings.vocabSize, tokens.size()));
    }
    PairMerger merger = new PairMerger(new ArrayList<>(tokens), words);
    merger.merge(settings.vocabSize, settings.minFrequency, settings.progress);
    List<String> learnt = merger.tokens();
    if (learnt.size() < settings.vocabSize) {
      LOG.warn(
          "The vocabulary has {} tokens, not {}: no further pair occurs {} times in the texts",
          learnt.size(),
          settings.vocabSize,
          settings.minFrequency);
    }
    return Vocabulary.of(learnt);
  }

  /** Returns the most frequent characters; of equally frequent ones, the lower code points. */
  private Set<Integer> alphabet(Map<String, Long> words) {
    Map<Integer, Long> counts = new HashMap<>();
    words.forEach(
        (word, count) -> word.codePoints().forEach(c -> counts.merge(c, count, Long::sum)));
    settings.initialAlphabet.forEach(c -> counts.put(c, Long.MAX_VALUE));
    Set<Integer> alphabet = new TreeSet<>();
    counts.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<Integer, Long> e) -> -e.getValue())
                .thenComparing(Map.Entry::getKey))
        .limit(settings.limitAlphabet)
        .forEach(e -> alphabet.add(e.getKey()));
    return alphabet;
  }

  private static Set<Integer> insideWords(Map<String, Long> words, Set<Integer> alphabet) {
    Set<Integer> inside = new TreeSet<>();
    for (String word : words.keySet()) {
      word.codePoints().skip(1).filter(alphabet::contains).forEach(inside::add);
    }
    return inside;
  }

  /** What a trainer is made of. */
  public static final class Builder {
    int vocabSize = 30_522;
    long minFrequency = 2;
    int limitAlphabet = 1000;
    Set<Integer> initialAlphabet = Set.of();
    TokenizerOptions options = TokenizerOptions.uncased();
    int threads = Runtime.getRuntime().availableProcessors();
    int maxDistinctWords = 10_000_000;
    Progress progress = (stage, done, total) -> {};

    private Builder() {}

    private Builder(Builder other) {
      vocabSize = other.vocabSize;
      minFrequency = other.minFrequency;
      limitAlphabet = other.limitAlphabet;
      initialAlphabet = other.initialAlphabet;
      options = other.options;
      threads = other.threads;
      maxDistinctWords = other.maxDistinctWords;
      progress = other.progress;
    }

    /** Sets the number of tokens to learn, special tokens included. */
    public Builder vocabSize(int value) {
      vocabSize = positive("vocabSize", value);
      return this;
    }

    /** Sets how often a pair must occur to be merged. */
    public Builder minFrequency(int value) {
      minFrequency = positive("minFrequency", value);
      return this;
    }

    /** Sets how many distinct characters are kept, the most frequent ones. */
    public Builder limitAlphabet(int value) {
      limitAlphabet = positive("limitAlphabet", value);
      return this;
    }

    /**
     * Sets characters (code points) that are in the vocabulary whether or not the texts have them.
     */
    public Builder initialAlphabet(Collection<Integer> codePoints) {
      initialAlphabet = Set.copyOf(codePoints);
      return this;
    }

    /** Sets how text is normalised; the encoder must use the same options. */
    public Builder options(TokenizerOptions value) {
      options = Objects.requireNonNull(value, "options");
      return this;
    }

    /** Sets how many threads count words; by default the processors of the machine. */
    public Builder threads(int value) {
      threads = positive("threads", value);
      return this;
    }

    /**
     * Sets how many distinct words are kept in memory; beyond that the rarest are dropped, with a
     * warning. Hugging Face keeps all.
     */
    public Builder maxDistinctWords(int value) {
      maxDistinctWords = positive("maxDistinctWords", value);
      return this;
    }

    /** Sets who is told about the progress. */
    public Builder progress(Progress value) {
      progress = Objects.requireNonNull(value, "progress");
      return this;
    }

    /** Returns the trainer. */
    public WordPieceTrainer build() {
      return new WordPieceTrainer(new Builder(this));
    }

    private static int positive(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " must be at least 1, got " + value);
      }
      return value;
    }
  }
}
