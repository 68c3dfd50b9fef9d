package org.electra4j.model;

import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.DropoutOps;
import org.electra4j.autograd.RowOps;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.DType;
import org.electra4j.tensor.Shape;
import org.electra4j.tensor.Tensor;

/** Classes, labels or a number for a text or a pair of texts, from its [CLS] vector. */
public final class ElectraSequenceHead implements LogitsHead {
  /** How many layers lie between [CLS] and the logits. */
  public enum Style {
    /** google-research/electra: dropout, then one linear layer (finetune/classification). */
    LINEAR,
    /** transformers: dropout, dense layer with GELU, dropout, linear layer. */
    DENSE
  }

  private final Style style;
  private final float dropoutProb;
  private final Linear dense;
  private final Linear output;

  /**
   * Adds the head's parameters; their names start with {@code prefix}.
   *
   * @param units number of logits
   */
  public ElectraSequenceHead(
      ParameterStore store,
      String prefix,
      ElectraConfig config,
      Style style,
      int units,
      float dropoutProb) {
    this.style = style;
    this.dropoutProb = dropoutProb;
    int h = config.hiddenSize();
    if (style == Style.LINEAR) {
      this.dense = null;
      this.output =
          new Linear(store, prefix + "classifier", new Initializer.GlorotUniform(), h, units);
    } else {
      Initializer normal = new Initializer.TruncatedNormal(config.initializerRange());
      this.dense = new Linear(store, prefix + "classifier.dense", normal, h, h);
      this.output = new Linear(store, prefix + "classifier.out_proj", normal, h, units);
    }
  }

  /** Returns how the head is built. */
  public Style style() {
    return style;
  }

  /** Returns one row a sequence, (B, H). */
  @Override
  public Tensor features(Context c, Tensor hidden, Sequences sequences, int stream) {
    Tensor begins = // the first B of the B + 1 offsets
        new Tensor(sequences.cuSeqlens().address(), DType.I32, Shape.of(sequences.count()));
    Tensor cls = RowOps.gather(c, hidden, begins); // (B, H)
    Tensor x = DropoutOps.dropout(c, cls, dropoutProb, stream);
    return style == Style.LINEAR
        ? x
        : DropoutOps.dropout(c, dense.forwardGelu(c, x), dropoutProb, stream + 1);
  }

  @Override
  public Linear output() {
    return output;
  }

  @Override
  public boolean isPerToken() {
    return false;
  }
}
