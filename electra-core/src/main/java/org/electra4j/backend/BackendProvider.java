package org.electra4j.backend;

import org.electra4j.Precision;

/** Makes backends of one kind; found by {@link java.util.ServiceLoader}. */
public interface BackendProvider {

  /** Returns the kind: {@code cpu}, {@code cuda} or {@code reference}. */
  String kind();

  /**
   * Returns how good a choice it is for {@code auto}; the highest wins, negative is never chosen.
   */
  int rank();

  /** Returns why the kind cannot be used here, or an empty string. Never throws. */
  String unavailabilityCause();

  /** Returns whether backends here can compute in bf16. Never throws; false when unavailable. */
  boolean supportsBf16();

  /**
   * Returns whether bf16 is faster than fp32 here, so that AUTO takes it. Never throws; false when
   * unavailable.
   */
  boolean fastBf16();

  /**
   * Returns a new backend.
   *
   * @param device index of the device, 0 where there is only one
   * @param precision FP32 or BF16, not AUTO
   * @param threads worker threads, at least 1
   * @throws BackendException when the kind is unavailable or cannot do the precision
   */
  Backend create(int device, Precision precision, int threads);

  /** Returns lines about this machine for {@code doctor}: instruction sets, library, cards. */
  java.util.List<String> diagnostics();
}
