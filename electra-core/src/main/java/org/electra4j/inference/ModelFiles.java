package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.electra4j.ElectraConfig;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;

/**
 * Configuration and tokenizer of a model directory.
 *
 * @param directory where the weights are
 */
record ModelFiles(Path directory, HuggingFaceConfig description, WordPieceTokenizer tokenizer) {
  private static final int SHORTEST = 2;

  static ModelFiles read(Path directory) throws IOException {
    return read(directory, directory);
  }

  /** Reads {@code config.json} of one directory and the tokenizer of another. */
  static ModelFiles read(Path directory, Path tokenizerDirectory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(
          directory.toString(), null, "the model directory does not exist");
    }
    Path file = directory.resolve(HuggingFaceConfig.FILE);
    HuggingFaceConfig description = HuggingFaceConfig.read(file);
    ElectraConfig config = description.config();
    if (config.maxPositionEmbeddings() < SHORTEST) {
      throw new FileFormatException(
          file, "max_position_embeddings must be at least 2, for [CLS] and [SEP].");
    }
    Vocabulary vocabulary = TokenizerFiles.readVocabulary(tokenizerDirectory);
    if (vocabulary.size() != config.vocabSize()) {
      throw new FileFormatException(
          file,
          "vocab_size is "
              + config.vocabSize()
              + ", but the vocabulary in "
              + tokenizerDirectory
              + " has "
              + vocabulary.size()
              + " tokens.");
    }
    WordPieceTokenizer tokenizer =
        new WordPieceTokenizer(vocabulary, TokenizerFiles.readOptions(tokenizerDirectory));
    return new ModelFiles(directory, description, tokenizer);
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
