package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.TaggedWord;
import org.electra4j.inference.TokenTagger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "tag",
    header = "Gives every word of a text a tag.",
    description = {
      "Reads one text a line from standard input and writes one JSON object a line:",
      "{\"words\":[{\"word\",\"start\",\"end\",\"tag\",\"probability\"}]}, where start and end",
      "count UTF-16 units; null with --words."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  echo 'the chef ate the meal' | electra tag runs/chunk")
final class TagCommand extends LineCommand<List<TaggedWord>> {
  @Option(
      names = "--words",
      description = "Lines are words with blanks between them; punctuation is not parted.")
  boolean words;

  TagCommand(Streams streams) {
    super(streams);
  }

  @Override
  Texts<List<TaggedWord>> load(Path model, InferenceOptions options) throws IOException {
    TokenTagger tagger = TokenTagger.load(model, options);
    return new Texts<>() {
      @Override
      public List<List<TaggedWord>> texts(List<String> texts) {
        return words
            ? tagger.tagWords(texts.stream().map(this::split).toList())
            : tagger.tag(texts);
      }

      private List<String> split(String line) {
        return line.isBlank() ? List.of() : Arrays.asList(line.strip().split("\\s+"));
      }

      @Override
      public void close() {
        tagger.close();
      }
    };
  }

  @Override
  void write(JsonGenerator json, List<TaggedWord> tagged) throws IOException {
    json.writeArrayFieldStart("words");
    for (TaggedWord word : tagged) {
      json.writeStartObject();
      json.writeStringField("word", word.word());
      JsonLines.writePlace(json, "start", word.start());
      JsonLines.writePlace(json, "end", word.end());
      json.writeStringField("tag", word.tag());
      json.writeNumberField("probability", word.probability());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
