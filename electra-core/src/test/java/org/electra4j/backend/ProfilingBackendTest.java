package org.electra4j.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.junit.jupiter.api.Test;

class ProfilingBackendTest {
  private static Backend reference() {
    return Backends.create(Device.REFERENCE, Precision.FP32, 1);
  }

  @Test
  void addsUpTheCallsOfEndedSteps() {
    ProfilingBackend profiling = new ProfilingBackend(reference());
    try (Backend backend = profiling.backend()) {
      long x = backend.alloc(4 * 100);
      profiling.reset();
      for (int i = 0; i < 3; i++) {
        backend.fillZero(x, 400);
        backend.squaredNorm(backend.alloc(8), x, 100);
        profiling.endStep();
      }
      backend.fillZero(x, 400);
      profiling.restartStep();
      KernelProfile profile = profiling.profile();
      assertThat(profile.steps()).isEqualTo(3);
      assertThat(profile.kernels())
          .extracting(KernelProfile.Kernel::name)
          .containsExactlyInAnyOrder("fillZero", "squaredNorm", "alloc");
      KernelProfile.Kernel norm = kernel(profile, "squaredNorm");
      assertThat(norm.calls()).isEqualTo(3);
      assertThat(norm.flops()).isEqualTo(600);
      assertThat(norm.bytes()).isEqualTo(3 * 408);
      assertThat(kernel(profile, "fillZero").calls()).isEqualTo(3);
      assertThat(profile.secondsOutsideKernels()).isBetween(0.0, profile.seconds());
    }
  }

  private static KernelProfile.Kernel kernel(KernelProfile profile, String name) {
    return profile.kernels().stream().filter(k -> k.name().equals(name)).findAny().orElseThrow();
  }

  @Test
  void waitsForTheDeviceAfterEveryCall() {
    List<String> calls = new ArrayList<>();
    Backend asynchronous =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                  if (method.isDefault()) {
                    return InvocationHandler.invokeDefault(proxy, method, arguments);
                  }
                  if (method.getName().equals("precision")) {
                    return Precision.BF16;
                  }
                  calls.add(method.getName());
                  return null;
                });
    ProfilingBackend profiling = new ProfilingBackend(asynchronous);
    profiling.backend().geluBackward(64, 64, 64, 10);
    profiling.endStep();
    assertThat(calls).containsExactly("geluBackward", "synchronize");
    assertThat(profiling.profile().kernels().get(0).bytes()).isEqualTo(60);
  }

  @Test
  void countsAttentionOnTheLengthsOfItsSequences() {
    ProfilingBackend profiling = new ProfilingBackend(reference());
    try (Backend backend = profiling.backend()) {
      long cuSeqlens = backend.alloc(12);
      backend.upload(cuSeqlens, new int[] {0, 3, 7}, 0, 3);
      long qkv = backend.alloc(4 * 7 * 3 * 8);
      backend.fillZero(qkv, 4 * 7 * 3 * 8);
      long context = backend.alloc(4 * 7 * 8);
      backend.attentionForward(context, 0, qkv, cuSeqlens, 2, 7, 2, 4, 4, 0, 8, 1, 0, 0);
      profiling.endStep();
      assertThat(kernel(profiling.profile(), "attentionForward").flops())
          .isEqualTo(4 * (9 + 16) * 8);
    }
  }

  @Test
  void failuresAreThoseOfTheBackend() {
    ProfilingBackend profiling = new ProfilingBackend(reference());
    try (Backend backend = profiling.backend()) {
      assertThat(backend.device()).isEqualTo("reference");
      assertThatThrownBy(() -> backend.alloc(-1)).isInstanceOf(RuntimeException.class);
    }
  }

  @Test
  void theTableHasAKernelALine() {
    KernelProfile profile =
        new KernelProfile(
            2,
            0.010,
            List.of(
                new KernelProfile.Kernel("squaredNorm", 2, 0, 0.001, 0, 4e6),
                new KernelProfile.Kernel("gemmForward", 48, 0, 0.008, 4e9, 8e6)));
    assertThat(profile.toString().lines())
        .containsExactly(
            "kernel                  calls/step   ms/step   share   GFLOP/s    GB/s",
            "gemmForward                   24.0     4.000   80.0%     500.0     1.0",
            "squaredNorm                    1.0     0.500   10.0%         -     4.0",
            "outside kernels                        0.500   10.0%                  ",
            "step                                   5.000  100.0%     400.0        ");
  }

  @Test
  void theTableCountsLaunchesWhereThereAreSome() {
    KernelProfile profile =
        new KernelProfile(
            2,
            0.010,
            List.of(
                new KernelProfile.Kernel("squaredNorm", 2, 4, 0.001, 0, 4e6),
                new KernelProfile.Kernel("gemmForward", 48, 48, 0.008, 4e9, 8e6)));
    assertThat(profile.toString().lines())
        .containsExactly(
            "kernel                  calls/step   ms/step   share   GFLOP/s    GB/s  launches   MB/step",
            "gemmForward                   24.0     4.000   80.0%     500.0     1.0      24.0       4.0",
            "squaredNorm                    1.0     0.500   10.0%         -     4.0       2.0       2.0",
            "outside kernels                        0.500   10.0%                                      ",
            "step                                   5.000  100.0%     400.0              26.0       6.0");
  }
}
