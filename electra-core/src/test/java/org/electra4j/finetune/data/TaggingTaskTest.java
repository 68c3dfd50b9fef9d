package org.electra4j.finetune.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.electra4j.io.FileFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files in the columns of the CoNLL shared tasks. */
class TaggingTaskTest {
  private static final TaggingTask TASK = TaggingTask.builder("ner").build();

  @TempDir Path folder;

  @Test
  void chunksOfConll2000BecomeBioes() throws IOException {
    Fixtures.write(
        folder,
        "train.txt",
        "He PRP B-NP\nreckons VBZ B-VP\nthe DT B-NP\ndeficit NN I-NP\n. . O\n\n\nIt PRP B-NP\n");
    TaskData<TaggedWords> data = TASK.read(folder);
    assertThat(data.labels()).containsExactly("B-NP", "E-NP", "O", "S-NP", "S-VP");
    assertThat(data.train()).hasSize(2);
    assertThat(data.train().get(0).words()).containsExactly("He", "reckons", "the", "deficit", ".");
    assertThat(tags(data, 0)).containsExactly("S-NP", "S-VP", "B-NP", "E-NP", "O");
    assertThat(data.train().get(1).id()).isEqualTo("1");
  }

  @Test
  void documentsTabsAndOtherColumns() throws IOException {
    Fixtures.write(
        folder,
        "train.tsv",
        "-DOCSTART-\t-X-\tO\n\n1\tNew York\tI-LOC\t_\n2\tparis\tB-LOC\t_\n\t\n1\tx\tI-PER\t_\n");
    TaggingTask task = TaggingTask.builder("ner").wordColumn(1).tagColumn(-2).build();
    TaskData<TaggedWords> data = task.read(folder);
    assertThat(data.train()).hasSize(2);
    assertThat(data.train().get(0).words()).containsExactly("New York", "paris");
    assertThat(tags(data, 0)).containsExactly("S-LOC", "S-LOC");
    assertThat(tags(data, 1)).containsExactly("S-PER");
  }

  @Test
  void tagsOfWordsStay() throws IOException {
    Fixtures.write(folder, "train.conll", "I\tO\ngoes\tERR\n\n");
    Fixtures.write(folder, "test.conll", "alone\nunlabelled\n");
    TaskData<TaggedWords> data = TASK.read(folder);
    assertThat(data.labels()).containsExactly("ERR", "O");
    assertThat(data.train().get(0).tags()).containsExactly(1, 0);
    assertThat(data.test().get(0).labelled()).isFalse();
  }

  @Test
  void spansKeepTheirSchemeWhenAsked() throws IOException {
    Fixtures.write(folder, "train.txt", "a I-X\nb B-X\nc O\n");
    TaskData<TaggedWords> bio = TaggingTask.builder("t").scheme(TagScheme.BIO).build().read(folder);
    assertThat(tags(bio, 0)).containsExactly("B-X", "B-X", "O");
    TaskData<TaggedWords> asIs =
        TaggingTask.builder("t").scheme(TagScheme.WORDS).build().read(folder);
    assertThat(tags(asIs, 0)).containsExactly("I-X", "B-X", "O");
  }

  @ParameterizedTest
  @CsvSource({
    "O B-X I-X O B-X, BIO",
    "O I-X I-X O I-Y, IOB1",
    "I-X B-X I-X I-Y, IOB1",
    "I-X O B-X, BIO",
    "O O, BIO",
    "B-X E-X O, BIOES",
    "O S-X, BIOES",
    "B-X L-X U-Y, BIOES",
    "O ERR, WORDS",
    "NN VB, WORDS",
    "B-X I-X E, BIOES",
  })
  void schemeIsTold(String tags, TagScheme scheme) {
    assertThat(TagScheme.detect(List.of(List.of(tags.split(" "))))).isEqualTo(scheme);
  }

  @ParameterizedTest
  @CsvSource({
    "I-X B-X I-X O I-Y I-X, IOB1",
    "B-X B-X I-X O B-Y B-X, BIO",
    "S-X B-X E-X O S-Y S-X, BIOES",
    "O B-A-B I-A-B, BIO",
  })
  void spansAreReadAndWrittenBack(String text, TagScheme scheme) {
    List<String> tags = List.of(text.split(" "));
    assertThat(scheme.tags(TagSpan.of(tags), tags.size())).isEqualTo(tags);
  }

  @Test
  void invalidTransitionsBeginASpanOrInStrictModeNone() {
    List<String> tags = List.of("I-X", "I-Y", "O", "B-X", "I-Y");
    assertThat(TagSpan.of(tags))
        .containsExactly(
            new TagSpan(0, 1, "X"),
            new TagSpan(1, 2, "Y"),
            new TagSpan(3, 4, "X"),
            new TagSpan(4, 5, "Y"));
    assertThat(TagSpan.strict(TagScheme.BIO, tags)).containsExactly(new TagSpan(3, 4, "X"));
    assertThat(TagSpan.strict(TagScheme.BIOES, tags)).isEmpty();
    assertThatThrownBy(() -> TagSpan.strict(TagScheme.BIO, List.of("S-X")))
        .hasMessage("'S-X' is no tag of BIO");
    assertThatThrownBy(() -> TagSpan.of(List.of("ERR")))
        .hasMessage("'ERR' is neither O nor B-, I-, E- or S- with a type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a B-X\\nb\\n      | , line 2: the row has no tag.",
        "a\\nb B-X\\n      | , line 2: the row has a tag, but the rows before have none.",
        "a\\tB-X\\nb\\t\\n | , line 2: the row has no tag in column -1; it has 2 columns.",
        "a\\tB-X\\n\\tO\\n | , line 2: the row has no word in column 0; it has 2 columns.",
        "a\\nb\\n          | : has no tags; its rows need a column for the tag beside the word.",
      })
  void malformed(String text, String message) throws IOException {
    Path file = Fixtures.write(folder, "train.txt", text.translateEscapes());
    assertThatThrownBy(() -> TASK.read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(file + message);
  }

  private static List<String> tags(TaskData<TaggedWords> data, int sentence) {
    return Arrays.stream(data.train().get(sentence).tags()).mapToObj(data.labels()::get).toList();
  }
}
