package org.electra4j.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;

/**
 * Adam with decoupled weight decay as the reference has it: no bias correction unless asked for,
 * epsilon outside the root, decay of everything but biases and LayerNorm, gradients clipped to a
 * global norm first (reference file optimization.py).
 *
 * <p>All parameters are one arena, so a step is one reduction and one kernel over a short table of
 * segments.
 */
public final class AdamW implements AutoCloseable {
  /**
   * The numbers of the update.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added outside the root of the second moment
   * @param weightDecay decoupled weight decay
   * @param maxGradNorm global norm that gradients are clipped to; 0 switches clipping off
   * @param biasCorrection whether moments are divided by {@code 1 - beta^t}
   */
  public record Options(
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      float maxGradNorm,
      boolean biasCorrection) {

    /**
     * Returns the reference's values for pre-training: 0.9, 0.999, 1e-6, 0.01, norm 1, no bias
     * correction.
     */
    public static Options electra() {
      return new Options(0.9f, 0.999f, 1e-6f, 0.01f, 1.0f, false);
    }
  }

  private final ParameterStore store;
  private final Options options;
  private final long[] begins;
  private final long[] ends;
  private final float[] multipliers;
  private final float[] decays;
  private final long squaredNorm;

  /** Makes an optimizer with the same rate for every parameter. */
  public AdamW(ParameterStore store, Options options) {
    this(store, options, name -> 1.0);
  }

  /** Makes an optimizer whose rate is multiplied by {@code rates} of the parameter's name. */
  public AdamW(ParameterStore store, Options options, ToDoubleFunction<String> rates) {
    this.store = store;
    this.options = options;
    List<Segment> segments = segments(store, options, rates);
    this.begins = segments.stream().mapToLong(s -> s.begin).toArray();
    this.ends = segments.stream().mapToLong(s -> s.end).toArray();
    this.multipliers = new float[segments.size()];
    this.decays = new float[segments.size()];
    for (int i = 0; i < multipliers.length; i++) {
      multipliers[i] = segments.get(i).multiplier;
      decays[i] = segments.get(i).decay;
    }
    this.squaredNorm = store.backend().alloc(Double.BYTES);
  }

  private static final class Segment {
    private final long begin;
    private final float multiplier;
    private final float decay;
    private long end;

    private Segment(long begin, float multiplier, float decay) {
      this.begin = begin;
      this.multiplier = multiplier;
      this.decay = decay;
    }
  }

  /** Neighbours with the same treatment become one segment; the zeros between them stay zero. */
  private static List<Segment> segments(
      ParameterStore store, Options options, ToDoubleFunction<String> rates) {
    List<Segment> segments = new ArrayList<>();
    Segment last = null;
    for (Parameter parameter : store.parameters()) {
      float multiplier = (float) rates.applyAsDouble(parameter.name());
      float decay = parameter.decays() ? options.weightDecay() : 0;
      if (last == null || last.multiplier != multiplier || last.decay != decay) {
        last = new Segment(parameter.offset(), multiplier, decay);
        segments.add(last);
      }
      last.end = parameter.offset() + parameter.shape().elements();
    }
    return segments;
  }

  /** Returns the global norm of the gradients, before clipping. */
  public double gradientNorm() {
    return queueGradientNorm().getAsDouble();
  }

  /**
   * Computes the norm as {@link #gradientNorm} does, and returns what gives it: within a step that
   * the backend queues it may be asked only when that step is done.
   */
  public DoubleSupplier queueGradientNorm() {
    store.backend().squaredNorm(squaredNorm, store.address(Slot.GRADIENT), store.elements());
    double[] squared = new double[1];
    store.backend().download(squaredNorm, squared, 0, 1);
    return () -> Math.sqrt(squared[0]);
  }

  /**
   * Takes a step with the norm that {@link #gradientNorm} found and zeroes the gradients. When that
   * norm is not finite, parameters and moments stay as they are.
   *
   * @param rate learning rate
   * @param updates number of updates before, for bias correction
   */
  public void update(double rate, long updates) {
    boolean correct = options.biasCorrection();
    store
        .backend()
        .adamW(
            store.address(Slot.MASTER),
            store.workingAddress(),
            store.address(Slot.FIRST_MOMENT),
            store.address(Slot.SECOND_MOMENT),
            store.address(Slot.GRADIENT),
            begins,
            ends,
            multipliers,
            decays,
            squaredNorm,
            options.maxGradNorm(),
            (float) rate,
            options.beta1(),
            options.beta2(),
            options.epsilon(),
            correct ? scale(options.beta1(), updates + 1) : 1,
            correct ? scale(options.beta2(), updates + 1) : 1);
  }

  /** Zeroes the gradients without a step. */
  public void discardGradients() {
    store.backend().fillZero(store.address(Slot.GRADIENT), store.elements() * Float.BYTES);
  }

  private static float scale(double beta, long t) {
    return (float) (1 / (1 - Math.pow(beta, t)));
  }

  @Override
  public void close() {
    store.backend().release(squaredNorm);
  }
}
