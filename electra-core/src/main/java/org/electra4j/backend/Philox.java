package org.electra4j.backend;

/**
 * Randomness as a function: Philox4x32-10 (Salmon et al., SC 2011) with key (seed, stream) and
 * counter (element block, step).
 *
 * <p>Key words: {@code low(seed)}, {@code high(seed) ^ stream}. Counter words: {@code low(block)},
 * {@code high(block)}, {@code low(step)}, {@code high(step)}. The same numbers come out on every
 * backend.
 */
public final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;

  private Philox() {}

  /** Overwrites {@code out[0..3]} with the four words of a block. */
  public static void block(long seed, int stream, long step, long block, int[] out) {
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32) ^ stream;
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = (int) step;
    int c3 = (int) (step >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /**
   * Returns the 32-bit word of an element: word {@code element % 4} of block {@code element / 4}.
   */
  public static int word(long seed, int stream, long step, long element) {
    int[] out = new int[4];
    block(seed, stream, step, element >>> 2, out);
    return out[(int) (element & 3)];
  }

  /**
   * Returns a uniform number in [0, 1): the upper 24 bits of {@link #word} times 2⁻²⁴; exact in
   * fp32.
   */
  public static float uniform(long seed, int stream, long step, long element) {
    return (word(seed, stream, step, element) >>> 8) * 0x1p-24f;
  }

  /** Returns the dropout threshold of a probability: {@code round(p * 65536)}, at most 65535. */
  public static int dropoutThreshold(float p) {
    return Math.min(65535, Math.round(p * 65536f));
  }

  /** Returns what a kept element is multiplied by: {@code 65536 / (65536 - threshold)} in fp32. */
  public static float dropoutScale(float p) {
    return 65536f / (65536 - dropoutThreshold(p));
  }

  /**
   * Returns whether dropout keeps an element: its 16-bit lane is at least the threshold. Lane
   * {@code element % 8} of block {@code element / 8}: word {@code lane / 2}, low half first.
   */
  public static boolean dropoutKeeps(long seed, int stream, long step, long element, float p) {
    int[] out = new int[4];
    block(seed, stream, step, element >>> 3, out);
    int lane = (int) (element & 7);
    int bits = (out[lane >> 1] >>> (16 * (lane & 1))) & 0xFFFF;
    return bits >= dropoutThreshold(p);
  }
}
