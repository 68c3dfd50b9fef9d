package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.LabelScore;
import org.electra4j.inference.TextClassifier;
import org.electra4j.inference.TextRegressor;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskDescription.Kind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "classify",
    header = "Puts texts, or pairs of texts, into classes.",
    description = {
      "Reads one text a line from standard input and writes one JSON object a line:",
      "{\"labels\":[{\"label\",\"probability\"}]}, best first; of a model that gives a number",
      "{\"number\"}."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  echo 'a warm and quietly funny film' | electra classify runs/sst2")
final class ClassifyCommand extends LineCommand<ClassifyCommand.Answer> {
  /** Labels, or a number where they are null. */
  record Answer(List<LabelScore> labels, float number) {}

  @Option(names = "--pairs", description = "Lines are two texts with a tab between them.")
  boolean pairs;

  ClassifyCommand(Streams streams) {
    super(streams);
  }

  @Override
  Texts<Answer> load(Path model, InferenceOptions options) throws IOException {
    Kind kind =
        TaskDescription.of(
                HuggingFaceConfig.read(model),
                model,
                Kind.CLASSIFICATION,
                Kind.MULTI_LABEL,
                Kind.REGRESSION)
            .kind();
    return kind == Kind.REGRESSION
        ? numbers(TextRegressor.load(model, options))
        : labels(TextClassifier.load(model, options));
  }

  private Texts<Answer> labels(TextClassifier classifier) {
    return new Texts<>() {
      @Override
      public List<Answer> texts(List<String> texts) {
        return classifier.classify(firsts(texts), seconds(texts)).stream()
            .map(labels -> new Answer(labels, 0))
            .toList();
      }

      @Override
      public void close() {
        classifier.close();
      }
    };
  }

  private Texts<Answer> numbers(TextRegressor regressor) {
    return new Texts<>() {
      @Override
      public List<Answer> texts(List<String> texts) {
        List<Answer> answers = new ArrayList<>();
        for (float number : regressor.predict(firsts(texts), seconds(texts))) {
          answers.add(new Answer(null, number));
        }
        return answers;
      }

      @Override
      public void close() {
        regressor.close();
      }
    };
  }

  private List<String> firsts(List<String> lines) {
    return pairs
        ? lines.stream().map(line -> TabbedLine.of(line, "texts").first()).toList()
        : lines;
  }

  /** Returns the second texts, nulls where there are none. */
  private List<String> seconds(List<String> lines) {
    List<String> seconds = new ArrayList<>();
    lines.forEach(line -> seconds.add(pairs ? TabbedLine.of(line, "texts").second() : null));
    return seconds;
  }

  @Override
  void write(JsonGenerator json, Answer answer) throws IOException {
    if (answer.labels == null) {
      JsonLines.writeNumber(json, "number", answer.number);
      return;
    }
    json.writeArrayFieldStart("labels");
    for (LabelScore label : answer.labels) {
      json.writeStartObject();
      json.writeStringField("label", label.label());
      json.writeNumberField("probability", label.probability());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
