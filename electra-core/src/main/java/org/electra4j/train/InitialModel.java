package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.electra4j.ElectraConfig;
import org.electra4j.PretrainingConfig;
import org.electra4j.Tying;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.ElectraCheckpoint;
import org.electra4j.text.TokenizerOptions;

/**
 * Takes the shapes of a model directory that a run starts from: files know their sizes better than
 * presets (released Small models have a full-size generator). Its vocabulary is used where none is
 * given.
 */
final class InitialModel {
  private InitialModel() {}

  static PretrainingConfig adopt(PretrainingConfig config) throws IOException {
    Path directory = config.initializeFrom();
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(
          directory.toString(), null, "the model to start from is not a directory");
    }
    ElectraConfig model = HuggingFaceConfig.read(directory).config();
    PretrainingConfig.Builder builder = config.toBuilder().model(model);
    Path folder = directory.resolve(ElectraCheckpoint.GENERATOR_FOLDER);
    if (config.objective().hasGenerator() && Files.isDirectory(folder)) {
      ElectraConfig generator = HuggingFaceConfig.read(folder).config();
      requireShared(config, folder, model, generator);
      builder.generator(generator);
    }
    if (config.vocabulary() == null) {
      TokenizerOptions options = TokenizerFiles.readOptions(directory);
      builder
          .trainVocabulary(0)
          .vocabulary(directory.resolve(TokenizerFiles.VOCABULARY_FILE))
          .lowerCase(options.lowerCase())
          .stripAccents(options.stripAccents());
    }
    return builder.build();
  }

  private static void requireShared(
      PretrainingConfig config, Path folder, ElectraConfig model, ElectraConfig generator) {
    if (config.tying() == Tying.EMBEDDINGS
        && (generator.embeddingSize() != model.embeddingSize()
            || generator.vocabSize() != model.vocabSize()
            || generator.maxPositionEmbeddings() != model.maxPositionEmbeddings())) {
      throw new IllegalArgumentException(
          "The generator in "
              + folder
              + " has embeddings of another size than the model beside it, so they cannot be shared;"
              + " use Tying.NONE.");
    }
  }
}
