package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Tests of the contract tests: every barrier, every wait for a copy, every zero fill, every
 * fragment and every end of a row of every kernel is spoilt in turn, one source line at a time, and
 * some contract test has to notice. The system property {@value #SITES}, a regular expression,
 * picks sites, {@code fault:file:line:name}.
 */
@Tag("faults")
class CudaFaultTest {
  private static final String SITES = "electra.test.faults";
  private static final CudaSimulator SIMULATOR = CudaSimulator.CHECKED;

  /**
   * Tests that reach a line, tried from the quickest: that many have to miss a mistake for it to
   * survive.
   */
  private static final int TRIES = 12;

  private record Reached(String test, long nanos) {}

  /** What the tests that noticed said. */
  private final List<String> causes = new ArrayList<>();

  @AfterEach
  void repair() {
    SIMULATOR.fault(0, "", 0);
    SIMULATOR.recordSites(false);
  }

  @Test
  void everySpoiltLineIsNoticed() {
    Map<String, List<Reached>> sites = sites();
    assertThat(sites.keySet())
        .anyMatch(s -> s.endsWith(":barrier") && s.contains("partial_sums.cu"));
    assertThat(sites.keySet().stream().map(s -> s.substring(s.lastIndexOf(':') + 1)).distinct())
        .contains("barrier", "warp barrier", "wait", "zero fill", "fragment", "transpose", "tail");
    String chosen = System.getProperty(SITES, "");
    if (!chosen.isEmpty()) {
      sites.keySet().removeIf(site -> !site.matches(chosen));
    }
    List<String> survivors = new ArrayList<>();
    sites.forEach(
        (site, tests) -> {
          if (!noticed(site, tests)) {
            survivors.add(site);
          }
        });
    assertThat(survivors).as("of %d sites, these mistakes go unnoticed", sites.size()).isEmpty();
    if (chosen.isEmpty()) {
      assertThat(causes)
          .as("what was reported")
          .anyMatch(cause -> cause.contains("DATA RACE"))
          .anyMatch(cause -> cause.contains("in flight"))
          .anyMatch(
              cause -> cause.contains("guard after") || cause.contains("OUT OF BOUNDS write"));
    }
  }

  /** Returns where a mistake is possible, and the tests that pass there, quickest first. */
  private static Map<String, List<Reached>> sites() {
    Map<String, List<Reached>> sites = new TreeMap<>();
    SIMULATOR.recordSites(true);
    run(
        List.of(CudaSimBackendTest.class.getName(), CudaSimBf16BackendTest.class.getName()),
        new TestExecutionListener() {
          private long started;

          @Override
          public void executionStarted(TestIdentifier test) {
            SIMULATOR.takeSites();
            started = System.nanoTime();
          }

          @Override
          public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            long nanos = System.nanoTime() - started;
            for (String site : test.isTest() ? SIMULATOR.takeSites() : new String[0]) {
              sites
                  .computeIfAbsent(site, key -> new ArrayList<>())
                  .add(new Reached(test.getUniqueId(), nanos));
            }
          }
        });
    SIMULATOR.recordSites(false);
    sites.values().forEach(tests -> tests.sort(Comparator.comparingLong(Reached::nanos)));
    return sites;
  }

  private boolean noticed(String site, List<Reached> tests) {
    String[] fields = site.split(":");
    SIMULATOR.fault(Integer.parseInt(fields[0]), fields[1], Integer.parseInt(fields[2]));
    try {
      // From the quickest third on: the quickest of all are empty or of one row.
      int first = tests.size() / 3;
      for (int i = first; i < Math.min(tests.size(), first + TRIES); i++) {
        if (fails(tests.get(i).test())) {
          return true;
        }
      }
      for (int i = 0; i < first; i++) {
        if (fails(tests.get(i).test())) {
          return true;
        }
      }
      return false;
    } finally {
      SIMULATOR.fault(0, "", 0);
    }
  }

  private boolean fails(String test) {
    int before = causes.size();
    run(
        List.of(test),
        new TestExecutionListener() {
          @Override
          public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
              causes.add(result.getThrowable().map(Throwable::toString).orElse(""));
            }
          }
        });
    return causes.size() > before;
  }

  /** Runs classes or tests by their names. */
  private static void run(List<String> names, TestExecutionListener listener) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                names.stream()
                    .map(
                        name ->
                            name.startsWith("[")
                                ? DiscoverySelectors.selectUniqueId(name)
                                : DiscoverySelectors.selectClass(name))
                    .toList())
            .build();
    LauncherFactory.create().execute(request, listener);
  }
}
