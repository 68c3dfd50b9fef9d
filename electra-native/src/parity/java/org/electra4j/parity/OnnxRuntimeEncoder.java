package org.electra4j.parity;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Arrays;
import java.util.Map;

/** A BERT encoder run by ONNX Runtime, one sequence at a time. */
final class OnnxRuntimeEncoder implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** Loads a serialised model with inputs {@code input_ids, attention_mask, token_type_ids}. */
  OnnxRuntimeEncoder(byte[] model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
      session = environment.createSession(model, options);
    }
  }

  /** Returns the hidden states of the last layer, (T, H), of one sequence without padding. */
  float[][] hiddenStates(int[] ids, int[] types) throws OrtException {
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    try (OnnxTensor inputIds = tensor(Arrays.stream(ids).asLongStream().toArray());
        OnnxTensor attentionMask = tensor(ones);
        OnnxTensor tokenTypeIds = tensor(Arrays.stream(types).asLongStream().toArray());
        OrtSession.Result result =
            session.run(
                Map.of(
                    "input_ids", inputIds,
                    "attention_mask", attentionMask,
                    "token_type_ids", tokenTypeIds))) {
      return ((float[][][]) result.get(0).getValue())[0];
    }
  }

  private OnnxTensor tensor(long[] row) throws OrtException {
    return OnnxTensor.createTensor(environment, new long[][] {row});
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
