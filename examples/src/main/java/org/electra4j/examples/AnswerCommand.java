package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.PredictedAnswer;
import org.electra4j.inference.QuestionAnswerer;
import org.electra4j.inference.QuestionAnswers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "answer",
    header = "Finds the part of a context that answers a question.",
    description = {
      "Reads one question and its context a line, with a tab between, from standard input and",
      "writes one JSON object a line: {\"answer\",\"null_odds\",\"answers\":[{\"text\",\"start\",",
      "\"end\",\"score\",\"probability\"}]}. The answer is empty when the null odds are above the",
      "threshold; start and end count UTF-16 units of the context."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  printf 'who ate?\\tthe chef ate the meal\\n' | electra answer runs/squad")
final class AnswerCommand extends LineCommand<QuestionAnswers> {
  @Mixin AnswerOptions answers = new AnswerOptions();

  private float threshold;

  AnswerCommand(Streams streams) {
    super(streams);
  }

  @Override
  Texts<QuestionAnswers> load(Path model, InferenceOptions options) throws IOException {
    QuestionAnswerer answerer = QuestionAnswerer.load(model, options, answers.decoder());
    threshold = answerer.nullThreshold();
    return new Texts<>() {
      @Override
      public List<QuestionAnswers> texts(List<String> lines) {
        List<TabbedLine> both =
            lines.stream().map(line -> TabbedLine.of(line, "parts, question and context")).toList();
        return answerer.answer(
            both.stream().map(TabbedLine::first).toList(),
            both.stream().map(TabbedLine::second).toList());
      }

      @Override
      public void close() {
        answerer.close();
      }
    };
  }

  @Override
  void write(JsonGenerator json, QuestionAnswers answers) throws IOException {
    json.writeStringField("answer", answers.best(threshold));
    JsonLines.writeNumber(json, "null_odds", answers.nullOdds());
    json.writeArrayFieldStart("answers");
    for (PredictedAnswer answer : answers.answers()) {
      json.writeStartObject();
      json.writeStringField("text", answer.text());
      json.writeNumberField("start", answer.start());
      json.writeNumberField("end", answer.end());
      json.writeNumberField("score", answer.score());
      json.writeNumberField("probability", answer.probability());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
