package org.electra4j.finetune.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.electra4j.io.FileFormatException;

/** Rows of a CSV file; a quoted value may hold separators, doubled quotes and line breaks. */
final class CsvRows extends SeparatedRows {
  private final Path file;
  private final CsvReader<CsvRecord> reader;
  private final Iterator<CsvRecord> records;
  private long line = 1;

  CsvRows(Path file, Layout layout, List<Column> columns) throws IOException {
    super(file, layout, columns);
    this.file = file;
    this.reader =
        CsvReader.builder()
            .fieldSeparator(layout.separator())
            .skipEmptyLines(false)
            .allowMissingFields(true)
            .allowExtraFields(true)
            .ofCsvRecord(DataFile.reader(file));
    this.records = reader.iterator();
    Closing.onFailure(this, this::start);
  }

  @Override
  List<String> read() throws IOException {
    try {
      if (!records.hasNext()) {
        return null;
      }
      CsvRecord row = records.next();
      line = row.getStartingLineNumber();
      return row.getFields();
    } catch (CsvParseException e) {
      throw new FileFormatException(
          file, line, "from here on this is not CSV: " + e.getMessage() + ".", e);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw new FileFormatException(file, line, "from here on " + DataFile.NOT_UTF_8, e);
      }
      throw e.getCause();
    }
  }

  @Override
  long line() {
    return line;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
