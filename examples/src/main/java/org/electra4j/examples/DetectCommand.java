package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.ReplacedTokenDetector;
import org.electra4j.inference.TokenScore;
import picocli.CommandLine.Command;

@Command(
    name = "detect",
    header = "Says for every token how likely it was replaced.",
    description = {
      "Reads one text a line from standard input and writes one JSON object a line:",
      "{\"tokens\":[{\"token\",\"id\",\"start\",\"end\",\"logit\",\"replaced\"}]}, where replaced is",
      "sigmoid(logit) and start and end count UTF-16 units; null with --input-ids."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  echo 'the chef ate the meal' | electra detect runs/small/model")
final class DetectCommand extends ModelCommand<List<TokenScore>> {
  DetectCommand(Streams streams) {
    super(streams);
  }

  @Override
  Answers<List<TokenScore>> load(Path model, InferenceOptions options) throws IOException {
    ReplacedTokenDetector detector = ReplacedTokenDetector.load(model, options);
    return new Answers<>() {
      @Override
      public List<List<TokenScore>> texts(List<String> texts) {
        return detector.detect(texts);
      }

      @Override
      public List<TokenScore> ids(int[] ids) {
        return detector.detectIds(ids);
      }

      @Override
      public void close() {
        detector.close();
      }
    };
  }

  @Override
  void write(JsonGenerator json, List<TokenScore> scores) throws IOException {
    json.writeArrayFieldStart("tokens");
    for (TokenScore score : scores) {
      json.writeStartObject();
      json.writeStringField("token", score.token());
      json.writeNumberField("id", score.id());
      JsonLines.writePlace(json, "start", score.start());
      JsonLines.writePlace(json, "end", score.end());
      json.writeNumberField("logit", score.logit());
      json.writeNumberField("replaced", score.replaced());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
