package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.text.Encoding;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "tokenize",
    header = "Cuts texts into WordPieces.",
    description = {
      "Reads one text a line from standard input and writes one JSON object a line:",
      "{\"ids\":[...],\"tokens\":[...]}, without special tokens around them."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  echo 'the chef ate the meal' | electra tokenize --vocab vocab.txt")
final class TokenizeCommand extends ElectraCommand {
  private static final int MOST_LINES = 1024;

  @Option(names = "--vocab", required = true, paramLabel = "FILE", description = "The vocabulary.")
  Path vocab;

  @Mixin TextOptions text = new TextOptions();

  TokenizeCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws IOException {
    WordPieceTokenizer tokenizer =
        new WordPieceTokenizer(Vocabulary.load(vocab), text.tokenizerOptions());
    LineReader lines = new LineReader(streams.in());
    JsonLines out = new JsonLines(streams.out());
    for (List<String> batch = lines.next(MOST_LINES);
        !batch.isEmpty();
        batch = lines.next(MOST_LINES)) {
      for (String line : batch) {
        Encoding encoding = tokenizer.encode(line);
        out.write(json -> write(json, encoding));
      }
      out.flush();
    }
    return Electra.DONE;
  }

  private static void write(JsonGenerator json, Encoding encoding) throws IOException {
    json.writeArrayFieldStart("ids");
    for (int id : encoding.ids()) {
      json.writeNumber(id);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("tokens");
    for (String token : encoding.tokens()) {
      json.writeString(token);
    }
    json.writeEndArray();
  }
}
