package org.electra4j.backend;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.electra4j.Precision;

/**
 * Times every kernel of another backend, step by step.
 *
 * <p>Each call is followed by {@link Backend#synchronize}, so that its time is its own on a device
 * that works asynchronously as well. Who does not use it pays nothing.
 */
public final class ProfilingBackend {
  private static final Set<String> QUESTIONS =
      Set.of(
          "precision",
          "device",
          "description",
          "threads",
          "close",
          "launches",
          "measuring",
          "scratchBytes",
          "takenBytes",
          "reserve",
          "freeBytes");

  private final Backend inner;
  private final Backend profiled;
  private final int activationBytes;
  private Map<String, Sums> step = new HashMap<>();
  private final Map<String, Sums> total = new HashMap<>();
  private long steps;
  private long stepsNanos;
  private long stepBegin = System.nanoTime();
  private long ownNanos;

  private static final class Sums {
    long calls;
    long launches;
    long nanos;
    double flops;
    double bytes;

    void add(Sums other) {
      calls += other.calls;
      launches += other.launches;
      nanos += other.nanos;
      flops += other.flops;
      bytes += other.bytes;
    }
  }

  /** Wraps a backend; the first step begins now. */
  public ProfilingBackend(Backend backend) {
    this.inner = backend;
    this.activationBytes = backend.precision() == Precision.BF16 ? 2 : 4;
    this.profiled =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> call(proxy, method, arguments));
  }

  /** Returns the backend to compute with; closing it closes the wrapped one. */
  public Backend backend() {
    return profiled;
  }

  /** Begins a step anew: calls since the last one ended belong to none. */
  public synchronized void restartStep() {
    step = new HashMap<>();
    ownNanos = 0;
    stepBegin = System.nanoTime();
  }

  /** Ends a step: its calls and its time are added up, and the next begins. */
  public synchronized void endStep() {
    stepsNanos += System.nanoTime() - stepBegin - ownNanos;
    steps++;
    step.forEach((kernel, sums) -> total.computeIfAbsent(kernel, k -> new Sums()).add(sums));
    restartStep();
  }

  /** Forgets the steps so far, those of a warm-up for instance. */
  public synchronized void reset() {
    total.clear();
    steps = 0;
    stepsNanos = 0;
    restartStep();
  }

  /** Returns the sums over all ended steps since {@link #reset}. */
  public synchronized KernelProfile profile() {
    List<KernelProfile.Kernel> kernels = new ArrayList<>();
    total.forEach(
        (name, sums) ->
            kernels.add(
                new KernelProfile.Kernel(
                    name, sums.calls, sums.launches, sums.nanos * 1e-9, sums.flops, sums.bytes)));
    return new KernelProfile(steps, stepsNanos * 1e-9, kernels);
  }

  private Object call(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return switch (method.getName()) {
        case "toString" -> "profiling " + inner.device();
        case "hashCode" -> System.identityHashCode(profiled);
        default -> profiled == arguments[0];
      };
    }
    if (QUESTIONS.contains(method.getName())) {
      return invoke(method, arguments);
    }
    if (method.isDefault()) { // steps are not queued, as each call is waited for
      return InvocationHandler.invokeDefault(proxy, method, arguments);
    }
    long entered = System.nanoTime();
    KernelCost cost = cost(method, arguments);
    long launched = inner.launches();
    long begin = System.nanoTime();
    Object result = invoke(method, arguments);
    inner.synchronize();
    long end = System.nanoTime();
    record(method.getName(), cost, end - begin, inner.launches() - launched);
    addOwn(begin - entered + System.nanoTime() - end);
    return result;
  }

  private Object invoke(Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(inner, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private KernelCost cost(Method method, Object[] arguments) {
    Map<String, Object> named = new HashMap<>();
    Parameter[] parameters = method.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      named.put(parameters[i].getName(), arguments[i]);
    }
    double squaredLengths = method.getName().startsWith("attention") ? squaredLengths(named) : 0;
    return KernelCost.of(method.getName(), named, activationBytes, squaredLengths);
  }

  private double squaredLengths(Map<String, Object> named) {
    int[] cuSeqlens = new int[(Integer) named.get("b") + 1];
    inner.download((Long) named.get("cuSeqlens"), cuSeqlens, 0, cuSeqlens.length);
    double sum = 0;
    for (int i = 1; i < cuSeqlens.length; i++) {
      double length = cuSeqlens[i] - cuSeqlens[i - 1];
      sum += length * length;
    }
    return sum;
  }

  private synchronized void record(String kernel, KernelCost cost, long nanos, long launches) {
    Sums sums = step.computeIfAbsent(kernel, k -> new Sums());
    sums.calls++;
    sums.launches += launches;
    sums.nanos += nanos;
    sums.flops += cost.flops();
    sums.bytes += cost.bytes();
  }

  private synchronized void addOwn(long nanos) {
    ownNanos += nanos;
  }
}
