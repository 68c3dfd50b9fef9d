package org.electra4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.Tying;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.ModelWeights;
import org.electra4j.io.TensorFlowCheckpoint;
import org.electra4j.io.TensorFlowCheckpointTest;
import org.electra4j.io.Weights;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TensorFlow checkpoints in directories and in parameters. */
class ModelImportTest {
  private static final ElectraConfig MAIN =
      new ElectraConfig(29, 6, 12, 2, 3, 20, 0.1f, 0.1f, 11, 2, 0.02f, 1e-12f, 0);
  private static final ElectraConfig GENERATOR =
      new ElectraConfig(29, 6, 8, 1, 2, 32, 0.1f, 0.1f, 11, 2, 0.02f, 1e-12f, 0);

  @TempDir Path folder;

  private List<LoadReport> importGolden(String name) throws IOException {
    try (TensorFlowCheckpoint checkpoint =
        TensorFlowCheckpoint.open(TensorFlowCheckpointTest.golden(name))) {
      return ModelImport.tensorFlow(checkpoint, 3, 2, folder);
    }
  }

  private static float[] transposed(String name, int inputs, int outputs) {
    float[] stored = TensorFlowCheckpointTest.values(name, inputs * outputs);
    float[] transposed = new float[stored.length];
    for (int i = 0; i < inputs; i++) {
      for (int j = 0; j < outputs; j++) {
        transposed[j * inputs + i] = stored[i * outputs + j];
      }
    }
    return transposed;
  }

  private static float[] read(Path directory, String name) throws IOException {
    try (Weights weights = ModelWeights.open(directory)) {
      return weights.readFloats(name);
    }
  }

  @Test
  void aPretrainedCheckpointBecomesTwoModels() throws IOException {
    List<LoadReport> reports = importGolden("pretrained");
    assertThat(reports).hasSize(2);
    assertThat(reports)
        .allSatisfy(report -> assertThat(report.missing()).isEmpty())
        .allSatisfy(report -> assertThat(report.unexpected()).isEmpty());
    HuggingFaceConfig main = HuggingFaceConfig.read(folder);
    assertThat(main.config()).isEqualTo(MAIN);
    assertThat(main.architectures()).containsExactly("ElectraForPreTraining");
    HuggingFaceConfig generator = HuggingFaceConfig.read(folder.resolve("generator"));
    assertThat(generator.config()).isEqualTo(GENERATOR);
    assertThat(generator.architectures()).containsExactly("ElectraForMaskedLM");
  }

  @Test
  void tensorsAreRenamedAndKernelsTransposed() throws IOException {
    importGolden("pretrained");
    assertThat(read(folder, "electra.encoder.layer.1.intermediate.dense.weight"))
        .isEqualTo(transposed("electra/encoder/layer_1/intermediate/dense/kernel", 12, 20));
    assertThat(read(folder, "electra.encoder.layer.0.output.LayerNorm.bias"))
        .isEqualTo(
            TensorFlowCheckpointTest.values("electra/encoder/layer_0/output/LayerNorm/beta", 12));
    assertThat(read(folder, "discriminator_predictions.dense_prediction.weight"))
        .isEqualTo(TensorFlowCheckpointTest.values("discriminator_predictions/dense_1/kernel", 12));
    Path generator = folder.resolve("generator");
    assertThat(read(generator, "electra.embeddings.word_embeddings.weight"))
        .isEqualTo(TensorFlowCheckpointTest.values("electra/embeddings/word_embeddings", 29 * 6));
    assertThat(read(generator, "electra.embeddings_project.weight"))
        .isEqualTo(transposed("generator/embeddings_project/kernel", 6, 8));
    assertThat(read(generator, "generator_lm_head.bias"))
        .isEqualTo(TensorFlowCheckpointTest.values("generator_predictions/output_bias", 29));
  }

  @Test
  void aMaskedLanguageModelIsOneModel() throws IOException {
    assertThat(importGolden("language_model")).hasSize(1);
    assertThat(HuggingFaceConfig.read(folder).architectures())
        .containsExactly("ElectraForMaskedLM");
    assertThat(folder.resolve("generator")).doesNotExist();
    assertThat(read(folder, "generator_predictions.LayerNorm.weight"))
        .isEqualTo(TensorFlowCheckpointTest.values("generator_predictions/LayerNorm/gamma", 6));
  }

  @Test
  void headsOfTasksAreReported() throws IOException {
    List<LoadReport> reports = importGolden("finetuned");
    assertThat(reports.get(0).unexpected())
        .containsExactly("task_specific/mrpc/dense/bias", "task_specific/mrpc/dense/kernel");
    assertThat(HuggingFaceConfig.read(folder).architectures()).containsExactly("ElectraModel");
  }

  @Test
  void headsMustDivideTheWidth() {
    assertThatThrownBy(
            () -> {
              try (TensorFlowCheckpoint checkpoint =
                  TensorFlowCheckpoint.open(TensorFlowCheckpointTest.golden("pretrained"))) {
                ModelImport.tensorFlow(checkpoint, 5, 2, folder);
              }
            })
        .hasMessageContaining("model.ckpt-7.index: hiddenSize must be a multiple");
  }

  @Test
  void networksTakeWeightsMomentsAndStep() throws IOException {
    try (TensorFlowCheckpoint checkpoint =
            TensorFlowCheckpoint.open(TensorFlowCheckpointTest.golden("pretrained"));
        Backend backend = Backends.create(Device.REFERENCE, Precision.FP32, 1);
        ParameterStore store = new ParameterStore(backend)) {
      PretrainingNetworks networks =
          new PretrainingNetworks(store, Objective.ELECTRA, Tying.EMBEDDINGS, MAIN, GENERATOR);
      store.allocate(true);
      TensorFlowLoader.Result result = TensorFlowLoader.load(networks, store, checkpoint);
      assertThat(result.step()).isEqualTo(7);
      assertThat(result.moments()).isEqualTo(store.parameters().size());
      assertThat(result.networks()).hasSize(2);
      assertThat(result.networks())
          .allSatisfy(report -> assertThat(report.missing()).isEmpty())
          .allSatisfy(report -> assertThat(report.unexpected()).isEmpty());
      String kernel = "generator/encoder/layer_0/output/dense/kernel";
      Parameter parameter = store.get("generator.electra.encoder.layer.0.output.dense.weight");
      assertThat(store.read(parameter)).isEqualTo(transposed(kernel, 32, 8));
      assertThat(store.read(parameter, Slot.FIRST_MOMENT))
          .isEqualTo(transposed(kernel + "/adam_m", 32, 8));
      assertThat(store.read(parameter, Slot.SECOND_MOMENT))
          .isEqualTo(transposed(kernel + "/adam_v", 32, 8));
    }
  }

  @Test
  void storesWithoutMomentsTakeTheWeights() throws IOException {
    try (TensorFlowCheckpoint checkpoint =
            TensorFlowCheckpoint.open(TensorFlowCheckpointTest.golden("language_model"));
        Backend backend = Backends.create(Device.REFERENCE, Precision.FP32, 1);
        ParameterStore store = new ParameterStore(backend)) {
      PretrainingNetworks networks =
          new PretrainingNetworks(store, Objective.MLM, Tying.EMBEDDINGS, MAIN, GENERATOR);
      store.allocate(false);
      TensorFlowLoader.Result result = TensorFlowLoader.load(networks, store, checkpoint);
      assertThat(result.moments()).isZero();
      assertThat(result.networks()).hasSize(1);
      assertThat(result.networks().get(0).missing()).isEmpty();
    }
  }
}
