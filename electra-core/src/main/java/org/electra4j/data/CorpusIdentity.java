package org.electra4j.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;

/** What a prepared corpus was made from, as metadata entries and as one hash. */
final class CorpusIdentity {

  private CorpusIdentity() {}

  /** Returns the SHA-256 of the vocabulary's entries in order of id, in hexadecimal. */
  static String vocabularyHash(Vocabulary vocabulary) {
    MessageDigest digest = sha256();
    for (String token : vocabulary.tokens()) {
      digest.update(token.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) '\n');
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the entries that say how a corpus is tokenised. */
  static TreeMap<String, String> recipe(
      Vocabulary vocabulary,
      TokenizerOptions options,
      boolean blanksSeparateDocs,
      boolean lenient) {
    TreeMap<String, String> entries = new TreeMap<>();
    entries.put("format", Integer.toString(TokenizedCorpus.FORMAT));
    entries.put("vocabulary.sha256", vocabularyHash(vocabulary));
    entries.put("vocabulary.size", Integer.toString(vocabulary.size()));
    entries.put("vocabulary.cls", Integer.toString(vocabulary.clsId()));
    entries.put("vocabulary.sep", Integer.toString(vocabulary.sepId()));
    entries.put("tokenizer.lowerCase", Boolean.toString(options.lowerCase()));
    entries.put("tokenizer.stripAccents", Boolean.toString(options.stripsAccents()));
    entries.put("tokenizer.tokenizeChineseChars", Boolean.toString(options.tokenizeChineseChars()));
    entries.put("tokenizer.maxInputCharsPerWord", Integer.toString(options.maxInputCharsPerWord()));
    entries.put("blanksSeparateDocs", Boolean.toString(blanksSeparateDocs));
    entries.put("lenient", Boolean.toString(lenient));
    return entries;
  }

  /**
   * Returns the hash of a recipe and its input files: their paths, sizes and times of last change.
   */
  static String of(Map<String, String> recipe, List<InputFile> files) {
    MessageDigest digest = sha256();
    digest.update(recipe.toString().getBytes(StandardCharsets.UTF_8));
    for (InputFile file : files) {
      digest.update((line(file) + '\n').getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the line of {@link TokenizedCorpus#INPUTS} for a file. */
  static String line(InputFile file) {
    return file.size() + "\t" + file.modifiedMillis() + "\t" + file.path();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
