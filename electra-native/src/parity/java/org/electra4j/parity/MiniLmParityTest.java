package org.electra4j.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.io.OnnxEncoder;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.PackedBatch;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Arena;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real trained weights: the network's hidden states equal those of ONNX Runtime. */
@Tag("parity")
class MiniLmParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final long ARENA_BYTES = 64L << 20;
  private static final int HIDDEN_SIZE = MiniLm.CONFIG.hiddenSize();
  private static final int CLS = 101;
  private static final int SEP = 102;
  private static final int FIRST_WORD = 1000;

  private static byte[] onnxModel;
  private static OnnxEncoder weights;

  @BeforeAll
  static void readModel() throws IOException {
    onnxModel = MiniLm.onnxModel();
    weights = MiniLm.encoder();
  }

  static Stream<Arguments> devices() {
    return Stream.of(
        arguments("reference", new int[] {2, 9, 1, 31, 64, 5}),
        arguments("cpu", new int[] {2, 9, 1, 31, 64, 5}),
        arguments("cpu", new int[] {130, MiniLm.CONFIG.maxPositionEmbeddings(), 3}));
  }

  @ParameterizedTest
  @MethodSource("devices")
  void packedHiddenStatesEqualThoseOfOnnxRuntime(String device, int[] lengths)
      throws OrtException {
    int[] cuSeqlens = new int[lengths.length + 1];
    Arrays.setAll(cuSeqlens, i -> Arrays.stream(lengths, 0, i).sum());
    int tokens = cuSeqlens[lengths.length];
    int[] ids = new Random(6).ints(tokens, FIRST_WORD, MiniLm.CONFIG.vocabSize()).toArray();
    int[] types = new int[tokens];
    int[] positions = new int[tokens];
    for (int i = 0; i < lengths.length; i++) {
      ids[cuSeqlens[i]] = CLS;
      ids[cuSeqlens[i + 1] - 1] = SEP;
      Arrays.fill(types, cuSeqlens[i] + lengths[i] / 2, cuSeqlens[i + 1], 1);
      for (int j = 0; j < lengths[i]; j++) {
        positions[cuSeqlens[i] + j] = j;
      }
    }
    float[] hidden = hiddenStates(device, ids, types, positions, cuSeqlens);
    assertThat(hidden).hasSize(tokens * HIDDEN_SIZE);
    try (OnnxRuntimeEncoder onnx = new OnnxRuntimeEncoder(onnxModel)) {
      for (int i = 0; i < lengths.length; i++) {
        int start = cuSeqlens[i];
        int end = cuSeqlens[i + 1];
        float[][] expected =
            onnx.hiddenStates(
                Arrays.copyOfRange(ids, start, end), Arrays.copyOfRange(types, start, end));
        for (int row = start; row < end; row++) {
          int from = row * HIDDEN_SIZE;
          assertThat(Arrays.copyOfRange(hidden, from, from + HIDDEN_SIZE))
              .as("sequence %d, token %d", i, row - start)
              .containsExactly(expected[row - start], within((float) TOLERANCE));
        }
      }
    }
  }

  private static float[] hiddenStates(
      String device, int[] ids, int[] types, int[] positions, int[] cuSeqlens) {
    try (Backend backend = Backends.create(Device.parse(device), Precision.FP32);
        Arena arena = Arena.allocate(backend, ARENA_BYTES);
        ParameterStore store = new ParameterStore(backend)) {
      ElectraModel model = new ElectraModel(store, "", MiniLm.CONFIG);
      store.allocate(false);
      for (Parameter parameter : store.parameters()) {
        assertThat(weights.shape(parameter.name()))
            .as(parameter.name())
            .containsExactly(parameter.shape().toArray());
        store.write(parameter, weights.values(parameter.name()));
      }
      assertThat(store.parameters()).hasSameSizeAs(weights.names());
      store.refreshWorkingCopy();
      Context context = Context.inference(backend, arena, 0, 0);
      PackedBatch batch = PackedBatch.upload(context, ids, types, positions, cuSeqlens);
      return context.downloadActivation(model.forward(context, batch, 0));
    }
  }
}
