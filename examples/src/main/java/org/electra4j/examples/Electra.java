package org.electra4j.examples;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.electra4j.Device;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.Tying;
import org.electra4j.finetune.data.TaskKind;
import org.electra4j.inference.Pooling;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.SpanStyle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Results go to standard output, progress and errors to standard error; the exit
 * code is 0 when the work is done, 1 when it failed and 2 when the command line is wrong.
 */
@Command(
    name = "electra",
    header = "Pre-trains ELECTRA and uses the result, inside the JVM.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  electra demo",
      "  electra pretrain --corpus texts --train-vocab 30522 --preset small --out runs/small",
      "  echo 'the chef ate the meal' | electra detect runs/small/model",
      "  electra COMMAND --help"
    })
public final class Electra implements Runnable {
  static final int DONE = CommandLine.ExitCode.OK;
  static final int FAILED = 1;
  static final int WRONG = CommandLine.ExitCode.USAGE;

  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Name a command: " + String.join(", ", spec.subcommands().keySet()));
  }

  /** Runs the command line and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    InputStream in = new FileInputStream(FileDescriptor.in);
    PrintStream out = utf8(new FileOutputStream(FileDescriptor.out));
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    int code = run(arguments, new Streams(in, out, err, true));
    out.flush();
    System.exit(code);
  }

  /** Buffers: the commands flush when the reader waits for a result. */
  private static PrintStream utf8(OutputStream stream) {
    return new PrintStream(
        new java.io.BufferedOutputStream(stream, 1 << 16), false, StandardCharsets.UTF_8);
  }

  /** Runs a command line; returns its exit code. */
  static int run(String[] arguments, Streams streams) {
    CommandLine line = commandLine(streams);
    try {
      return line.execute(arguments);
    } catch (Error e) {
      return Failures.report(e, streams, java.util.List.of(arguments).contains("--stacktrace"));
    } finally {
      streams.out().flush();
      streams.err().flush();
    }
  }

  private static CommandLine commandLine(Streams streams) {
    CommandLine line = new CommandLine(new Electra());
    line.addSubcommand("demo", new DemoCommand(streams))
        .addSubcommand("doctor", new DoctorCommand(streams))
        .addSubcommand("vocab", new VocabCommand(streams))
        .addSubcommand("tokenize", new TokenizeCommand(streams))
        .addSubcommand("prepare", new PrepareCommand(streams))
        .addSubcommand("pretrain", new PretrainCommand(streams))
        .addSubcommand("resume", new ResumeCommand(streams))
        .addSubcommand("import", new ImportCommand(streams))
        .addSubcommand("export", new ExportCommand(streams))
        .addSubcommand("finetune", new FinetuneCommand(streams))
        .addSubcommand("evaluate", new EvaluateCommand(streams))
        .addSubcommand("classify", new ClassifyCommand(streams))
        .addSubcommand("tag", new TagCommand(streams))
        .addSubcommand("answer", new AnswerCommand(streams))
        .addSubcommand("embed", new EmbedCommand(streams))
        .addSubcommand("detect", new DetectCommand(streams))
        .addSubcommand("fill-mask", new FillMaskCommand(streams));
    line.getCommandSpec().version(DoctorCommand.version());
    line.registerConverter(Path.class, Choices::path)
        .registerConverter(Long.class, text -> Choices.whole(text, Long.MIN_VALUE, Long.MAX_VALUE))
        .registerConverter(Integer.class, Electra::integer)
        .registerConverter(int.class, Electra::integer)
        .registerConverter(Double.class, Choices::number)
        .registerConverter(Float.class, text -> (float) Choices.number(text))
        .registerConverter(Device.class, Choices::device)
        .registerConverter(Precision.class, text -> Choices.of(Precision.class, "precision", text))
        .registerConverter(Objective.class, text -> Choices.of(Objective.class, "objective", text))
        .registerConverter(TaskKind.class, text -> Choices.of(TaskKind.class, "kind of task", text))
        .registerConverter(Style.class, text -> Choices.of(Style.class, "style of head", text))
        .registerConverter(
            SpanStyle.class, text -> Choices.of(SpanStyle.class, "head for questions", text))
        .registerConverter(Tying.class, text -> Choices.of(Tying.class, "tying", text))
        .registerConverter(
            ExportCommand.Format.class,
            text -> Choices.of(ExportCommand.Format.class, "format", text))
        .registerConverter(Pooling.class, text -> Choices.of(Pooling.class, "pooling", text));
    line.setOut(new PrintWriter(streams.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8));
    line.setOverwrittenOptionsAllowed(true); // scripts append options: the last one counts
    line.setUsageHelpWidth(100).setUsageHelpAutoWidth(true);
    line.setParameterExceptionHandler(
        (e, arguments) -> {
          Failures.print(streams, sentence(e));
          streams
              .err()
              .println("See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
          return WRONG;
        });
    line.setExecutionExceptionHandler(
        (e, command, parsed) ->
            Failures.report(
                e, streams, parsed.hasSubcommand() && hasStacktrace(parsed.subcommand())));
    return line;
  }

  private static Integer integer(String text) {
    return (int) Choices.whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static String sentence(ParameterException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    if (e instanceof UnmatchedArgumentException unmatched && !command.subcommands().isEmpty()) {
      return "There is no command "
          + unmatched.getUnmatched().get(0)
          + "; use "
          + String.join(", ", command.subcommands().keySet())
          + ".";
    }
    return e.getMessage();
  }

  private static boolean hasStacktrace(CommandLine.ParseResult parsed) {
    return parsed.hasMatchedOption("--stacktrace");
  }
}
