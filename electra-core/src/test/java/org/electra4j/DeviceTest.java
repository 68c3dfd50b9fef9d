package org.electra4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @ParameterizedTest
  @CsvSource({
    "auto,auto",
    "cpu,cpu",
    "CPU,cpu",
    "cuda,cuda:0",
    "cuda:3,cuda:3",
    "' reference ',reference"
  })
  void readsItsSpellings(String text, String spelling) {
    Device device = Device.parse(text);
    assertThat(device).hasToString(spelling);
    assertThat(Device.parse(device.toString())).isEqualTo(device);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "", "cuda:", "cuda:-1", "cuda:x", "cpu:1", "cuda:99999"})
  void namesTheSpellingsThatWouldBeRight(String text) {
    assertThatThrownBy(() -> Device.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Device '" + text + "' is unknown; use auto, cpu, cuda, cuda:i or reference.");
  }

  @Test
  void refusesNumbersThatDoNotExist() {
    assertThatThrownBy(() -> Device.cuda(-1)).hasMessageContaining("not -1");
    assertThatThrownBy(() -> new Device("cpu", 2)).hasMessageContaining("has no number");
  }
}
