package org.electra4j.data;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokenises text once, in parallel, into a {@link TokenizedCorpus}.
 *
 * <p>A line is one sentence or paragraph; a blank line ends a document ({@link
 * Builder#blanksSeparateDocs}), and so does the end of a file. Text is UTF-8, with or without a
 * byte order mark; lines end in LF or CRLF. Files that start with the gzip magic bytes are
 * decompressed. The bytes of the result depend on the text alone, not on the number of threads.
 * Immutable and thread-safe.
 */
public final class CorpusPreparer {
  private static final Logger log = LoggerFactory.getLogger(CorpusPreparer.class);

  private final Vocabulary vocabulary;
  private final TokenizerOptions options;
  private final boolean blanksSeparateDocs;
  private final boolean lenient;
  private final int threads;
  private final CorpusProgress progress;

  private CorpusPreparer(Builder builder) {
    this.vocabulary = builder.vocabulary;
    this.options = builder.options;
    this.blanksSeparateDocs = builder.blanksSeparateDocs;
    this.lenient = builder.lenient;
    this.threads = builder.threads;
    this.progress = builder.progress;
  }

  /** Gives chunks in order of text, then null. */
  interface ChunkSource extends AutoCloseable {
    TextChunk next() throws IOException;

    @Override
    default void close() throws IOException {}
  }

  /** Returns a builder for a vocabulary and the normalisation that belongs to it. */
  public static Builder builder(Vocabulary vocabulary, TokenizerOptions options) {
    return new Builder(vocabulary, options);
  }

  /**
   * Prepares text files into a folder and opens the result. If the folder already holds what the
   * same files (by path, size and time of last change), vocabulary and options gave, that is opened
   * instead; another prepared corpus in it is replaced once the new one is complete.
   *
   * @param inputs text files, and folders of which every *.txt and *.txt.gz below them is taken in
   *     order of path; hidden files are passed over
   * @param folder where the prepared corpus goes
   * @throws java.nio.file.NoSuchFileException if an input does not exist
   * @throws IOException if reading or writing fails, with the path in the message
   * @throws IllegalArgumentException if there are no text files or no tokens in them, a byte is not
   *     UTF-8 (naming file and line), or {@code folder} holds something else
   * @throws InterruptedException if the thread is interrupted; nothing is left behind
   */
  public TokenizedCorpus prepare(List<Path> inputs, Path folder)
      throws IOException, InterruptedException {
    List<InputFile> files = InputFile.find(inputs);
    TreeMap<String, String> entries = recipe();
    String identity = CorpusIdentity.of(entries, files);
    TokenizedCorpus present = reusable(folder, identity);
    if (present != null) {
      log.info("Using the prepared corpus in {}", folder);
      return present;
    }
    entries.put("identity", identity);
    entries.put("inputs.files", Integer.toString(files.size()));
    long bytes = files.stream().mapToLong(InputFile::size).sum();
    try (FileChunks chunks = new FileChunks(files)) {
      return write(chunks, bytes, files, entries, folder);
    }
  }

  /**
   * Prepares lines from memory into a folder and opens the result; for a stream, pass {@code
   * stream::iterator}. An empty string is a blank line; a string of several lines counts as them.
   * Always prepares anew.
   *
   * @throws IOException if writing fails, with the path in the message
   * @throws IllegalArgumentException if there are no tokens, or {@code folder} holds something else
   * @throws InterruptedException if the thread is interrupted; nothing is left behind
   */
  public TokenizedCorpus prepareLines(Iterable<String> lines, Path folder)
      throws IOException, InterruptedException {
    TreeMap<String, String> entries = recipe();
    entries.put("identity", "lines");
    entries.put("inputs.files", "0");
    try (LineChunks chunks = new LineChunks(lines)) {
      return write(chunks, -1, List.of(), entries, folder);
    }
  }

  /**
   * Returns the text files that {@link #prepare} would read for these inputs, in its order.
   *
   * @throws java.nio.file.NoSuchFileException if an input does not exist
   * @throws IllegalArgumentException if there are no text files
   */
  public static List<Path> textFiles(List<Path> inputs) throws IOException {
    return InputFile.find(inputs).stream().map(InputFile::path).toList();
  }

  private TreeMap<String, String> recipe() {
    return CorpusIdentity.recipe(vocabulary, options, blanksSeparateDocs, lenient);
  }

  private static TokenizedCorpus reusable(Path folder, String identity) throws IOException {
    if (!TokenizedCorpus.isPrepared(folder)) {
      return null;
    }
    try {
      TokenizedCorpus corpus = TokenizedCorpus.open(folder);
      if (corpus.inputIdentity().equals(identity)) {
        return corpus;
      }
      corpus.close();
      log.info("{} was prepared from other text or options: preparing it again", folder);
    } catch (IllegalArgumentException e) {
      log.warn("Preparing {} again: {}", folder, e.getMessage());
    }
    return null;
  }

  private TokenizedCorpus write(
      ChunkSource chunks,
      long totalBytes,
      List<InputFile> files,
      TreeMap<String, String> entries,
      Path folder)
      throws IOException, InterruptedException {
    requireReplaceable(folder);
    WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary, options);
    Supplier<ChunkEncoder> encoders =
        () -> new ChunkEncoder(tokenizer::encode, blanksSeparateDocs, lenient);
    try (AtomicFolder output = new AtomicFolder(folder)) {
      try (CorpusWriter writer = new CorpusWriter(output.path(), vocabulary.size())) {
        long read =
            new ParallelEncoding(chunks, writer, encoders, progress, totalBytes).run(threads);
        if (writer.tokenCount() == 0) {
          throw emptyCorpus(files, read);
        }
        writer.finish(entries);
      }
      writeInputs(output.path().resolve(TokenizedCorpus.INPUTS), files);
      PropertiesFile.write(output.path().resolve(TokenizedCorpus.PROPERTIES), entries);
      output.publish();
    }
    TokenizedCorpus corpus = TokenizedCorpus.open(folder);
    log.info(
        "Prepared {}: {} tokens, {} sentences, {} documents",
        folder,
        corpus.tokens(),
        corpus.sentences(),
        corpus.documents());
    return corpus;
  }

  private static IllegalArgumentException emptyCorpus(List<InputFile> files, long read) {
    String where = files.size() == 1 ? files.get(0).path().toString() : files.size() + " files";
    return new IllegalArgumentException(
        "The corpus is empty: no tokens in "
            + (files.isEmpty() ? "the given lines" : where + " (" + read + " bytes)")
            + ". Give it some text.");
  }

  private static void writeInputs(Path target, List<InputFile> files) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(target)) {
      for (InputFile file : files) {
        out.write(CorpusIdentity.line(file) + "\n");
      }
    } catch (IOException e) {
      throw AtomicFolder.cannotWrite(target, e);
    }
  }

  /** Refuses to replace a folder that holds anything but a prepared corpus. */
  private static void requireReplaceable(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          folder + " is a file; a prepared corpus needs a folder of its own");
    }
    try (Stream<Path> content = Files.list(folder)) {
      List<String> others =
          content
              .map(path -> path.getFileName().toString())
              .filter(name -> !TokenizedCorpus.ownsFile(name))
              .sorted()
              .toList();
      if (!others.isEmpty()) {
        throw new IllegalArgumentException(
            folder
                + " holds "
                + others.get(0)
                + ", which is no part of a prepared corpus. Choose an empty or new folder.");
      }
    }
  }

  /** Collects the settings of a {@link CorpusPreparer}. */
  public static final class Builder {
    private final Vocabulary vocabulary;
    private final TokenizerOptions options;
    private boolean blanksSeparateDocs = true;
    private boolean lenient;
    private int threads = Runtime.getRuntime().availableProcessors();
    private CorpusProgress progress = (done, total) -> {};

    private Builder(Vocabulary vocabulary, TokenizerOptions options) {
      this.vocabulary = Objects.requireNonNull(vocabulary, "vocabulary");
      this.options = Objects.requireNonNull(options, "options");
    }

    /** Sets whether a blank line ends a document (default) or is passed over. */
    public Builder blanksSeparateDocs(boolean value) {
      blanksSeparateDocs = value;
      return this;
    }

    /**
     * Sets whether bytes that are not UTF-8 become U+FFFD instead of an error (default: an error).
     */
    public Builder lenient(boolean value) {
      lenient = value;
      return this;
    }

    /**
     * Sets the number of tokenising threads; the default is what the JVM reports.
     *
     * @throws IllegalArgumentException if {@code value} is below 1
     */
    public Builder threads(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("threads must be at least 1, got " + value);
      }
      threads = value;
      return this;
    }

    /** Sets who hears of progress. */
    public Builder progress(CorpusProgress value) {
      progress = Objects.requireNonNull(value, "progress");
      return this;
    }

    /** Returns the preparer. */
    public CorpusPreparer build() {
      return new CorpusPreparer(this);
    }
  }
}
