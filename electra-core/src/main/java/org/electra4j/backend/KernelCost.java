package org.electra4j.backend;

import java.util.HashMap;
import java.util.Map;

/**
 * Work of one call of the kernel contract.
 *
 * @param flops multiplications and additions of matrix and dot products, the only arithmetic that
 *     can bound a kernel; 0 for kernels without
 * @param bytes memory traffic if every array is read or written once and every looked-up row of a
 *     table once a lookup; what is added to is read and written
 */
public record KernelCost(double flops, double bytes) {
  private static final int F32 = 4;
  private static final int I32 = 4;
  private static final int F64 = 8;
  private static final int ADDED = 2 * F32;

  /**
   * Returns the cost of a call by its name and the arguments of {@link Backend} by theirs.
   *
   * @param activationBytes bytes of an element of type A
   * @param squaredLengths Σ length² over the sequences of an attention call, else not read
   * @throws IllegalArgumentException when the contract has no such kernel
   */
  static KernelCost of(
      String kernel, Map<String, Object> arguments, int activationBytes, double squaredLengths) {
    Call c = new Call(arguments, activationBytes, squaredLengths);
    return switch (kernel) {
      case "alloc", "release", "freeze", "synchronize" -> new KernelCost(0, 0);
      case "upload", "download" -> transfer(c);
      case "fillZero" -> new KernelCost(0, c.n("bytes"));
      case "toActivation", "fromActivation" -> new KernelCost(0, c.n("count") * (c.a + F32));
      case "gemmForward", "gemmBackwardInput", "gemmBackwardWeight" -> gemm(kernel, c);
      case "geluBackward", "addActivation" -> new KernelCost(0, 3 * c.n("count") * c.a);
      case "dropout" -> new KernelCost(0, 2 * c.n("count") * c.a);
      case "embeddingForward" -> embeddingForward(c);
      case "embeddingBackward" -> embeddingBackward(c);
      case "attentionForward" -> attentionForward(c);
      case "attentionBackward" -> attentionBackward(c);
      case "residualNormForward" -> residualNormForward(c);
      case "residualNormBackward" -> residualNormBackward(c);
      case "lmHeadForward", "lmHeadBackward", "lmHeadLogits" -> lmHead(kernel, c);
      case "rtdLoss" -> projectedLoss(c, c.n("t"), 1, c.n("t") * I32);
      case "classLoss" -> projectedLoss(c, c.n("rows"), c.n("classes"), c.n("rows") * I32);
      case "spanLoss" -> projectedLoss(c, c.n("t"), 2, (3 * c.n("b") + 1) * I32);
      case "copyLoss" -> copyLoss(c);
      case "maskTokens" -> maskTokens(c);
      case "corruptTokens" -> new KernelCost(0, (3 * c.n("t") + 2 * c.n("m")) * I32);
      case "gatherRows" -> new KernelCost(0, 2 * c.n("m") * c.n("n") * c.a + c.n("m") * I32);
      case "scatterRows" ->
          new KernelCost(0, (c.n("t") + c.n("m")) * c.n("n") * c.a + c.n("m") * I32);
      case "squaredNorm" -> new KernelCost(2 * c.n("count"), c.n("count") * F32 + F64);
      case "adamW" -> adamW(c);
      default -> throw new IllegalArgumentException("There is no cost of kernel " + kernel + ".");
    };
  }

  private static KernelCost transfer(Call c) {
    Object array = c.arguments.getOrDefault("source", c.arguments.get("target"));
    return new KernelCost(0, c.n("count") * (array instanceof double[] ? F64 : F32));
  }

  private static KernelCost gemm(String kernel, Call c) {
    double tn = c.n("t") * c.n("n");
    double tk = c.n("t") * c.n("k");
    double nk = c.n("n") * c.n("k");
    double bytes =
        switch (kernel) {
          case "gemmForward" -> (tk + nk + tn * (1 + c.has("u"))) * c.a + c.f32("n", "bias");
          case "gemmBackwardInput" ->
              (tn + nk + tk * (1 + c.has("u") + (c.is("accumulate") ? 1 : 0))) * c.a;
          default -> (tn + tk) * c.a + nk * ADDED + 2 * c.f32("n", "dbias");
        };
    return new KernelCost(2 * tn * c.n("k"), bytes);
  }

  private static KernelCost embeddingForward(Call c) {
    double te = c.n("t") * c.n("e");
    double bytes = 4 * te * c.a + 3 * c.n("t") * I32 + 2 * c.f32("t", "mean") + 2 * c.n("e") * F32;
    return new KernelCost(0, bytes);
  }

  private static KernelCost embeddingBackward(Call c) {
    double te = c.n("t") * c.n("e");
    double rows = 4 * te * c.a + 2 * te * F32 + 3 * te * ADDED;
    double bytes = rows + c.n("t") * (3 * I32 + 2 * F32) + c.n("e") * (F32 + 2 * ADDED);
    return new KernelCost(0, bytes);
  }

  /** q kᵀ and p v. */
  private static KernelCost attentionForward(Call c) {
    double width = c.n("n") * c.n("d");
    double bytes = 4 * c.n("t") * width * c.a + c.f32("t", "lse") * c.n("n");
    return new KernelCost(2 * 2 * c.squaredLengths * width, bytes + (c.n("b") + 1) * I32);
  }

  /** q kᵀ again, then the gradients of p, v, q and k. */
  private static KernelCost attentionBackward(Call c) {
    double width = c.n("n") * c.n("d");
    double bytes = 8 * c.n("t") * width * c.a + c.f32("t", "lse") * c.n("n");
    return new KernelCost(5 * 2 * c.squaredLengths * width, bytes + (c.n("b") + 1) * I32);
  }

  private static KernelCost residualNormForward(Call c) {
    double arrays = 2 + c.has("h") + c.has("residual");
    double vectors = 2 * c.n("n") * F32 + c.f32("n", "bias") + 2 * c.f32("t", "mean");
    return new KernelCost(0, arrays * c.n("t") * c.n("n") * c.a + vectors);
  }

  private static KernelCost residualNormBackward(Call c) {
    double arrays = 3 + c.has("dresidual");
    double vectors = c.n("n") * (F32 + 2 * ADDED) + 2 * c.f32("n", "dbias") + 2 * c.n("t") * F32;
    return new KernelCost(0, arrays * c.n("t") * c.n("n") * c.a + vectors);
  }

  /** Backward computes the logits again, and the gradients of rows and table. */
  private static KernelCost lmHead(String kernel, Call c) {
    double m = c.n("m");
    double v = c.n("v");
    double e = c.n("e");
    double product = 2 * m * v * e;
    double read = (m + v) * e * c.a + v * F32;
    return switch (kernel) {
      case "lmHeadForward" ->
          new KernelCost(product, read + m * F32 * (3 + c.has("sampled") + c.has("predicted")));
      case "lmHeadBackward" ->
          new KernelCost(3 * product, read + m * e * c.a + v * e * ADDED + v * ADDED + 3 * m * F32);
      default -> new KernelCost(product, read + m * v * F32);
    };
  }

  /** Projection to a few units and its loss; with a gradient, that of rows and weights as well. */
  private static KernelCost projectedLoss(Call c, double rows, double units, double labelBytes) {
    double h = c.n("h");
    double product = 2 * rows * units * h;
    double bytes = (rows + units) * h * c.a + units * F32 + rows * units * F32;
    bytes += c.has("labels") + c.has("starts") > 0 ? labelBytes : 0;
    if (c.has("dx") == 0) {
      return new KernelCost(product, bytes);
    }
    double gradients = rows * h * c.a + units * (h + 1) * ADDED;
    return new KernelCost(3 * product, bytes + gradients);
  }

  private static KernelCost copyLoss(Call c) {
    double rows = c.n("rows");
    double h = c.n("h");
    double bytes = (rows + 1) * h * c.a + F32 + rows * (2 * F32 + 2 * I32);
    if (c.has("dx") == 0) {
      return new KernelCost(2 * rows * h, bytes);
    }
    return new KernelCost(3 * 2 * rows * h, bytes + rows * h * c.a + (h + 1) * ADDED);
  }

  private static KernelCost maskTokens(Call c) {
    double offsets = 2 * (c.n("b") + 1);
    return new KernelCost(0, (2 * c.n("t") + 2 * c.n("m") + offsets) * I32);
  }

  /** Weights, both moments and gradients are read and written, the working copy is written. */
  private static KernelCost adamW(Call c) {
    long[] begins = (long[]) c.arguments.get("begins");
    long[] ends = (long[]) c.arguments.get("ends");
    double elements = 0;
    for (int i = 0; i < begins.length; i++) {
      elements += ends[i] - begins[i];
    }
    boolean copies = !c.arguments.get("working").equals(c.arguments.get("w"));
    return new KernelCost(0, elements * (4 * ADDED + (copies ? c.a : 0)));
  }

  /** Arguments by name. */
  private record Call(Map<String, Object> arguments, int a, double squaredLengths) {
    Call {
      arguments = new HashMap<>(arguments);
    }

    double n(String name) {
      return ((Number) arguments.get(name)).doubleValue();
    }

    boolean is(String name) {
      return (Boolean) arguments.get(name);
    }

    /** Returns 1 when there is such an address and it is not null. */
    int has(String address) {
      return arguments.get(address) instanceof Long value && value != 0 ? 1 : 0;
    }

    /** Returns the bytes of so many floats, or 0 when their address is null. */
    double f32(String count, String address) {
      return has(address) * n(count) * F32;
    }
  }
}
