package org.electra4j.autograd;

import org.electra4j.backend.Backend;
import org.electra4j.tensor.Arena;
import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/**
 * What a forward pass runs in: backend, arena, tape and the position of its randomness. Without a
 * tape nothing is kept for backward and dropout is off.
 */
public final class Context {
  private final Backend backend;
  private final Arena arena;
  private final Tape tape;
  private final long seed;
  private final long step;

  private Context(Backend backend, Arena arena, Tape tape, long seed, long step) {
    this.backend = backend;
    this.arena = arena;
    this.tape = tape;
    this.seed = seed;
    this.step = step;
  }

  /** Returns a context that trains: with a fresh tape, and dropout at (seed, step). */
  public static Context training(Backend backend, Arena arena, long seed, long step) {
    return new Context(backend, arena, new Tape(), seed, step);
  }

  /** Returns a context that only computes; (seed, step) place masks and samples. */
  public static Context inference(Backend backend, Arena arena, long seed, long step) {
    return new Context(backend, arena, null, seed, step);
  }

  /** Returns where is computed. */
  public Backend backend() {
    return backend;
  }

  /** Returns where the tensors of the pass lie. */
  public Arena arena() {
    return arena;
  }

  /** Returns the key of the randomness. */
  public long seed() {
    return seed;
  }

  /** Returns the step that the randomness is for. */
  public long step() {
    return step;
  }

  /** Returns whether a backward pass will follow. */
  public boolean isTraining() {
    return tape != null;
  }

  /** Returns the tape of a training context. */
  public Tape tape() {
    if (tape == null) {
      throw new IllegalStateException("an inference context has no tape");
    }
    return tape;
  }

  /** Returns the dropout probability in effect. */
  float dropout(float probability) {
    return tape == null ? 0 : probability;
  }

  /** Returns a new activation. */
  public Tensor activation(int rows, int columns) {
    return arena.tensor(DType.activation(backend.precision()), rows, columns);
  }

  /** Returns a new i32 tensor with these values. */
  public Tensor upload(int[] values) {
    Tensor tensor = arena.tensor(DType.I32, values.length);
    backend.upload(tensor.address(), values, 0, values.length);
    return tensor;
  }

  /** Returns a new fp32 tensor with these values. */
  public Tensor upload(float[] values) {
    Tensor tensor = arena.tensor(DType.F32, values.length);
    backend.upload(tensor.address(), values, 0, values.length);
    return tensor;
  }

  /** Returns the values of an i32 tensor. */
  public int[] downloadInts(Tensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.shape().elements())];
    backend.download(tensor.address(), values, 0, values.length);
    return values;
  }

  /** Returns the values of an fp32 tensor. */
  public float[] downloadFloats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().elements())];
    backend.download(tensor.address(), values, 0, values.length);
    return values;
  }

  /** Returns the values of an f64 tensor. */
  public double[] downloadDoubles(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.shape().elements())];
    backend.download(tensor.address(), values, 0, values.length);
    return values;
  }

  /** Returns the values of an activation. */
  public float[] downloadActivation(Tensor tensor) {
    Tensor wide = arena.tensor(DType.F32, tensor.shape().toArray());
    backend.fromActivation(wide.address(), tensor.address(), tensor.shape().elements());
    float[] values = downloadFloats(wide);
    arena.release(wide);
    return values;
  }

  /** Returns a tensor that only backward reads: {@code null} in inference. */
  Tensor saved(DType type, int... sizes) {
    return tape == null ? null : arena.tensor(type, sizes);
  }

  /** Returns an activation that only backward reads: {@code null} in inference. */
  Tensor savedActivation(int rows, int columns) {
    return tape == null ? null : activation(rows, columns);
  }

  /**
   * Adds to the gradient of an activation that several ops read; takes the tensor over.
   *
   * @param x an activation
   * @param dx a gradient of it, of the same shape
   */
  void addGradient(Tensor x, Tensor dx) {
    Tensor known = tape().gradient(x);
    if (known == null) {
      tape().setGradient(x, dx);
    } else {
      backend.addActivation(known.address(), dx.address(), dx.shape().elements());
      release(dx);
    }
  }

  /** Releases activations that nothing will read again, unless a backward pass still will. */
  public void recycle(Tensor... tensors) {
    if (tape == null) {
      release(tensors);
    }
  }

  void release(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      arena.release(tensor);
    }
  }
}
