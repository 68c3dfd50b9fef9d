package org.electra4j.finetune.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.JsonProblems;

/**
 * Reads SQuAD JSON, one article at a time: {@code data[].paragraphs[].qas[]}. Answers start at code
 * points, as Python counts; {@code is_impossible} is SQuAD 2.0's; a question without {@code
 * answers} is unlabelled. Lines in messages are those where the article begins.
 */
final class SquadReader extends QuestionReader {
  private int articles;

  SquadReader(Path file) {
    super(file);
  }

  @Override
  void readAll() throws IOException {
    try (Reader reader = DataFile.reader(file);
        JsonParser parser = DataJson.STREAM.createParser(reader)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new FileFormatException(file, 1, "does not begin with a JSON object.");
      }
      boolean data = false;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals("data")) {
          data = true;
          readArticles(parser);
        } else {
          parser.skipChildren();
        }
      }
      if (!data) {
        throw new FileFormatException(file, "has no \"data\", the list of SQuAD's articles.");
      }
      if (parser.nextToken() != null) {
        throw malformed(parser.currentLocation().getLineNr(), "there is text behind the object");
      }
    } catch (JsonProcessingException e) {
      throw JsonProblems.inFile(file, e);
    } catch (CharacterCodingException e) {
      throw new FileFormatException(file, DataFile.NOT_UTF_8, e);
    }
  }

  private void readArticles(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw malformed(parser.currentLocation().getLineNr(), "\"data\" must be a list");
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      long line = parser.currentLocation().getLineNr();
      JsonNode article = parser.readValueAsTree();
      String title = article.path("title").asText("");
      articles++;
      for (JsonNode paragraph : list(line, article, "paragraphs")) {
        String context = text(line, paragraph, "context");
        for (JsonNode question : list(line, paragraph, "qas")) {
          add(line, question(line, title, context, question));
        }
      }
    }
  }

  private QuestionExample question(long line, String title, String context, JsonNode node)
      throws FileFormatException {
    JsonNode id = node.path("id");
    if (!id.isTextual() && !id.isNumber()) {
      throw malformed(line, "\"id\" must be a text, in article " + articles);
    }
    String text = text(line, node, "question");
    boolean impossible = node.path("is_impossible").asBoolean(false);
    List<Answer> answers = null;
    if (impossible) {
      answers = List.of();
    } else if (node.has("answers")) {
      answers = answers(line, context, node);
    }
    return new QuestionExample(id.asText(), title, text, context, answers);
  }

  private List<Answer> answers(long line, String context, JsonNode question)
      throws FileFormatException {
    List<Answer> answers = new ArrayList<>();
    for (JsonNode answer : list(line, question, "answers")) {
      JsonNode start = answer.path("answer_start");
      if (!start.isInt()) {
        throw malformed(
            line, "\"answer_start\" must be a whole number, of question " + question.get("id"));
      }
      answers.add(answer(line, context, text(line, answer, "text"), start.intValue()));
    }
    return answers;
  }
}
