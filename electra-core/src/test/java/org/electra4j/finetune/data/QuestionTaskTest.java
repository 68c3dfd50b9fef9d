package org.electra4j.finetune.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.electra4j.io.FileFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SQuAD's JSON and MRQA's JSON lines. */
class QuestionTaskTest {
  private static final QuestionTask TASK = QuestionTask.of("squad");

  @TempDir Path folder;

  @Test
  void squad() throws IOException {
    Path file = Fixtures.write(folder, "train-v2.0.json", Fixtures.SQUAD);
    TaskData<QuestionExample> data = TASK.read(folder);
    assertThat(data.train()).hasSize(3);
    QuestionExample first = data.train().get(0);
    assertThat(first.article()).isEqualTo("Chefs");
    assertThat(first.answers()).containsExactly(new Answer("The chef", 3), new Answer("chef", 7));
    for (Answer answer : first.answers()) {
      assertThat(first.context().substring(answer.start(), answer.end())).isEqualTo(answer.text());
    }
    assertThat(data.train().get(1).impossible()).isTrue();
    QuestionExample misplaced = data.train().get(2);
    assertThat(misplaced.answers()).containsExactly(new Answer("Seine", Answer.UNLOCATED));
    assertThat(misplaced.trainingAnswer()).isNull();
    assertThat(misplaced.impossible()).isFalse();
    assertThat(data.skipped())
        .containsExactly(
            new SkippedRows(file, "an answer is not in its context where the file says", 1, 8));
  }

  @Test
  void mrqaAlsoCompressed() throws IOException {
    Path plain = Fixtures.write(folder, "a.jsonl", Fixtures.MRQA);
    Path packed = Fixtures.gzip(folder, "b.jsonl.gz", Fixtures.MRQA);
    TaskData<QuestionExample> data = TASK.read(Map.of("train", plain, "dev", packed));
    assertThat(data.train()).hasSize(2).isEqualTo(data.dev());
    assertThat(data.train().get(0).answers())
        .containsExactly(new Answer("chef", 7), new Answer("the cook", Answer.UNLOCATED));
    assertThat(data.train().get(0).answerTexts()).containsExactly("chef", "the cook");
    assertThat(data.train().get(1).labelled()).isFalse();
  }

  @Test
  void articlesAreHeldOutWhole() throws IOException {
    Fixtures.write(folder, "train.json", Fixtures.SQUAD);
    TaskData<QuestionExample> data = TASK.read(folder).holdOut("train", "dev", 0.4, 3);
    assertThat(data.train()).isNotEmpty();
    assertThat(data.dev()).isNotEmpty();
    assertThat(data.train().stream().map(QuestionExample::article))
        .doesNotContainAnyElementsOf(data.dev().stream().map(QuestionExample::article).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                       | , line 1: does not begin with a JSON object.",
        "''                       | , line 1: does not begin with a JSON object.",
        "{'data': 1}              | , line 1: \"data\" must be a list.",
        "{'version': 1}           | : has no \"data\", the list of SQuAD's articles.",
        "{'data': [{}]}           | , line 1: \"paragraphs\" must be a list.",
        "{'data': [],             | , line 1, column 13: is not valid JSON: Unexpected end-of-input",
        "{'data': []} x           | , line 1, column 14: is not valid JSON: Unrecognized token 'x'",
        "{'data': []} 1           | , line 1: there is text behind the object.",
        "{'data': [{'paragraphs': [{'context': 'c', 'qas': [{'id': 1, 'question': 2}]}]}]}"
            + "| , line 1: \"question\" must be a text.",
        "{'data': [{'paragraphs': [{'context': 'c', 'qas': [{'id': 'a', 'question': 'b', "
            + "'answers': [{'text': 'c'}]}]}]}]}"
            + "| , line 1: \"answer_start\" must be a whole number, of question \"a\".",
        "{'data': [{'paragraphs': [{'context': 'c', 'qas': [{'id': 'a', 'question': 'b'}, "
            + "{'id': 'a', 'question': 'b'}]}]}]}"
            + "| , line 1: question id 'a' is there twice.",
      },
      quoteCharacter = '`')
  void malformedSquad(String json, String message) throws IOException {
    String text = json.equals("''") ? "" : json.replace('\'', '"');
    Path file = Fixtures.write(folder, "train.json", text);
    assertThatThrownBy(() -> TASK.read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(file + message);
  }

  @Test
  void malformedMrqa() throws IOException {
    for (String span : List.of("[0]", "[-1, 2]", "[2, 1]", "[0, 9]", "[0, \"1\"]", "3")) {
      Path file =
          Fixtures.write(
              folder,
              "train.jsonl",
              "{\"header\": {}}\n{\"context\": \"abc\", \"qas\": [{\"qid\": \"1\", \"question\": \"?\","
                  + " \"detected_answers\": [{\"char_spans\": ["
                  + span
                  + "]}]}]}\n");
      assertThatThrownBy(() -> TASK.read(folder))
          .isInstanceOf(FileFormatException.class)
          .hasMessage(
              file + ", line 2: \"char_spans\" must hold [first, last] within the context.");
    }
    Path twice = Fixtures.write(folder, "train.jsonl", "{\"context\": \"a\", \"qas\": {}}");
    assertThatThrownBy(() -> TASK.read(folder))
        .hasMessage(twice + ", line 1: \"qas\" must be a list.");
  }
}
