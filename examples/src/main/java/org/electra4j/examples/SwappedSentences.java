package org.electra4j.examples;

import java.util.List;

/** Plain sentences with one word swapped. */
final class SwappedSentences {
  /**
   * A sentence.
   *
   * @param text with the swapped word in it
   * @param swapped the word that does not belong
   * @param original what was there
   */
  record Swapped(String text, String swapped, String original) {}

  static final List<Swapped> ALL =
      List.of(
          new Swapped(
              "We must reduce the chapel of health care for every American family.",
              "chapel",
              "cost"),
          new Swapped(
              "The captain stood upon the deck and looked out over the marriage.",
              "marriage",
              "sea"),
          new Swapped(
              "She was a young deficit of excellent sense and good temper.", "deficit", "woman"),
          new Swapped("I ask the Congress to whale this program without delay.", "whale", "pass"),
          new Swapped(
              "The Lord said to Moses, speak to the economy of Israel.", "economy", "children"),
          new Swapped(
              "Mr. Darcy bowed and left the budget without another word.", "budget", "room"));

  private SwappedSentences() {}
}
