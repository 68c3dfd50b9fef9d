package org.electra4j.bench.report;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.electra4j.bench.Workspace;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs sets of benchmarks and writes a report of each. */
@Command(
    name = "electra-bench/run",
    description = "Measures sets of benchmarks in turn with their peers; writes tables and plots.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class ReportCommand implements Callable<Integer> {
  private static final int QUICK_ROUNDS = 2;
  private static final int ROUNDS = 3;

  /** What can be reported. */
  enum Set {
    QUICK,
    KERNELS,
    STEP,
    ENCODER,
    TOKENIZER,
    SCALING,
    STARTUP,
    FINETUNE,
    ALL
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--report",
      required = true,
      split = ",",
      description = "Sets: ${COMPLETION-CANDIDATES}; all has finetune only with --data.")
  private List<Set> sets;

  @Option(names = "--rounds", description = "Rounds, A B A B (default: 3, quick: 2).")
  private Integer rounds;

  @Option(names = "--only", description = "Only work and contenders that this pattern is found in.")
  private Pattern only;

  @Option(
      names = "--load",
      description = "Also measure each contender beside a process at full load (nice -n 19).")
  private boolean load;

  @Option(names = "--threads", description = "Threads of every contender.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seconds",
      defaultValue = "2",
      description = "Length of a JMH iteration, one to warm up and three a round.")
  private double seconds;

  @Option(
      names = "--data",
      description = "Folder with a task's files in GLUE's layout; finetune needs it.")
  private Path data;

  @Option(
      names = "--task",
      defaultValue = "sst2",
      description = "What --data holds, a task of classes (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(names = "--out", description = "Folder (default: electra-bench/results).")
  private Path out;

  private final String[] arguments;

  private ReportCommand(String[] arguments) {
    this.arguments = arguments;
  }

  /** Takes the options of the command line. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    return new CommandLine(new ReportCommand(args))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter progress = spec.commandLine().getErr();
    if (data == null && sets.contains(Set.FINETUNE)) {
      throw new ParameterException(
          spec.commandLine(), "--report finetune needs --data, a folder with a task's files.");
    }
    boolean failed = false;
    for (Set set : sets.contains(Set.ALL) ? everything() : sets) {
      Report report = new Report(folder(), name(set));
      report.begin(
          LocalDate.now().toString(),
          "electra-bench/run " + commandLine(arguments),
          Machine.facts());
      for (Section section : sections(set)) {
        failed |= measure(set, section, report, progress);
      }
      spec.commandLine().getOut().println(report.write());
    }
    return failed ? 1 : 0;
  }

  /**
   * Returns the arguments as a report shows them: absolute paths without the folders of this
   * machine.
   */
  static String commandLine(String... arguments) {
    return Arrays.stream(arguments)
        .map(argument -> argument.replaceFirst("(^|=)/(?:.*/)?(?=[^/])", "$1"))
        .collect(Collectors.joining(" "));
  }

  /** Returns all sets; fine-tuning only where there is a task. */
  private List<Set> everything() {
    return Stream.of(Set.values())
        .filter(set -> set != Set.ALL && set != Set.QUICK)
        .filter(set -> set != Set.FINETUNE || data != null)
        .toList();
  }

  private Path folder() {
    return out != null ? out : Workspace.module().resolve("results");
  }

  private String name(Set set) {
    return set.name().toLowerCase(Locale.ROOT) + (load ? "-load" : "");
  }

  private List<Section> sections(Set set) throws IOException {
    Settings settings = new Settings(threads, seconds, set == Set.QUICK);
    return switch (set) {
      case KERNELS -> KernelSections.of(settings);
      case STEP -> StepSections.of(settings);
      case ENCODER -> EncoderSections.of(settings);
      case TOKENIZER -> TextSections.tokenizer(settings);
      case SCALING -> ScalingSections.of(settings);
      case STARTUP -> TextSections.startUp();
      case FINETUNE -> FinetuneSections.of(settings, data, task);
      case QUICK, ALL -> {
        List<Section> all = new ArrayList<>(StepSections.of(settings));
        all.addAll(EncoderSections.of(settings));
        all.addAll(TextSections.tokenizer(settings));
        all.addAll(TextSections.startUp());
        yield all;
      }
    };
  }

  /** Measures a section and returns whether something of ours failed. */
  private boolean measure(Set set, Section section, Report report, PrintWriter progress)
      throws IOException {
    int times = rounds != null ? rounds : set == Set.QUICK ? QUICK_ROUNDS : ROUNDS;
    Contest contest =
        new Contest(
            times,
            line -> {
              progress.println(line);
              progress.flush();
            });
    Section chosen = section.with(section.comparisons().stream().flatMap(this::choose).toList());
    Map<Comparison, Standings> results = new LinkedHashMap<>();
    boolean failed = false;
    for (Comparison comparison : chosen.comparisons()) {
      Standings standings = contest.run(chosen, comparison);
      results.put(comparison, standings);
      failed |= standings.hasFailed(comparison.contenders().get(0).name());
    }
    if (!results.isEmpty()) {
      report.add(chosen, results);
    }
    return failed;
  }

  private Stream<Comparison> choose(Comparison comparison) {
    List<Contender> contenders = new ArrayList<>();
    for (Contender contender : comparison.contenders()) {
      String what = comparison.work() + ", " + contender.name();
      if (only == null || only.matcher(what).find()) {
        contenders.add(contender);
        if (load) {
          contenders.add(new LoadedContender(contender));
        }
      }
    }
    return contenders.isEmpty()
        ? Stream.empty()
        : Stream.of(new Comparison(comparison.work(), comparison.x(), contenders));
  }
}
