package org.electra4j.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against values counted by hand for activations of 2 bytes. */
class KernelCostTest {
  private static final Set<String> NOT_KERNELS =
      Set.of(
          "precision",
          "device",
          "description",
          "threads",
          "beginStep",
          "endStep",
          "launches",
          "measuring",
          "scratchBytes",
          "takenBytes",
          "reserve",
          "freeBytes",
          "close");

  static Stream<Method> kernels() {
    return Stream.of(Backend.class.getMethods()).filter(m -> !NOT_KERNELS.contains(m.getName()));
  }

  /** Every address but 0 is given, sizes are 3, arrays have one element. */
  private static Map<String, Object> arguments(Method kernel) {
    Map<String, Object> arguments = new HashMap<>();
    for (Parameter parameter : kernel.getParameters()) {
      arguments.put(parameter.getName(), argument(parameter));
    }
    return arguments;
  }

  private static Object argument(Parameter parameter) {
    if (parameter.getType() == int.class) {
      return 3;
    } else if (parameter.getType() == long.class) {
      return 64L;
    } else if (parameter.getType() == float.class) {
      return 0.5f;
    } else if (parameter.getType() == boolean.class) {
      return false;
    }
    return java.lang.reflect.Array.newInstance(parameter.getType().getComponentType(), 1);
  }

  private static KernelCost cost(String kernel, Object... changes) {
    Method method = kernels().filter(m -> m.getName().equals(kernel)).findFirst().orElseThrow();
    Map<String, Object> arguments = arguments(method);
    for (int i = 0; i < changes.length; i += 2) {
      assertThat(arguments).containsKey((String) changes[i]);
      arguments.put((String) changes[i], changes[i + 1]);
    }
    return KernelCost.of(kernel, arguments, 2, 100);
  }

  private static void assertCost(KernelCost cost, double flops, double bytes) {
    assertThat(cost).isEqualTo(new KernelCost(flops, bytes));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void everyKernelOfTheContractHasOne(Method kernel) {
    KernelCost cost = KernelCost.of(kernel.getName(), arguments(kernel), 2, 9);
    boolean free = Set.of("alloc", "release", "freeze", "synchronize").contains(kernel.getName());
    boolean works = free || kernel.getName().equals("adamW"); // segments of nothing
    assertThat(cost.bytes()).matches(bytes -> works ? bytes == 0 : bytes > 0);
    assertThat(cost.flops()).isNotNegative();
  }

  @Test
  void anUnknownKernelIsRefused() {
    assertThatThrownBy(() -> KernelCost.of("convolution", Map.of(), 4, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("convolution");
  }

  @Test
  void products() {
    Object[] sizes = {"t", 10, "n", 6, "k", 4, "u", 0L};
    // x 40, w 24, y 60 of 2 bytes; bias 6 of 4
    assertCost(cost("gemmForward", sizes), 480, 248 + 24);
    assertCost(cost("gemmForward", "t", 10, "n", 6, "k", 4, "bias", 0L), 480, 248 + 120);
    assertCost(cost("gemmBackwardInput", sizes), 480, 248);
    assertCost(cost("gemmBackwardInput", "t", 10, "n", 6, "k", 4), 480, 248 + 80);
    // dy 60, x 40 of 2 bytes; dw 24 and dbias 6 read and written
    assertCost(cost("gemmBackwardWeight", "t", 10, "n", 6, "k", 4), 480, 200 + 30 * 8);
  }

  @Test
  void attention() {
    Object[] sizes = {"b", 2, "t", 14, "n", 2, "d", 8};
    // context 14*16, qkv three times that; lse 28 of 4; three offsets
    assertCost(cost("attentionForward", sizes), 4 * 100 * 16, 4 * 224 * 2 + 112 + 12);
    assertCost(cost("attentionBackward", sizes), 10 * 100 * 16, 8 * 224 * 2 + 112 + 12);
  }

  @Test
  void languageModelHead() {
    Object[] sizes = {"m", 5, "v", 7, "e", 3};
    // x 15, table 21 of 2 bytes; bias 7 of 4; labels, nll, lse, sampled, predicted
    assertCost(cost("lmHeadForward", sizes), 210, 72 + 28 + 100);
    assertCost(cost("lmHeadForward", "m", 5, "v", 7, "e", 3, "sampled", 0L), 210, 72 + 28 + 80);
    // dx 15 of 2; dtable 21 and dbias 7 read and written; labels, lse, dnll
    assertCost(cost("lmHeadBackward", sizes), 630, 72 + 28 + 30 + 28 * 8 + 60);
    assertCost(cost("lmHeadLogits", sizes), 210, 72 + 28 + 140);
  }

  @Test
  void passesOverRows() {
    // y, h, x, residual 30 of 2; gamma, beta, bias 3, mean, rstd 10 of 4
    assertCost(cost("residualNormForward", "t", 10, "n", 3), 0, 240 + 36 + 80);
    // dx, dresidual, dy, h; gamma once, dgamma, dbeta, dbias twice; mean, rstd
    assertCost(cost("residualNormBackward", "t", 10, "n", 3), 0, 240 + 84 + 80);
    // y and a row of three tables; three ids, mean, rstd; gamma, beta
    assertCost(cost("embeddingForward", "t", 10, "e", 3), 0, 240 + 120 + 80 + 24);
    // dy and three rows read; dsum written and read; three rows added to; the rest
    assertCost(cost("embeddingBackward", "t", 10, "e", 3), 0, 240 + 240 + 720 + 120 + 80 + 12 + 48);
    assertCost(cost("geluBackward", "count", 10L), 0, 60);
    assertCost(cost("addActivation", "count", 10L), 0, 60);
    assertCost(cost("dropout", "count", 10L), 0, 40);
    assertCost(cost("gatherRows", "m", 4, "n", 3), 0, 48 + 16);
    assertCost(cost("scatterRows", "t", 10, "m", 4, "n", 3), 0, 60 + 24 + 16);
  }

  @Test
  void losses() {
    // x 40, w 4 of 2; bias 1, logits 10, labels 10 of 4; dx 40 of 2; dw 4, dbias 1 twice
    assertCost(cost("rtdLoss", "t", 10, "h", 4), 240, 88 + 84 + 80 + 40);
    assertCost(cost("rtdLoss", "t", 10, "h", 4, "dx", 0L, "labels", 0L), 80, 88 + 44);
    assertCost(
        cost("classLoss", "rows", 10, "classes", 3, "h", 4),
        720,
        (40 + 12) * 2 + 12 + 120 + 40 + 80 + 15 * 8);
    assertCost(cost("spanLoss", "t", 10, "h", 4, "b", 2), 480, 96 + 8 + 80 + 28 + 80 + 10 * 8);
    assertCost(cost("copyLoss", "rows", 10, "h", 4), 240, 88 + 4 + 160 + 80 + 40);
  }

  @Test
  void whatIsNoProduct() {
    assertCost(cost("maskTokens", "b", 2, "t", 10, "m", 4), 0, 80 + 32 + 24);
    assertCost(cost("corruptTokens", "t", 10, "m", 4), 0, 120 + 32);
    assertCost(cost("squaredNorm", "count", 10L), 20, 48);
    assertCost(cost("fillZero", "bytes", 10L), 0, 10);
    assertCost(cost("toActivation", "count", 10L), 0, 60);
    assertCost(cost("download", "target", new double[1], "count", 10), 0, 80);
    assertCost(cost("upload", "source", new float[1], "count", 10), 0, 40);
    long[] begins = {0, 20};
    long[] ends = {10, 25};
    Object[] segments = {"begins", begins, "ends", ends, "w", 64L, "working", 128L};
    assertCost(cost("adamW", segments), 0, 15 * (32 + 2));
    segments[7] = 64L;
    assertCost(cost("adamW", segments), 0, 15 * 32);
  }
}
