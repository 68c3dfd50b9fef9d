package org.electra4j.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the small JSON files of a model directory into nodes, straight from the parser: an {@link
 * com.fasterxml.jackson.databind.ObjectMapper} costs a fresh JVM a fifth of a second.
 */
final class JsonTree {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private JsonTree() {}

  /**
   * Returns the object that a file holds.
   *
   * @throws FileFormatException if it is no JSON object, or a key occurs twice
   */
  static ObjectNode read(Path file) throws IOException {
    return readWithout(file, null);
  }

  /**
   * Returns the object without every member of this name: reading a vocabulary into nodes is slow.
   */
  static ObjectNode readWithout(Path file, String member) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = FACTORY.createParser(in)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new FileFormatException(file, "must hold one JSON object.");
      }
      ObjectNode object = object(parser, member);
      if (parser.nextToken() != null) {
        throw new FileFormatException(
            file,
            "must hold one JSON object, but line "
                + parser.currentTokenLocation().getLineNr()
                + " goes on after it.");
      }
      return object;
    } catch (JsonProcessingException e) {
      throw JsonProblems.inFile(file, e);
    } catch (CharConversionException e) {
      throw new FileFormatException(file, "is not UTF-8 text.", e);
    }
  }

  private static ObjectNode object(JsonParser parser, String without) throws IOException {
    ObjectNode object = NODES.objectNode();
    for (String name; (name = parser.nextFieldName()) != null; ) {
      parser.nextToken();
      if (name.equals(without)) {
        parser.skipChildren();
      } else {
        object.set(name, value(parser, without));
      }
    }
    return object;
  }

  private static JsonNode value(JsonParser parser, String without) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, without);
      case START_ARRAY -> {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser, without));
        }
        yield array;
      }
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
          };
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      default -> NODES.nullNode();
    };
  }

  /** Returns a node as plain Java values: maps, lists, strings, numbers, booleans and null. */
  static Object plain(JsonNode node) {
    if (node.isObject()) {
      return plainMembers(node);
    }
    if (node.isArray()) {
      List<Object> list = new ArrayList<>(node.size());
      node.forEach(element -> list.add(plain(element)));
      return list;
    }
    if (node.isNumber()) {
      return node.numberValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    return node.isNull() ? null : node.textValue();
  }

  /** Returns the members of an object, each as {@link #plain}, in their order. */
  static Map<String, Object> plainMembers(JsonNode object) {
    Map<String, Object> members = new LinkedHashMap<>();
    object.properties().forEach(e -> members.put(e.getKey(), plain(e.getValue())));
    return members;
  }
}
