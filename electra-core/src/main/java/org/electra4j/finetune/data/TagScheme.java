package org.electra4j.finetune.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** How tags mark spans of words. */
public enum TagScheme {
  /** Tags of single words: part of speech, or right and wrong; no spans. */
  WORDS,
  /** I inside a span; B only where a span follows another of its type (CoNLL-2003 as published). */
  IOB1,
  /** B begins every span, I goes on; also called IOB2 (CoNLL-2000). */
  BIO,
  /** B begins, I goes on, E ends, S is a span of one word; also called IOBES and BILOU. */
  BIOES;

  /** The tag of a word outside of all spans. */
  public static final String OUTSIDE = "O";

  /**
   * Returns the scheme in which sentences are tagged: {@link #WORDS} if a tag is neither O nor a
   * prefix with a type; {@link #BIOES} if a tag has E or S (L or U); {@link #IOB1} if spans begin
   * with I, and B stands only where IOB1 wants it; else {@link #BIO}.
   */
  public static TagScheme detect(Collection<List<String>> sentences) {
    boolean ends = false;
    boolean startsInside = false;
    boolean needlessBegin = false;
    for (List<String> tags : sentences) {
      String before = OUTSIDE;
      for (String raw : tags) {
        String tag = canonical(raw);
        if (!TagSpan.isSpanTag(tag)) {
          return WORDS;
        }
        char prefix = tag.charAt(0);
        ends |= prefix == 'E' || prefix == 'S';
        boolean follows = before.charAt(0) != 'O' && sameType(before, tag);
        startsInside |= prefix == 'I' && !follows;
        needlessBegin |= prefix == 'B' && !follows;
        before = tag;
      }
    }
    if (ends) {
      return BIOES;
    }
    return startsInside && !needlessBegin ? IOB1 : BIO;
  }

  private static boolean sameType(String before, String tag) {
    return before.length() == tag.length() && before.regionMatches(1, tag, 1, tag.length() - 1);
  }

  /** Returns a tag with BILOU's L and U written as E and S. */
  static String canonical(String tag) {
    if (tag.length() >= 2 && tag.charAt(1) == '-') {
      return switch (tag.charAt(0)) {
        case 'L' -> "E" + tag.substring(1);
        case 'U' -> "S" + tag.substring(1);
        default -> tag;
      };
    }
    return tag;
  }

  /**
   * Returns the tags of spans in this scheme.
   *
   * @param spans the spans, in order
   * @param words number of words
   * @throws IllegalStateException for {@link #WORDS}
   */
  public List<String> tags(List<TagSpan> spans, int words) {
    if (this == WORDS) {
      throw new IllegalStateException("tags of words mark no spans");
    }
    List<String> tags = new ArrayList<>(Collections.nCopies(words, OUTSIDE));
    TagSpan before = null;
    for (TagSpan span : spans) {
      for (int i = span.start(); i < span.end(); i++) {
        tags.set(i, prefix(span, i, before) + "-" + span.type());
      }
      before = span;
    }
    return tags;
  }

  private char prefix(TagSpan span, int word, TagSpan before) {
    boolean first = word == span.start();
    boolean last = word == span.end() - 1;
    if (this == BIOES && last) {
      return first ? 'S' : 'E';
    }
    if (this == IOB1) {
      boolean touches =
          before != null && before.end() == span.start() && before.type().equals(span.type());
      return first && touches ? 'B' : 'I';
    }
    return first ? 'B' : 'I';
  }
}
