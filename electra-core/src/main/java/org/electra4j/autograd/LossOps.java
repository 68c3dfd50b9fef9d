package org.electra4j.autograd;

import java.util.Arrays;
import org.electra4j.backend.RandomStreams;
import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/**
 * Heads that end in a loss. A loss seeds its own gradient: {@code scale} is the weight of the loss
 * divided by what it is averaged over.
 */
public final class LossOps {
  private LossOps() {}

  /**
   * Result of the LM head.
   *
   * @param nll (m) fp32: {@code -log p(label)}
   * @param sampled (m) i32: samples of softmax(logits / temperature), or {@code null}
   * @param predicted (m) i32: arg max
   */
  public record LanguageModel(Tensor nll, Tensor sampled, Tensor predicted) {}

  /**
   * What a summed loss gives: {@code sums} f64 as the kernel's contract lists them, logits fp32.
   */
  public record Summed(Tensor sums, Tensor logits) {}

  /**
   * Returns cross-entropy under the tied projection; its gradient is that of {@code scale Σ nll}.
   *
   * @param x (m, e)
   * @param table (V, e)
   * @param bias (V)
   * @param labels (m) i32
   */
  public static LanguageModel languageModel(
      Context c,
      Tensor x,
      Weight table,
      Weight bias,
      Tensor labels,
      boolean sample,
      float temperature,
      float scale) {
    return languageModelForward(c, x, table, bias, labels, sample, temperature, null, scale);
  }

  /** Returns the LM head's logits as a whole, (m, V) fp32; for serving, not recorded. */
  public static Tensor logits(Context c, Tensor x, Weight table, Weight bias) {
    int m = x.rows();
    int v = table.size(0);
    int e = table.size(1);
    x.require("logits", "input", m, e);
    Tensor logits = c.arena().tensor(DType.F32, m, v);
    c.backend()
        .lmHeadLogits(logits.address(), x.address(), table.address(), bias.address(), m, v, e);
    return logits;
  }

  /**
   * Returns the loss of All-Tokens MLM: {@link #languageModel} whose distribution is mixed with a
   * copy of the input (paper section 3.4).
   *
   * @param hidden (m, h) what the copy gate sees
   * @param gate (1, h)
   * @param gateBias (1)
   * @param inputs (m) i32: the tokens that a copy would give
   * @return sums (2): Σ loss, rows; logits is {@code null}
   */
  public static Summed copyOrPredict(
      Context c,
      Tensor x,
      Weight table,
      Weight bias,
      Tensor labels,
      Tensor hidden,
      Weight gate,
      Weight gateBias,
      Tensor inputs,
      float scale) {
    int m = x.rows();
    int h = hidden.columns();
    Tensor dnll = c.saved(DType.F32, m);
    LanguageModel lm = languageModelForward(c, x, table, bias, labels, false, 1, dnll, 0);
    Tensor sums = c.arena().tensor(DType.F64, 2);
    Tensor dhidden = c.savedActivation(m, h);
    Tensor dnllOrScratch = dnll != null ? dnll : c.arena().tensor(DType.F32, m);
    c.backend()
        .copyLoss(
            sums.address(),
            dnllOrScratch.address(),
            Tensor.addressOf(dhidden),
            dhidden == null ? 0 : gate.gradientAddress(),
            dhidden == null ? 0 : gateBias.gradientAddress(),
            hidden.address(),
            gate.address(),
            gateBias.address(),
            lm.nll().address(),
            inputs.address(),
            labels.address(),
            m,
            h,
            scale);
    if (c.isTraining()) {
      c.tape().record(() -> c.tape().setGradient(hidden, dhidden));
    }
    return new Summed(sums, null);
  }

  private static LanguageModel languageModelForward(
      Context c,
      Tensor x,
      Weight table,
      Weight bias,
      Tensor labels,
      boolean sample,
      float temperature,
      Tensor dnllLater,
      float scale) {
    int m = x.rows();
    int e = table.size(1);
    int v = table.size(0);
    x.require("languageModel", "input", m, e);
    labels.require("languageModel", "labels", m);
    LanguageModel result =
        new LanguageModel(
            c.arena().tensor(DType.F32, m),
            sample ? c.arena().tensor(DType.I32, m) : null,
            c.arena().tensor(DType.I32, m));
    Tensor lse = c.arena().tensor(DType.F32, m);
    c.backend()
        .lmHeadForward(
            result.nll().address(),
            lse.address(),
            Tensor.addressOf(result.sampled()),
            result.predicted().address(),
            x.address(),
            table.address(),
            bias.address(),
            labels.address(),
            m,
            v,
            e,
            temperature,
            c.seed(),
            c.step(),
            RandomStreams.SAMPLE);
    if (c.isTraining()) {
      Tensor dnll = dnllLater != null ? dnllLater : constant(c, m, scale);
      c.tape()
          .record(
              () -> {
                Tensor dx = c.activation(m, e);
                c.tape().setGradient(x, dx);
                c.backend()
                    .lmHeadBackward(
                        dx.address(),
                        table.gradientAddress(),
                        bias.gradientAddress(),
                        x.address(),
                        table.address(),
                        bias.address(),
                        labels.address(),
                        lse.address(),
                        dnll.address(),
                        m,
                        v,
                        e);
                c.release(lse, dnll);
              });
    }
    return result;
  }

  private static Tensor constant(Context c, int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return c.upload(values);
  }

  /**
   * Returns the loss of replaced-token detection: one unit per token, sigmoid cross-entropy (paper
   * section 3.1).
   *
   * @param x (t, h)
   * @param w (1, h)
   * @param bias (1)
   * @param labels (t) i32: 1 replaced, 0 original, -1 ignored; {@code null} for logits only
   * @return sums (6) or {@code null}, logits (t)
   */
  public static Summed replacedTokens(
      Context c, Tensor x, Weight w, Weight bias, Tensor labels, float scale) {
    int t = x.rows();
    int h = w.size(1);
    x.require("replacedTokens", "input", t, h);
    Tensor sums = labels == null ? null : c.arena().tensor(DType.F64, 6);
    Tensor logits = c.arena().tensor(DType.F32, t);
    Tensor dx = labels == null ? null : c.savedActivation(t, h);
    c.backend()
        .rtdLoss(
            Tensor.addressOf(sums),
            logits.address(),
            Tensor.addressOf(dx),
            dx == null ? 0 : w.gradientAddress(),
            dx == null ? 0 : bias.gradientAddress(),
            x.address(),
            w.address(),
            bias.address(),
            Tensor.addressOf(labels),
            t,
            h,
            scale);
    seed(c, x, dx);
    return new Summed(sums, logits);
  }

  /**
   * Returns softmax cross-entropy over classes.
   *
   * @param x (rows, h)
   * @param w (classes, h)
   * @param bias (classes)
   * @param labels (rows) i32, -1 ignored; {@code null} for logits only
   * @return sums (3) or {@code null}, logits (rows, classes)
   */
  public static Summed classes(
      Context c, Tensor x, Weight w, Weight bias, Tensor labels, float scale) {
    int rows = x.rows();
    int h = w.size(1);
    int classes = w.size(0);
    x.require("classes", "input", rows, h);
    Tensor sums = labels == null ? null : c.arena().tensor(DType.F64, 3);
    Tensor logits = c.arena().tensor(DType.F32, rows, classes);
    Tensor dx = labels == null ? null : c.savedActivation(rows, h);
    c.backend()
        .classLoss(
            Tensor.addressOf(sums),
            logits.address(),
            Tensor.addressOf(dx),
            dx == null ? 0 : w.gradientAddress(),
            dx == null ? 0 : bias.gradientAddress(),
            x.address(),
            w.address(),
            bias.address(),
            Tensor.addressOf(labels),
            rows,
            classes,
            h,
            scale);
    seed(c, x, dx);
    return new Summed(sums, logits);
  }

  /**
   * Returns softmax cross-entropy of start and end of a span in each sequence.
   *
   * @param x (t, h)
   * @param w (2, h)
   * @param bias (2)
   * @param starts (B) i32, -1 ignored; {@code null} for logits only
   * @param ends (B) i32, as {@code starts}
   * @return sums (2) or {@code null}, logits (t, 2)
   */
  public static Summed spans(
      Context c,
      Tensor x,
      Weight w,
      Weight bias,
      Tensor starts,
      Tensor ends,
      Sequences sequences,
      float scale) {
    int t = sequences.tokens();
    int h = w.size(1);
    x.require("spans", "input", t, h);
    w.value().require("spans", "weight", 2, h);
    Tensor sums = starts == null ? null : c.arena().tensor(DType.F64, 2);
    Tensor logits = c.arena().tensor(DType.F32, t, 2);
    Tensor dx = starts == null ? null : c.savedActivation(t, h);
    c.backend()
        .spanLoss(
            Tensor.addressOf(sums),
            logits.address(),
            Tensor.addressOf(dx),
            dx == null ? 0 : w.gradientAddress(),
            dx == null ? 0 : bias.gradientAddress(),
            x.address(),
            w.address(),
            bias.address(),
            Tensor.addressOf(starts),
            Tensor.addressOf(ends),
            sequences.cuSeqlens().address(),
            sequences.count(),
            t,
            h,
            scale);
    seed(c, x, dx);
    return new Summed(sums, logits);
  }

  private static void seed(Context c, Tensor x, Tensor dx) {
    if (c.isTraining() && dx != null) {
      c.tape().record(() -> c.addGradient(x, dx));
    }
  }
}
