package org.electra4j.backend.contract;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendProvider;
import org.opentest4j.TestAbortedException;
import org.slf4j.LoggerFactory;

/** Backends of one kind, one for each number of threads, made once for a test class. */
public final class TestBackends implements AutoCloseable {
  /**
   * Comma-separated kinds, such as {@code cpu}, {@code cpu:bf16}, {@code cuda}, that may not be
   * skipped.
   */
  public static final String REQUIRE = "electra.test.require";

  private final BackendProvider provider;
  private final Precision precision;
  private final Map<Integer, Backend> byThreads = new ConcurrentHashMap<>();

  private TestBackends(BackendProvider provider, Precision precision) {
    this.provider = provider;
    this.precision = precision;
  }

  /**
   * Returns the backends of a kind. Where it is unavailable, or bf16 is asked for and missing, the
   * test class is skipped and its cause logged, or fails if {@value #REQUIRE} names it.
   */
  public static TestBackends open(String kind, Precision precision) {
    BackendProvider provider =
        ServiceLoader.load(BackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.kind().equals(kind))
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("No provider of " + kind + " on the class path."));
    String cause = provider.unavailabilityCause();
    if (!cause.isEmpty()) {
      skip(kind, cause);
    } else if (precision == Precision.BF16 && !provider.supportsBf16()) {
      skip(kind + ":bf16", "there is no bf16 here");
    }
    return new TestBackends(provider, precision);
  }

  static void skip(String what, String cause) {
    String message = what + " tests skipped: " + cause;
    if (Arrays.asList(System.getProperty(REQUIRE, "").split("[,\\s]+")).contains(what)) {
      fail(message + ", but " + REQUIRE + " requires them");
    }
    LoggerFactory.getLogger(TestBackends.class).warn(message);
    throw new TestAbortedException(message);
  }

  /** Returns the backend with a number of threads. */
  public Backend threads(int threads) {
    return byThreads.computeIfAbsent(threads, n -> provider.create(0, precision, n));
  }

  @Override
  public void close() {
    byThreads.values().forEach(Backend::close);
    byThreads.clear();
  }
}
