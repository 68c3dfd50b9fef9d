package org.electra4j.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.autograd.Weight;
import org.electra4j.backend.Backend;
import org.electra4j.tensor.DType;
import org.electra4j.tensor.Shape;
import org.electra4j.tensor.Tensor;

/**
 * All parameters of a model in one fp32 master arena; gradients, Adam moments and the bf16 working
 * copy are arenas of the same layout.
 *
 * <p>Layers add their parameters, then {@link #allocate} takes the memory. Every parameter starts
 * at a multiple of 16 elements; what lies between is zero and stays zero.
 */
public final class ParameterStore implements AutoCloseable {
  private static final int ALIGNMENT = 16;

  private final Backend backend;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private long elements;
  private boolean allocated;
  private long master;
  private long working;
  private long gradient;
  private long firstMoment;
  private long secondMoment;

  /** Makes an empty store in the memory of a backend. */
  public ParameterStore(Backend backend) {
    this.backend = backend;
  }

  /** Returns the backend that holds the arenas. */
  public Backend backend() {
    return backend;
  }

  /** Adds a parameter and returns it. */
  public Parameter add(String name, Initializer initializer, int... sizes) {
    elements = align(elements);
    return append(name, initializer, Shape.of(sizes));
  }

  /**
   * Adds parameters of one shape directly behind each other, so that kernels may read them as one
   * taller matrix (or longer vector), and returns them.
   */
  public List<Parameter> addAdjacent(List<String> names, Initializer initializer, int... sizes) {
    elements = align(elements);
    return names.stream().map(name -> append(name, initializer, Shape.of(sizes))).toList();
  }

  private Parameter append(String name, Initializer initializer, Shape shape) {
    if (allocated) {
      throw new IllegalStateException("the store has its memory; " + name + " comes too late");
    }
    Parameter parameter =
        new Parameter(this, name, shape, initializer, parameters.size(), elements);
    if (parameters.put(name, parameter) != null) {
      throw new IllegalArgumentException("two parameters are called " + name);
    }
    elements += shape.elements();
    return parameter;
  }

  private static long align(long count) {
    return (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /**
   * Returns one weight that covers parameters added by {@link #addAdjacent}, stacked in dimension
   * 0.
   */
  public Weight stacked(List<Parameter> adjacent) {
    Shape one = adjacent.get(0).shape();
    int[] sizes = one.toArray();
    sizes[0] *= adjacent.size();
    return weight(adjacent.get(0).offset(), Shape.of(sizes));
  }

  /** Takes the memory, all zero: with gradients and moments when {@code training}. */
  public void allocate(boolean training) {
    if (allocated) {
      throw new IllegalStateException("the store has its memory already");
    }
    allocated = true;
    elements = align(elements);
    master = zeroed(DType.F32);
    DType activation = DType.activation(backend.precision());
    working = activation == DType.F32 ? master : zeroed(activation);
    if (training) {
      gradient = zeroed(DType.F32);
      firstMoment = zeroed(DType.F32);
      secondMoment = zeroed(DType.F32);
    }
  }

  private long zeroed(DType type) {
    long bytes = elements * type.bytes();
    long address = backend.alloc(bytes);
    backend.fillZero(address, bytes);
    return address;
  }

  /** Returns the bytes that {@link #allocate} takes. */
  public long bytes(boolean training) {
    long perElement = DType.F32.bytes();
    if (DType.activation(backend.precision()) == DType.BF16) {
      perElement += DType.BF16.bytes();
    }
    return align(elements) * (training ? perElement + 3 * DType.F32.bytes() : perElement);
  }

  Weight weight(long offset, Shape shape) {
    if (!allocated) {
      throw new IllegalStateException("the store has no memory yet");
    }
    boolean matrix = shape.rank() > 1;
    DType type = matrix ? DType.activation(backend.precision()) : DType.F32;
    long base = matrix ? working : master;
    Tensor value = new Tensor(base + offset * type.bytes(), type, shape);
    Tensor grad =
        gradient == 0 ? null : new Tensor(gradient + offset * DType.F32.bytes(), DType.F32, shape);
    return new Weight(value, grad);
  }

  /** Sets every parameter to its initial value. */
  public void initialize(long seed) {
    for (Parameter parameter : parameters.values()) {
      write(parameter, parameter.initializer().values(parameter.shape(), seed, parameter.number()));
    }
    refreshWorkingCopy();
  }

  /** Rounds the masters into the working copy; to be called after {@link #write}. */
  public void refreshWorkingCopy() {
    if (working != master) {
      backend.toActivation(working, master, elements);
    }
  }

  /**
   * Promises that the parameters stay as they are, so that kernels may keep them in their order.
   */
  public void freeze() {
    backend.freeze(working, elements * DType.activation(backend.precision()).bytes());
  }

  /** Returns the parameters in the order of the arena. */
  public List<Parameter> parameters() {
    return new ArrayList<>(parameters.values());
  }

  /** Returns the parameter of this name, or {@code null}. */
  public Parameter get(String name) {
    return parameters.get(name);
  }

  /** Returns the number of trained values, without padding. */
  public long parameterCount() {
    return parameters.values().stream().mapToLong(p -> p.shape().elements()).sum();
  }

  /** Returns the length of every arena in elements. */
  public long elements() {
    return elements;
  }

  /** The arenas of the store, for whole-arena work. */
  public enum Slot {
    /** The values, fp32. */
    MASTER,
    /** Their gradients, fp32. */
    GRADIENT,
    /** Adam's first moments, fp32. */
    FIRST_MOMENT,
    /** Adam's second moments, fp32. */
    SECOND_MOMENT
  }

  /** Returns the address of an arena. */
  public long address(Slot slot) {
    return switch (slot) {
      case MASTER -> master;
      case GRADIENT -> gradient;
      case FIRST_MOMENT -> firstMoment;
      case SECOND_MOMENT -> secondMoment;
    };
  }

  /** Returns the address of the working copy; the masters themselves in FP32. */
  public long workingAddress() {
    return working;
  }

  /** Returns the fp32 master values of a parameter. */
  public float[] read(Parameter parameter) {
    return read(parameter, Slot.MASTER);
  }

  /** Returns the values of a parameter in one of the arenas. */
  public float[] read(Parameter parameter, Slot slot) {
    float[] values = new float[Math.toIntExact(parameter.shape().elements())];
    backend.download(at(parameter, slot), values, 0, values.length);
    return values;
  }

  /** Reads {@code values.length} values of a parameter from element {@code first} on. */
  public void read(Parameter parameter, Slot slot, long first, float[] values) {
    long address = at(parameter, slot) + first * DType.F32.bytes();
    backend.download(address, values, 0, values.length);
  }

  /** Overwrites the fp32 master values; {@link #refreshWorkingCopy} makes kernels see them. */
  public void write(Parameter parameter, float[] values) {
    write(parameter, Slot.MASTER, values);
  }

  /** Overwrites the values of a parameter in one of the arenas. */
  public void write(Parameter parameter, Slot slot, float[] values) {
    if (values.length != parameter.shape().elements()) {
      throw new IllegalArgumentException(parameter + " cannot take " + values.length + " values");
    }
    backend.upload(at(parameter, slot), values, 0, values.length);
  }

  /** Overwrites {@code count} of a parameter's fp32 master values from element {@code first} on. */
  public void write(Parameter parameter, long first, float[] values, int count) {
    if (first < 0 || count < 0 || first > parameter.shape().elements() - count) {
      throw new IllegalArgumentException(
          parameter + " cannot take " + count + " values from " + first + " on");
    }
    backend.upload(at(parameter, Slot.MASTER) + first * DType.F32.bytes(), values, 0, count);
  }

  private long at(Parameter parameter, Slot slot) {
    long base = address(slot);
    if (base == 0) {
      throw new IllegalStateException("the store was not allocated for training: no " + slot);
    }
    return base + parameter.offset() * DType.F32.bytes();
  }

  @Override
  public void close() {
    long freedMaster = master;
    for (Slot slot : Slot.values()) {
      backend.release(address(slot));
    }
    if (working != freedMaster) {
      backend.release(working);
    }
    master = working = gradient = firstMoment = secondMoment = 0;
  }
}
