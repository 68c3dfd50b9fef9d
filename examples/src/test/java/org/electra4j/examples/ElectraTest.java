package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElectraTest {

  @Test
  void helpListsTheCommandsAndExamples() {
    CommandLineRun run = CommandLineRun.of("--help");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("doctor", "vocab", "tokenize", "prepare", "pretrain", "resume")
        .contains("embed", "detect", "fill-mask", "demo", "Examples:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "doctor",
        "vocab",
        "tokenize",
        "prepare",
        "pretrain",
        "resume",
        "embed",
        "detect",
        "fill-mask",
        "demo"
      })
  void everyCommandHasHelp(String command) {
    CommandLineRun run = CommandLineRun.of(command, "--help");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Usage: electra " + command, "--stacktrace");
  }

  @Test
  void versionIsThatOfTheProject() {
    assertThat(CommandLineRun.of("--version").out()).matches("Electra4J \\d+\\.\\d+\\.\\d+\\S*\n");
  }

  @Test
  void noCommandOrAnUnknownOneIsWrong() {
    assertThat(CommandLineRun.of().code()).isEqualTo(2);
    assertThat(CommandLineRun.of().err()).contains("Name a command: demo, doctor");
    assertThat(CommandLineRun.of("trian").code()).isEqualTo(2);
    assertThat(CommandLineRun.of("trian").err()).contains("trian");
  }

  @Test
  void doctorNamesDevicesAndLibrary() {
    CommandLineRun run = CommandLineRun.of("doctor");
    assertThat(run.code()).as(run.out()).isZero();
    assertThat(run.out())
        .contains("processors:", "memory:", "device cpu:", "instruction set", "device reference:")
        .containsPattern("device cuda: +(not )?available")
        .contains("cpu library: ", "libelectra_cpu.so", "library cache:", "java:", "platform:");
  }

  @Test
  void aStackTraceOnlyWhenAskedFor() {
    String[] arguments = {"tokenize", "--vocab", "nowhere.txt"};
    CommandLineRun plain = CommandLineRun.of(arguments);
    assertThat(plain.code()).isEqualTo(1);
    assertThat(plain.err())
        .isEqualTo("electra: nowhere.txt: the vocabulary file does not exist.\n");
    CommandLineRun traced = CommandLineRun.of("tokenize", "--vocab", "nowhere.txt", "--stacktrace");
    assertThat(traced.code()).isEqualTo(1);
    assertThat(traced.err()).contains("NoSuchFileException", "\tat org.electra4j");
  }
}
