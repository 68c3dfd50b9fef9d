package org.electra4j.backend.contract;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.electra4j.backend.Backend;

/** The arrays and the call of one test of a kernel. */
final class KernelCase {
  enum Type {
    ACTIVATION,
    FLOAT,
    DOUBLE,
    INT
  }

  enum Role {
    /** Read, and the same afterwards. */
    INPUT,
    /** Written without being read: starts as NaN, or -1. */
    OVERWRITTEN,
    /** Starts with given content: added to, written in parts, or also an input. */
    UPDATED
  }

  /** One array; {@code floats} or {@code ints} is its content before the call. */
  record Array(Type type, Role role, int count, float[] floats, int[] ints) {
    boolean isFloating() {
      return type == Type.ACTIVATION || type == Type.FLOAT;
    }

    Array with(float[] content) {
      return new Array(type, role, count, content, null);
    }
  }

  /** Returns the address of an array by its name. */
  interface Addresses {
    long at(String name);
  }

  /** One or more calls of kernels. */
  interface Call {
    void run(Backend backend, Addresses addresses);
  }

  final int terms;
  final Map<String, Array> arrays = new LinkedHashMap<>();
  final Set<String> exact = new HashSet<>();
  final Set<String> unchecked = new HashSet<>();
  final Map<String, Integer> exactFrom = new HashMap<>();
  Call call;

  /** Starts a case whose longest sum has {@code terms} terms. */
  KernelCase(int terms) {
    this.terms = terms;
  }

  private KernelCase add(String name, Type type, Role role, int n, float[] floats, int[] ints) {
    if (arrays.put(name, new Array(type, role, n, floats, ints)) != null) {
      throw new IllegalArgumentException("array " + name + " is there twice");
    }
    return this;
  }

  KernelCase activation(String name, float[] content) {
    return add(name, Type.ACTIVATION, Role.INPUT, content.length, content, null);
  }

  KernelCase floats(String name, float[] content) {
    return add(name, Type.FLOAT, Role.INPUT, content.length, content, null);
  }

  KernelCase ints(String name, int... content) {
    return add(name, Type.INT, Role.INPUT, content.length, null, content);
  }

  KernelCase overwrittenActivation(String name, int count) {
    return add(name, Type.ACTIVATION, Role.OVERWRITTEN, count, null, null);
  }

  KernelCase overwrittenFloats(String name, int count) {
    return add(name, Type.FLOAT, Role.OVERWRITTEN, count, null, null);
  }

  KernelCase overwrittenInts(String name, int count) {
    return add(name, Type.INT, Role.OVERWRITTEN, count, null, null);
  }

  KernelCase overwrittenDoubles(String name, int count) {
    return add(name, Type.DOUBLE, Role.OVERWRITTEN, count, null, null);
  }

  KernelCase updatedActivation(String name, float[] content) {
    return add(name, Type.ACTIVATION, Role.UPDATED, content.length, content, null);
  }

  KernelCase updatedFloats(String name, float[] content) {
    return add(name, Type.FLOAT, Role.UPDATED, content.length, content, null);
  }

  /** Demands of an output the very values of the reference. */
  KernelCase exact(String... names) {
    exact.addAll(Set.of(names));
    return this;
  }

  /** Demands the very values of the reference from an element on, as in counts after a loss. */
  KernelCase exactFrom(String name, int element) {
    exactFrom.put(name, element);
    return this;
  }

  /** Leaves an output to the test: it is not compared with the reference. */
  KernelCase unchecked(String... names) {
    unchecked.addAll(Set.of(names));
    return this;
  }

  KernelCase call(Call kernel) {
    this.call = kernel;
    return this;
  }

  /** Returns about how many operations a run takes. */
  long work() {
    return arrays.values().stream().mapToLong(Array::count).sum() * terms;
  }

  /** Returns this case with other contents of its floating-point arrays. */
  KernelCase withFloats(Map<String, float[]> contents) {
    KernelCase copy = new KernelCase(terms);
    arrays.forEach(
        (name, array) ->
            copy.arrays.put(
                name, contents.containsKey(name) ? array.with(contents.get(name)) : array));
    copy.exact.addAll(exact);
    copy.unchecked.addAll(unchecked);
    copy.exactFrom.putAll(exactFrom);
    copy.call = call;
    return copy;
  }
}
