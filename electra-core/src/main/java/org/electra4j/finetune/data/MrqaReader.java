package org.electra4j.finetune.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.JsonProblems;

/**
 * Reads MRQA JSON lines: a header, then a context with its questions a line. The answers are the
 * detected ones at their character spans (code points, last one included), then those of {@code
 * answers} that are none of them.
 */
final class MrqaReader extends QuestionReader {

  MrqaReader(Path file) {
    super(file);
  }

  @Override
  void readAll() throws IOException {
    try (TextLines lines = new TextLines(file)) {
      for (String line; (line = lines.next()) != null; ) {
        JsonNode node = parse(line, lines.line());
        if (node.isMissingNode()) {
          skips.add("the line is blank", lines.line());
        } else if (!(lines.line() == 1 && node.has("header"))) {
          readContext(lines.line(), node);
        }
      }
    }
  }

  private JsonNode parse(String line, long number) throws FileFormatException {
    try {
      return DataJson.LINE.readTree(line);
    } catch (JsonProcessingException e) {
      throw JsonProblems.inLine(file, number, e);
    }
  }

  private void readContext(long line, JsonNode node) throws FileFormatException {
    String context = text(line, node, "context");
    for (JsonNode question : list(line, node, "qas")) {
      String id = text(line, question, question.has("qid") ? "qid" : "id");
      String text = text(line, question, "question");
      add(line, new QuestionExample(id, "", text, context, answers(line, context, question)));
    }
  }

  /** Returns the answers, or null if the question has neither list of them. */
  private List<Answer> answers(long line, String context, JsonNode question)
      throws FileFormatException {
    if (!question.has("detected_answers") && !question.has("answers")) {
      return null;
    }
    List<Answer> answers = new ArrayList<>();
    if (question.has("detected_answers")) {
      for (JsonNode detected : list(line, question, "detected_answers")) {
        for (JsonNode span : list(line, detected, "char_spans")) {
          answers.add(detected(line, context, span));
        }
      }
    }
    if (question.has("answers")) {
      for (JsonNode other : list(line, question, "answers")) {
        if (!other.isTextual()) {
          throw malformed(line, "\"answers\" must be a list of texts");
        }
        if (answers.stream().noneMatch(a -> a.text().equals(other.textValue()))) {
          answers.add(new Answer(other.textValue(), Answer.UNLOCATED));
        }
      }
    }
    return answers;
  }

  private Answer detected(long line, String context, JsonNode span) throws FileFormatException {
    boolean pair = span.isArray() && span.size() == 2 && span.get(0).isInt() && span.get(1).isInt();
    int start = pair && span.get(0).intValue() >= 0 ? offset(context, span.get(0).intValue()) : -1;
    int last = pair && start >= 0 ? offset(context, span.get(1).intValue()) : -1;
    if (start < 0 || last < start || last >= context.length()) {
      throw malformed(line, "\"char_spans\" must hold [first, last] within the context");
    }
    int end = context.offsetByCodePoints(last, 1);
    return new Answer(context.substring(start, end), start);
  }
}
