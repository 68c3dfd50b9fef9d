package org.electra4j.backend.reference;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;

/** The reference backend's memory: what it is, and how arrays come in and go out. */
abstract class ReferenceMemory implements Backend {
  final Memory memory;

  private final Precision precision;

  ReferenceMemory(Precision precision) {
    if (precision == Precision.AUTO) {
      throw new BackendException("The reference backend computes in FP32 or BF16, not AUTO.");
    }
    this.precision = precision;
    this.memory = new Memory(precision);
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public String device() {
    return "reference";
  }

  @Override
  public String description() {
    return "plain Java loops, " + precision;
  }

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public long alloc(long bytes) {
    return memory.alloc(bytes);
  }

  @Override
  public void release(long address) {
    memory.release(address);
  }

  @Override
  public void freeze(long address, long bytes) {}

  @Override
  public void upload(long address, float[] source, int offset, int count) {
    memory.putFloats(address, source, offset, count);
  }

  @Override
  public void upload(long address, int[] source, int offset, int count) {
    memory.putInts(address, source, offset, count);
  }

  @Override
  public void download(long address, float[] target, int offset, int count) {
    memory.copyFloats(address, target, offset, count);
  }

  @Override
  public void download(long address, int[] target, int offset, int count) {
    memory.copyInts(address, target, offset, count);
  }

  @Override
  public void download(long address, double[] target, int offset, int count) {
    memory.copyDoubles(address, target, offset, count);
  }

  @Override
  public void fillZero(long address, long bytes) {
    memory.zero(address, bytes);
  }

  @Override
  public void toActivation(long y, long x, long count) {
    memory.putActivations(y, memory.floats(x, count));
  }

  @Override
  public void fromActivation(long y, long x, long count) {
    memory.putFloats(y, memory.activations(x, count));
  }

  @Override
  public void addActivation(long y, long x, long count) {
    double[] sums = memory.activations(y, count);
    Vectors.addScaled(1, memory.activations(x, count), 0, sums, 0, sums.length);
    memory.putActivations(y, sums);
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {
    memory.releaseAll();
  }
}
