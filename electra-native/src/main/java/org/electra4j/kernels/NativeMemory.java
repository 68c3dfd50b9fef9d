package org.electra4j.kernels;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The half of a native backend that is not kernels: lifetime, memory and copies. */
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
    try (DoublePointer host = new DoublePointer((long) Math.min(count, STAGING))) {
      for (int done = 0; done < count; done += STAGING) {
        int size = Math.min(count - done, STAGING);
        long source = address + 8L * done;
        run("download", k -> k.copy_to_host(host.address(), source, 8L * size));
        host.get(target, offset + done, size);
      }
    }
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
