package org.electra4j.finetune.data;

import java.util.ArrayList;
import java.util.List;

/**
 * A run of words of one type.
 *
 * @param start index of the first word
 * @param end index after the last word
 * @param type the type; {@code _} if the tags have none
 */
public record TagSpan(int start, int end, String type) {
  private static final String OUTSIDE = "O";

  /**
   * Returns the spans that tags mark, read as conlleval and seqeval's default mode do: B and S
   * begin a span, E and S end one, and where a tag cannot go on with the span before it, because
   * that has ended or is of another type, it begins a new one. So IOB1, BIO and BIOES are read
   * alike.
   *
   * @throws IllegalArgumentException if a tag is neither O nor B-, I-, E- or S- with a type
   */
  public static List<TagSpan> of(List<String> tags) {
    List<TagSpan> spans = new ArrayList<>();
    int start = -1;
    String type = "";
    char before = 'O';
    for (int i = 0; i < tags.size(); i++) {
      char prefix = prefix(tags.get(i));
      String here = type(tags.get(i));
      boolean open = start >= 0;
      boolean goesOn =
          open && (prefix == 'I' || prefix == 'E') && before != 'E' && here.equals(type);
      if (open && !goesOn) {
        spans.add(new TagSpan(start, i, type));
        start = -1;
      }
      if (prefix != 'O' && !goesOn) {
        start = i;
        type = here;
      }
      before = prefix == 'S' ? 'E' : prefix;
    }
    if (start >= 0) {
      spans.add(new TagSpan(start, tags.size(), type));
    }
    return spans;
  }

  /**
   * Returns the spans that are written as a scheme says, and none that is not: B I* for {@link
   * TagScheme#BIO}, S or B I* E for {@link TagScheme#BIOES}, all of one type (seqeval's strict
   * mode).
   *
   * @throws IllegalArgumentException if a tag is not of the scheme, or for another scheme
   */
  public static List<TagSpan> strict(TagScheme scheme, List<String> tags) {
    if (scheme != TagScheme.BIO && scheme != TagScheme.BIOES) {
      throw new IllegalArgumentException("strict spans are of BIO or BIOES, not of " + scheme);
    }
    List<TagSpan> spans = new ArrayList<>();
    for (int i = 0; i < tags.size(); ) {
      char prefix = prefix(tags.get(i));
      if (scheme == TagScheme.BIO && (prefix == 'E' || prefix == 'S')) {
        throw new IllegalArgumentException("'" + tags.get(i) + "' is no tag of BIO");
      }
      String type = type(tags.get(i));
      int end = i + 1;
      boolean complete = prefix == 'S';
      if (prefix == 'B') {
        while (is('I', type, tags, end)) {
          end++;
        }
        complete = scheme == TagScheme.BIO || is('E', type, tags, end);
        end += scheme == TagScheme.BIOES && complete ? 1 : 0;
      }
      if (complete) {
        spans.add(new TagSpan(i, end, type));
      }
      i = end;
    }
    return spans;
  }

  private static boolean is(char prefix, String type, List<String> tags, int index) {
    return index < tags.size()
        && prefix(tags.get(index)) == prefix
        && type(tags.get(index)).equals(type);
  }

  /** Returns the tag's O, B, I, E or S. */
  private static char prefix(String tag) {
    if (!isSpanTag(tag)) {
      throw new IllegalArgumentException(
          "'" + tag + "' is neither O nor B-, I-, E- or S- with a type");
    }
    return tag.charAt(0);
  }

  private static String type(String tag) {
    return tag.length() <= 2 ? "_" : tag.substring(2);
  }

  static boolean isSpanTag(String tag) {
    return tag.equals(OUTSIDE)
        || !tag.isEmpty()
            && "BIES".indexOf(tag.charAt(0)) >= 0
            && (tag.length() == 1 || tag.charAt(1) == '-');
  }
}
