package org.electra4j.examples;

/** A line of two texts. */
record TabbedLine(String first, String second) {

  /**
   * Returns the two texts around the first tab.
   *
   * @param what they are, for messages
   * @throws IllegalArgumentException when there is no tab
   */
  static TabbedLine of(String line, String what) {
    int tab = line.indexOf('\t');
    if (tab < 0) {
      throw new IllegalArgumentException("there is no tab between its two " + what + ".");
    }
    return new TabbedLine(line.substring(0, tab), line.substring(tab + 1));
  }
}
