package org.electra4j.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.backend.reference.ReferenceBackend;
import org.electra4j.backend.reference.ReferenceBackendProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class BackendsTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(Backends.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  /** Makes reference backends under another name. */
  private record Fake(String kind, int rank, String unavailabilityCause, boolean fastBf16)
      implements BackendProvider {
    @Override
    public boolean supportsBf16() {
      return fastBf16;
    }

    @Override
    public Backend create(int device, Precision precision, int threads) {
      return new ReferenceBackend(precision);
    }

    @Override
    public List<String> diagnostics() {
      return List.of("lines of " + kind);
    }
  }

  /** Fails to link, as a provider with a missing library does. */
  private static final class Unlinked extends Provider {
    @Override
    public String unavailabilityCause() {
      throw new UnsatisfiedLinkError("no libcuda.so.1");
    }
  }

  private static class Provider implements BackendProvider {
    @Override
    public String kind() {
      return "cuda";
    }

    @Override
    public int rank() {
      return 20;
    }

    @Override
    public String unavailabilityCause() {
      return "";
    }

    @Override
    public boolean supportsBf16() {
      return true;
    }

    @Override
    public boolean fastBf16() {
      return false;
    }

    @Override
    public Backend create(int device, Precision precision, int threads) {
      throw new BackendException("device " + device + " with " + threads + " threads");
    }

    @Override
    public List<String> diagnostics() {
      return List.of();
    }
  }

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.INFO);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
    System.clearProperty(Device.PROPERTY);
  }

  private static Backends of(BackendProvider... providers) {
    return new Backends(List.of(providers));
  }

  @Test
  void autoTakesTheHighestRankAndSaysWhyInOneLine() {
    Backends backends =
        of(
            new Fake("cuda", 20, "no driver", true),
            new ReferenceBackendProvider(),
            new Fake("cpu", 10, "", true));
    try (Backend backend = backends.select(Device.AUTO, Precision.AUTO, 2)) {
      assertThat(backend.precision()).isEqualTo(Precision.BF16);
    }
    assertThat(log.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo(
            "Device reference (plain Java loops, BF16), precision BF16 (bf16 is fast)"
                + "; cuda not used: no driver; reference not used: only when named");
  }

  @Test
  void autoPrecisionIsFp32WhereBf16IsSlow() {
    try (Backend backend =
        of(new Fake("cpu", 10, "", false)).select(Device.AUTO, Precision.AUTO, 1)) {
      assertThat(backend.precision()).isEqualTo(Precision.FP32);
    }
  }

  @Test
  void bf16ByNameIsRefusedOnACpuWithoutIt() {
    Backends backends = of(new Fake("cpu", 10, "", false), new ReferenceBackendProvider());
    assertThatThrownBy(() -> backends.select(Device.CPU, Precision.BF16, 1))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("Device cpu cannot run BF16 here")
        .hasMessageContaining("use precision FP32 or AUTO");
    try (Backend backend = backends.select(Device.REFERENCE, Precision.BF16, 1)) {
      assertThat(backend.precision()).isEqualTo(Precision.BF16);
    }
  }

  @Test
  void bf16ByNameIsTakenWhereItIsSlow() {
    try (Backend backend =
        of(new ReferenceBackendProvider()).select(Device.REFERENCE, Precision.BF16, 1)) {
      assertThat(backend.precision()).isEqualTo(Precision.BF16);
    }
    try (Backend backend =
        of(new ReferenceBackendProvider()).select(Device.REFERENCE, Precision.AUTO, 1)) {
      assertThat(backend.precision()).isEqualTo(Precision.FP32);
    }
  }

  @Test
  void aNamedDeviceThatIsMissingIsAnErrorWithItsCause() {
    Backends backends = of(new Unlinked(), new Fake("cpu", 10, "", false));
    assertThatThrownBy(() -> backends.select(Device.cuda(1), Precision.AUTO, 1))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("Device cuda:1 is not available")
        .hasMessageContaining("no libcuda.so.1")
        .hasCauseInstanceOf(UnsatisfiedLinkError.class);
  }

  @Test
  void anAvailableDeviceThatFailsIsNotReplaced() {
    Backends backends = of(new Provider(), new Fake("cpu", 10, "", false));
    assertThatThrownBy(() -> backends.select(Device.AUTO, Precision.FP32, 3))
        .isInstanceOf(BackendException.class)
        .hasMessage("device 0 with 3 threads");
  }

  @Test
  void thePropertyReplacesAutoOnly() {
    System.setProperty(Device.PROPERTY, "cuda:2");
    Backends backends = of(new Provider(), new Fake("cpu", 10, "", false));
    assertThatThrownBy(() -> backends.select(Device.AUTO, Precision.FP32, 1))
        .hasMessage("device 2 with 1 threads");
    try (Backend backend = backends.select(Device.CPU, Precision.FP32, 1)) {
      assertThat(backend.precision()).isEqualTo(Precision.FP32);
    }
    System.setProperty(Device.PROPERTY, "tpu");
    assertThatThrownBy(() -> backends.select(Device.AUTO, Precision.FP32, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("System property electra.device: Device 'tpu' is unknown");
  }

  @Test
  void withoutNativeProvidersTheDependencyIsNamed() {
    assertThatThrownBy(() -> Backends.create(Device.AUTO, Precision.AUTO))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("add the dependency org.electra4j:electra-native");
    assertThatThrownBy(() -> Backends.create(Device.CPU, Precision.AUTO))
        .hasMessageContaining("Device cpu is not available")
        .hasMessageContaining("add the dependency org.electra4j:electra-native");
  }

  @Test
  void withUnavailableProvidersEveryCauseIsListed() {
    Backends backends =
        of(new Fake("cpu", 10, "needs AVX2", false), new Fake("cuda", 20, "no driver", false));
    assertThatThrownBy(() -> backends.select(Device.AUTO, Precision.AUTO, 1))
        .isInstanceOf(BackendException.class)
        .hasMessage("No device is available: cpu: needs AVX2; cuda: no driver.");
  }

  @Test
  void probingSurvivesProvidersThatDoNotLoad(@TempDir Path folder) throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(BackendProvider.class.getName()), "org.example.MissingProvider\n");
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      Backends backends = new Backends(loader);
      assertThat(backends.statuses()).extracting(Backends.Status::kind).contains("reference");
      assertThatThrownBy(() -> backends.select(Device.AUTO, Precision.AUTO, 1))
          .hasMessageContaining("org.example.MissingProvider")
          .hasCauseInstanceOf(java.util.ServiceConfigurationError.class);
    }
  }

  @Test
  void probingReportsEveryKind() {
    Backends.Status status = of(new Fake("cpu", 10, "", true)).statuses().get(0);
    assertThat(status.available()).isTrue();
    assertThat(status.diagnostics()).containsExactly("lines of cpu");
    assertThat(of(new Unlinked()).statuses().get(0).available()).isFalse();
  }

  @Test
  void refusesZeroThreads() {
    assertThatThrownBy(() -> Backends.create(Device.REFERENCE, Precision.FP32, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1");
  }
}
