package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Lookup of three tables, LayerNorm and dropout of 10 %, of random words. */
public class EmbeddingBench extends KernelBench {
  private static final int SEQ_LENGTH = 128;

  private int e;
  private long ids;
  private long types;
  private long positions;
  private long word;
  private long position;
  private long type;
  private long gamma;
  private long beta;
  private long y;
  private long mean;
  private long rstd;
  private long dword;
  private long dposition;
  private long dtype;
  private long dgamma;
  private long dbeta;
  private long dsum;

  @Override
  void allocate() {
    e = model.embeddingSize();
    int[] places = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      places[i] = i % SEQ_LENGTH;
    }
    ids = operands.ints(wordIds(tokens));
    types = operands.ints(new int[tokens]);
    positions = operands.ints(places);
    word = operands.activation((long) model.vocabSize() * e);
    position = operands.activation((long) model.maxPositionEmbeddings() * e);
    type = operands.activation((long) model.typeVocabSize() * e);
    gamma = operands.floats(e);
    beta = operands.floats(e);
    y = operands.activation((long) tokens * e);
    mean = operands.zeros((long) tokens * Float.BYTES);
    rstd = operands.zeros((long) tokens * Float.BYTES);
    dword = operands.zeros((long) model.vocabSize() * e * Float.BYTES);
    dposition = operands.zeros((long) model.maxPositionEmbeddings() * e * Float.BYTES);
    dtype = operands.zeros((long) model.typeVocabSize() * e * Float.BYTES);
    dgamma = operands.zeros((long) e * Float.BYTES);
    dbeta = operands.zeros((long) e * Float.BYTES);
    dsum = operands.zeros((long) tokens * e * Float.BYTES);
    runForward();
  }

  private void runForward() {
    backend.embeddingForward(
        y,
        mean,
        rstd,
        ids,
        types,
        positions,
        word,
        position,
        type,
        gamma,
        beta,
        tokens,
        e,
        model.vocabSize(),
        model.maxPositionEmbeddings(),
        model.typeVocabSize(),
        EPS,
        DROPOUT,
        SEED,
        0,
        STREAM);
  }

  /** Reads a word row and three ids a token, writes y, mean and rstd: {@code t (2 e a + 20)}. */
  @Benchmark
  public void forward(MemoryRates rates) {
    runForward();
    count(rates, tokens * (2.0 * e * operands.activationBytes() + 5 * Float.BYTES));
  }

  /**
   * Reads dy and a word row a token, writes and reads dsum, adds to a row of dword: {@code t e (2 a
   * + 16)} bytes.
   */
  @Benchmark
  public void backward(MemoryRates rates) {
    backend.embeddingBackward(
        dword,
        dposition,
        dtype,
        dgamma,
        dbeta,
        dsum,
        y,
        mean,
        rstd,
        ids,
        types,
        positions,
        word,
        position,
        type,
        gamma,
        tokens,
        e,
        model.vocabSize(),
        model.maxPositionEmbeddings(),
        model.typeVocabSize(),
        DROPOUT,
        SEED,
        0,
        STREAM);
    count(rates, (double) tokens * e * (2 * operands.activationBytes() + 4 * Float.BYTES));
  }
}
