package org.electra4j.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A double-array trie (Aoe 1989) over the tokens of a vocabulary, with one root for pieces that
 * start a word and one for pieces that continue it ("##" removed). Immutable.
 *
 * <p>Characters are first mapped to dense codes: 0 ends a word, 1 is any character that no token
 * has, 2 and up are the characters of the tokens. A cell holds the four ints {check, base, id, 0},
 * so that one step touches one cache line: the child of node n by code c is the cell {@code base(n)
 * + c} if its check is n.
 */
final class PieceTrie {
  static final int OTHER = 1;

  /** The node from which pieces that start a word are matched. */
  static final int WORD_ROOT = 1;

  /** The node from which pieces that continue a word are matched. */
  static final int CONTINUATION_ROOT = 2;

  static final int NONE = -1;

  private static final String CONTINUATION = "##";

  private final char[] codes = new char[1 << 16];
  private int numCodes = 2;
  private int[] cells = new int[1 << 12];
  private int firstFree = 3;

  PieceTrie(Vocabulary vocabulary) {
    List<Entry> words = new ArrayList<>();
    List<Entry> continuations = new ArrayList<>();
    Arrays.fill(codes, (char) OTHER);
    Arrays.fill(cells, NONE);
    for (int id = 0; id < vocabulary.size(); id++) {
      String token = vocabulary.token(id);
      boolean continues = token.startsWith(CONTINUATION) && token.length() > CONTINUATION.length();
      String piece = continues ? token.substring(CONTINUATION.length()) : token;
      (continues ? continuations : words).add(new Entry(encode(piece), id));
    }
    words.sort((a, b) -> Arrays.compare(a.piece, b.piece));
    continuations.sort((a, b) -> Arrays.compare(a.piece, b.piece));
    cells[4 * WORD_ROOT] = 0;
    cells[4 * CONTINUATION_ROOT] = 0;
    build(WORD_ROOT, words, 0, words.size(), 0);
    build(CONTINUATION_ROOT, continuations, 0, continuations.size(), 0);
  }

  private record Entry(char[] piece, int id) {}

  /** Returns the code of a character, {@link #OTHER} if no token has it. */
  int code(char character) {
    return codes[character];
  }

  /** Returns the child of a node, or {@link #NONE}. */
  int child(int node, int code) {
    int next = cells[4 * node + 1] + code;
    return cells[4 * next] == node ? next : NONE;
  }

  /** Returns the id of the token that ends at a node, or {@link #NONE}. */
  int id(int node) {
    return cells[4 * node + 2];
  }

  private char[] encode(String piece) {
    char[] encoded = piece.toCharArray();
    for (int i = 0; i < encoded.length; i++) {
      if (codes[encoded[i]] == OTHER) {
        codes[encoded[i]] = (char) numCodes++;
      }
      encoded[i] = codes[encoded[i]];
    }
    return encoded;
  }

  /** Places the children of a node: entries [from, to) share their first {@code depth} codes. */
  private void build(int node, List<Entry> entries, int from, int to, int depth) {
    int first = from;
    if (first < to && entries.get(first).piece.length == depth) {
      cells[4 * node + 2] = entries.get(first++).id;
    }
    int[] bounds = new int[Math.min(to - first, numCodes) + 1];
    int children = 0;
    for (int i = first; i < to; i++) {
      if (i == first || entries.get(i).piece[depth] != entries.get(i - 1).piece[depth]) {
        bounds[children++] = i;
      }
    }
    bounds[children] = to;
    int base = findBase(entries, bounds, children, depth);
    cells[4 * node + 1] = base;
    for (int k = 0; k < children; k++) {
      cells[4 * (base + entries.get(bounds[k]).piece[depth])] = node;
    }
    for (int k = 0; k < children; k++) {
      int child = base + entries.get(bounds[k]).piece[depth];
      build(child, entries, bounds[k], bounds[k + 1], depth + 1);
    }
  }

  /**
   * Returns the lowest base, from the first free cell on, at which all children fall on free cells.
   */
  private int findBase(List<Entry> entries, int[] bounds, int children, int depth) {
    if (children == 0) {
      reserve(numCodes);
      return 0;
    }
    int lowest = entries.get(bounds[0]).piece[depth];
    while (cells.length > 4 * firstFree && cells[4 * firstFree] != NONE) {
      firstFree++;
    }
    for (int base = Math.max(0, firstFree - lowest); ; base++) {
      reserve(base + numCodes);
      boolean fits = true;
      for (int k = 0; fits && k < children; k++) {
        fits = cells[4 * (base + entries.get(bounds[k]).piece[depth])] == NONE;
      }
      if (fits) {
        return base;
      }
    }
  }

  /** Makes the cells up to an index exist, so that {@link #child} needs no bounds of its own. */
  private void reserve(int lastCell) {
    if (4 * lastCell + 4 > cells.length) {
      int old = cells.length;
      cells = Arrays.copyOf(cells, Math.max(2 * old, 4 * lastCell + 4));
      Arrays.fill(cells, old, cells.length, NONE);
    }
  }
}
