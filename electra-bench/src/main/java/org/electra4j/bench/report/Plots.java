package org.electra4j.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/** Draws a section's deciding column: lines over an axis, or bars a comparison. */
final class Plots {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final int BAR_WIDTH = 60;
  private static final float GRID_WIDTH = 0.5f;
  private static final int LABEL_DEGREES = 30;
  private static final int LONGEST_LABEL = 12;

  private Plots() {}

  /** Writes the plot as SVG and returns true, or false when there is nothing to draw. */
  static boolean write(Section section, Map<Comparison, Standings> results, Path file)
      throws IOException {
    Set<String> names = contenders(results);
    if (names.isEmpty()) {
      return false;
    }
    Chart<?, ?> chart =
        section.kind() == Section.Kind.LINES
            ? lines(section, results, names)
            : bars(section, results, names);
    VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    return true;
  }

  private static Set<String> contenders(Map<Comparison, Standings> results) {
    Set<String> names = new LinkedHashSet<>();
    results.forEach(
        (comparison, standings) ->
            comparison.contenders().stream()
                .map(Contender::name)
                .filter(name -> !standings.hasFailed(name))
                .forEach(names::add));
    return names;
  }

  private static Chart<?, ?> bars(
      Section section, Map<Comparison, Standings> results, Set<String> names) {
    int width = Math.max(WIDTH, BAR_WIDTH * results.size() * names.size() / 2);
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(width)
            .height(HEIGHT)
            .title(section.title())
            .yAxisTitle(section.decisive().heading())
            .build();
    style(chart.getStyler());
    List<String> works = results.keySet().stream().map(Comparison::work).toList();
    if (works.stream().mapToInt(String::length).max().orElse(0) > LONGEST_LABEL) {
      chart.getStyler().setXAxisLabelRotation(LABEL_DEGREES);
    }
    for (String name : names) {
      List<Double> values = new ArrayList<>();
      results.forEach((comparison, standings) -> values.add(value(section, standings, name)));
      chart.addSeries(name, works, values.stream().map(v -> v.isNaN() ? 0 : v).toList());
    }
    return chart;
  }

  private static Chart<?, ?> lines(
      Section section, Map<Comparison, Standings> results, Set<String> names) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(section.title())
            .xAxisTitle(section.xAxis())
            .yAxisTitle(section.decisive().heading())
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisLogarithmic(true);
    for (String name : names) {
      List<Comparison> own =
          results.keySet().stream()
              .filter(c -> !Double.isNaN(value(section, results.get(c), name)))
              .collect(Collectors.toList());
      chart.addSeries(
          name,
          own.stream().map(Comparison::x).toList(),
          own.stream().map(c -> value(section, results.get(c), name)).toList());
    }
    return chart;
  }

  private static void style(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotGridLinesStroke(new BasicStroke(GRID_WIDTH)); // dashes would be most of the file
    styler.setYAxisMin(0.0);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setYAxisDecimalPattern("#,##0.##");
  }

  private static double value(Section section, Standings standings, String name) {
    Section.Column column = section.decisive();
    return column.factor() * standings.median(name, column.metric());
  }
}
