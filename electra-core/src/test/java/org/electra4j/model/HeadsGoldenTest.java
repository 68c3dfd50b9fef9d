package org.electra4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.ModelWeights;
import org.electra4j.io.Safetensors;
import org.electra4j.io.Weights;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Heads that transformers saved give its logits and go back to the same tensors; {@code
 * src/test/python/golden_heads.py} makes the directories.
 */
class HeadsGoldenTest {
  private static final long ARENA_BYTES = 1 << 20;
  private static final float TOLERANCE = 2e-6f;

  @TempDir Path folder;

  static Path golden(String name) {
    try {
      return Path.of(HeadsGoldenTest.class.getResource("/huggingface/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Network {
    float[] logits(Context c, PackedBatch batch);
  }

  private interface Factory {
    Network load(ParameterStore store) throws IOException;
  }

  private static void compare(Path directory, Factory factory) throws IOException {
    JsonNode expected = new ObjectMapper().readTree(directory.resolve("expected.json").toFile());
    try (Backend backend = Backends.create(Device.REFERENCE, Precision.FP32, 1);
        Arena arena = Arena.allocate(backend, ARENA_BYTES);
        ParameterStore store = new ParameterStore(backend)) {
      Network network = factory.load(store);
      for (int i = 0; i < expected.get("input_ids").size(); i++) {
        int[] ids = ints(expected.get("input_ids").get(i));
        int[] types = ints(expected.get("token_type_ids").get(i));
        Context c = Context.inference(backend, arena, 0, 0);
        int[] positions = IntStream.range(0, ids.length).toArray();
        PackedBatch batch = PackedBatch.upload(c, ids, types, positions, new int[] {0, ids.length});
        assertThat(network.logits(c, batch))
            .as("sequence %d", i)
            .containsExactly(floats(expected.get("logits").get(i)), within(TOLERANCE));
        arena.reset();
      }
    }
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).intValue()).toArray();
  }

  private static float[] floats(JsonNode node) {
    List<Float> values = new ArrayList<>();
    collect(node, values);
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(i);
    }
    return result;
  }

  private static void collect(JsonNode node, List<Float> values) {
    if (node.isArray()) {
      node.forEach(child -> collect(child, values));
    } else {
      values.add(node.floatValue());
    }
  }

  private static void requireNothingLeft(LoadReport report) {
    assertThat(report.missing()).isEmpty();
    assertThat(report.unexpected()).isEmpty();
  }

  @Test
  void replacedTokenLogits() throws IOException {
    Path directory = golden("pre_training");
    compare(
        directory,
        store -> {
          ElectraModel electra =
              new ElectraModel(store, "electra.", HuggingFaceConfig.read(directory).config());
          ElectraDiscriminator discriminator = new ElectraDiscriminator(store, "", electra);
          store.allocate(false);
          requireNothingLeft(ElectraCheckpoint.load(store, directory));
          return (c, batch) ->
              c.downloadFloats(
                  discriminator.predict(c, discriminator.encode(c, batch, 0), null, 0).logits());
        });
  }

  @Test
  void maskedLanguageModelLogits() throws IOException {
    Path directory = golden("masked_lm");
    compare(
        directory,
        store -> {
          ElectraModel electra =
              new ElectraModel(store, "electra.", HuggingFaceConfig.read(directory).config());
          ElectraGenerator generator = new ElectraGenerator(store, "", electra);
          store.allocate(false);
          requireNothingLeft(ElectraCheckpoint.load(store, directory));
          return (c, batch) -> generator.logits(c, generator.encode(c, batch, 0));
        });
  }

  private static TaskDescription description(Path directory) throws IOException {
    return TaskDescription.of(HuggingFaceConfig.read(directory), directory, Kind.values());
  }

  @ParameterizedTest
  @ValueSource(strings = {"classification", "regression", "tagging", "question_answering"})
  void taskLogits(String name) throws IOException {
    Path directory = golden(name);
    compare(
        directory,
        store -> {
          TaskNetwork network = TaskNetwork.create(store, description(directory));
          store.allocate(false);
          requireNothingLeft(TaskCheckpoint.load(network, store, directory));
          return (c, batch) -> c.downloadFloats(network.logits(c, batch));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"classification", "regression", "tagging", "question_answering"})
  void tasksAreSavedAsTheyWereRead(String name) throws IOException {
    Path directory = golden(name);
    try (Backend backend = Backends.create(Device.REFERENCE, Precision.FP32, 1);
        ParameterStore store = new ParameterStore(backend)) {
      TaskDescription description = description(directory);
      TaskNetwork network = TaskNetwork.create(store, description);
      store.allocate(false);
      TaskCheckpoint.load(network, store, directory);
      TaskCheckpoint.save(network, description, store, folder);
      assertThat(description(folder)).isEqualTo(description);
    }
    requireSameTensors(directory, folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pre_training",
        "masked_lm",
        "classification",
        "regression",
        "tagging",
        "question_answering"
      })
  void importsAreCopies(String name) throws IOException {
    Path directory = golden(name);
    ModelImport.huggingFace(directory, folder).forEach(HeadsGoldenTest::requireNothingLeft);
    requireSameTensors(directory, folder);
    assertThat(HuggingFaceConfig.read(folder)).isEqualTo(HuggingFaceConfig.read(directory));
    assertThat(folder.resolve(Safetensors.MODEL_FILE)).exists();
  }

  private static void requireSameTensors(Path expected, Path actual) throws IOException {
    try (Weights before = ModelWeights.open(expected);
        Weights after = ModelWeights.open(actual)) {
      assertThat(after.shapes()).containsExactlyInAnyOrderEntriesOf(before.shapes());
      for (String tensor : before.shapes().keySet()) {
        assertThat(after.readFloats(tensor)).as(tensor).isEqualTo(before.readFloats(tensor));
        assertThat(after.nameInFile(tensor)).isEqualTo(before.nameInFile(tensor));
      }
    }
  }

  @Test
  void pickledWeightsAreRefusedWithTheWayOut() throws IOException {
    Files.copy(golden("tagging").resolve("config.json"), folder.resolve("config.json"));
    Files.write(folder.resolve("pytorch_model.bin"), new byte[] {1});
    assertThatThrownBy(() -> ModelImport.huggingFace(folder, folder.resolve("out")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("pytorch_model.bin")
        .hasMessageContaining("save_pretrained");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
