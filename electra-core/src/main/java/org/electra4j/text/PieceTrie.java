package org.electra4j.text;

import java.util.Arrays;

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
  private int[] cells = {};

  /** Where the search for the cell of an only child starts. */
  private int firstFree = 3;

  /** Where that for siblings does: only children fill the gaps before it. */
  private int firstForSiblings = 3;

  PieceTrie(Vocabulary vocabulary) {
    Arrays.fill(codes, (char) OTHER);
    int characters = 0;
    for (int id = 0; id < vocabulary.size(); id++) {
      characters += vocabulary.token(id).length();
    }
    Builder builder = new Builder(characters);
    for (int id = 0; id < vocabulary.size(); id++) {
      String token = vocabulary.token(id);
      boolean continues = token.startsWith(CONTINUATION) && token.length() > CONTINUATION.length();
      int node = continues ? Builder.CONTINUATIONS : Builder.WORDS;
      for (int i = continues ? CONTINUATION.length() : 0; i < token.length(); i++) {
        node = builder.child(node, encode(token.charAt(i)));
      }
      builder.ids[node] = id;
    }
    place(builder);
  }

  /**
   * The same trie with its nodes in the order of the tokens, each with a list of its children. No
   * node comes before its parent.
   */
  private static final class Builder {
    static final int WORDS = 1;
    static final int CONTINUATIONS = 2;

    /** Of a parent and a code: golden ratios, which spread neighbours. */
    private static final int PARENT_FACTOR = 0x9E3779B1;

    private static final int CODE_FACTOR = 0x85EBCA6B;

    final int[] ids;
    final char[] codes;

    /** The child that was added last, and the one before a child; 0 ends a list. */
    final int[] lastChild;

    final int[] previous;
    int size = 3;

    private final int[] parents;
    private final int[] table;
    private final int shift;

    /** Has room for the nodes of so many characters. */
    Builder(int characters) {
      int most = characters + size;
      ids = new int[most];
      Arrays.fill(ids, NONE);
      codes = new char[most];
      lastChild = new int[most];
      previous = new int[most];
      parents = new int[most];
      shift = Integer.numberOfLeadingZeros(most);
      table = new int[1 << Integer.SIZE - shift + 1];
    }

    /** Returns the child of a node, which is added if there is none. */
    int child(int parent, char code) {
      int slot = (parent * PARENT_FACTOR + code * CODE_FACTOR) >>> shift - 1;
      for (int node; (node = table[slot]) != 0; slot = slot + 1 & table.length - 1) {
        if (parents[node] == parent && codes[node] == code) {
          return node;
        }
      }
      table[slot] = size;
      parents[size] = parent;
      codes[size] = code;
      previous[size] = lastChild[parent];
      lastChild[parent] = size;
      return size++;
    }
  }

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

  private char encode(char character) {
    if (codes[character] == OTHER) {
      codes[character] = (char) numCodes++;
    }
    return codes[character];
  }

  /** Gives every node a cell, parents first. */
  private void place(Builder nodes) {
    int[] cellOf = new int[nodes.size];
    cellOf[Builder.WORDS] = WORD_ROOT;
    cellOf[Builder.CONTINUATIONS] = CONTINUATION_ROOT;
    reserve(nodes.size + numCodes);
    cells[4 * WORD_ROOT] = 0;
    cells[4 * CONTINUATION_ROOT] = 0;
    for (int node = Builder.WORDS; node < nodes.size; node++) {
      int cell = cellOf[node];
      int base = findBase(nodes, nodes.lastChild[node]);
      cells[4 * cell + 1] = base;
      cells[4 * cell + 2] = nodes.ids[node];
      for (int child = nodes.lastChild[node]; child != 0; child = nodes.previous[child]) {
        cellOf[child] = base + nodes.codes[child];
        cells[4 * cellOf[child]] = cell;
      }
    }
  }

  /** Returns a base at which a list of children falls on free cells. */
  private int findBase(Builder nodes, int children) {
    if (children == 0) {
      return 0;
    }
    int lowest = nodes.codes[children];
    for (int child = nodes.previous[children]; child != 0; child = nodes.previous[child]) {
      lowest = Math.min(lowest, nodes.codes[child]);
    }
    while (cells.length > 4 * firstFree && cells[4 * firstFree] != NONE) {
      firstFree++;
    }
    boolean siblings = nodes.previous[children] != 0;
    int start = siblings ? Math.max(firstForSiblings, firstFree) : firstFree;
    for (int base = Math.max(0, start - lowest); ; base++) {
      reserve(base + numCodes);
      int child = children;
      while (child != 0 && cells[4 * (base + nodes.codes[child])] == NONE) {
        child = nodes.previous[child];
      }
      if (child == 0) {
        firstForSiblings = siblings ? base + lowest : firstForSiblings;
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
