package org.electra4j.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The WordPieces of a model: token ↔ id, where the id is the line number in {@code vocab.txt}
 * counted from 0. Immutable.
 *
 * <p>A piece that continues a word starts with "##". The special tokens [PAD], [UNK], [CLS], [SEP]
 * and [MASK] are always present, at any id.
 */
public final class Vocabulary {
  static final String PAD = "[PAD]";
  static final String UNK = "[UNK]";
  static final String CLS = "[CLS]";
  static final String SEP = "[SEP]";
  static final String MASK = "[MASK]";

  /** The special tokens, in the order in which a trained vocabulary starts with them. */
  static final List<String> SPECIAL_TOKENS = List.of(PAD, UNK, CLS, SEP, MASK);

  private static final int NONE = -1;

  /** The golden ratio: it spreads the hashes of short strings, which lie close together. */
  private static final int HASH_FACTOR = 0x9E3779B9;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final List<String> tokens;
  private final int[] slots;
  private final int padId;
  private final int unkId;
  private final int clsId;
  private final int sepId;
  private final int maskId;

  private Vocabulary(List<String> tokens, String source) {
    this.tokens = List.copyOf(tokens);
    this.slots = index(this.tokens, source);
    this.padId = special(PAD, source);
    this.unkId = special(UNK, source);
    this.clsId = special(CLS, source);
    this.sepId = special(SEP, source);
    this.maskId = special(MASK, source);
  }

  /**
   * Returns the vocabulary in a file: UTF-8, one token a line.
   *
   * @throws IOException if the file is missing or cannot be read; the message has the path
   * @throws IllegalArgumentException if the file is empty, is not UTF-8, has an empty or a repeated
   *     line, or lacks a special token; the message has the path and the lines
   */
  public static Vocabulary load(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(
          "The vocabulary " + file + " is a folder; name the vocab.txt file inside it.");
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      IOException named =
          new NoSuchFileException(file.toString(), null, "the vocabulary file does not exist");
      named.initCause(e);
      throw named;
    }
    return new Vocabulary(lines(bytes, file.toString()), file.toString());
  }

  /**
   * Returns a vocabulary of the tokens in the order of their ids.
   *
   * @throws IllegalArgumentException as {@link #load} does for the content of a file
   */
  public static Vocabulary of(List<String> tokens) {
    String source = "the token list";
    CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();
    for (int id = 0; id < tokens.size(); id++) {
      if (!utf8.canEncode(tokens.get(id)) || tokens.get(id).indexOf('\n') >= 0) {
        throw new IllegalArgumentException(
            source + ", line " + (id + 1) + ": the token cannot be written as one UTF-8 line.");
      }
    }
    return new Vocabulary(tokens, source);
  }

  /** Returns the number of tokens. */
  public int size() {
    return tokens.size();
  }

  /** Returns the id of a token, or -1 if the vocabulary lacks it. */
  public int id(String token) {
    return slots[slot(slots, tokens, token)];
  }

  /**
   * Returns the token of an id.
   *
   * @throws IllegalArgumentException if the id is not in [0, {@link #size()})
   */
  public String token(int id) {
    if (id < 0 || id >= tokens.size()) {
      throw new IllegalArgumentException(
          "Token id " + id + " is not in the vocabulary of " + tokens.size() + " tokens.");
    }
    return tokens.get(id);
  }

  /** Returns all tokens in the order of their ids; unmodifiable. */
  public List<String> tokens() {
    return tokens;
  }

  /** Returns the id of [PAD]. */
  public int padId() {
    return padId;
  }

  /** Returns the id of [UNK]. */
  public int unkId() {
    return unkId;
  }

  /** Returns the id of [CLS]. */
  public int clsId() {
    return clsId;
  }

  /** Returns the id of [SEP]. */
  public int sepId() {
    return sepId;
  }

  /** Returns the id of [MASK]. */
  public int maskId() {
    return maskId;
  }

  /** Returns whether the id is that of [PAD], [UNK], [CLS], [SEP] or [MASK]. */
  public boolean isSpecial(int id) {
    return id == padId || id == unkId || id == clsId || id == sepId || id == maskId;
  }

  /**
   * Writes the tokens to a file, one a line, UTF-8, each line ended by {@code \n}.
   *
   * @throws IOException if that fails, naming the file; an older one is then in place
   */
  public void save(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String token : tokens) {
      text.append(token).append('\n');
    }
    Path written = file.resolveSibling("." + file.getFileName() + ".writing");
    try {
      Files.writeString(written, text);
      Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      if (Files.exists(written)) {
        Files.delete(written);
      }
      throw new IOException("The vocabulary " + file + " cannot be written: " + reason(e) + ".", e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e instanceof FileSystemException system && system.getReason() != null
        ? system.getReason()
        : e.getMessage();
  }

  /** Two vocabularies are equal if they have the same tokens in the same order. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Vocabulary that && tokens.equals(that.tokens);
  }

  @Override
  public int hashCode() {
    return tokens.hashCode();
  }

  @Override
  public String toString() {
    return "Vocabulary of " + size() + " tokens";
  }

  private static List<String> lines(byte[] bytes, String source) {
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          source + ", line " + badLine(bytes) + ": not valid UTF-8; save the vocabulary as UTF-8.",
          e);
    }
    if (bytes.length >= 3 && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3)) {
      throw new IllegalArgumentException(
          source + " starts with a byte order mark; save the vocabulary as UTF-8 without one.");
    }
    // Split at \n only: U+2028 and U+0085 are tokens in published vocabularies.
    List<String> lines = new ArrayList<>();
    char[] chars = text.array();
    int limit = text.limit();
    for (int start = 0; start < limit; ) {
      int end = start;
      while (end < limit && chars[end] != '\n') {
        end++;
      }
      boolean carriageReturn = end > start && chars[end - 1] == '\r';
      lines.add(new String(chars, start, (carriageReturn ? end - 1 : end) - start));
      start = end + 1;
    }
    return lines;
  }

  private static int badLine(byte[] bytes) {
    int line = 1;
    for (int start = 0; start < bytes.length; line++) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start));
      } catch (CharacterCodingException e) {
        return line;
      }
      start = end + 1;
    }
    return line;
  }

  /**
   * Returns a hash table of the ids: a token's slot is the first from its hash on that holds its id
   * or nothing. Small beside a map, and quickly made.
   */
  private static int[] index(List<String> tokens, String source) {
    if (tokens.isEmpty()) {
      throw new IllegalArgumentException(
          source + " is empty; a vocabulary has one token a line, [PAD] among them.");
    }
    int[] slots = new int[Integer.highestOneBit(tokens.size()) << 2];
    Arrays.fill(slots, NONE);
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      if (token.isEmpty()) {
        throw new IllegalArgumentException(
            source + ", line " + (id + 1) + ": empty; every line must hold one token.");
      }
      int slot = slot(slots, tokens, token);
      if (slots[slot] != NONE) {
        throw new IllegalArgumentException(
            String.format(
                "%s: the token \"%s\" is on line %d and again on line %d; tokens must be unique.",
                source, token, slots[slot] + 1, id + 1));
      }
      slots[slot] = id;
    }
    return slots;
  }

  /** Returns the slot of a token, or the free one where it would go. */
  private static int slot(int[] slots, List<String> tokens, String token) {
    int slot = token.hashCode() * HASH_FACTOR >>> Integer.numberOfLeadingZeros(slots.length - 1);
    while (slots[slot] != NONE && !tokens.get(slots[slot]).equals(token)) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private int special(String token, String source) {
    int id = id(token);
    if (id == NONE) {
      throw new IllegalArgumentException(
          source
              + " has no "
              + token
              + "; a vocabulary needs [PAD], [UNK], [CLS], [SEP] and [MASK], each on its own line.");
    }
    return id;
  }
}
