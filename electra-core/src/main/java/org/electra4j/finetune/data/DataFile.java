package org.electra4j.finetune.data;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.electra4j.io.FileFormatException;

/** Opens data files, compressed if their name ends in {@code .gz}. */
final class DataFile {
  static final String NOT_UTF_8 = "is not valid UTF-8; convert the file to UTF-8.";
  private static final int BUFFER = 1 << 16;

  /** Text packs to about a tenth; far beyond that a file is made to fill the memory. */
  private static final long MOST_EXPANSION = 200;

  private static final long ALWAYS_FINE = 16L << 20;

  private DataFile() {}

  /** Returns the bytes of a file, decompressed. */
  static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(
          file.toString(),
          null,
          Files.isDirectory(file) ? "this is a folder, not a file" : "there is no such file");
    }
    InputStream in = Files.newInputStream(file);
    if (!file.toString().endsWith(".gz")) {
      return in;
    }
    try {
      return new Decompressed(file, new GZIPInputStream(in, BUFFER));
    } catch (ZipException | EOFException e) {
      in.close();
      throw new FileFormatException(file, "is not a gzip file, though its name ends in .gz.", e);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Returns the characters of a file; reading throws CharacterCodingException if not UTF-8. */
  static Reader reader(Path file) throws IOException {
    Reader reader = new InputStreamReader(open(file), StandardCharsets.UTF_8.newDecoder());
    return new WithoutMark(reader);
  }

  /** Returns the ending of a file's name in lower case, without {@code .gz}: {@code ".tsv"}. */
  static String ending(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    return plain.substring(Math.max(0, plain.lastIndexOf('.')));
  }

  private static final class Decompressed extends FilterInputStream {
    private final Path file;
    private final long most;
    private long read;

    Decompressed(Path file, GZIPInputStream in) throws IOException {
      super(in);
      this.file = file;
      this.most = Math.max(ALWAYS_FINE, MOST_EXPANSION * Files.size(file));
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count;
      try {
        count = super.read(bytes, offset, length);
      } catch (ZipException | EOFException e) {
        throw new FileFormatException(file, "is a damaged or incomplete gzip file.", e);
      }
      read += Math.max(count, 0);
      if (read > most) {
        throw new FileFormatException(
            file,
            "unpacks to more than " + MOST_EXPANSION + " times its size; unpack it yourself.");
      }
      return count;
    }
  }

  /** Drops a byte order mark at the start. */
  private static final class WithoutMark extends FilterReader {
    private boolean started;

    WithoutMark(Reader in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      char[] one = new char[1];
      return read(one, 0, 1) < 0 ? -1 : one[0];
    }

    @Override
    public int read(char[] chars, int offset, int length) throws IOException {
      int count = super.read(chars, offset, length);
      if (!started && count > 0) {
        started = true;
        if (chars[offset] == '\uFEFF') {
          System.arraycopy(chars, offset + 1, chars, offset, count - 1);
          return count > 1 ? count - 1 : read(chars, offset, length);
        }
      }
      return count;
    }
  }
}
