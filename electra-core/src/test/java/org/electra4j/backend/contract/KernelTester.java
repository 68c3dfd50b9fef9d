package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.contract.Buffers.Result;
import org.electra4j.backend.contract.KernelCase.Type;
import org.electra4j.backend.reference.ReferenceBackend;

/** Runs a case on the backend under test and on the reference, and compares. */
final class KernelTester {
  private KernelTester() {}

  /**
   * Checks guards, equal bits of a second run and of runs with other numbers of threads, and every
   * output against the reference; returns the outputs of the backend under test.
   */
  static Result check(ContractTest test, KernelCase asGiven) {
    KernelCase kernel = test.isBf16() ? rounded(asGiven) : asGiven;
    Result result = Buffers.run(test.backend(), kernel);
    for (int threads : test.otherThreads(kernel.work())) {
      boolean repeats = threads == ContractTest.MOST_TESTS;
      if (!repeats && test.backend(threads).threads() == test.backend().threads()) {
        continue; // the reference has one thread whatever is asked for
      }
      String run = repeats ? "second run" : threads + " threads";
      assertSameBits(run, result, Buffers.run(test.backend(threads), kernel));
    }
    new Tolerance(kernel, test.isBf16()).verify(result);
    return result;
  }

  /** Runs a case many times and checks that the bits never change: catches races. */
  static void checkRepeats(ContractTest test, KernelCase kernel) {
    Result first = Buffers.run(test.backend(4), kernel);
    for (int i = 0; i < test.repeats(); i++) {
      assertSameBits("run " + i, first, Buffers.run(test.backend(4), kernel));
    }
  }

  static Result reference(Precision precision, KernelCase kernel) {
    try (Backend reference = new ReferenceBackend(precision)) {
      return Buffers.run(reference, kernel);
    }
  }

  /**
   * Returns the case with activations that bf16 can hold, so that every precision sees the same.
   */
  static KernelCase rounded(KernelCase kernel) {
    Map<String, float[]> contents = new HashMap<>();
    kernel.arrays.forEach(
        (name, array) -> {
          if (array.type() == Type.ACTIVATION && array.floats() != null) {
            contents.put(name, Values.bf16(array.floats()));
          }
        });
    return kernel.withFloats(contents);
  }

  private static void assertSameBits(String what, Result expected, Result actual) {
    expected
        .bytes()
        .forEach(
            (name, bytes) ->
                assertThat(actual.bytes().get(name))
                    .as("bits of %s: %s", name, what)
                    .isEqualTo(bytes));
  }
}
