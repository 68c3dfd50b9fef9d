package org.electra4j.io;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Says what is wrong with JSON in the words of its author: where, and what was expected. */
public final class JsonProblems {
  /** How Jackson names a place inside a message: with the source, which it does not show. */
  private static final Pattern PLACE =
      Pattern.compile("\\[Source: [^;\\]]*; line: (\\d+), column: (\\d+)]");

  private JsonProblems() {}

  /** Returns the exception for a file that holds one JSON value. */
  public static FileFormatException inFile(Path file, JsonProcessingException problem) {
    JsonLocation place = problem.getLocation();
    return place == null || place.getLineNr() < 1
        ? new FileFormatException(file, sentence(problem), problem)
        : at(file, place.getLineNr(), problem);
  }

  /** Returns the exception for a file that holds a JSON value a line, of the line from 1 on. */
  public static FileFormatException inLine(Path file, long line, JsonProcessingException problem) {
    return at(file, line, problem);
  }

  private static FileFormatException at(Path file, long line, JsonProcessingException problem) {
    JsonLocation place = problem.getLocation();
    int column = place == null ? 0 : place.getColumnNr();
    return column < 1
        ? new FileFormatException(file, line, sentence(problem), problem)
        : new FileFormatException(file, line, column, sentence(problem), problem);
  }

  private static String sentence(JsonProcessingException problem) {
    if (problem instanceof JsonMappingException mapping) {
      return ofValue(mapping);
    }
    return "is not valid JSON: " + words(problem) + ".";
  }

  /** Returns what the parser says. */
  static String words(JsonProcessingException problem) {
    return PLACE.matcher(problem.getOriginalMessage()).replaceAll("line $1, column $2");
  }

  private static String ofValue(JsonMappingException problem) {
    if (problem.getOriginalMessage().startsWith("Trailing token")) {
      return "there is more behind the JSON value.";
    }
    if (problem.getOriginalMessage().startsWith("No content")) {
      return "is empty, but should hold a JSON value.";
    }
    if (problem.getCause() instanceof JsonProcessingException cause) {
      return sentence(cause);
    }
    String name =
        problem.getPath().stream()
            .map(step -> step.getFieldName() == null ? "[]" : step.getFieldName())
            .collect(Collectors.joining("."));
    String value = name.isEmpty() ? "the value" : "\"" + name + "\"";
    if (problem instanceof UnrecognizedPropertyException) {
      return value + " is not known here; remove it, or use the version that wrote it.";
    }
    if (problem.getCause() instanceof IllegalArgumentException cause) {
      return value + " cannot be: " + cause.getMessage();
    }
    if (problem instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return value + " must be " + expected(mismatch.getTargetType()) + ".";
    }
    return value + " cannot be read: " + words(problem) + ".";
  }

  private static String expected(Class<?> type) {
    if (type == long.class || type == int.class || type == Long.class || type == Integer.class) {
      return "a whole number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a number";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(Object::toString)
          .collect(Collectors.joining(" or "));
    }
    if (CharSequence.class.isAssignableFrom(type) || Path.class.isAssignableFrom(type)) {
      return "a text";
    }
    return Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "an object";
  }
}
