package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.EmbeddingOptions;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.Pooling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "embed",
    header = "Turns texts into vectors.",
    description = {
      "Reads one text a line from standard input and writes one JSON object a line:",
      "{\"embedding\":[...]}, or with --hidden {\"hidden\":[[...]]}, a row for every token",
      "from [CLS] to [SEP]."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  echo 'the chef ate the meal' | electra embed runs/small/model --pooling mean")
final class EmbedCommand extends ModelCommand<float[][]> {
  @Option(
      names = "--pooling",
      paramLabel = "cls|mean",
      description = "The vector of [CLS], or the mean of all tokens (default: mean).")
  Pooling pooling;

  @Option(
      names = "--normalize",
      description = "Divide vectors by their Euclidean norm, as sentence models have it.")
  boolean normalize;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Cut texts to N tokens, special tokens included (default: the model's limit).")
  Integer maxLength;

  @Option(names = "--hidden", description = "Write the vectors of all tokens.")
  boolean hidden;

  EmbedCommand(Streams streams) {
    super(streams);
  }

  @Override
  Answers<float[][]> load(Path model, InferenceOptions options) throws IOException {
    if (hidden && pooling != null) {
      throw wrong(
          "--hidden and --pooling exclude each other: one writes all tokens, one a vector.");
    }
    if ((hidden || inputIds) && (normalize || maxLength != null)) {
      throw wrong("--normalize and --max-length are for vectors of texts only.");
    }
    Pooling how = pooling == null ? Pooling.MEAN : pooling;
    EmbeddingOptions embedding = embeddingOptions(how);
    ElectraEncoder encoder = ElectraEncoder.load(model, options);
    return new Answers<>() {
      @Override
      public List<float[][]> texts(List<String> texts) {
        return hidden
            ? texts.stream().map(text -> encoder.encode(text).rows()).toList()
            : Arrays.stream(encoder.embed(texts, embedding)).map(v -> new float[][] {v}).toList();
      }

      @Override
      public float[][] ids(int[] ids) {
        return hidden ? encoder.hiddenStates(ids) : new float[][] {encoder.embedIds(ids, how)};
      }

      @Override
      public void close() {
        encoder.close();
      }
    };
  }

  private EmbeddingOptions embeddingOptions(Pooling how) {
    EmbeddingOptions embedding =
        EmbeddingOptions.defaults().withPooling(how).withNormalize(normalize);
    try {
      return maxLength == null ? embedding : embedding.withMaxLength(maxLength);
    } catch (IllegalArgumentException e) {
      throw wrong("--max-length: " + e.getMessage());
    }
  }

  @Override
  void write(JsonGenerator json, float[][] rows) throws IOException {
    if (!hidden) {
      json.writeFieldName("embedding");
      JsonLines.writeVector(json, rows[0]);
      return;
    }
    json.writeArrayFieldStart("hidden");
    for (float[] row : rows) {
      JsonLines.writeVector(json, row);
    }
    json.writeEndArray();
  }
}
