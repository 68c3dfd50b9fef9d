package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.electra4j.ElectraConfig;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.io.TensorInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** BERT directories give the vectors of the ELECTRA directory that holds the same encoder. */
class BertEncoderTest {
  private static final ElectraConfig CONFIG =
      RandomModel.CONFIG.withEmbeddingSize(RandomModel.CONFIG.hiddenSize());
  private static final String TEXT = "the chef cooked the meal!";

  @TempDir Path folder;
  private Path electra;

  @BeforeEach
  void writeElectra() throws IOException {
    electra = RandomModel.electra(folder.resolve("electra"), CONFIG);
  }

  private static float[] embed(Path directory) throws IOException {
    try (ElectraEncoder encoder = ElectraEncoder.load(directory, RandomModel.REFERENCE)) {
      return encoder.embed(TEXT);
    }
  }

  /** Copies the encoder under other names, with tensors that only BERT has. */
  private Path bert(UnaryOperator<String> rename, String pooler) throws IOException {
    Path directory = Files.createDirectories(folder.resolve("bert"));
    RandomModel.writeTokenizer(directory);
    new HuggingFaceConfig(CONFIG, "bert", List.of("BertModel"), Map.of()).write(directory);
    SafetensorsWriter writer = new SafetensorsWriter();
    try (Safetensors file = Safetensors.open(electra)) {
      for (TensorInfo tensor : file.tensors().values()) {
        if (tensor.name().startsWith("electra.")) {
          writer.floats(
              rename.apply(tensor.name().substring("electra.".length())),
              file.readFloats(tensor.name()),
              tensor.shape().stream().mapToLong(Long::longValue).toArray());
        }
      }
    }
    writer.floats(pooler + "pooler.dense.weight", new float[24 * 24], 24, 24);
    writer.floats(pooler + "pooler.dense.bias", new float[24], 24);
    writer.writeTo(directory.resolve(Safetensors.MODEL_FILE));
    return directory;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert.", ""})
  void namesMayHaveThePrefixOrNot(String prefix) throws IOException {
    assertThat(embed(bert(name -> prefix + name, prefix))).isEqualTo(embed(electra));
  }

  @Test
  void oldNamesOfLayerNormAreKnown() throws IOException {
    UnaryOperator<String> old =
        name ->
            "bert."
                + name.replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta");
    assertThat(embed(bert(old, "bert."))).isEqualTo(embed(electra));
  }

  @Test
  void thePoolerIsReported() throws IOException {
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(InferenceEngine.class);
    events.start();
    logger.addAppender(events);
    try {
      embed(bert(name -> "bert." + name, "bert."));
    } finally {
      logger.detachAppender(events);
    }
    assertThat(events.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anySatisfy(
            message ->
                assertThat(message)
                    .contains(
                        "model.safetensors: not needed and ignored: [bert.pooler.dense.weight,"
                            + " bert.pooler.dense.bias]"));
  }

  @Test
  void missingTensorsAreNamed() throws IOException {
    Path directory =
        bert(name -> name.replace("encoder.layer.1.output.dense", "encoder.layer.9.dense"), "");
    assertThatThrownBy(() -> embed(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.safetensors: lacks tensors of the network: ")
        .hasMessageContaining("electra.encoder.layer.1.output.dense.weight");
  }
}
