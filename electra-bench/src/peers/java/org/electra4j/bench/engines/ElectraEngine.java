package org.electra4j.bench.engines;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.Pooling;

/** Ours. */
final class ElectraEngine implements EncoderEngine {
  private final ElectraEncoder encoder;

  ElectraEngine(Path directory, Precision precision, int threads) throws IOException {
    encoder =
        ElectraEncoder.load(
            directory,
            InferenceOptions.defaults()
                .withDevice(Device.CPU)
                .withPrecision(precision)
                .withThreads(threads));
  }

  @Override
  public float[][] embed(int[][] ids) {
    return encoder.embedIds(List.of(ids), Pooling.MEAN);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
