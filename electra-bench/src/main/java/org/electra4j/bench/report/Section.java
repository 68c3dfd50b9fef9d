package org.electra4j.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * A part of a report: comparisons of one kind.
 *
 * @param name file name of its plot, without extension
 * @param text what is measured and how
 * @param columns figures of the table; the first decides
 * @param higherIsBetter whether more of the first column is better
 * @param kind what is compared with what
 * @param xAxis label of the axis of {@link Comparison#x}, where the kind has one
 */
record Section(
    String name,
    String title,
    String text,
    List<Column> columns,
    boolean higherIsBetter,
    Kind kind,
    String xAxis,
    List<Comparison> comparisons) {

  /** What the contenders of a comparison are to each other. */
  enum Kind {
    /** Ours first, then peers: their ratio to ours is shown. */
    PEERS,
    /** The same work in several ways, no ratios. */
    VARIANTS,
    /** As {@link #VARIANTS}, each a line over an axis. */
    LINES
  }

  /**
   * A column of figures.
   *
   * @param factor what a figure is multiplied by before it is shown
   * @param digits after the decimal point
   */
  record Column(String metric, String heading, double factor, int digits) {
    String format(double value) {
      return Double.isNaN(value)
          ? ""
          : String.format(Locale.ROOT, "%,." + digits + "f", factor * value);
    }
  }

  Column decisive() {
    return columns.get(0);
  }

  Section with(List<Comparison> others) {
    return new Section(name, title, text, columns, higherIsBetter, kind, xAxis, others);
  }
}
