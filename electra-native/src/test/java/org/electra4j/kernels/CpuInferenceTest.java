package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.backend.Backends;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.MaskFiller;
import org.electra4j.inference.Prediction;
import org.electra4j.inference.RandomModel;
import org.electra4j.inference.ReplacedTokenDetector;
import org.electra4j.inference.TokenScore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuInferenceTest {
  private static final InferenceOptions FP32 =
      new InferenceOptions(Device.CPU, Precision.FP32, 2, 300);
  private static final List<String> TEXTS = RandomModel.texts(40);

  @TempDir static Path directory;

  @BeforeAll
  static void write() throws IOException {
    RandomModel.electra(directory);
  }

  @Test
  void fp32EqualsTheReference() throws IOException {
    try (ReplacedTokenDetector cpu = ReplacedTokenDetector.load(directory, FP32);
        ReplacedTokenDetector reference =
            ReplacedTokenDetector.load(directory, RandomModel.REFERENCE)) {
      List<List<TokenScore>> actual = cpu.detect(TEXTS);
      List<List<TokenScore>> expected = reference.detect(TEXTS);
      for (int i = 0; i < TEXTS.size(); i++) {
        assertThat(actual.get(i)).hasSameSizeAs(expected.get(i));
        for (int j = 0; j < expected.get(i).size(); j++) {
          assertThat(actual.get(i).get(j).logit())
              .as("text %d, token %d", i, j)
              .isCloseTo(expected.get(i).get(j).logit(), within(1e-4f));
        }
      }
    }
  }

  @Test
  void fp32PredictsTheReferencesWords() throws IOException {
    try (MaskFiller cpu = MaskFiller.load(directory, FP32);
        MaskFiller reference = MaskFiller.load(directory, RandomModel.REFERENCE)) {
      String text = "the [MASK] ate [MASK]";
      List<List<Prediction>> expected = reference.fill(text, 1);
      List<List<Prediction>> actual = cpu.fill(text, 1);
      assertThat(actual).hasSize(2);
      for (int i = 0; i < 2; i++) {
        Prediction best = actual.get(i).get(0);
        assertThat(best.id()).isEqualTo(expected.get(i).get(0).id());
        assertThat(best.probability())
            .isCloseTo(expected.get(i).get(0).probability(), within(1e-4f));
      }
    }
  }

  @Test
  void bf16IsCloseToTheReference() throws IOException {
    assumeThat(
            Backends.probe().stream()
                .anyMatch(status -> status.kind().equals("cpu") && status.supportsBf16()))
        .as("this processor has bf16")
        .isTrue();
    try (ElectraEncoder cpu = ElectraEncoder.load(directory, FP32.withPrecision(Precision.BF16));
        ElectraEncoder reference = ElectraEncoder.load(directory, RandomModel.REFERENCE)) {
      float[][] actual = cpu.embed(TEXTS);
      float[][] expected = reference.embed(TEXTS);
      for (int i = 0; i < TEXTS.size(); i++) {
        assertThat(cosine(actual[i], expected[i])).as("text %d", i).isGreaterThan(0.999);
      }
    }
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  @Test
  void eightThreadsGetWhatOneGets() throws Exception {
    try (ElectraEncoder encoder = ElectraEncoder.load(directory, FP32)) {
      float[][] expected = encoder.embed(TEXTS);
      List<Callable<float[][]>> calls = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        calls.add(() -> encoder.embed(TEXTS));
      }
      ExecutorService threads = Executors.newFixedThreadPool(8);
      try {
        for (Future<float[][]> result : threads.invokeAll(calls)) {
          assertThat(result.get()).isDeepEqualTo(expected);
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }
}
