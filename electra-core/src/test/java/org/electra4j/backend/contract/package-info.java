/**
 * What every backend must do: one interface of tests per kernel family, all of them in {@link
 * org.electra4j.backend.contract.BackendContract}.
 *
 * <p>A test describes arrays and a call in a {@code KernelCase}; {@code KernelTester} runs it on
 * guarded memory, more than once and with several numbers of threads, and compares with the
 * reference by {@code Tolerance}, where all tolerances are derived.
 */
package org.electra4j.backend.contract;
