package org.electra4j.io;

import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the small JSON files of a model directory; {@link JsonTree} reads them. */
final class JsonFiles {
  static final JsonMapper MAPPER =
      JsonMapper.builder().disable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private JsonFiles() {}

  /** Writes an object with two-space indentation and a final line feed, as Hugging Face does. */
  static void writeObject(Path file, ObjectNode object) throws IOException {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
                PrettyPrinter.DEFAULT_SEPARATORS.withObjectFieldValueSpacing(
                    Separators.Spacing.AFTER))
            .withObjectIndenter(indenter)
            .withArrayIndenter(indenter);
    String text = MAPPER.writer(printer).writeValueAsString(object) + "\n";
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
