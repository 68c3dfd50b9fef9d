package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class NativeBackendTest {
  private final CpuBackendProvider provider = new CpuBackendProvider();

  @Test
  void copiesArraysThatAreLargerThanTheStagingBuffer() {
    try (Backend backend = provider.create(0, Precision.FP32, 2)) {
      int count = 200_003;
      float[] source = new float[count];
      for (int i = 0; i < count; i++) {
        source[i] = i * 0.5f;
      }
      long address = backend.alloc(4L * count);
      backend.upload(address, source, 1, count - 1);
      float[] target = new float[count];
      backend.download(address, target, 0, count - 1);
      assertThat(target[count - 2]).isEqualTo(source[count - 1]);
      assertThat(target[65_536]).isEqualTo(source[65_537]);
      assertThat(target[count - 1]).isZero();
      backend.release(address);
    }
  }

  @Test
  void refusesToWriteFrozenWeights() {
    try (Backend backend = provider.create(0, Precision.FP32, 1)) {
      long block = backend.alloc(64);
      backend.freeze(block + 16, 16);
      backend.fillZero(block, 16);
      backend.upload(block + 32, new float[8], 0, 8);
      assertThatThrownBy(() -> backend.upload(block, new float[5], 0, 5))
          .hasMessage("cpu: upload: the memory to be written holds weights that were frozen");
      assertThatThrownBy(() -> backend.fillZero(block + 28, 36))
          .isInstanceOf(BackendException.class);
      assertThatThrownBy(() -> backend.toActivation(block + 16, block + 32, 1))
          .isInstanceOf(BackendException.class);
      backend.release(block);
    }
  }

  @Test
  void failuresNameTheDeviceAndTheOperation() {
    Backend backend = provider.create(0, Precision.FP32, 1);
    assertThatThrownBy(() -> backend.alloc(-1))
        .isInstanceOf(BackendException.class)
        .hasMessage("cpu: alloc: a size of -1 bytes is negative");
    assertThatThrownBy(() -> backend.alloc(Long.MAX_VALUE / 2))
        .isInstanceOf(BackendException.class)
        .hasMessage("cpu: alloc: no memory for " + Long.MAX_VALUE / 2 + " bytes");
    backend.close();
    backend.close();
    assertThatThrownBy(() -> backend.alloc(1))
        .isInstanceOf(BackendException.class)
        .hasMessage("cpu: alloc: the backend is closed");
  }

  @Test
  void thereIsOneDeviceAndAtLeastOneThread() {
    assertThatThrownBy(() -> provider.create(1, Precision.FP32, 1))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("cpu:1 does not exist");
    assertThatThrownBy(() -> provider.create(0, Precision.FP32, 0))
        .isInstanceOf(BackendException.class)
        .hasMessage("cpu: 0 threads: at least 1 is needed");
  }

  @Test
  void severalThreadsShareABackendAndGetTheSameBits() throws Exception {
    int t = 300, n = 96, k = 64;
    try (Backend backend = provider.create(0, Precision.FP32, 2)) {
      ExecutorService callers = Executors.newFixedThreadPool(4);
      Callable<float[]> product =
          () -> {
            float[] last = null;
            for (int i = 0; i < 20; i++) {
              float[] y = geluProduct(backend, t, n, k);
              assertThat(last == null || java.util.Arrays.equals(last, y)).isTrue();
              last = y;
            }
            return last;
          };
      List<Future<float[]>> results =
          callers.invokeAll(IntStream.range(0, 4).mapToObj(i -> product).toList());
      float[] expected = geluProduct(backend, t, n, k);
      for (Future<float[]> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
      callers.shutdown();
    }
  }

  private static float[] geluProduct(Backend backend, int t, int n, int k) {
    long x = backend.alloc(4L * t * k),
        w = backend.alloc(4L * n * k),
        y = backend.alloc(4L * t * n);
    backend.upload(x, ramp(t * k), 0, t * k);
    backend.upload(w, ramp(n * k), 0, n * k);
    backend.gemmForward(y, 0, x, w, 0, t, n, k, true);
    float[] result = new float[t * n];
    backend.download(y, result, 0, t * n);
    backend.release(x);
    backend.release(w);
    backend.release(y);
    return result;
  }

  private static float[] ramp(int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (i * 31 % 101 - 50) / 100f;
    }
    return x;
  }

  @Test
  void forgottenBackendIsReported() throws InterruptedException {
    List<String> messages = new CopyOnWriteArrayList<>();
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            messages.add(event.getFormattedMessage());
          }
        };
    Logger logger = (Logger) LoggerFactory.getLogger(NativeBackend.class);
    appender.start();
    logger.addAppender(appender);
    provider.create(0, Precision.FP32, 1);
    for (int i = 0; i < 100 && messages.isEmpty(); i++) {
      System.gc();
      Thread.sleep(50);
    }
    logger.detachAppender(appender);
    assertThat(messages)
        .singleElement()
        .asString()
        .startsWith("A backend on cpu (")
        .contains("without close()");
  }
}
