package org.electra4j.finetune.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.electra4j.io.FileFormatException;

/** What readers of questions share. */
abstract class QuestionReader {
  final Path file;
  final SkipCounter skips;
  private final List<QuestionExample> questions = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();

  QuestionReader(Path file) {
    this.file = file;
    this.skips = new SkipCounter(file);
  }

  /** Returns the questions of the file. */
  List<QuestionExample> read() throws IOException {
    readAll();
    return questions;
  }

  abstract void readAll() throws IOException;

  void add(long line, QuestionExample question) throws FileFormatException {
    if (!ids.add(question.id())) {
      throw new FileFormatException(
          file, line, "question id '" + question.id() + "' is there twice.");
    }
    questions.add(question);
  }

  /**
   * Returns an answer, unlocated and counted if it does not stand at its place in the context.
   *
   * @param codePoints where it starts, counted in code points as Python does
   */
  Answer answer(long line, String context, String text, int codePoints) {
    int start =
        codePoints >= 0 && codePoints <= context.length() ? offset(context, codePoints) : -1;
    if (start < 0 || !context.startsWith(text, start)) {
      skips.add("an answer is not in its context where the file says", line);
      return new Answer(text, Answer.UNLOCATED);
    }
    return new Answer(text, start);
  }

  /** Returns the char index of a code point, or -1 if the text is shorter. */
  static int offset(String text, int codePoints) {
    try {
      return text.offsetByCodePoints(0, codePoints);
    } catch (IndexOutOfBoundsException e) {
      return -1;
    }
  }

  /** Returns a text of an object. */
  String text(long line, JsonNode object, String name) throws FileFormatException {
    JsonNode value = object.get(name);
    if (value == null || !value.isTextual()) {
      throw malformed(line, "\"" + name + "\" must be a text" + where(object));
    }
    return value.textValue();
  }

  /** Returns a list of an object. */
  JsonNode list(long line, JsonNode object, String name) throws FileFormatException {
    JsonNode value = object.get(name);
    if (value == null || !value.isArray()) {
      throw malformed(line, "\"" + name + "\" must be a list" + where(object));
    }
    return value;
  }

  FileFormatException malformed(long line, String problem) {
    return new FileFormatException(file, line, problem + ".");
  }

  private static String where(JsonNode object) {
    JsonNode id = object.has("id") ? object.get("id") : object.get("qid");
    return id != null && id.isTextual() ? " (question " + id.textValue() + ")" : "";
  }
}
