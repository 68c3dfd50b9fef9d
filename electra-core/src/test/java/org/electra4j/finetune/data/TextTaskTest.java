package org.electra4j.finetune.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.electra4j.io.FileFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of any layout, by naming columns. */
class TextTaskTest {
  private static final TextTask REVIEWS =
      TextTask.builder("reviews", TaskKind.CLASSIFICATION).text("text").label("label").build();

  @TempDir Path folder;

  @Test
  void labelsAreThoseOfAllSplitsSorted() throws IOException {
    Fixtures.write(folder, "train.tsv", "label\ttext\n10\ta\n9\tb\n");
    Fixtures.write(folder, "valid.tsv", "text\tlabel\nc\t-1\n");
    TaskData<TextExample> data = REVIEWS.read(folder);
    assertThat(data.labels()).containsExactly("-1", "9", "10");
    assertThat(data.dev()).containsExactly(new ClassExample("0", "c", null, 0));
    Fixtures.write(folder, "test.tsv", "text\tlabel\nc\tnew\n");
    assertThat(REVIEWS.read(folder).labels()).containsExactly("-1", "10", "9", "new");
  }

  @Test
  void tsvKeepsQuotesAndCsvResolvesThem() throws IOException {
    Fixtures.write(folder, "train.tsv", "text\tlabel\n\"a, \"\"b\"\t1\n");
    Fixtures.write(folder, "dev.csv", "text,label\n\"a, \"\"b\n\"\"\",1\r\nc,0\n");
    TaskData<TextExample> data = REVIEWS.read(folder);
    assertThat(data.train().get(0).text()).isEqualTo("\"a, \"\"b\"");
    assertThat(data.dev())
        .containsExactly(
            new ClassExample("0", "a, \"b\n\"", null, 1), new ClassExample("1", "c", null, 0));
  }

  @Test
  void jsonLinesAlsoCompressed() throws IOException {
    Fixtures.gzip(
        folder,
        "train.jsonl.gz",
        "{\"label\": true, \"text\": \"a\\tb\"}\n\n{\"text\": \"c\", \"label\": false, \"x\": []}");
    Fixtures.write(folder, "test.jsonl", "{\"text\": \"d\", \"label\": null}\n");
    TaskData<TextExample> data = REVIEWS.read(folder);
    assertThat(data.labels()).containsExactly("false", "true");
    assertThat(data.train())
        .containsExactly(
            new ClassExample("0", "a\tb", null, 1), new ClassExample("1", "c", null, 0));
    assertThat(data.test()).containsExactly(new ClassExample("0", "d", null, -1));
    assertThat(data.skipped())
        .singleElement()
        .hasToString(
            folder.resolve("train.jsonl.gz")
                + ": 1 left out because the line is blank (first: line 2)");
  }

  @Test
  void columnsByPlace() throws IOException {
    TextTask task =
        TextTask.builder("pairs", TaskKind.CLASSIFICATION)
            .header(false)
            .separator('|')
            .text(0)
            .pair(-2)
            .label(-1)
            .build();
    Path file = Fixtures.write(folder, "x.psv", "a|ignored|b|yes\nc|d|no\n");
    assertThat(task.read(Map.of("train", file)).train())
        .containsExactly(new ClassExample("0", "a", "b", 1), new ClassExample("1", "c", "d", 0));
  }

  @Test
  void severalLabels() throws IOException {
    TextTask one =
        TextTask.builder("tags", TaskKind.MULTI_LABEL).text("text").label("tags").build();
    Path tsv = Fixtures.write(folder, "a.tsv", "text\ttags\na\tx, y\nb\t\n");
    Path json = Fixtures.write(folder, "a.jsonl", "{\"text\": \"c\", \"tags\": [\"z\", \"x\"]}\n");
    TaskData<TextExample> data = one.read(Map.of("train", tsv));
    assertThat(data.labels()).containsExactly("x", "y");
    assertThat(data.train())
        .containsExactly(
            new MultiLabelExample("0", "a", null, List.of(0, 1)),
            new MultiLabelExample("1", "b", null, List.of()));
    assertThat(one.read(Map.of("train", json)).train())
        .containsExactly(new MultiLabelExample("0", "c", null, List.of(0, 1)));

    TextTask many =
        TextTask.builder("tags", TaskKind.MULTI_LABEL).text("text").labelColumns("p", "q").build();
    Path columns = Fixtures.write(folder, "b.csv", "text,q,p\na,1,0\nb,1,1\n");
    data = many.read(Map.of("train", columns));
    assertThat(data.labels()).containsExactly("p", "q");
    assertThat(data.train())
        .containsExactly(
            new MultiLabelExample("0", "a", null, List.of(1)),
            new MultiLabelExample("1", "b", null, List.of(0, 1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text\\tlabel\\na\\n              | , line 2: the row has 1 column, but the first row names 2.",
        "text\\tlabel\\na\\tb\\tc\\n      | , line 2: the row has 3 columns, but the first row names 2.",
        "text\\tlabel\\na\\t\\n           | , line 2: the label is empty.",
        "text\\ttag\\na\\tb\\n            | , line 1: there is no column 'label'; the columns are [text, tag].",
        "text\\ttext\\tlabel\\n           | , line 1: two columns are named 'text'.",
        "''                               | : is empty; its first row should name the columns.",
      })
  void malformedTable(String text, String message) throws IOException {
    Path file = Fixtures.write(folder, "train.tsv", text.translateEscapes());
    assertThatThrownBy(() -> REVIEWS.read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(file + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"text\": \"a\", \"label\": 1            | , column 25: is not valid JSON: Unexpected",
        "[1]                                       | : is not a JSON object; write one object a line.",
        "{\"text\": \"a\", \"label\": 1} {}        | , column 27: there is more behind the JSON value.",
        "{\"text\": \"a\", \"text\": 1}            | , column 21: is not valid JSON: Duplicate field 'text'",
        "{\"text\": \"a\"}                         | : the row has no label.",
        "{\"label\": \"a\"}                        | : the row has no 'text'.",
        "{\"text\": {}, \"label\": 1}              | : 'text' must be a text, a number, true or false.",
      })
  void malformedJson(String line, String message) throws IOException {
    Path file = Fixtures.write(folder, "train.jsonl", "{\"text\": \"ok\", \"label\": 1}\n" + line);
    assertThatThrownBy(() -> REVIEWS.read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(file + ", line 2" + message);
  }

  @Test
  void malformedNumber() throws IOException {
    TextTask task =
        TextTask.builder("n", TaskKind.REGRESSION).header(false).text(0).label(1).build();
    for (String wrong : List.of("", "x", "NaN", "Infinity", "1e999", "1d")) {
      Path file = Fixtures.write(folder, "train.tsv", "a\t0.5\nb\t" + wrong + "\n");
      assertThatThrownBy(() -> task.read(folder))
          .isInstanceOf(FileFormatException.class)
          .hasMessage(file + ", line 2: '" + wrong + "' is not a number.");
    }
  }

  @Test
  void textThatIsNotUtf8() throws IOException {
    byte[] latin = "text\tlabel\ncaf\u00e9\t1\n".getBytes(StandardCharsets.ISO_8859_1);
    Path tsv = Fixtures.write(folder, "train.tsv", latin);
    assertThatThrownBy(() -> REVIEWS.read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(tsv + ", line 2: is not valid UTF-8; convert the file to UTF-8.");
    Path csv = Fixtures.write(folder, "a.csv", latin);
    assertThatThrownBy(() -> REVIEWS.read(Map.of("train", csv)))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("is not valid UTF-8; convert the file to UTF-8.");
  }

  @Test
  void damagedCompressedFile() throws IOException {
    Path plain = Fixtures.write(folder, "train.tsv.gz", "text\tlabel\na\t1\n");
    assertThatThrownBy(() -> REVIEWS.read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(plain + ": is not a gzip file, though its name ends in .gz.");
    Path bomb = Fixtures.gzip(folder, "train.tsv.gz", "text\tlabel\n" + "a".repeat(40 << 20));
    assertThatThrownBy(() -> REVIEWS.read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(bomb + ": unpacks to more than 200 times its size; unpack it yourself.");
  }

  @Test
  void linesAreCutOnlyAtLineFeeds() throws IOException {
    String text = "a\u2028b\u0085c\rd" + "x".repeat(200_000);
    Fixtures.write(folder, "train.tsv", "text\tlabel\n" + text + "\t1\r\nlast\t0");
    assertThat(REVIEWS.read(folder).train())
        .containsExactly(
            new ClassExample("0", text, null, 1), new ClassExample("1", "last", null, 0));
  }

  @Test
  void heldOutPartIsRandomAndRepeatable() throws IOException {
    StringBuilder rows = new StringBuilder("text\tlabel\n");
    for (int i = 0; i < 100; i++) {
      rows.append(i).append("\t").append(i % 2).append('\n');
    }
    Fixtures.write(folder, "train.tsv", rows.toString());
    TaskData<TextExample> all = REVIEWS.read(folder);
    TaskData<TextExample> held = all.holdOut("train", "dev", 0.2, 1);
    assertThat(held.dev()).hasSize(20).doesNotContainAnyElementsOf(held.train());
    assertThat(held.train()).hasSize(80).isSubsetOf(all.train());
    assertThat(all.holdOut("train", "dev", 0.2, 1)).isEqualTo(held);
    assertThat(all.holdOut("train", "dev", 0.2, 2)).isNotEqualTo(held);
    assertThatThrownBy(() -> all.holdOut("test", "dev", 0.2, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void incompleteDescriptionIsRefused() {
    assertThatThrownBy(() -> TextTask.builder("x", TaskKind.CLASSIFICATION).text(0).build())
        .hasMessage("task x needs a column for the label");
    assertThatThrownBy(() -> TextTask.builder("x", TaskKind.TAGGING))
        .isInstanceOf(IllegalArgumentException.class);
    Path file = folder.resolve("a.jsonl");
    TextTask byPlace = TextTask.builder("x", TaskKind.CLASSIFICATION).text(0).label(1).build();
    assertThatThrownBy(() -> byPlace.read(Map.of("train", file)))
        .hasMessage(file + " has JSON rows: choose their columns by name, not as number 0");
  }
}
