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
import org.electra4j.backend.reference.ReferenceBackend;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.ModelWeights;
import org.electra4j.io.TensorFlowCheckpoint;
import org.electra4j.io.TensorFlowCheckpointTest;
import org.electra4j.io.Weights;
import org.electra4j.model.TaskDescription.Kind;
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

  private LoadReport importHead(String name, TensorFlowHead head) throws IOException {
    try (TensorFlowCheckpoint checkpoint =
        TensorFlowCheckpoint.open(TensorFlowCheckpointTest.golden(name))) {
      return ModelImport.tensorFlow(checkpoint, 3, head, folder);
    }
  }

  /** The parameters as a network that is served has them. */
  private ParameterStore served(Kind kind) throws IOException {
    ParameterStore store = new ParameterStore(new ReferenceBackend(Precision.FP32));
    TaskDescription description = TaskDescription.of(HuggingFaceConfig.read(folder), folder, kind);
    TaskNetwork network = TaskNetwork.create(store, description);
    store.allocate(false);
    LoadReport report = TaskCheckpoint.load(network, store, folder);
    assertThat(report.missing()).isEmpty();
    assertThat(report.unexpected()).isEmpty();
    return store;
  }

  @Test
  void aClassifierKeepsItsLinearHead() throws IOException {
    List<String> labels = List.of("no", "yes");
    LoadReport report =
        importHead("finetuned", TensorFlowHead.of("mrpc", Kind.CLASSIFICATION, labels));
    assertThat(report.unexpected()).isEmpty();
    try (ParameterStore store = served(Kind.CLASSIFICATION)) {
      assertThat(store.read(store.get("classifier.weight")))
          .isEqualTo(transposed("task_specific/mrpc/dense/kernel", 12, 2));
      assertThat(store.read(store.get("classifier.bias")))
          .isEqualTo(TensorFlowCheckpointTest.values("task_specific/mrpc/dense/bias", 2));
    }
    TaskDescription description =
        TaskDescription.of(HuggingFaceConfig.read(folder), folder, Kind.CLASSIFICATION);
    assertThat(description.labels()).isEqualTo(labels);
    assertThat(description.maxLength()).isEqualTo(11);
  }

  @Test
  void aTaggerKeepsItsTokenType() throws IOException {
    LoadReport report = importHead("tagging", TensorFlowHead.of("chunk", Kind.TAGGING, List.of()));
    assertThat(report.unexpected()).as("moments are known").isEmpty();
    try (ParameterStore store = served(Kind.TAGGING)) {
      assertThat(store.read(store.get("classifier.weight")))
          .isEqualTo(transposed("task_specific/chunk/dense/kernel", 12, 5));
    }
    TaskDescription description =
        TaskDescription.of(HuggingFaceConfig.read(folder), folder, Kind.TAGGING);
    assertThat(description.labels())
        .containsExactly("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4");
    assertThat(description.wordType()).isEqualTo(1);
  }

  @Test
  void theJointHeadForQuestionsIsRead() throws IOException {
    LoadReport report =
        importHead("questions", TensorFlowHead.of("squad", Kind.QUESTION_ANSWERING, List.of()));
    assertThat(report.unexpected()).isEmpty();
    String scope = "task_specific/squad/";
    try (ParameterStore store = served(Kind.QUESTION_ANSWERING)) {
      assertThat(store.read(store.get("qa_start.weight")))
          .isEqualTo(transposed(scope + "dense/kernel", 12, 1));
      assertThat(store.read(store.get("qa_end.dense.weight")))
          .isEqualTo(transposed(scope + "qa_hidden/kernel", 24, 512));
      assertThat(store.read(store.get("qa_end.out_proj.weight")))
          .isEqualTo(transposed(scope + "dense_1/kernel", 512, 1));
      assertThat(store.read(store.get("qa_answerable.dense.weight")))
          .isEqualTo(transposed(scope + "dense_2/kernel", 24, 512));
      assertThat(store.read(store.get("qa_answerable.out_proj.bias")))
          .isEqualTo(TensorFlowCheckpointTest.values(scope + "dense_3/bias", 1));
    }
  }

  @Test
  void headsThatDoNotFitAreRefused() {
    assertThatThrownBy(
            () ->
                importHead(
                    "finetuned", TensorFlowHead.of("mrpc", Kind.QUESTION_ANSWERING, List.of())))
        .hasMessageContaining("has no head of kind question_answering for task mrpc");
    assertThatThrownBy(
            () -> importHead("finetuned", TensorFlowHead.of("sst", Kind.CLASSIFICATION, List.of())))
        .hasMessageContaining("task_specific/sst/dense");
    assertThatThrownBy(
            () ->
                importHead(
                    "tagging", TensorFlowHead.of("chunk", Kind.TAGGING, List.of("B-NP", "O"))))
        .hasMessageContaining("has 5 classes for task chunk, but 2 labels are given");
    assertThatThrownBy(() -> TensorFlowHead.of("x", Kind.MULTI_LABEL, List.of()))
        .hasMessageContaining("no head for several labels");
  }

  @Test
  void numbersAreGivenInTheirOwnUnits() throws IOException {
    // the two logits of the classifier stand in for one that is a number
    importHead("finetuned", new TensorFlowHead("mrpc", Kind.CLASSIFICATION, List.of(), 1, 5));
    try (ParameterStore store = served(Kind.CLASSIFICATION)) {
      float[] learnt = TensorFlowCheckpointTest.values("task_specific/mrpc/dense/bias", 2);
      assertThat(store.read(store.get("classifier.bias")))
          .containsExactly(5 * learnt[0] + 1, 5 * learnt[1] + 1);
    }
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
