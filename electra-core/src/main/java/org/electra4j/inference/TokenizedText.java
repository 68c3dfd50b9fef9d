package org.electra4j.inference;

import java.util.Arrays;
import org.electra4j.text.Encoding;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A text as a model takes it: {@code [CLS] tokens [SEP]}, cut at the end to the positions of the
 * model.
 *
 * @param ids [CLS], the tokens, [SEP]
 * @param encoding all tokens of the text; the first {@code ids.length - 2} are in {@code ids}
 */
record TokenizedText(int[] ids, Encoding encoding) {
  private static final Logger LOG = LoggerFactory.getLogger(TokenizedText.class);
  private static final int ADDED = 2;

  static TokenizedText of(WordPieceTokenizer tokenizer, String text, int maxLength) {
    Encoding encoding = tokenizer.encode(text);
    int kept = Math.min(encoding.size(), maxLength - ADDED);
    Vocabulary vocabulary = tokenizer.vocabulary();
    int[] ids = new int[kept + ADDED];
    ids[0] = vocabulary.clsId();
    System.arraycopy(encoding.ids(), 0, ids, 1, kept);
    ids[kept + 1] = vocabulary.sepId();
    TokenizedText tokenized = new TokenizedText(ids, encoding);
    if (tokenized.truncated()) {
      LOG.debug("A text of {} tokens was cut to {}.", encoding.size(), kept);
    }
    return tokenized;
  }

  /** Returns the number of tokens without [CLS] and [SEP]. */
  int kept() {
    return ids.length - ADDED;
  }

  boolean truncated() {
    return kept() < encoding.size();
  }

  /** Returns how often an id is among the tokens that were cut off. */
  long cutOff(int id) {
    return Arrays.stream(encoding.ids(), kept(), encoding.size()).filter(i -> i == id).count();
  }
}
