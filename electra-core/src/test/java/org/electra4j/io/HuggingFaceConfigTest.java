package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.electra4j.ElectraConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceConfigTest {

  /** The file of google/electra-small-discriminator, as the hub has it. */
  private static final String HUB =
      """
      {
        "architectures": ["ElectraForPreTraining"],
        "attention_probs_dropout_prob": 0.1,
        "embedding_size": 128,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": 256,
        "initializer_range": 0.02,
        "intermediate_size": 1024,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 512,
        "model_type": "electra",
        "num_attention_heads": 4,
        "num_hidden_layers": 12,
        "summary_type": "first",
        "type_vocab_size": 2,
        "vocab_size": 30522
      }
      """;

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("config.json");
  }

  @Test
  void readsTheHubFile() throws IOException {
    Files.writeString(file(), HUB);

    HuggingFaceConfig read = HuggingFaceConfig.read(directory);

    assertThat(read.config()).isEqualTo(ElectraConfig.small());
    assertThat(read.modelType()).isEqualTo("electra");
    assertThat(read.architectures()).containsExactly("ElectraForPreTraining");
    assertThat(read.otherFields()).isEqualTo(Map.of("summary_type", "first"));
  }

  @Test
  void writesWhatItReads() throws IOException {
    ElectraConfig config =
        ElectraConfig.tiny().withHiddenDropoutProb(0.25f).withLayerNormEps(1e-6f).withPadTokenId(3);
    HuggingFaceConfig written = HuggingFaceConfig.electra(config, HuggingFaceConfig.GENERATOR);
    written.write(directory);

    HuggingFaceConfig read = HuggingFaceConfig.read(file());

    assertThat(read).isEqualTo(written);
    assertThat(Files.readString(file()))
        .contains("\n  \"hidden_act\": \"gelu\",\n", "\"classifier_dropout\": null");
  }

  @Test
  void unknownFieldsSurvive() throws IOException {
    Files.writeString(
        file(),
        HUB.replaceFirst("\\{", "{\"id2label\": {\"0\": \"neg\", \"1\": [1, null]}, \"x\": null,"));
    HuggingFaceConfig.read(directory).write(directory);

    assertThat(HuggingFaceConfig.read(directory).otherFields())
        .containsKey("x")
        .containsEntry("id2label", Map.of("0", "neg", "1", Arrays.asList(1, null)));
  }

  @Test
  void aBertEncoderHasOneWidth() throws IOException {
    String bert = HUB.replace("\"electra\"", "\"bert\"");
    Files.writeString(file(), bert.replace("\"embedding_size\": 128,", ""));
    assertThat(HuggingFaceConfig.read(directory).config())
        .isEqualTo(ElectraConfig.small().withEmbeddingSize(256));

    Files.writeString(file(), bert);
    assertRefused("embedding_size is 128 and hidden_size 256, but model_type \"bert\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"hidden_size\": 256|\"hidden_size\": 250|hidden_size must be a multiple of num_attention_heads, but 250",
        "\"hidden_size\": 256|\"hidden_size\": \"256\"|hidden_size must be a whole number, but is \"256\"",
        "\"hidden_size\": 256|\"hidden_size\": 256.5|hidden_size must be a whole number, but is 256.5",
        "\"hidden_size\": 256|\"hidden_size\": 99999999999|hidden_size must be a whole number",
        "\"hidden_size\": 256|\"hidden_size\": null|hidden_size is missing",
        "\"vocab_size\": 30522|\"vocab\": 1|vocab_size is missing; it must be a positive whole number.",
        "\"vocab_size\": 30522|\"vocab_size\": -1|vocab_size must be positive, but is -1",
        "\"embedding_size\": 128,||embedding_size is missing",
        "\"hidden_act\": \"gelu\"|\"hidden_act\": \"gelu_new\"|hidden_act must be \"gelu\", but is \"gelu_new\"",
        "\"hidden_act\": \"gelu\"|\"hidden_act\": 1|hidden_act must be a string",
        "\"hidden_dropout_prob\": 0.1|\"hidden_dropout_prob\": 1.5|hidden_dropout_prob must be in [0, 1)",
        "\"hidden_dropout_prob\": 0.1|\"hidden_dropout_prob\": \"a\"|hidden_dropout_prob must be a number",
        "\"type_vocab_size\": 2|\"position_embedding_type\": \"relative_key\"|position_embedding_type must be \"absolute\"",
        "\"type_vocab_size\": 2|\"is_decoder\": true|is_decoder must be false",
        "\"type_vocab_size\": 2|\"pad_token_id\": 30522|pad_token_id must be in [0, vocab_size = 30522)",
        "\"type_vocab_size\": 2|\"hidden_size\": 256|Duplicate field 'hidden_size'",
        "\"model_type\": \"electra\"|\"model_type\": \"roberta\"|model_type must be \"electra\" or \"bert\", but is \"roberta\"",
        "\"model_type\": \"electra\",||model_type must be",
        "[\"ElectraForPreTraining\"]|\"Electra\"|architectures must be a list",
        "\"vocab_size\": 30522|\"vocab_size\": |not valid JSON"
      })
  void aBadFieldIsNamedWithItsFile(String from, String to, String message) throws IOException {
    assertThat(HUB).contains(from);
    Files.writeString(file(), HUB.replace(from, to == null ? "" : to));
    assertRefused(message);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> HuggingFaceConfig.read(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(file().toString())
        .hasMessageContaining(message);
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> HuggingFaceConfig.read(directory))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(file().toString());
    assertThatThrownBy(
            () -> new HuggingFaceConfig(null, "electra", List.of(), Map.of()).write(directory))
        .isInstanceOf(NullPointerException.class);
  }
}
