package org.electra4j.bench.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.electra4j.bench.study.StudyReport.Summary;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Collects the fine-tuning runs that {@code electra-bench/transfer} made into a table and a plot:
 * for each task the scores of three starts, which are the folders {@code <start>-<task>} of the
 * work folder.
 */
@Command(name = "transfer", header = "Writes results.md.", mixinStandardHelpOptions = true)
public final class Transfer implements Callable<Integer> {
  private static final List<String> STARTS = List.of("random", "mlm", "electra");
  private static final Color[] COLORS = {
    new Color(0x999999), new Color(0xD55E00), new Color(0x0072B2)
  };
  private static final String PLOT = "results.svg";
  private static final String TABLE_BEGIN = "<!-- table -->";
  private static final String TABLE_END = "<!-- /table -->";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--work", required = true, description = "Folder of the runs.")
  Path work;

  @Option(names = "--out", required = true, description = "Folder of results.md and its plot.")
  Path out;

  /**
   * Scores of a task by start.
   *
   * @param metric its usual name
   * @param trials by start, in hundredths
   */
  record Row(String task, String metric, Map<String, List<Double>> trials) {}

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Transfer()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    List<Row> rows = rows();
    if (rows.isEmpty()) {
      throw new IOException(work + " has no fine-tuned task with all of " + STARTS + ".");
    }
    Path file = out.resolve("results.md");
    Files.writeString(file, withTable(Files.exists(file) ? Files.readString(file) : "", rows));
    VectorGraphicsEncoder.saveVectorGraphic(
        chart(rows), out.resolve(PLOT).toString(), VectorGraphicsFormat.SVG);
    return 0;
  }

  /** Puts the table between its marks; what people wrote around it stays. */
  static String withTable(String text, List<Row> rows) {
    String table = TABLE_BEGIN + "\n" + markdown(rows) + TABLE_END;
    int begin = text.indexOf(TABLE_BEGIN);
    int end = text.indexOf(TABLE_END);
    return begin < 0 || end < begin
        ? text + table + "\n\n![scores](" + PLOT + ")\n"
        : text.substring(0, begin) + table + text.substring(end + TABLE_END.length());
  }

  /** Returns the tasks that every start has, by name. */
  private List<Row> rows() throws IOException {
    List<String> tasks;
    String prefix = STARTS.get(0) + "-";
    try (Stream<Path> folders = Files.list(work)) {
      tasks =
          folders
              .filter(Files::isDirectory)
              .map(folder -> folder.getFileName().toString())
              .filter(name -> name.startsWith(prefix))
              .map(name -> name.substring(prefix.length()))
              .filter(task -> STARTS.stream().allMatch(start -> Files.exists(result(start, task))))
              .sorted()
              .toList();
    }
    List<Row> rows = new ArrayList<>();
    for (String task : tasks) {
      rows.add(row(task));
    }
    return rows;
  }

  private Path result(String start, String task) {
    return work.resolve(start + "-" + task).resolve("result.json");
  }

  private Row row(String task) throws IOException {
    String metric = null;
    Map<String, List<Double>> trials = new LinkedHashMap<>();
    for (String start : STARTS) {
      List<Double> scores = new ArrayList<>();
      for (JsonNode trial : JSON.readTree(result(start, task).toFile()).get("trials")) {
        JsonNode ofTask = trial.get("scores").elements().next();
        Map.Entry<String, JsonNode> first = ofTask.properties().iterator().next();
        metric = first.getKey();
        double value = first.getValue().asDouble();
        scores.add(ofTask.has("exact") ? value : 100 * value); // SQuAD's are in hundredths
      }
      trials.put(start, scores);
    }
    return new Row(task, metric, trials);
  }

  /** Returns the table. */
  static String markdown(List<Row> rows) {
    StringBuilder text = new StringBuilder("| task | metric | random | MLM | ELECTRA |");
    text.append(" ELECTRA − random | ELECTRA − MLM |\n");
    text.append("| --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
    for (Row row : rows) {
      Map<String, Summary> summaries = new LinkedHashMap<>();
      row.trials().forEach((start, scores) -> summaries.put(start, Summary.of(scores)));
      double electra = summaries.get("electra").mean();
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %+.1f | %+.1f |%n",
              row.task(),
              row.metric(),
              summaries.get("random"),
              summaries.get("mlm"),
              summaries.get("electra"),
              electra - summaries.get("random").mean(),
              electra - summaries.get("mlm").mean()));
    }
    return text.toString();
  }

  private static CategoryChart chart(List<Row> rows) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(1100)
            .height(480)
            .title("Fine-tuned from random weights, MLM and ELECTRA of equal compute")
            .yAxisTitle("score, mean and deviation of the trials")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setSeriesColors(COLORS);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisLabelRotation(30);
    chart.getStyler().setYAxisMin(0.0);
    List<String> tasks = rows.stream().map(Row::task).toList();
    for (String start : STARTS) {
      List<Summary> summaries =
          rows.stream().map(row -> Summary.of(row.trials().get(start))).toList();
      chart.addSeries(
          start,
          tasks,
          summaries.stream().map(summary -> Math.max(0, summary.mean())).toList(),
          summaries.stream().map(Summary::deviation).toList());
    }
    return chart;
  }
}
