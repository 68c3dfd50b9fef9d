package org.electra4j.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes objects as JSON files and reads them back. */
public final class JsonStore {
  private final JsonMapper mapper;

  /** Creates a store of objects as this mapper sees them. */
  public JsonStore(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /** Writes an object, replacing a file in one step. */
  public void write(Path file, Object value) throws IOException {
    byte[] json = mapper.writeValueAsBytes(value);
    AtomicFile.write(file, out -> out.write(json));
  }

  /**
   * Returns the object that a file holds.
   *
   * @throws FileFormatException when the file does not hold one, naming line, column and field
   */
  public <T> T read(Path file, Class<T> type) throws IOException {
    T value;
    try {
      value = mapper.readValue(Files.readAllBytes(file), type);
    } catch (JsonProcessingException e) {
      throw JsonProblems.inFile(file, e);
    } catch (CharConversionException e) {
      throw new FileFormatException(file, "is not UTF-8 text.", e);
    }
    if (value == null) {
      throw new FileFormatException(file, "must hold a JSON object, but holds null.");
    }
    return value;
  }
}
