package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonProblemsTest {
  record Values(long steps, double rate, boolean cased, List<String> names, Precision precision) {}

  private static final JsonStore STORE = new JsonStore(JsonMapper.builder().build());

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": 1,}   | 1, column 9: is not valid JSON: Unexpected character ('}' (code 125)): was"
            + " expecting double-quote to start field name.",
        "{~\"a\": b}   | 2, column 6: is not valid JSON: Unrecognized token 'b'",
        "{~~\"a\": 1   | 3, column 7: is not valid JSON: Unexpected end-of-input: expected close"
            + " marker for Object (start marker at line 1, column 1).",
        "{\"a\":1,~\"a\":2} | 2, column 4: is not valid JSON: Duplicate field 'a'.",
      })
  void aModelsFileNamesLineAndColumn(String text, String problem) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), text.replace('~', '\n'));
    assertThatThrownBy(() -> JsonTree.read(file))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(file + ", line " + problem)
        .hasMessageNotContainingAny("Source", "REDACTED", "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"steps\": \"many\"}          | , line 1, column 11: \"steps\" must be a whole number.",
        "{~\"rate\": [1]}               | , line 2, column 9: \"rate\" must be a number.",
        "{\"cased\": \"perhaps\"}       | , line 1, column 11: \"cased\" must be true or false.",
        "{\"names\": 3}                 | , line 1, column 11: \"names\" must be a list.",
        "{\"names\": [{}]}              | , line 1, column 12: \"names.[]\" must be a text.",
        "{\"precision\": \"fp7\"}       | , line 1, column 15: \"precision\" must be AUTO or FP32 or"
            + " BF16.",
        "{\"colour\": 3}                | , line 1, column 14: \"colour\" is not known here; remove"
            + " it, or use the version that wrote it.",
        "[]                             | , line 1, column 1: the value must be an object.",
        "~                              | , line 1: is empty, but should hold a JSON value.",
        "null                           | : must hold a JSON object, but holds null.",
      })
  void anObjectsFileNamesFieldAndRule(String text, String problem) throws IOException {
    Path file = Files.writeString(folder.resolve("run.json"), text.replace('~', '\n'));
    assertThatThrownBy(() -> STORE.read(file, Values.class))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(file + problem);
  }

  @Test
  void bytesThatAreNoTextNameTheFile() throws IOException {
    byte[] latin = "{\"a\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(folder.resolve("config.json"), latin);
    assertThatThrownBy(() -> JsonTree.read(file)).hasMessageStartingWith(file + ", line 1");
    Path wide = Files.write(folder.resolve("wide.json"), new byte[] {0, 0, -1, -1, 9, 9, 9, 9});
    assertThatThrownBy(() -> STORE.read(wide, Values.class)).hasMessageStartingWith(wide + "");
    assertThatThrownBy(() -> JsonTree.read(wide)).hasMessageStartingWith(wide + "");
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Values values = new Values(3, 0.5, true, List.of("a"), Precision.BF16);
    Path file = folder.resolve("values.json");
    STORE.write(file, values);
    assertThat(STORE.read(file, Values.class)).isEqualTo(values);
    assertThat(folder).isDirectoryContaining(path -> path.equals(file));
    assertThat(folder.toFile().list()).hasSize(1);
  }
}
