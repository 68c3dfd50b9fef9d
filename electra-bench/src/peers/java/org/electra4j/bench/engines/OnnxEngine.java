package org.electra4j.bench.engines;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** ONNX Runtime in the JVM, all graph optimisations on. */
final class OnnxEngine implements EncoderEngine {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  OnnxEngine(Path file, int threads) throws IOException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public float[][] embed(int[][] ids) {
    int sequences = ids.length;
    int length = ids[0].length;
    long[] shape = {sequences, length};
    long[] flat = Arrays.stream(ids).flatMapToInt(Arrays::stream).asLongStream().toArray();
    long[] mask = new long[flat.length];
    Arrays.fill(mask, 1);
    try (OnnxTensor input = OnnxTensor.createTensor(environment, LongBuffer.wrap(flat), shape);
        OnnxTensor attention = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
        OrtSession.Result result =
            session.run(Map.of("input_ids", input, "attention_mask", attention))) {
      OnnxTensor hidden = (OnnxTensor) result.get(0);
      return MeanPooling.apply(hidden.getFloatBuffer(), sequences, length);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
