package org.electra4j.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws line charts as one self-contained SVG file: panels side by side, two in a row, each with
 * its own axes, grid and legend. A series of many points is drawn faintly, with its running mean
 * over it. Needs no AWT and no display.
 */
public final class CurvesSvg {

  /**
   * One line of a panel.
   *
   * @param name text in the legend
   * @param x horizontal values, ascending
   * @param y vertical values; where one is not finite the line is broken
   */
  public record Series(String name, double[] x, double[] y) {
    /** Checks that both arrays have one length. */
    public Series {
      if (x.length != y.length) {
        throw new IllegalArgumentException(
            "Series \"" + name + "\" has " + x.length + " x but " + y.length + " y values.");
      }
    }
  }

  /**
   * One chart.
   *
   * @param title text above it
   * @param xLabel text below the horizontal axis
   * @param series lines, drawn in this order
   */
  public record Panel(String title, String xLabel, List<Series> series) {}

  private static final int PANEL_WIDTH = 520;
  private static final int PANEL_HEIGHT = 320;
  private static final int LEFT = 64;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 62;
  private static final int HEADER = 44;
  private static final int PLOT_WIDTH = PANEL_WIDTH - LEFT - RIGHT;
  private static final int PLOT_HEIGHT = PANEL_HEIGHT - TOP - BOTTOM;

  /** Okabe and Ito's palette, which colour-blind readers can tell apart, without its yellow. */
  private static final String[] COLORS = {
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555"
  };

  private static final String STYLE =
      """
      <style>
        text { font-family: "Helvetica Neue", Helvetica, Arial, "DejaVu Sans", sans-serif; fill: #333; }
        .heading { font-size: 18px; font-weight: bold; }
        .title { font-size: 14px; font-weight: bold; }
        .tick { font-size: 11px; fill: #666; }
        .label { font-size: 12px; fill: #555; }
        .grid { stroke: #e6e6e6; stroke-width: 1; }
        .axis { stroke: #999; stroke-width: 1; }
        .raw { fill: none; stroke-width: 1; opacity: 0.3; stroke-linejoin: round; }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
      </style>
      """;

  private final StringBuilder svg = new StringBuilder();

  private CurvesSvg() {}

  /** Writes {@link #render} to a file. */
  public static void write(Path file, String heading, List<Panel> panels) throws IOException {
    Files.writeString(file, render(heading, panels));
  }

  /**
   * Returns the SVG document; series without a finite point are named in the legend and drawn
   * nowhere.
   */
  public static String render(String heading, List<Panel> panels) {
    CurvesSvg chart = new CurvesSvg();
    int columns = panels.size() > 1 ? 2 : 1;
    int rows = (panels.size() + 1) / columns;
    int width = columns * PANEL_WIDTH;
    int height = HEADER + Math.max(1, rows) * PANEL_HEIGHT;
    chart.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
        width, height, width, height);
    chart.svg.append(STYLE);
    chart.add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n");
    chart.text(LEFT, 30, "heading", "start", heading);
    for (int i = 0; i < panels.size(); i++) {
      chart.add(
          "<g transform=\"translate(%d %d)\">\n",
          i % columns * PANEL_WIDTH, HEADER + i / columns * PANEL_HEIGHT);
      chart.panel(panels.get(i));
      chart.add("</g>\n");
    }
    return chart.svg.append("</svg>\n").toString();
  }

  private void panel(Panel panel) {
    text(LEFT, TOP - 14, "title", "start", panel.title());
    Axis x = Axis.of(panel.series().stream().map(Series::x).toList(), panel, true, PLOT_WIDTH / 54);
    Axis y =
        Axis.of(panel.series().stream().map(Series::y).toList(), panel, false, PLOT_HEIGHT / 40);
    for (double tick : y.ticks()) {
      double at = TOP + PLOT_HEIGHT * (1 - y.position(tick));
      add(
          "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n",
          LEFT, at, LEFT + PLOT_WIDTH, at);
      text(LEFT - 8, at + 4, "tick", "end", y.label(tick));
    }
    for (double tick : x.ticks()) {
      double at = LEFT + PLOT_WIDTH * x.position(tick);
      add(
          "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n",
          at, TOP, at, TOP + PLOT_HEIGHT);
      text(at, TOP + PLOT_HEIGHT + 16, "tick", "middle", x.label(tick));
    }
    add(
        "<path class=\"axis\" fill=\"none\" d=\"M%d %dV%dH%d\"/>\n",
        LEFT, TOP, TOP + PLOT_HEIGHT, LEFT + PLOT_WIDTH);
    text(LEFT + PLOT_WIDTH / 2.0, TOP + PLOT_HEIGHT + 32, "label", "middle", panel.xLabel());
    for (int i = 0; i < panel.series().size(); i++) {
      Series series = panel.series().get(i);
      boolean dense = series.x.length > PLOT_WIDTH / 2;
      if (dense) {
        line(series, x, y, "raw", COLORS[i % COLORS.length]);
      }
      line(dense ? smoothed(series) : series, x, y, "line", COLORS[i % COLORS.length]);
    }
    legend(panel.series());
  }

  /** Draws a polyline; of the points that share a pixel column only the extremes are kept. */
  private void line(Series series, Axis x, Axis y, String style, String color) {
    StringBuilder path = new StringBuilder();
    PixelColumn column = new PixelColumn();
    boolean penDown = false;
    int points = 0;
    double lastX = 0;
    double lastY = 0;
    for (int i = 0; i <= series.x.length; i++) {
      boolean finite =
          i < series.x.length && Double.isFinite(series.x[i]) && Double.isFinite(series.y[i]);
      double px = finite ? LEFT + PLOT_WIDTH * x.position(series.x[i]) : 0;
      double py = finite ? TOP + PLOT_HEIGHT * (1 - y.position(series.y[i])) : 0;
      if (!finite || !column.holds(px)) {
        penDown = column.draw(path, penDown) && finite;
      }
      if (finite) {
        column.add(px, py);
        points++;
        lastX = px;
        lastY = py;
      }
    }
    add("<path class=\"%s\" stroke=\"%s\" d=\"%s\"/>\n", style, color, path);
    if (points == 1) {
      add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>\n", lastX, lastY, color);
    }
  }

  /**
   * Returns means over about 2 % of the points around each, fewer near the ends and never
   * one-sided.
   */
  private static Series smoothed(Series series) {
    int n = series.x.length;
    double[] sums = new double[n + 1];
    int[] counts = new int[n + 1];
    for (int i = 0; i < n; i++) {
      boolean finite = Double.isFinite(series.y[i]);
      sums[i + 1] = sums[i] + (finite ? series.y[i] : 0);
      counts[i + 1] = counts[i] + (finite ? 1 : 0);
    }
    double[] means = new double[n];
    for (int i = 0; i < n; i++) {
      int from = Math.max(0, i - n / 100);
      int to = Math.min(n, i + n / 100 + 1);
      means[i] =
          Double.isFinite(series.y[i])
              ? (sums[to] - sums[from]) / (counts[to] - counts[from])
              : Double.NaN;
    }
    return new Series(series.name, series.x, means);
  }

  private void legend(List<Series> series) {
    double at = LEFT;
    for (int i = 0; i < series.size(); i++) {
      double y = PANEL_HEIGHT - 8;
      add(
          "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"3\"/>\n",
          at, y - 4, at + 18, y - 4, COLORS[i % COLORS.length]);
      text(at + 24, y, "label", "start", series.get(i).name());
      at += 24 + 6.4 * series.get(i).name().length() + 18;
    }
  }

  private void text(double x, double y, String style, String anchor, String content) {
    add(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
        style, x, y, anchor, escape(content));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replaceAll("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]", "\uFFFD");
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }

  /** The points of one line that fall into one pixel column: first, lowest, highest and last. */
  private static final class PixelColumn {
    private final List<double[]> kept = new ArrayList<>(4);
    private int low;
    private int high;

    boolean holds(double x) {
      return kept.isEmpty() || Math.floor(kept.get(0)[0]) == Math.floor(x);
    }

    void add(double x, double y) {
      kept.add(new double[] {x, y});
      int last = kept.size() - 1;
      low = kept.get(low)[1] <= y ? low : last;
      high = kept.get(high)[1] >= y ? high : last;
    }

    /**
     * Appends the points to a path and forgets them; returns whether the line may go on from here.
     */
    boolean draw(StringBuilder path, boolean penDown) {
      boolean down = penDown;
      for (int i = 0; i < kept.size(); i++) {
        if (i == 0 || i == low || i == high || i == kept.size() - 1) {
          path.append(
              String.format(
                  Locale.ROOT, "%s%.1f %.1f", down ? "L" : "M", kept.get(i)[0], kept.get(i)[1]));
          down = true;
        }
      }
      kept.clear();
      low = 0;
      high = 0;
      return down;
    }
  }

  /** One axis: a range that ends on ticks at multiples of 1, 2 or 5 times a power of ten. */
  private record Axis(double low, double high, double step) {

    static Axis of(List<double[]> values, Panel panel, boolean tight, int intervals) {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (int s = 0; s < values.size(); s++) {
        Series series = panel.series().get(s);
        for (int i = 0; i < values.get(s).length; i++) {
          if (Double.isFinite(series.x[i]) && Double.isFinite(series.y[i])) {
            low = Math.min(low, values.get(s)[i]);
            high = Math.max(high, values.get(s)[i]);
          }
        }
      }
      if (low > high) {
        low = 0;
        high = 1;
      } else if (high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))) {
        double margin = low == 0 ? 1 : Math.abs(low) / 2;
        low -= margin;
        high += margin;
      }
      double step = niceStep((high - low) / intervals);
      return tight
          ? new Axis(low, high, step)
          : new Axis(Math.floor(low / step) * step, Math.ceil(high / step) * step, step);
    }

    private static double niceStep(double raw) {
      double power = Math.pow(10, Math.floor(Math.log10(raw)));
      double fraction = raw / power;
      double nice = fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10;
      return nice * power;
    }

    double position(double value) {
      return (value - low) / (high - low);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      double tolerance = step * 1e-6;
      for (long i = (long) Math.ceil((low - tolerance) / step); i * step <= high + tolerance; i++) {
        ticks.add(i * step);
      }
      return ticks;
    }

    /** Returns a short decimal: k and M for thousands and millions, an exponent for tiny steps. */
    String label(double tick) {
      double scale = step >= 1e6 ? 1e6 : step >= 1e3 ? 1e3 : 1;
      String unit = scale == 1e6 ? "M" : scale == 1e3 ? "k" : "";
      if (Math.abs(tick) < step / 2) {
        return "0";
      }
      if (step < 1e-4 || step >= 1e9) {
        return String.format(Locale.ROOT, "%.1e", tick);
      }
      int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step / scale) - 1e-9));
      return String.format(Locale.ROOT, "%." + decimals + "f%s", tick / scale, unit);
    }
  }
}
