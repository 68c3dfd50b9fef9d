package org.electra4j.bench.engines;

import java.io.IOException;
import java.util.Locale;
import org.electra4j.Precision;
import org.electra4j.bench.EncoderModels;

/** Turns token ids into one vector a sequence: the mean of the last layer's hidden states. */
public interface EncoderEngine extends AutoCloseable {
  /** Returns one vector a sequence; {@code ids} are sequences of one length. */
  float[][] embed(int[][] ids);

  @Override
  void close();

  /**
   * Returns an engine on a preset's encoder.
   *
   * @param name {@code electra4j-bf16}, {@code electra4j-fp32}, {@code onnxruntime-fp32}, {@code
   *     onnxruntime-int8} or {@code djl-pytorch-fp32}
   */
  static EncoderEngine open(String name, String preset, int threads) throws IOException {
    return switch (name) {
      case "electra4j-bf16", "electra4j-fp32" -> {
        String precision = name.substring(name.indexOf('-') + 1).toUpperCase(Locale.ROOT);
        yield new ElectraEngine(
            EncoderModels.directory(preset), Precision.valueOf(precision), threads);
      }
      case "onnxruntime-fp32" ->
          new OnnxEngine(EncoderModels.file(preset, EncoderModels.ONNX), threads);
      case "onnxruntime-int8" ->
          new OnnxEngine(EncoderModels.file(preset, EncoderModels.ONNX_INT8), threads);
      case "djl-pytorch-fp32" ->
          new TorchEngine(EncoderModels.file(preset, EncoderModels.TORCH_SCRIPT), threads);
      default -> throw new IllegalArgumentException("There is no engine " + name + ".");
    };
  }
}
