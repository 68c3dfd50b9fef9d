package org.electra4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.backend.Backends;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    header = "Says what this machine offers, and why what is missing is missing.",
    description = "The exit code is 1 when no device can train.")
final class DoctorCommand extends ElectraCommand {
  private static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";

  DoctorCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws IOException {
    line("electra4j", version());
    line(
        "java", Runtime.version() + ", " + property("java.vm.name") + ", " + property("java.home"));
    line(
        "platform",
        property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
    line("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    line("memory", memory());
    boolean any = false;
    for (Backends.Status status : Backends.probe()) {
      any |= status.available() && status.rank() >= 0;
      line("device " + status.kind(), state(status));
      for (String diagnostic : status.diagnostics()) {
        line("", diagnostic);
      }
    }
    if (Backends.probe().stream().noneMatch(status -> status.kind().equals("cuda"))) {
      line("device cuda", "not available: this build has no CUDA kernels");
    }
    String chosen = System.getProperty(Device.PROPERTY);
    line(
        "device auto",
        chosen == null
            ? "the first above that is available"
            : chosen + " (" + Device.PROPERTY + ")");
    line("library cache", cache());
    return any ? Electra.DONE : Electra.FAILED;
  }

  private void line(String name, String value) {
    PrintStream out = streams.out();
    out.printf("%-18s%s%n", name.isEmpty() ? "" : name + ":", value);
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }

  private static String state(Backends.Status status) {
    if (!status.available()) {
      return "not available: " + status.cause();
    }
    return "available"
        + (status.rank() < 0 ? ", used only when named" : "")
        + (status.fastBf16() ? ", bf16 is fast" : "");
  }

  private static String memory() {
    String heap = mebibytes(Runtime.getRuntime().maxMemory()) + " for Java (-Xmx)";
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? mebibytes(system.getTotalMemorySize())
            + " of which "
            + mebibytes(system.getFreeMemorySize())
            + " are free, at most "
            + heap
        : heap;
  }

  private static String mebibytes(long bytes) {
    return String.format("%,d MiB", bytes >> 20);
  }

  /** Returns where JavaCPP unpacks the native libraries, with the room that is left there. */
  private static String cache() throws IOException {
    String set = System.getProperty(CACHE_PROPERTY);
    Path folder = set != null ? Path.of(set) : Path.of(property("user.home"), ".javacpp", "cache");
    Path existing = folder.toAbsolutePath();
    while (existing != null && !Files.isDirectory(existing)) {
      existing = existing.getParent();
    }
    if (existing == null) {
      return folder + ", which cannot be made";
    }
    FileStore store = Files.getFileStore(existing);
    return folder
        + ", "
        + mebibytes(size(folder))
        + " used, "
        + mebibytes(store.getUsableSpace())
        + " free"
        + (Files.isWritable(existing) ? "" : "; not writable: set -D" + CACHE_PROPERTY);
  }

  private static long size(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> regular = files.filter(file -> Files.isRegularFile(file)).toList();
      long bytes = 0;
      for (Path file : regular) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Returns the version of the project. */
  static String version() {
    try (InputStream in = DoctorCommand.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return "Electra4J " + properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
