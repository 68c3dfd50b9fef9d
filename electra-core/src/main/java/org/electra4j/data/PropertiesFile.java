package org.electra4j.data;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Metadata of a prepared folder: a properties file in UTF-8, sorted, the same bytes for the same
 * content.
 */
final class PropertiesFile {
  private final Path file;
  private final Properties properties;

  private PropertiesFile(Path file, Properties properties) {
    this.file = file;
    this.properties = properties;
  }

  static void write(Path file, Map<String, String> values) throws IOException {
    Properties properties = new Properties();
    properties.putAll(values);
    StringWriter text = new StringWriter();
    properties.store(text, null);
    String sorted =
        text.toString()
            .lines()
            .filter(line -> !line.startsWith("#"))
            .sorted()
            .collect(Collectors.joining("\n", "", "\n"));
    try {
      Files.writeString(file, sorted);
    } catch (IOException e) {
      throw AtomicFolder.cannotWrite(file, e);
    }
  }

  static PropertiesFile read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = new StringReader(Files.readString(file))) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " is damaged: " + e.getMessage(), e);
    }
    return new PropertiesFile(file, properties);
  }

  String text(String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException(file + " is damaged: it has no entry " + key);
    }
    return value;
  }

  long number(String key) {
    String value = text(key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          file + " is damaged: " + key + " is not a number but \"" + value + "\"", e);
    }
  }
}
