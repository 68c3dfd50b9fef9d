package org.electra4j.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;

/**
 * A prepared corpus: the token ids of all sentences of all documents, memory-mapped, so that it may
 * be larger than memory. Immutable and thread-safe.
 *
 * <p>The folder holds {@code tokens.bin} (unsigned 16-bit ids for vocabularies up to 65,536
 * entries, else 32-bit), {@code sentences.bin} (64-bit: where each sentence starts in the tokens,
 * then the number of tokens), {@code documents.bin} (64-bit: where each document starts in the
 * sentences, then the number of sentences), {@code inputs.tsv} (size, time of last change and path
 * of each input file) and {@code corpus.properties}; all numbers little-endian. Indexes of examples
 * are kept beside them.
 */
public final class TokenizedCorpus implements AutoCloseable {
  static final String PROPERTIES = "corpus.properties";
  static final String TOKENS = "tokens.bin";
  static final String SENTENCES = "sentences.bin";
  static final String DOCUMENTS = "documents.bin";
  static final String INPUTS = "inputs.tsv";
  static final int FORMAT = 1;

  private final Path folder;
  private final PropertiesFile properties;
  private final MappedNumbers tokens;
  private final MappedNumbers sentences;
  private final MappedNumbers documents;
  private final int clsId;
  private final int sepId;

  private TokenizedCorpus(Path folder, PropertiesFile properties, int segmentBytes)
      throws IOException {
    this.folder = folder;
    this.properties = properties;
    this.clsId = Math.toIntExact(properties.number("vocabulary.cls"));
    this.sepId = Math.toIntExact(properties.number("vocabulary.sep"));
    int width = tokenBytes(vocabularySize());
    this.tokens = map(TOKENS, width, properties.number("tokens"), segmentBytes);
    this.sentences = map(SENTENCES, 8, properties.number("sentences") + 1, segmentBytes);
    this.documents = map(DOCUMENTS, 8, properties.number("documents") + 1, segmentBytes);
    if (sentences.get(sentences()) != tokens() || documents.get(documents()) != sentences()) {
      throw new IllegalArgumentException(
          folder + " is damaged: its boundaries do not end where its tokens do. Prepare it again.");
    }
  }

  private MappedNumbers map(String name, int width, long size, int segmentBytes)
      throws IOException {
    try {
      return MappedNumbers.open(folder.resolve(name), width, size, segmentBytes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + " Prepare the corpus again.", e);
    }
  }

  static int tokenBytes(long vocabularySize) {
    return vocabularySize <= 1 << 16 ? 2 : 4;
  }

  /** Returns whether a folder holds a prepared corpus. */
  public static boolean isPrepared(Path folder) {
    return Files.isRegularFile(folder.resolve(PROPERTIES));
  }

  static boolean ownsFile(String name) {
    return Set.of(PROPERTIES, TOKENS, SENTENCES, DOCUMENTS, INPUTS).contains(name)
        || name.startsWith(ExampleIndex.FOLDER_PREFIX)
        || name.startsWith("." + ExampleIndex.FOLDER_PREFIX);
  }

  /**
   * Opens a prepared corpus.
   *
   * @throws NoSuchFileException if the folder holds none
   * @throws IllegalArgumentException if a file is cut off or damaged, or of another format version
   */
  public static TokenizedCorpus open(Path folder) throws IOException {
    return open(folder, MappedNumbers.SEGMENT_BYTES);
  }

  static TokenizedCorpus open(Path folder, int segmentBytes) throws IOException {
    if (!isPrepared(folder)) {
      throw new NoSuchFileException(
          folder.toString(), null, "not a prepared corpus (it has no " + PROPERTIES + ")");
    }
    PropertiesFile properties = PropertiesFile.read(folder.resolve(PROPERTIES));
    long format = properties.number("format");
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          folder
              + " has format "
              + format
              + ", this version reads "
              + FORMAT
              + ". Prepare it again.");
    }
    return new TokenizedCorpus(folder, properties, segmentBytes);
  }

  /**
   * Opens a corpus that must have been prepared with a given vocabulary.
   *
   * @throws NoSuchFileException if the folder holds no prepared corpus
   * @throws IllegalArgumentException if it was prepared with another vocabulary, or is damaged
   */
  public static TokenizedCorpus open(Path folder, Vocabulary vocabulary) throws IOException {
    TokenizedCorpus corpus = open(folder);
    String expected = CorpusIdentity.vocabularyHash(vocabulary);
    if (!corpus.vocabularyHash().equals(expected)) {
      throw new IllegalArgumentException(
          String.format(
              "%s was prepared with another vocabulary (%d entries, hash %.12s) than this one (%d entries,"
                  + " hash %.12s). Use that vocabulary or prepare the corpus again.",
              folder,
              corpus.vocabularySize(),
              corpus.vocabularyHash(),
              vocabulary.size(),
              expected));
    }
    return corpus;
  }

  /** Returns the folder that holds the corpus. */
  public Path folder() {
    return folder;
  }

  /** Returns the number of tokens. */
  public long tokens() {
    return tokens.size();
  }

  /** Returns the number of sentences; a sentence is a line that has tokens. */
  public long sentences() {
    return sentences.size() - 1;
  }

  /** Returns the number of documents; none is empty. */
  public long documents() {
    return documents.size() - 1;
  }

  /**
   * Returns where a sentence starts in the tokens; for {@code sentence == sentences()}, their
   * number.
   */
  public long sentenceStart(long sentence) {
    return sentences.get(sentence);
  }

  /**
   * Returns the first sentence of a document; for {@code document == documents()}, their number.
   */
  public long documentStart(long document) {
    return documents.get(document);
  }

  /** Returns the number of tokens of a document. */
  public long documentTokens(long document) {
    return sentenceStart(documentStart(document + 1)) - sentenceStart(documentStart(document));
  }

  /**
   * Copies the ids of tokens {@code start … start + length - 1} to {@code destination[offset …]}.
   *
   * @throws IndexOutOfBoundsException if the range is outside the corpus
   * @throws IllegalStateException if the corpus is closed
   */
  public void copyTokens(long start, int[] destination, int offset, int length) {
    tokens.copy(start, destination, offset, length);
  }

  /** Returns the number of entries of the vocabulary that the corpus was prepared with. */
  public int vocabularySize() {
    return Math.toIntExact(properties.number("vocabulary.size"));
  }

  /** Returns the SHA-256 of that vocabulary, in hexadecimal. */
  public String vocabularyHash() {
    return properties.text("vocabulary.sha256");
  }

  /** Returns how the text was normalised before WordPiece. */
  public TokenizerOptions tokenizerOptions() {
    return new TokenizerOptions(
        Boolean.parseBoolean(properties.text("tokenizer.lowerCase")),
        Boolean.parseBoolean(properties.text("tokenizer.stripAccents")),
        Boolean.parseBoolean(properties.text("tokenizer.tokenizeChineseChars")),
        Math.toIntExact(properties.number("tokenizer.maxInputCharsPerWord")));
  }

  /** Returns the id of [CLS]. */
  public int clsId() {
    return clsId;
  }

  /** Returns the id of [SEP]. */
  public int sepId() {
    return sepId;
  }

  /** Returns what a corpus made from the same inputs in the same way must equal. */
  String inputIdentity() {
    return properties.text("identity");
  }

  /** Returns a text that differs when the content differs. */
  String contentIdentity() {
    return properties.text("checksum") + "-" + tokens() + "-" + sentences() + "-" + documents();
  }

  /** Ends all use: whatever reads the corpus afterwards gets an {@link IllegalStateException}. */
  @Override
  public void close() {
    tokens.close();
    sentences.close();
    documents.close();
  }
}
