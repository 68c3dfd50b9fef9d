package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.MaskFiller;
import org.electra4j.inference.Prediction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "fill-mask",
    header = "Predicts the words at [MASK], with the generator.",
    description = {
      "Reads one text a line from standard input and writes one JSON object a line:",
      "{\"predictions\":[[{\"token\",\"id\",\"probability\"}]]}, a list for every [MASK]."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  echo 'the chef [MASK] the meal' | electra fill-mask runs/small/model --top-k 3")
final class FillMaskCommand extends ModelCommand<List<List<Prediction>>> {
  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "5",
      description = "Predictions for each [MASK] (default: ${DEFAULT-VALUE}).")
  int topK;

  FillMaskCommand(Streams streams) {
    super(streams);
  }

  @Override
  Answers<List<List<Prediction>>> load(Path model, InferenceOptions options) throws IOException {
    positive("--top-k", topK);
    MaskFiller filler = MaskFiller.load(model, options);
    return new Answers<>() {
      @Override
      public List<List<List<Prediction>>> texts(List<String> texts) {
        return filler.fill(texts, topK);
      }

      @Override
      public List<List<Prediction>> ids(int[] ids) {
        return filler.fillIds(ids, topK);
      }

      @Override
      public void close() {
        filler.close();
      }
    };
  }

  @Override
  void write(JsonGenerator json, List<List<Prediction>> masks) throws IOException {
    json.writeArrayFieldStart("predictions");
    for (List<Prediction> mask : masks) {
      json.writeStartArray();
      for (Prediction prediction : mask) {
        json.writeStartObject();
        json.writeStringField("token", prediction.token());
        json.writeNumberField("id", prediction.id());
        json.writeNumberField("probability", prediction.probability());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }
}
