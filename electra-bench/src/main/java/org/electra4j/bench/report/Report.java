package org.electra4j.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A Markdown file with its plots beside it. */
final class Report {
  private final Path folder;
  private final String name;
  private final StringBuilder text = new StringBuilder();

  /** A report {@code name.md} in a folder, which is made. */
  Report(Path folder, String name) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.name = name;
  }

  /** Adds title, date, command and machine. */
  void begin(String date, String command, Map<String, String> facts) {
    text.append("# Benchmark: ").append(name).append("\n\n");
    text.append("- date: ").append(date).append("\n");
    text.append("- command: `").append(command).append("`\n");
    facts.forEach(
        (fact, value) -> text.append("- ").append(fact).append(": ").append(value).append("\n"));
    text.append("\nFigures are medians over the rounds, contenders measured in turn.\n");
  }

  /** Adds a section: text, table, what was left out, plot. */
  void add(Section section, Map<Comparison, Standings> results) throws IOException {
    text.append("\n## ").append(section.title()).append("\n\n");
    text.append(section.text()).append("\n\n");
    boolean peers = section.kind() == Section.Kind.PEERS;
    addHead(section, peers);
    results.forEach((comparison, standings) -> addRows(section, comparison, standings, peers));
    addFailures(results);
    if (section.kind() == Section.Kind.LINES) {
      addLosses(section, results);
    }
    if (Plots.write(section, results, folder.resolve(plotName(section)))) {
      text.append("\n![").append(section.title()).append("](").append(plotName(section));
      text.append(")\n");
    }
  }

  private String plotName(Section section) {
    return name + "-" + section.name() + ".svg";
  }

  private void addHead(Section section, boolean peers) {
    String headings =
        section.columns().stream().map(Section.Column::heading).collect(Collectors.joining(" | "));
    text.append("| work | who | ").append(headings).append(" | spread |");
    text.append(peers ? " ours is |\n" : "\n").append("| --- | --- |");
    text.append(" ---: |".repeat(section.columns().size() + (peers ? 2 : 1))).append("\n");
  }

  private void addRows(Section section, Comparison comparison, Standings standings, boolean peers) {
    String metric = section.decisive().metric();
    for (Contender contender : comparison.contenders()) {
      String who = contender.name();
      if (standings.hasFailed(who)) {
        continue;
      }
      text.append("| ").append(comparison.work()).append(" | ").append(who);
      for (Section.Column column : section.columns()) {
        text.append(" | ").append(column.format(standings.median(who, column.metric())));
      }
      double spread = standings.spread(who, metric);
      text.append(
          Double.isNaN(spread) ? " |" : String.format(Locale.ROOT, " | %.0f %%", 100 * spread));
      text.append(peers ? " | " + verdict(section, comparison, contender, standings) : "");
      text.append(" |\n");
    }
  }

  /** Says how many times better ours is, or what a busy process leaves of the idle figure. */
  private static String verdict(
      Section section, Comparison comparison, Contender contender, Standings standings) {
    String metric = section.decisive().metric();
    double own = standings.median(contender.name(), metric);
    if (contender instanceof LoadedContender loaded) {
      double idle = standings.median(loaded.contender().name(), metric);
      double kept = section.higherIsBetter() ? own / idle : idle / own;
      return Double.isNaN(kept)
          ? ""
          : String.format(Locale.ROOT, "%.0f %% of its idle figure", 100 * kept);
    }
    Contender first = comparison.contenders().get(0);
    double ours = standings.median(first.name(), metric);
    if (first.equals(contender) || Double.isNaN(ours)) {
      return "";
    }
    return String.format(
        Locale.ROOT, "%.2f × as fast", section.higherIsBetter() ? ours / own : own / ours);
  }

  /** Says for each line where it falls most from one point to the next. */
  private void addLosses(Section section, Map<Comparison, Standings> results) {
    String metric = section.decisive().metric();
    Map<String, String> losses = new LinkedHashMap<>();
    Map<String, Double> largest = new HashMap<>();
    Map<String, Comparison> last = new HashMap<>();
    results.forEach(
        (comparison, standings) -> {
          for (Contender contender : comparison.contenders()) {
            String who = contender.name();
            double now = standings.median(who, metric);
            if (Double.isNaN(now)) {
              continue;
            }
            Comparison before = last.put(who, comparison);
            double then = before == null ? now : results.get(before).median(who, metric);
            double loss = section.higherIsBetter() ? 1 - now / then : 1 - then / now;
            if (before != null && loss > largest.getOrDefault(who, 0.0)) {
              largest.put(who, loss);
              losses.put(
                  who,
                  String.format(
                      Locale.ROOT,
                      "%.0f %%, from %s to %s",
                      100 * loss,
                      before.work(),
                      comparison.work()));
            }
          }
        });
    text.append("\nLargest fall from one row to the next:\n\n");
    last.keySet().stream()
        .sorted()
        .forEach(
            who ->
                text.append("- ")
                    .append(who)
                    .append(": ")
                    .append(losses.getOrDefault(who, "none"))
                    .append("\n"));
  }

  private void addFailures(Map<Comparison, Standings> results) {
    Map<String, String> reasons = new LinkedHashMap<>();
    results.forEach(
        (comparison, standings) ->
            standings
                .failures()
                .forEach(
                    (who, why) -> reasons.merge(who + ": " + why, comparison.work(), this::join)));
    if (!reasons.isEmpty()) {
      text.append("\nNot measured:\n\n");
      reasons.forEach(
          (reason, work) ->
              text.append("- ")
                  .append(reason.replace('\n', ' '))
                  .append(" (")
                  .append(work)
                  .append(")\n"));
    }
  }

  private String join(String a, String b) {
    return a + "; " + b;
  }

  /** Writes the file and returns where it is. */
  Path write() throws IOException {
    Path file = folder.resolve(name + ".md");
    Files.writeString(file, text);
    return file;
  }
}
