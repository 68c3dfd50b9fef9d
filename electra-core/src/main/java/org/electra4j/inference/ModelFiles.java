package org.electra4j.inference;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.electra4j.ElectraConfig;
import org.electra4j.backend.Backends;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.text.WordPieceTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Configuration and tokenizer of a model directory. The tokenizer is made on a thread of its own
 * while the weights are read, and the native libraries are loaded on another while the
 * configuration is, so that the first embedding of a fresh JVM comes sooner.
 */
final class ModelFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ModelFiles.class);
  private static final int SHORTEST = 2;

  private final Path directory;
  private final HuggingFaceConfig description;
  private final FutureTask<WordPieceTokenizer> tokenizer;

  private ModelFiles(
      Path directory, HuggingFaceConfig description, FutureTask<WordPieceTokenizer> tokenizer) {
    this.directory = directory;
    this.description = description;
    this.tokenizer = tokenizer;
  }

  static ModelFiles read(Path directory) throws IOException {
    return read(directory, directory);
  }

  /** Reads {@code config.json} of one directory and the tokenizer of another. */
  static ModelFiles read(Path directory, Path tokenizerDirectory) throws IOException {
    HuggingFaceConfig.requireDirectory(directory);
    LOG.debug("Reading {}.", directory);
    FutureTask<WordPieceTokenizer> tokenizer =
        new FutureTask<>(
            () ->
                new WordPieceTokenizer(
                    TokenizerFiles.readVocabulary(tokenizerDirectory),
                    TokenizerFiles.readOptions(tokenizerDirectory)));
    inBackground(Backends::probe, "electra-libraries");
    inBackground(tokenizer, "electra-tokenizer");
    Path file = directory.resolve(HuggingFaceConfig.FILE);
    HuggingFaceConfig description = HuggingFaceConfig.read(file);
    ElectraConfig config = description.config();
    if (config.maxPositionEmbeddings() < SHORTEST) {
      throw new FileFormatException(
          file, "max_position_embeddings must be at least 2, for [CLS] and [SEP].");
    }
    return new ModelFiles(directory, description, tokenizer);
  }

  private static void inBackground(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns where the weights are. */
  Path directory() {
    return directory;
  }

  HuggingFaceConfig description() {
    return description;
  }

  /**
   * Returns the tokenizer, when it is made.
   *
   * @throws IOException if its files are missing or wrong, or its vocabulary is not of the model's
   *     size
   */
  WordPieceTokenizer tokenizer() throws IOException {
    WordPieceTokenizer made;
    try {
      made = tokenizer.get();
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Loading " + directory + " was interrupted.");
    }
    int size = made.vocabulary().size();
    if (size != config().vocabSize()) {
      throw new FileFormatException(
          directory.resolve(HuggingFaceConfig.FILE),
          "vocab_size is "
              + config().vocabSize()
              + ", but the vocabulary of the model has "
              + size
              + " tokens.");
    }
    return made;
  }

  /** Returns an I/O failure of the other thread as it is, and throws any other. */
  private static IOException unwrapped(Throwable cause) {
    if (cause instanceof RuntimeException exception) {
      throw exception;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return (IOException) cause;
  }

  ElectraConfig config() {
    return description.config();
  }

  /** Requires an architecture; a configuration that names none is taken on trust. */
  ModelFiles requireArchitecture(String architecture, String purpose) throws IOException {
    if (!description.architectures().isEmpty()
        && !description.architectures().contains(architecture)) {
      throw new FileFormatException(
          directory.resolve(HuggingFaceConfig.FILE),
          "architectures is "
              + description.architectures()
              + ", but "
              + purpose
              + " needs "
              + architecture
              + ".");
    }
    return this;
  }
}
