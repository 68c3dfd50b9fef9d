package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.electra4j.ElectraTrainer;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.backend.Backend;
import org.electra4j.backend.KernelProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileListenerTest {
  @TempDir Path folder;

  @Test
  void theKernelsOfStepsLieWithinTheirTime() throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40);
    List<KernelProfile> profiles = new ArrayList<>();
    PretrainingResult profiled =
        ElectraTrainer.pretrain(builder.build(), TrainingListeners.profile(profiles::add));
    assertThat(profiles).hasSize(1);
    KernelProfile profile = profiles.get(0);
    assertThat(profile.steps()).isEqualTo(4);
    double kernels = profile.kernels().stream().mapToDouble(KernelProfile.Kernel::seconds).sum();
    assertThat(kernels).isBetween(0.1 * profile.seconds(), profile.seconds());
    assertThat(profile.seconds()).isLessThan(profiled.seconds());
    assertThat(profile.kernels())
        .extracting(KernelProfile.Kernel::name)
        .isSubsetOf(Stream.of(Backend.class.getMethods()).map(Method::getName).toList())
        .contains(
            "gemmForward",
            "gemmBackwardInput",
            "gemmBackwardWeight",
            "embeddingForward",
            "embeddingBackward",
            "attentionForward",
            "attentionBackward",
            "residualNormForward",
            "residualNormBackward",
            "lmHeadForward",
            "lmHeadBackward",
            "rtdLoss",
            "maskTokens",
            "corruptTokens",
            "gatherRows",
            "scatterRows",
            "squaredNorm",
            "adamW");
    // One optimizer step a step: the evaluation between the fourth and the fifth is not among them.
    assertThat(calls(profile, "adamW")).isEqualTo(4);
    assertThat(calls(profile, "maskTokens")).isEqualTo(4);
  }

  private static long calls(KernelProfile profile, String name) {
    return profile.kernels().stream()
        .filter(kernel -> kernel.name().equals(name))
        .mapToLong(KernelProfile.Kernel::calls)
        .sum();
  }

  @Test
  void theResultIsTheSame() throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40);
    PretrainingResult plain =
        ElectraTrainer.pretrain(builder.output(folder.resolve("plain")).build());
    PretrainingResult profiled =
        ElectraTrainer.pretrain(
            builder.output(folder.resolve("profiled")).build(),
            TrainingListeners.profile(profile -> {}));
    assertThat(profiled.model().resolve("model.safetensors"))
        .hasSameBinaryContentAs(plain.model().resolve("model.safetensors"));
  }

  @Test
  void aRunThatStopsEarlyReportsWhatItHas() throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40).steps(60);
    List<KernelProfile> profiles = new ArrayList<>();
    TrainingListener stop =
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            if (progress.step() == 22) {
              session.stop("enough");
            }
          }
        };
    ElectraTrainer.pretrain(builder.build(), stop, TrainingListeners.profile(profiles::add));
    assertThat(profiles).singleElement().matches(profile -> profile.steps() == 2);
  }
}
