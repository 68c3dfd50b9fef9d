package org.electra4j.kernels;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.QueuedStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a native backend that is not kernels: lifetime, memory and copies. */
abstract class NativeMemory implements Backend {
  private static final Logger LOGGER = LoggerFactory.getLogger(NativeBackend.class);
  private static final Cleaner CLEANER = Cleaner.create();

  /** Elements that one copy takes through host memory, so that large arrays do not double. */
  private static final int STAGING = 1 << 16;

  private final Kernels kernels;
  private final Precision precision;
  private final String device;
  private final String description;
  private final int threads;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Cleaner.Cleanable leakReport;

  /** What the downloads of the queued step that is open have still to do; null outside of one. */
  private List<Runnable> readings;

  /** A pointer at a given address. */
  private static final class Address extends Pointer {
    Address(long value) {
      address = value;
    }
  }

  NativeMemory(Kernels kernels, Precision precision, String device) {
    this.kernels = kernels;
    this.precision = precision;
    this.device = device;
    this.description = kernels.description().getString();
    this.threads = kernels.threads();
    this.leakReport =
        CLEANER.register(this, new LeakReport(device + " (" + description + ")", closed));
  }

  /** Says that a backend was forgotten; frees nothing, because its memory may still be in use. */
  private record LeakReport(String name, AtomicBoolean closed) implements Runnable {
    @Override
    public void run() {
      if (!closed.get()) {
        LOGGER.warn(
            "A backend on {} was garbage collected without close(): its memory is lost", name);
      }
    }
  }

  /** Runs a call of the kernels; a C++ exception arrives with the name of the operation. */
  final void run(String operation, Call call) {
    if (closed.get()) {
      throw new BackendException(device + ": " + operation + ": the backend is closed");
    }
    try {
      call.run(kernels);
    } catch (RuntimeException e) {
      throw new BackendException(device + ": " + operation + ": " + e.getMessage(), e);
    }
  }

  /** A call of the kernels. */
  @FunctionalInterface
  interface Call {
    void run(Kernels kernels);
  }

  @Override
  public final Precision precision() {
    return precision;
  }

  @Override
  public final String device() {
    return device;
  }

  @Override
  public final String description() {
    return description;
  }

  @Override
  public final int threads() {
    return threads;
  }

  @Override
  public final long alloc(long bytes) {
    long[] address = new long[1];
    run("alloc", k -> address[0] = k.alloc(bytes));
    return address[0];
  }

  @Override
  public final void release(long address) {
    run("release", k -> k.release(address));
  }

  @Override
  public final void freeze(long address, long bytes) {
    run("freeze", k -> k.freeze(address, bytes));
  }

  @Override
  public final void upload(long address, float[] source, int offset, int count) {
    try (FloatPointer host = new FloatPointer((long) Math.min(count, STAGING))) {
      for (int done = 0; done < count; done += STAGING) {
        int size = Math.min(count - done, STAGING);
        host.put(source, offset + done, size);
        long target = address + 4L * done;
        run("upload", k -> k.copy_to_device(target, host.address(), 4L * size));
      }
    }
  }

  @Override
  public final void upload(long address, int[] source, int offset, int count) {
    try (IntPointer host = new IntPointer((long) Math.min(count, STAGING))) {
      for (int done = 0; done < count; done += STAGING) {
        int size = Math.min(count - done, STAGING);
        host.put(source, offset + done, size);
        long target = address + 4L * done;
        run("upload", k -> k.copy_to_device(target, host.address(), 4L * size));
      }
    }
  }

  @Override
  public final void download(long address, float[] target, int offset, int count) {
    if (readings != null) {
      long host = later(address, 4L * count);
      readings.add(() -> new FloatPointer(new Address(host)).get(target, offset, count));
      return;
    }
    try (FloatPointer host = new FloatPointer((long) Math.min(count, STAGING))) {
      for (int done = 0; done < count; done += STAGING) {
        int size = Math.min(count - done, STAGING);
        long source = address + 4L * done;
        run("download", k -> k.copy_to_host(host.address(), source, 4L * size));
        host.get(target, offset + done, size);
      }
    }
  }

  @Override
  public final void download(long address, int[] target, int offset, int count) {
    if (readings != null) {
      long host = later(address, 4L * count);
      readings.add(() -> new IntPointer(new Address(host)).get(target, offset, count));
      return;
    }
    try (IntPointer host = new IntPointer((long) Math.min(count, STAGING))) {
      for (int done = 0; done < count; done += STAGING) {
        int size = Math.min(count - done, STAGING);
        long source = address + 4L * done;
        run("download", k -> k.copy_to_host(host.address(), source, 4L * size));
        host.get(target, offset + done, size);
      }
    }
  }

  @Override
  public final void download(long address, double[] target, int offset, int count) {
    if (readings != null) {
      long host = later(address, 8L * count);
      readings.add(() -> new DoublePointer(new Address(host)).get(target, offset, count));
      return;
    }
    try (DoublePointer host = new DoublePointer((long) Math.min(count, STAGING))) {
      for (int done = 0; done < count; done += STAGING) {
        int size = Math.min(count - done, STAGING);
        long source = address + 8L * done;
        run("download", k -> k.copy_to_host(host.address(), source, 8L * size));
        host.get(target, offset + done, size);
      }
    }
  }

  /** Queues a copy to the host; returns where it will lie. */
  private long later(long address, long bytes) {
    long[] host = new long[1];
    run("download", k -> host[0] = k.read_in_step(address, bytes));
    return host[0];
  }

  @Override
  public final boolean beginStep() {
    boolean[] queued = new boolean[1];
    run("beginStep", k -> queued[0] = k.begin_step());
    readings = queued[0] ? new ArrayList<>() : null;
    return queued[0];
  }

  @Override
  public final QueuedStep endStep() {
    if (readings == null) {
      return QueuedStep.DONE;
    }
    List<Runnable> queued = readings;
    readings = null;
    long[] step = new long[1];
    run("endStep", k -> step[0] = k.end_step());
    return () -> {
      run("step", k -> k.await_step(step[0]));
      queued.forEach(Runnable::run);
    };
  }

  @Override
  public final long launches() {
    long[] count = new long[1];
    run("launches", k -> count[0] = k.launches());
    return count[0];
  }

  @Override
  public final long scratchBytes() {
    long[] bytes = new long[1];
    run("scratchBytes", k -> bytes[0] = k.scratch_bytes());
    return bytes[0];
  }

  @Override
  public final long takenBytes() {
    long[] bytes = new long[1];
    run("takenBytes", k -> bytes[0] = k.taken_bytes());
    return bytes[0];
  }

  @Override
  public final void reserve(long bytes, long scratchBytes) {
    run("reserve", k -> k.reserve(bytes, scratchBytes));
  }

  @Override
  public final long freeBytes() {
    long[] bytes = new long[1];
    run("freeBytes", k -> bytes[0] = k.free_bytes());
    return bytes[0];
  }

  /** Returns the kernels that count what these would need, or null. */
  final Kernels measuringKernels() {
    Kernels[] measuring = new Kernels[1];
    run("measuring", k -> measuring[0] = k.measuring());
    return measuring[0];
  }

  @Override
  public final void fillZero(long address, long bytes) {
    run("fillZero", k -> k.fill_zero(address, bytes));
  }

  @Override
  public final void toActivation(long y, long x, long count) {
    run("toActivation", k -> k.to_activation(y, x, count));
  }

  @Override
  public final void fromActivation(long y, long x, long count) {
    run("fromActivation", k -> k.from_activation(y, x, count));
  }

  @Override
  public final void addActivation(long y, long x, long count) {
    run("addActivation", k -> k.add_activation(y, x, count));
  }

  @Override
  public final void synchronize() {
    run("synchronize", Kernels::synchronize);
  }

  @Override
  public final void close() {
    if (closed.compareAndSet(false, true)) {
      leakReport.clean();
      KernelsLibrary.destroy_kernels(kernels);
    }
  }
}
