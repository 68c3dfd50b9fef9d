package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.electra4j.Device;
import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.Tying;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.ElectraCheckpoint;
import org.electra4j.model.PretrainingNetworks;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;

/** Model directories with random weights that are large enough for outputs to differ. */
public final class RandomModel {
  /** Odd sizes: E 20, H 24, three heads, two layers, 37 positions; [PAD] is 2. */
  public static final ElectraConfig CONFIG =
      new ElectraConfig(vocabulary().size(), 20, 24, 2, 3, 44, 0.1f, 0.1f, 37, 2, 0.02f, 1e-12f, 2);

  /** What the reference backend runs, in batches of few tokens. */
  public static final InferenceOptions REFERENCE =
      new InferenceOptions(Device.REFERENCE, Precision.FP32, 1, 50);

  private RandomModel() {}

  /** Returns special tokens at other places than BERT's, letters and a few words. */
  public static Vocabulary vocabulary() {
    List<String> tokens = new ArrayList<>(List.of("[UNK]", "the", "[PAD]", "[SEP]", "[CLS]"));
    for (char letter = 'a'; letter <= 'z'; letter++) {
      tokens.add(String.valueOf(letter));
      tokens.add("##" + letter);
    }
    tokens.addAll(List.of("chef", "ate", "meal", "[MASK]", "cooked", ".", ",", "!"));
    return Vocabulary.of(tokens);
  }

  /** Writes a discriminator, its generator and the tokenizer files. */
  public static Path electra(Path directory) throws IOException {
    return write(directory, Objective.ELECTRA, CONFIG);
  }

  /** As {@link #electra(Path)}, of another shape. */
  public static Path electra(Path directory, ElectraConfig config) throws IOException {
    return write(directory, Objective.ELECTRA, config);
  }

  /** Writes a masked language model and the tokenizer files. */
  public static Path maskedLanguageModel(Path directory) throws IOException {
    return write(directory, Objective.MLM, CONFIG);
  }

  private static Path write(Path directory, Objective objective, ElectraConfig config)
      throws IOException {
    try (Backend backend = Backends.create(Device.REFERENCE, Precision.FP32, 1);
        ParameterStore store = new ParameterStore(backend)) {
      PretrainingNetworks networks =
          new PretrainingNetworks(
              store,
              objective,
              Tying.EMBEDDINGS,
              config,
              config.withHeads(12, 2).withIntermediateSize(20));
      store.allocate(false);
      Random random = new Random(11);
      for (Parameter parameter : store.parameters()) {
        boolean scale = parameter.initializer().equals(new Initializer.Constant(1));
        float[] values = new float[Math.toIntExact(parameter.shape().elements())];
        for (int i = 0; i < values.length; i++) {
          values[i] = (scale ? 1 : 0) + 0.3f * (float) random.nextGaussian();
        }
        store.write(parameter, values);
      }
      ElectraCheckpoint.save(networks, store, directory);
    }
    writeTokenizer(directory);
    Path generator = directory.resolve(ElectraCheckpoint.GENERATOR_FOLDER);
    if (Files.isDirectory(generator)) {
      writeTokenizer(generator);
    }
    return directory;
  }

  static void writeTokenizer(Path directory) throws IOException {
    TokenizerFiles.write(
        directory, vocabulary(), TokenizerOptions.uncased(), CONFIG.maxPositionEmbeddings());
  }

  /** Returns texts of many lengths, in no order, longer than the model's positions included. */
  public static List<String> texts(int count) {
    Random random = new Random(3);
    String[] words = {"the", "chef", "ate", "meal", "cooked", "zebra", ".", "Ünïx", "漢", "!"};
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(60);
      for (int j = 0; j < length; j++) {
        text.append(words[random.nextInt(words.length)]).append(' ');
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
