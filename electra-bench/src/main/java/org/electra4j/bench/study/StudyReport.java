package org.electra4j.bench.study;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The table and the plots of a study: mean and standard deviation over the seeds. */
final class StudyReport {
  private static final String MEAN = "mean";
  private static final int WIDTH = 820;
  private static final int HEIGHT = 480;
  private static final double UNIT = 1e12;

  /** Okabe and Ito's palette, which colour-blind readers can tell apart, without its yellow. */
  private static final Color[] COLORS = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0xE69F00),
    new Color(0x56B4E9)
  };

  private final List<ProbeTask> tasks;

  /** Columns: the tasks, then their mean. Rows: objective and point, in the order of the plan. */
  private final Map<Row, Map<String, Summary>> table = new LinkedHashMap<>();

  private record Row(String label, double budget, int index, long step, double flops) {}

  private StudyReport(List<ProbeTask> tasks) {
    this.tasks = tasks;
  }

  /**
   * Returns the report of the points that have all their scores.
   *
   * @param points of all runs
   */
  static StudyReport of(List<ProbeTask> tasks, List<StudyPoint> points) throws IOException {
    StudyReport report = new StudyReport(tasks);
    Map<Row, Map<String, List<Double>>> values = new LinkedHashMap<>();
    for (StudyPoint point : points) {
      StudyScores scores = StudyScores.of(point.scores());
      if (tasks.stream().allMatch(task -> scores.has(task.name()))) {
        Row row =
            new Row(
                point.run().label(),
                point.run().flops(),
                point.index(),
                point.step(),
                point.flops());
        add(values.computeIfAbsent(row, r -> new LinkedHashMap<>()), tasks, scores);
      }
    }
    values.forEach(
        (row, columns) -> {
          Map<String, Summary> summaries = new LinkedHashMap<>();
          columns.forEach((name, seeds) -> summaries.put(name, Summary.of(seeds)));
          report.table.put(row, summaries);
        });
    return report;
  }

  private static void add(
      Map<String, List<Double>> columns, List<ProbeTask> tasks, StudyScores scores) {
    double sum = 0;
    for (ProbeTask task : tasks) {
      double score = scores.get(task.name());
      columns.computeIfAbsent(task.name(), name -> new ArrayList<>()).add(score);
      sum += score;
    }
    columns.computeIfAbsent(MEAN, name -> new ArrayList<>()).add(sum / tasks.size());
  }

  /** Returns whether any point has its scores. */
  boolean isEmpty() {
    return table.isEmpty();
  }

  /**
   * Writes {@code objectives.md}, and a plot a column beside it.
   *
   * @param facts lines on how the figures were made
   */
  void write(Path folder, List<String> facts) throws IOException {
    Files.createDirectories(folder);
    StringBuilder text = new StringBuilder("# Pre-training objectives at equal FLOPs\n\n");
    facts.forEach(fact -> text.append("- ").append(fact).append('\n'));
    text.append('\n').append(markdown()).append('\n');
    for (String column : columns()) {
      String file = "objectives-" + column + ".svg";
      VectorGraphicsEncoder.saveVectorGraphic(
          chart(column), folder.resolve(file).toString(), VectorGraphicsFormat.SVG);
      text.append("![").append(title(column)).append("](").append(file).append(")\n");
    }
    Files.writeString(folder.resolve("objectives.md"), text);
  }

  /** Returns the table. */
  String markdown() {
    StringBuilder text = new StringBuilder("| objective | FLOPs | of | steps | seeds |");
    columns().forEach(column -> text.append(' ').append(title(column)).append(" |"));
    text.append("\n| --- | ---: | ---: | ---: | ---: |").append(" ---: |".repeat(columns().size()));
    text.append('\n');
    table.forEach(
        (row, summaries) -> {
          text.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %s | %s | %d | %d |",
                  row.label(),
                  power(row.flops()),
                  power(row.budget()),
                  row.step(),
                  summaries.get(MEAN).count()));
          columns().forEach(column -> text.append(' ').append(summaries.get(column)).append(" |"));
          text.append('\n');
        });
    return text.toString();
  }

  static String power(double flops) {
    return flops == 0 ? "0" : String.format(Locale.ROOT, "%.1e", flops).replace("e+", "e");
  }

  private List<String> columns() {
    List<String> columns = new ArrayList<>(tasks.stream().map(ProbeTask::name).toList());
    columns.add(MEAN);
    return columns;
  }

  private String title(String column) {
    return tasks.stream()
        .filter(task -> task.name().equals(column))
        .map(task -> task.name() + " (" + task.metric().title + ")")
        .findFirst()
        .orElse(column);
  }

  /** A line an objective and budget over the operations; the floor is a level line. */
  private XYChart chart(String column) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Linear probe: " + title(column))
            .xAxisTitle("10¹² FLOPs of pre-training")
            .yAxisTitle("mean and deviation")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotGridLinesStroke(new BasicStroke(0.5f));
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setSeriesColors(COLORS);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    Map<String, List<Row>> lines = new LinkedHashMap<>();
    for (Row row : table.keySet()) {
      if (row.index() > 0) {
        String name = row.label() + (budgets() > 1 ? " to " + power(row.budget()) : "");
        lines.computeIfAbsent(name, l -> new ArrayList<>()).add(row);
      }
    }
    lines.forEach((name, rows) -> add(chart, name, rows, column));
    addFloor(chart, column);
    return chart;
  }

  private long budgets() {
    return table.keySet().stream().map(Row::budget).filter(flops -> flops > 0).distinct().count();
  }

  private void add(XYChart chart, String name, List<Row> rows, String column) {
    List<Summary> summaries = rows.stream().map(row -> table.get(row).get(column)).toList();
    chart.addSeries(
        name,
        rows.stream().map(row -> row.flops() / UNIT).toList(),
        summaries.stream().map(Summary::mean).toList(),
        summaries.stream().map(Summary::deviation).toList());
  }

  private void addFloor(XYChart chart, String column) {
    double last = table.keySet().stream().mapToDouble(Row::flops).max().orElse(0) / UNIT;
    table.forEach(
        (row, summaries) -> {
          if (row.index() == 0) {
            double level = summaries.get(column).mean();
            XYSeries series =
                chart.addSeries(row.label(), List.of(0.0, last), List.of(level, level));
            series.setMarker(SeriesMarkers.NONE);
            series.setLineColor(Color.GRAY);
          }
        });
  }

  /**
   * Mean and sample standard deviation.
   *
   * @param deviation 0 for a single value
   */
  record Summary(double mean, double deviation, int count) {
    static Summary of(List<Double> values) {
      double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      int n = values.size();
      return new Summary(mean, n == 1 ? 0 : Math.sqrt(squares / (n - 1)), n);
    }

    @Override
    public String toString() {
      return count == 1
          ? String.format(Locale.ROOT, "%.1f", mean)
          : String.format(Locale.ROOT, "%.1f ± %.1f", mean, deviation);
    }
  }
}
