package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.junit.jupiter.api.Test;

class CpuMemoryTest {

  @Test
  void copiesArraysThatAreLargerThanTheStagingBuffer() {
    try (Backend backend = new CpuBackendProvider().create(0, Precision.FP32, 2)) {
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
  void failuresNameTheDeviceAndTheOperation() {
    Backend backend = new CpuBackendProvider().create(0, Precision.FP32, 1);
    assertThatThrownBy(() -> backend.alloc(-1))
        .isInstanceOf(BackendException.class)
        .hasMessage("cpu: alloc: a size of -1 bytes is negative");
    backend.close();
    backend.close();
    assertThatThrownBy(() -> backend.alloc(1))
        .isInstanceOf(BackendException.class)
        .hasMessage("cpu: alloc: the backend is closed");
  }
}
