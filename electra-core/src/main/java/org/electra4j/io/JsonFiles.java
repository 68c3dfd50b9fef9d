package org.electra4j.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.TokenFilter;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads and writes the small JSON files of a model directory. */
final class JsonFiles {

  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private JsonFiles() {}

  /**
   * Returns the object that a file holds.
   *
   * @throws FileFormatException if it is no JSON object, or a key occurs twice
   */
  static ObjectNode readObject(Path file) throws IOException {
    return readObject(file, TokenFilter.INCLUDE_ALL);
  }

  /**
   * Returns the object without every member of this name: reading a vocabulary into nodes is slow.
   */
  static ObjectNode readObjectWithout(Path file, String member) throws IOException {
    return readObject(
        file,
        new TokenFilter() {
          @Override
          public TokenFilter includeProperty(String name) {
            return name.equals(member) ? null : this;
          }
        });
  }

  private static ObjectNode readObject(Path file, TokenFilter filter) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser =
            new FilteringParserDelegate(
                MAPPER.createParser(in),
                filter,
                TokenFilter.Inclusion.INCLUDE_ALL_AND_PATH,
                true)) {
      JsonNode node = MAPPER.readTree(parser);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw new FileFormatException(file, "must hold one JSON object.");
    } catch (JsonProcessingException e) {
      throw new FileFormatException(file, "is not valid JSON: " + e.getOriginalMessage() + ".", e);
    }
  }

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
