package org.electra4j.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the backends on the class path and makes one for a device. */
public final class Backends {
  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
  private static final String ADVICE =
      "electra-native is not on the class path; add the dependency org.electra4j:electra-native";

  /**
   * What probing found of one kind.
   *
   * @param kind {@code cpu}, {@code cuda}, {@code reference}, or the name of what could not be
   *     loaded
   * @param rank of the provider, -1 when it could not be asked
   * @param cause why it cannot be used, empty when it can
   * @param supportsBf16 whether it can compute in bf16
   * @param fastBf16 whether bf16 is faster than fp32
   * @param diagnostics lines about this machine
   */
  public record Status(
      String kind,
      int rank,
      String cause,
      boolean supportsBf16,
      boolean fastBf16,
      List<String> diagnostics) {
    /** Returns whether a backend of this kind can be made. */
    public boolean available() {
      return cause.isEmpty();
    }
  }

  private record Candidate(BackendProvider provider, Status status, Throwable failure) {
    boolean automatic() {
      return provider != null && status.available() && status.rank() >= 0;
    }
  }

  private final List<Candidate> candidates;

  Backends(ClassLoader loader) {
    candidates = load(loader);
  }

  Backends(List<BackendProvider> providers) {
    candidates = providers.stream().map(Backends::probe).toList();
  }

  /**
   * Returns a new backend with as many threads as the JVM reports processors.
   *
   * @see #create(Device, Precision, int)
   */
  public static Backend create(Device device, Precision precision) {
    return create(device, precision, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Returns a new backend. {@link Device#AUTO} takes the available provider of the highest rank,
   * {@link Precision#AUTO} takes BF16 where it is fast; one log line says what was taken and why
   * each other kind was not.
   *
   * @param threads worker threads, at least 1
   * @throws BackendException when the device is missing or cannot do the precision; the cause is
   *     kept
   * @throws IllegalArgumentException when threads is below 1 or {@code electra.device} names no
   *     device
   */
  public static Backend create(Device device, Precision precision, int threads) {
    return new Backends(Backends.class.getClassLoader()).select(device, precision, threads);
  }

  /** Returns what there is on this machine, the best first. Never throws. */
  public static List<Status> probe() {
    return new Backends(Backends.class.getClassLoader()).statuses();
  }

  List<Status> statuses() {
    return candidates.stream()
        .map(Candidate::status)
        .sorted(Comparator.comparingInt(Status::rank).reversed())
        .toList();
  }

  Backend select(Device requested, Precision precision, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + threads + ".");
    }
    Device device = requested.resolve();
    boolean auto = device.equals(Device.AUTO);
    Candidate chosen = auto ? best() : named(device);
    boolean fastBf16 = chosen.status().fastBf16();
    if (precision == Precision.BF16 && !chosen.status().supportsBf16()) {
      throw new BackendException(
          "Device "
              + chosen.status().kind()
              + " cannot run BF16 here (a processor needs AVX512_VNNI); use precision FP32 or AUTO.");
    }
    Precision taken =
        precision != Precision.AUTO ? precision : fastBf16 ? Precision.BF16 : Precision.FP32;
    Backend backend = chosen.provider().create(device.index(), taken, threads);
    if (LOG.isInfoEnabled()) {
      LOG.info(
          "Device {} ({}), precision {}{}{}",
          backend.device(),
          backend.description(),
          taken,
          precision != Precision.AUTO ? "" : fastBf16 ? " (bf16 is fast)" : " (bf16 is not fast)",
          auto ? others(chosen) : "");
    }
    return backend;
  }

  private Candidate best() {
    return candidates.stream()
        .filter(Candidate::automatic)
        .max(Comparator.comparingInt(candidate -> candidate.status().rank()))
        .orElseThrow(() -> failure("No device is available: " + causes(), candidates));
  }

  private Candidate named(Device device) {
    List<Candidate> ofKind =
        candidates.stream().filter(c -> c.status().kind().equals(device.kind())).toList();
    return ofKind.stream()
        .filter(candidate -> candidate.status().available())
        .findFirst()
        .orElseThrow(
            () ->
                failure(
                    "Device " + device + " is not available: " + causesOf(ofKind),
                    ofKind.isEmpty() ? candidates : ofKind));
  }

  private String causesOf(List<Candidate> ofKind) {
    return ofKind.isEmpty()
        ? causes()
        : ofKind.stream().map(c -> c.status().cause()).collect(Collectors.joining("; "));
  }

  /**
   * Returns the causes of the kinds that auto may choose, with the missing dependency if it is one.
   */
  private String causes() {
    Stream<String> failed =
        candidates.stream()
            .filter(candidate -> !candidate.status().available())
            .map(candidate -> candidate.status().kind() + ": " + candidate.status().cause());
    boolean noNative =
        candidates.stream().allMatch(c -> c.status().available() && c.status().rank() < 0);
    return Stream.concat(failed, noNative ? Stream.of(ADVICE) : Stream.empty())
            .collect(Collectors.joining("; "))
        + ".";
  }

  private static BackendException failure(String message, List<Candidate> of) {
    BackendException exception = new BackendException(message);
    of.stream()
        .map(Candidate::failure)
        .filter(f -> f != null)
        .forEach(
            cause -> {
              if (exception.getCause() == null) {
                exception.initCause(cause);
              } else {
                exception.addSuppressed(cause);
              }
            });
    return exception;
  }

  private String others(Candidate chosen) {
    return candidates.stream()
        .filter(candidate -> candidate != chosen)
        .map(Candidate::status)
        .map(status -> "; " + status.kind() + " not used: " + reason(status))
        .collect(Collectors.joining());
  }

  private static String reason(Status status) {
    if (!status.available()) {
      return status.cause();
    }
    return status.rank() < 0 ? "only when named" : "ranked lower";
  }

  private static List<Candidate> load(ClassLoader loader) {
    List<Candidate> found = new ArrayList<>();
    Iterator<BackendProvider> providers =
        ServiceLoader.load(BackendProvider.class, loader).iterator();
    boolean more = true;
    while (more) {
      try {
        more = providers.hasNext();
        if (more) {
          found.add(probe(providers.next()));
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        found.add(broken("a backend provider", e));
      }
    }
    return found;
  }

  /** Asks a provider everything; whatever it throws becomes its cause of unavailability. */
  private static Candidate probe(BackendProvider provider) {
    String kind = provider.getClass().getName();
    try {
      kind = provider.kind();
      Status status =
          new Status(
              kind,
              provider.rank(),
              provider.unavailabilityCause(),
              provider.supportsBf16(),
              provider.fastBf16(),
              provider.diagnostics());
      return new Candidate(provider, status, null);
    } catch (Throwable e) {
      return new Candidate(provider, broken(kind, e).status(), e);
    }
  }

  private static Candidate broken(String what, Throwable e) {
    return new Candidate(null, new Status(what, -1, e.toString(), false, false, List.of()), e);
  }
}
