package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs examples/electra in a project of its own, where a stand-in for Maven counts the builds. */
class LauncherTest {
  @TempDir Path folder;

  private Path root;
  private Path tools;

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void makeProject() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    root = folder.resolve("a project");
    for (String module : List.of("electra-core", "electra-native", "examples")) {
      Files.createDirectories(root.resolve(module + "/src/main"));
      Files.createFile(root.resolve(module + "/pom.xml"));
    }
    Files.createFile(root.resolve("pom.xml"));
    Path launcher = root.resolve("examples/electra");
    Files.copy(Path.of("electra"), launcher);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    tools = Files.createDirectories(folder.resolve("tools"));
    tool("g++", "exit 0");
    tool("make", "exit 0");
    tool(
        "mvn",
        """
        cat > /dev/null
        echo build >> "$BUILDS"
        mkdir -p examples/target/classes
        printf %s "$CLASS_PATH" > examples/target/classpath
        """);
  }

  private void tool(String name, String script) throws IOException {
    Path file = tools.resolve(name);
    Files.writeString(file, "#!/bin/bash\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve("examples/electra").toString()));
    command.addAll(List.of(arguments));
    Path elsewhere = Files.createDirectories(folder.resolve("some where"));
    ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile());
    builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder
        .environment()
        .put("CLASS_PATH", System.getProperty("java.class.path").replaceAll(":+$", ""));
    builder.environment().put("BUILDS", folder.resolve("builds").toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Ended end(Process process) throws IOException, InterruptedException {
    String out = new String(process.getInputStream().readAllBytes());
    String err = new String(process.getErrorStream().readAllBytes());
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Ended(process.exitValue(), out, err);
  }

  private Ended launch(String... arguments) throws IOException, InterruptedException {
    Process process = start(Map.of(), arguments);
    process.getOutputStream().close();
    return end(process);
  }

  private int builds() throws IOException {
    Path counted = folder.resolve("builds");
    return Files.exists(counted) ? Files.readAllLines(counted).size() : 0;
  }

  @Test
  void pretrainsAndKeepsStandardInputForTheCommand() throws Exception {
    TinyRun tiny = TinyRun.get();
    Path output = folder.resolve("the run");
    Process detect = start(Map.of(), "detect", tiny.model());
    detect.getOutputStream().write("the nation\n".getBytes());
    detect.getOutputStream().close();
    Ended detected = end(detect);
    assertThat(detected.err()).isEqualTo("building Electra4J (first use, a few minutes)…\n");
    assertThat(detected.out()).startsWith("{\"tokens\":[{\"token\":\"the\"");
    Ended trained = launch(TinyRun.pretrain(tiny.corpus(), tiny.vocabulary(), output));
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.err()).contains("done: 2 steps").doesNotContain("WARNING", "building");
    assertThat(output.resolve("model/model.safetensors")).exists();
    assertThat(launch("pretrain", "--preset", "huge").code()).isEqualTo(2);
  }

  @Test
  void aStoppedRunSavesAndSaysHowToContinue() throws Exception {
    TinyRun tiny = TinyRun.get();
    Path output = folder.resolve("stopped");
    Process process =
        start(
            Map.of(),
            TinyRun.pretrain(
                tiny.corpus(), tiny.vocabulary(), output, "--steps", "1000000", "--threads", "1"));
    Path metrics = output.resolve("metrics.jsonl");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!Files.exists(metrics) || Files.size(metrics) == 0) {
      assertThat(process.isAlive() && System.nanoTime() < deadline).isTrue();
      TimeUnit.MILLISECONDS.sleep(20);
    }
    process.toHandle().destroy(); // Process.destroy would close the streams
    Ended ended = end(process);
    assertThat(ended.code()).isEqualTo(143);
    assertThat(ended.err())
        .containsPattern("stopped at step \\d+ .*continue with: examples/electra resume ");
    try (var content = Files.list(output)) {
      assertThat(content.map(path -> path.getFileName().toString()))
          .anyMatch(name -> name.startsWith("checkpoint-"));
    }
  }

  @Test
  void buildsOnceAndAgainWhenASourceChanges() throws Exception {
    assertThat(launch("--version").out()).startsWith("Electra4J ");
    assertThat(launch("--version").err()).isEmpty();
    assertThat(builds()).isEqualTo(1);
    Path source = Files.createFile(root.resolve("electra-core/src/main/New.java"));
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
    assertThat(launch("--version").err()).isEqualTo("building Electra4J (sources have changed)…\n");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    tool("mvn", "sleep 1\n" + Files.readString(tools.resolve("mvn")));
    Process first = start(Map.of(), "--version");
    Process second = start(Map.of(), "--version");
    assertThat(end(first).code()).isZero();
    assertThat(end(second).code()).isZero();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aFailedBuildShowsItsErrorsAndTriesAgain() throws Exception {
    tool("mvn", "echo '[INFO] noise'; echo '[ERROR] Foo.java:[3,4] cannot find symbol'; exit 1");
    Ended failed = launch("--version");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err())
        .contains("cannot find symbol", "electra.build.log")
        .doesNotContain("noise");
    assertThat(launch("--version").err()).contains("cannot find symbol");
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    Ended java = end(start(Map.of("JAVA_HOME", "/nowhere"), "--version"));
    assertThat(java.code()).isEqualTo(1);
    assertThat(java.err()).contains("JAVA_HOME is /nowhere", "JDK 17");
    Path old = Files.createDirectories(folder.resolve("jdk8/bin"));
    Files.writeString(old.resolve("java"), "#!/bin/bash\nexit 1\n");
    assertThat(old.resolve("java").toFile().setExecutable(true)).isTrue();
    Files.writeString(folder.resolve("jdk8/release"), "JAVA_VERSION=\"1.8.0_402\"\n");
    Ended eight = end(start(Map.of("JAVA_HOME", folder.resolve("jdk8").toString()), "--version"));
    assertThat(eight.code()).isEqualTo(1);
    assertThat(eight.err()).contains("is Java 8", "JDK 17 or newer");
  }
}
