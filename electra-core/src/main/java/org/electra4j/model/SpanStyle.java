package org.electra4j.model;

/** How the two ends of an answer are found. */
public enum SpanStyle {
  /** transformers: two logits a token, each end for itself; an answer at [CLS] means none. */
  INDEPENDENT,
  /** google-research/electra: {@link ElectraJointSpanHead}. */
  JOINT
}
