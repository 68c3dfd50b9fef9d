package org.electra4j.backend;

import org.electra4j.Precision;

/**
 * The kernel contract: every computation of the library is one of these layer-sized kernels. It is
 * one long file so that it can be read as a whole, beside its mirror {@code electra_kernels.h}.
 *
 * <p>Promises that hold for every method:
 *
 * <ul>
 *   <li>A pointer is a {@code long} address in the memory of the backend, 64-byte aligned where it
 *       came from {@link #alloc} at a multiple of 64. {@code 0} is null and allowed only where
 *       said.
 *   <li>Arrays are row-major and contiguous. {@code A} is the activation type: fp32 for {@link
 *       Precision#FP32}, bf16 for {@link Precision#BF16}; {@code f32}, {@code f64} and {@code i32}
 *       are what they say. Weight matrices and embedding tables are {@code A}; biases and LayerNorm
 *       parameters are f32; parameter gradients are f32.
 *   <li>Any positive size is legal. A size of zero is an empty array: the call does nothing, except
 *       that sums over no rows are overwritten with zeros, and that {@code m = 0} leaves the (t)
 *       outputs of {@link #maskTokens}, {@link #corruptTokens} and {@link #scatterRows} to be
 *       overwritten as ever. Sequences of no tokens are legal.
 *   <li>Each output says whether it is <i>overwritten</i> or <i>added to</i>. Outputs do not
 *       overlap inputs unless it says so.
 *   <li>The same inputs give the same bits on the same backend, whatever the number of threads.
 *   <li>Sums are accumulated in at least f32; in BF16 a value is rounded to bf16 (nearest even)
 *       only when it is stored in an {@code A} array, and where a method says so. The three
 *       products with a weight matrix, those of attention and those of the output projection may
 *       there multiply {@code round(s x) / s}, where {@code s} gives the numbers of an operand that
 *       enter one sum the Euclidean norm 32,760. Long sums may be cut, so that each part has a
 *       scale of its own; the gradient of the weights is cut at each 256 tokens. That moves a sum
 *       by about 0.00001 of the product of the two norms.
 *   <li>Dropout with probability {@code p} keeps element {@code i} and multiplies it by {@link
 *       Philox#dropoutScale}, or zeroes it, as {@link Philox#dropoutKeeps} says for (seed, stream,
 *       step, i): the same bits on every backend. {@code p = 0} switches it off.
 *   <li>Arguments are checked above this interface; kernels trust them. Token ids are the
 *       exception: they come from data, and a kernel that indexes a table by them may throw.
 *   <li>Calls are ordered on one stream and may return before they are done; {@link #synchronize}
 *       waits. Calls from several threads are allowed as long as they do not touch the same memory.
 *   <li>Failures throw {@link BackendException}.
 * </ul>
 */
public interface Backend extends AutoCloseable {

  /** Returns {@code FP32} or {@code BF16}: what {@code A} means. */
  Precision precision();

  /**
   * Returns the device name as {@code Device} writes it: {@code cpu}, {@code cuda:0}, {@code
   * reference}.
   */
  String device();

  /** Returns what was picked at run time, for the log line: instruction set, threads, card. */
  String description();

  /** Returns the number of worker threads (1 where it has no meaning). */
  int threads();

  // ---------------------------------------------------------------- memory

  /** Returns the address of {@code bytes} fresh bytes, 64-byte aligned, contents undefined. */
  long alloc(long bytes);

  /** Frees what {@link #alloc} returned; {@code 0} does nothing. */
  void release(long address);

  /**
   * Promises that {@code bytes} bytes are never written again, until their block is released. The
   * backend may keep copies of weights there in the order in which its kernels read them, and may
   * throw {@link BackendException} when they are written after all.
   */
  void freeze(long address, long bytes);

  /** Writes {@code count} floats to f32 memory. */
  void upload(long address, float[] source, int offset, int count);

  /** Writes {@code count} ints to i32 memory. */
  void upload(long address, int[] source, int offset, int count);

  /** Reads {@code count} floats of f32 memory; waits for what was queued. */
  void download(long address, float[] target, int offset, int count);

  /** Reads {@code count} ints of i32 memory; waits for what was queued. */
  void download(long address, int[] target, int offset, int count);

  /** Reads {@code count} doubles of f64 memory; waits for what was queued. */
  void download(long address, double[] target, int offset, int count);

  /** Zeroes {@code bytes} bytes. */
  void fillZero(long address, long bytes);

  /** Overwrites {@code y} (count, A) with {@code x} (count, f32) rounded to A. */
  void toActivation(long y, long x, long count);

  /** Overwrites {@code y} (count, f32) with {@code x} (count, A). */
  void fromActivation(long y, long x, long count);

  /**
   * Adds up gradients of an activation that several layers read: {@code y += x}.
   *
   * @param y (count) A, overwritten with the rounded sum
   * @param x (count) A
   */
  void addActivation(long y, long x, long count);

  /** Waits until everything queued is done. */
  void synchronize();

  // ---------------------------------------------------------------- steps

  /**
   * Begins a step: calls that a device may queue as a whole, to run them while the host prepares
   * the next. Until {@link #endStep} only one thread calls, and nothing is allocated or released.
   * In a step that is queued an upload takes the source at once, but a download fills its target
   * only in {@link QueuedStep#await}, and {@link #synchronize} throws. At most two steps may be
   * under way: the one before is awaited before the next begins.
   *
   * @return whether the step is queued; false where every call is done when it returns
   */
  default boolean beginStep() {
    return false;
  }

  /** Ends a step, hands it to the device, and returns it. */
  default QueuedStep endStep() {
    return QueuedStep.DONE;
  }

  /**
   * Returns how many kernels, copies and fills were launched so far, 0 where nothing is launched.
   */
  default long launches() {
    return 0;
  }

  // ---------------------------------------------------------------- planning

  /**
   * Returns a backend that computes nothing and needs no memory, but counts {@link #launches},
   * {@link #takenBytes} and {@link #scratchBytes} as this one would. Its addresses must not be used
   * elsewhere; it is closed by itself.
   */
  default Backend measuring() {
    return MeasuringBackend.of(this);
  }

  /**
   * Returns the most bytes that a call so far took for intermediate results, beyond the memory that
   * the caller gave it; 0 where that is not counted.
   */
  default long scratchBytes() {
    return 0;
  }

  /**
   * Returns the bytes of all that was taken so far, by {@link #alloc} and by the calls themselves:
   * the block for {@link #reserve}. Only a {@link #measuring} backend need count them.
   */
  default long takenBytes() {
    return 0;
  }

  /**
   * Takes one block of memory, in which everything lies that is allocated from now on, while there
   * is room. The block is freed with the last of what {@link #alloc} gave out of it; until then no
   * other can be reserved. Does nothing where memory is not scarce.
   *
   * @param bytes the {@link #takenBytes} of a rehearsal; 0 does nothing
   * @param scratchBytes how much of it calls may take for intermediate results
   */
  default void reserve(long bytes, long scratchBytes) {}

  /** Returns the bytes that {@link #alloc} can still give; {@code Long.MAX_VALUE} when unknown. */
  default long freeBytes() {
    return Long.MAX_VALUE;
  }

  // ---------------------------------------------------------------- gemm

  /**
   * Multiplies by a weight matrix: {@code y = x wᵀ + bias}, or {@code u = x wᵀ + bias, y =
   * gelu(u)}.
   *
   * <p>In BF16 the bias may be rounded to bf16 before it is added, and GELU may be taken of the
   * rounded {@code u}.
   *
   * @param y (t, n) A, overwritten
   * @param u (t, n) A, overwritten with the value before GELU, which backward needs; 0 when {@code
   *     gelu} is false or nothing is kept. GELU is taken of the unrounded value but for BF16.
   * @param x (t, k) A
   * @param w (n, k) A: output features by input features
   * @param bias (n) f32, or 0
   * @param gelu whether to apply the exact (erf) GELU
   */
  void gemmForward(long y, long u, long x, long w, long bias, int t, int n, int k, boolean gelu);

  /**
   * Gradient of the input: {@code dx = dy w}, times {@code gelu'(u)} elementwise when the input was
   * {@code gelu(u)}.
   *
   * <p>In BF16 the product may be rounded to bf16 before it meets {@code gelu'(u)}.
   *
   * @param dx (t, k) A, overwritten, or added to when {@code accumulate}
   * @param dy (t, n) A
   * @param w (n, k) A
   * @param u (t, k) A or 0; never together with {@code accumulate}
   */
  void gemmBackwardInput(long dx, long dy, long w, long u, int t, int n, int k, boolean accumulate);

  /**
   * Gradient of the weight matrix: {@code dw += dyᵀ x}, {@code dbias += Σ rows of dy}.
   *
   * @param dw (n, k) f32, added to
   * @param dbias (n) f32, added to, or 0
   * @param dy (t, n) A
   * @param x (t, k) A
   */
  void gemmBackwardWeight(long dw, long dbias, long dy, long x, int t, int n, int k);

  /**
   * Gradient of GELU: {@code du = dy gelu'(u)}.
   *
   * @param du (count) A, overwritten; may be the same array as {@code dy}
   */
  void geluBackward(long du, long dy, long u, long count);

  // ---------------------------------------------------------------- embedding

  /**
   * Looks up and normalises: {@code y = dropout(LayerNorm(word[id] + position[pos] + type[ty]))}.
   *
   * @param y (t, e) A, overwritten
   * @param mean (t) f32, overwritten; 0 together with {@code rstd} when nothing is kept
   * @param rstd (t) f32, overwritten: {@code 1 / sqrt(variance + eps)}
   * @param ids (t) i32, 0 ≤ id &lt; vocab, else throws
   * @param types (t) i32, 0 ≤ type &lt; typeVocab
   * @param positions (t) i32, 0 ≤ position &lt; maxPositions
   * @param word (vocab, e) A
   * @param position (maxPositions, e) A
   * @param type (typeVocab, e) A
   * @param gamma (e) f32
   * @param beta (e) f32
   * @param p dropout probability; dropout element {@code row * e + column}
   */
  void embeddingForward(
      long y,
      long mean,
      long rstd,
      long ids,
      long types,
      long positions,
      long word,
      long position,
      long type,
      long gamma,
      long beta,
      int t,
      int e,
      int vocab,
      int maxPositions,
      int typeVocab,
      float eps,
      float p,
      long seed,
      long step,
      int stream);

  /**
   * Gradient of {@link #embeddingForward} into the three tables and the LayerNorm parameters.
   *
   * @param dword (vocab, e) f32, added to; rows of ids that do not occur are untouched
   * @param dposition (maxPositions, e) f32, added to
   * @param dtype (typeVocab, e) f32, added to
   * @param dgamma (e) f32, added to
   * @param dbeta (e) f32, added to
   * @param dsum (t, e) f32 scratch, overwritten with the gradient of the summed row
   * @param dy (t, e) A
   */
  void embeddingBackward(
      long dword,
      long dposition,
      long dtype,
      long dgamma,
      long dbeta,
      long dsum,
      long dy,
      long mean,
      long rstd,
      long ids,
      long types,
      long positions,
      long word,
      long position,
      long type,
      long gamma,
      int t,
      int e,
      int vocab,
      int maxPositions,
      int typeVocab,
      float p,
      long seed,
      long step,
      int stream);

  // ---------------------------------------------------------------- attention

  /**
   * Self-attention within each sequence: {@code context = dropout(softmax(q kᵀ / sqrt(d))) v} per
   * head.
   *
   * <p>In BF16 the probabilities (after dropout, not yet divided by their sum) may be rounded to
   * bf16 before they meet v.
   *
   * @param context (t, n*d) A, overwritten
   * @param lse (n, t) f32, overwritten with the logarithm of the softmax denominator of the scaled
   *     scores; 0 when nothing is kept
   * @param qkv (t, 3*n*d) A: query of all heads, then key, then value
   * @param cuSeqlens (b + 1) i32: where each sequence starts in t, then t
   * @param maxSeqlen the longest sequence
   * @param p dropout probability; dropout element {@code (row * n + head) * dropoutStride + key}
   *     with the key counted from the start of its sequence
   * @param dropoutStride ≥ maxSeqlen, a multiple of 8
   */
  void attentionForward(
      long context,
      long lse,
      long qkv,
      long cuSeqlens,
      int b,
      int t,
      int n,
      int d,
      int maxSeqlen,
      float p,
      int dropoutStride,
      long seed,
      long step,
      int stream);

  /**
   * Gradient of {@link #attentionForward}; probabilities are computed again from {@code lse}.
   *
   * <p>In BF16 the probabilities (after dropout) and the gradients of the scores (before the
   * division by sqrt(d)) may be rounded to bf16 before they meet dcontext, k and q. The sum of
   * probabilities times their gradients may be taken as {@code dcontext · context}.
   *
   * @param dqkv (t, 3*n*d) A, overwritten
   * @param dcontext (t, n*d) A
   */
  void attentionBackward(
      long dqkv,
      long dcontext,
      long qkv,
      long context,
      long lse,
      long cuSeqlens,
      int b,
      int t,
      int n,
      int d,
      int maxSeqlen,
      float p,
      int dropoutStride,
      long seed,
      long step,
      int stream);

  // ---------------------------------------------------------------- residual norm

  /**
   * Ends a sub-layer: {@code h = dropout(x + bias) + residual; y = (h - mean) rstd gamma + beta}.
   *
   * <p>With {@code residual = 0}, {@code bias = 0} and {@code p = 0} it is a plain LayerNorm.
   * {@code h} is rounded to A first; the statistics are those of the rounded values.
   *
   * @param y (t, n) A, overwritten
   * @param h (t, n) A, overwritten; may be the same array as {@code x}; 0 when nothing is kept
   * @param mean (t) f32, overwritten; 0 together with {@code rstd} and {@code h} when nothing is
   *     kept
   * @param rstd (t) f32, overwritten
   * @param x (t, n) A
   * @param bias (n) f32 or 0
   * @param residual (t, n) A or 0
   * @param p dropout probability; dropout element {@code row * n + column}
   */
  void residualNormForward(
      long y,
      long h,
      long mean,
      long rstd,
      long x,
      long bias,
      long residual,
      long gamma,
      long beta,
      int t,
      int n,
      float eps,
      float p,
      long seed,
      long step,
      int stream);

  /**
   * Gradient of {@link #residualNormForward}.
   *
   * @param dx (t, n) A, overwritten; may be the same array as {@code dy}
   * @param dresidual (t, n) A, overwritten, or 0; when {@code p = 0} may be the same array as
   *     {@code dx}
   * @param dbias (n) f32, added to, or 0
   * @param dgamma (n) f32, added to
   * @param dbeta (n) f32, added to
   * @param dy (t, n) A
   * @param h (t, n) A
   */
  void residualNormBackward(
      long dx,
      long dresidual,
      long dbias,
      long dgamma,
      long dbeta,
      long dy,
      long h,
      long mean,
      long rstd,
      long gamma,
      int t,
      int n,
      float p,
      long seed,
      long step,
      int stream);

  // ---------------------------------------------------------------- lm head

  /**
   * The tied output projection with cross-entropy and exact sampling; the (m, v) logits never exist
   * as a whole. {@code logits = x tableᵀ + bias}, {@code nll = lse - logits[label]}.
   *
   * <p>A sample is drawn exactly from {@code softmax(logits / temperature)} by inverse CDF with the
   * uniform {@link Philox#uniform}(seed, stream, step, row): the first id whose cumulative
   * probability exceeds it.
   *
   * @param nll (m) f32, overwritten
   * @param lse (m) f32, overwritten
   * @param sampled (m) i32, overwritten, or 0
   * @param predicted (m) i32, overwritten with the arg max, the lowest id on ties, or 0
   * @param x (m, e) A
   * @param table (v, e) A
   * @param bias (v) f32
   * @param labels (m) i32, 0 ≤ label &lt; v, else throws
   */
  void lmHeadForward(
      long nll,
      long lse,
      long sampled,
      long predicted,
      long x,
      long table,
      long bias,
      long labels,
      int m,
      int v,
      int e,
      float temperature,
      long seed,
      long step,
      int stream);

  /**
   * Gradient of {@code Σ dnll[row] nll[row]}; logits are computed again tile by tile.
   *
   * <p>In BF16 the gradients of the logits may be rounded to bf16 before they meet table and x.
   *
   * @param dx (m, e) A, overwritten
   * @param dtable (v, e) f32, added to
   * @param dbias (v) f32, added to
   * @param dnll (m) f32
   */
  void lmHeadBackward(
      long dx,
      long dtable,
      long dbias,
      long x,
      long table,
      long bias,
      long labels,
      long lse,
      long dnll,
      int m,
      int v,
      int e);

  /**
   * Logits as a whole, for serving a few rows: {@code logits = x tableᵀ + bias}.
   *
   * @param logits (m, v) f32, overwritten
   */
  void lmHeadLogits(long logits, long x, long table, long bias, int m, int v, int e);

  // ---------------------------------------------------------------- losses

  /**
   * Replaced-token detection: projection to one unit, sigmoid cross-entropy per token, gradient and
   * counts in one pass. {@code z = x w + bias}, {@code loss = max(z, 0) - z label + log(1 +
   * exp(-|z|))}.
   *
   * @param sums (6) f64, overwritten: Σ loss, tokens counted, then with "z &gt; 0" as prediction
   *     true positives, false positives, false negatives, true negatives
   * @param logits (t) f32, overwritten
   * @param dx (t, h) A, overwritten with {@code scale (sigmoid(z) - label) w}, zero where ignored;
   *     0 when no gradient is wanted
   * @param dw (h) f32, added to, or 0 with {@code dx}
   * @param dbias (1) f32, added to, or 0 with {@code dx}
   * @param x (t, h) A
   * @param w (h) A
   * @param bias (1) f32
   * @param labels (t) i32: 1 replaced, 0 original, -1 ignored; 0 for logits only ({@code sums}
   *     untouched)
   */
  void rtdLoss(
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long labels,
      int t,
      int h,
      float scale);

  /**
   * Softmax cross-entropy over a few classes, projection and gradient included.
   *
   * @param sums (3) f64, overwritten: Σ loss, rows counted, rows whose arg max (lowest on ties) is
   *     the label
   * @param logits (rows, classes) f32, overwritten
   * @param dx (rows, h) A, overwritten with the gradient of {@code scale Σ loss}, zero where
   *     ignored, or 0
   * @param dw (classes, h) f32, added to, or 0 with {@code dx}
   * @param dbias (classes) f32, likewise
   * @param w (classes, h) A
   * @param bias (classes) f32
   * @param labels (rows) i32, ignored where negative, else throws unless label &lt; classes; 0 for
   *     logits only ({@code sums} untouched)
   */
  void classLoss(
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long labels,
      int rows,
      int classes,
      int h,
      float scale);

  /**
   * Start and end of a span: projection to two units, softmax over the tokens of each sequence,
   * cross-entropy of both ends and its gradient. {@code loss = (-log p_start - log p_end) / 2} per
   * sequence.
   *
   * @param sums (2) f64, overwritten: Σ loss, sequences counted
   * @param logits (t, 2) f32, overwritten
   * @param dx (t, h) A, overwritten with the gradient of {@code scale Σ loss}, or 0
   * @param dw (2, h) f32, added to, or 0 with {@code dx}
   * @param dbias (2) f32, likewise
   * @param starts (b) i32: positions from the start of their sequence; a sequence with a negative
   *     number here or in {@code ends} is ignored, one beyond its tokens throws; 0 for logits only
   *     ({@code sums} untouched)
   * @param ends (b) i32, as {@code starts}
   */
  void spanLoss(
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long starts,
      long ends,
      long cuSeqlens,
      int b,
      int t,
      int h,
      float scale);

  /**
   * The copy mechanism of All-Tokens MLM: {@code c = sigmoid(x w + bias)}, {@code q = c [input =
   * label] + (1 - c) exp(-nll)}, {@code loss = -log q}.
   *
   * @param sums (2) f64, overwritten: Σ loss, rows
   * @param dnll (rows) f32, overwritten with the gradient of {@code scale Σ loss} with respect to
   *     nll
   * @param dx (rows, h) A, overwritten; 0 together with dw and dbias when no gradient is wanted
   * @param dw (h) f32, added to
   * @param dbias (1) f32, added to
   * @param nll (rows) f32
   * @param inputs (rows) i32
   * @param labels (rows) i32
   */
  void copyLoss(
      long sums,
      long dnll,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long nll,
      long inputs,
      long labels,
      int rows,
      int h,
      float scale);

  // ---------------------------------------------------------------- masking

  /**
   * Chooses positions for the generator and hides most of them.
   *
   * <p>Candidates of a sequence are its tokens that are not {@code cls}, {@code sep} or {@code
   * mask}. Without replacement, sequence i takes the {@code cuMasked[i+1] - cuMasked[i]} candidates
   * with the smallest (word({@link RandomStreams#MASK_SELECT}, row), row), words compared as
   * unsigned numbers, row being the index in t. With replacement, its slot s (counted over the
   * batch) takes candidate number {@code floor(uniform(MASK_SELECT, s) * candidates)}, exactly:
   * {@code ((word >>> 8) * candidates) >>> 24} in 64 bits. Positions are then sorted within their
   * sequence. Slot s shows [MASK] if {@code uniform({@link RandomStreams#MASK_KEEP}, s) <
   * maskTokenProb}, s after sorting; of equal positions the first slot decides.
   *
   * @param maskedIds (t) i32, overwritten: ids with [MASK] at the hidden positions
   * @param positions (m) i32, overwritten: rows in t, ascending
   * @param labels (m) i32, overwritten: the original ids there
   * @param ids (t) i32
   * @param cuSeqlens (b + 1) i32
   * @param cuMasked (b + 1) i32: where the slots of each sequence start in m, then m; never more
   *     slots than candidates without replacement, and none for a sequence without candidates
   */
  void maskTokens(
      long maskedIds,
      long positions,
      long labels,
      long ids,
      long cuSeqlens,
      long cuMasked,
      int b,
      int t,
      int m,
      float maskTokenProb,
      boolean withReplacement,
      int cls,
      int sep,
      int mask,
      long seed,
      long step);

  /**
   * Replaces tokens by samples: {@code corrupted = ids} but {@code sampled[s]} at {@code
   * positions[s]}; of equal positions the first slot wins.
   *
   * @param corrupted (t) i32, overwritten
   * @param replaced (t) i32, overwritten: 1 where corrupted differs from ids, else 0
   */
  void corruptTokens(
      long corrupted, long replaced, long ids, long positions, long sampled, int t, int m);

  // ---------------------------------------------------------------- dropout

  /**
   * Dropout where no other kernel has it inside: {@code y = dropout(x)}. It is its own gradient:
   * {@code dx = dropout(dy)} of the same place.
   *
   * @param y (count) A, overwritten; may be the same array as {@code x}
   * @param x (count) A
   * @param p dropout probability; dropout element {@code i}
   */
  void dropout(long y, long x, long count, float p, long seed, long step, int stream);

  // ---------------------------------------------------------------- rows

  /**
   * Gathers rows: {@code y[s] = x[positions[s]]}. {@code y} (m, n) A, overwritten; {@code x} (t, n)
   * A.
   */
  void gatherRows(long y, long x, long positions, int t, int m, int n);

  /**
   * Gradient of {@link #gatherRows}: {@code dx[r] = Σ dy[s] over positions[s] = r}, zero where
   * there is none.
   *
   * @param dx (t, n) A, overwritten
   * @param positions (m) i32, ascending
   */
  void scatterRows(long dx, long dy, long positions, int t, int m, int n);

  // ---------------------------------------------------------------- optimizer

  /** Overwrites {@code sum} (1) f64 with {@code Σ x²}; {@code x} (count) f32. */
  void squaredNorm(long sum, long x, long count);

  /**
   * One AdamW step as ELECTRA has it, over a table of segments.
   *
   * <p>{@code g} = grad * min(1, maxGradNorm / sqrt(squaredNorm)); {@code m = b1 m + (1 - b1) g};
   * {@code v = b2 v + (1 - b2) g²}; {@code u = (m * mScale) / (sqrt(v * vScale) + eps)}; {@code u
   * += weightDecay * w} where the segment decays; {@code w -= learningRate * multiplier * u}.
   * Without bias correction both scales are 1. When {@code squaredNorm} is not finite, w, m and v
   * stay as they are.
   *
   * @param w (…) f32 master weights
   * @param working (…) A working copy, overwritten where segments lie; the same address as w in
   *     FP32
   * @param m (…) f32
   * @param v (…) f32
   * @param grad (…) f32, zeroed where segments lie, in any case
   * @param begins (segments) first element of each segment, host array
   * @param ends (segments) one past the last element, host array
   * @param multipliers (segments) learning rate multipliers, host array
   * @param decays (segments) weight decay of each segment, host array
   * @param squaredNorm (1) f64
   * @param maxGradNorm 0 switches clipping off
   */
  void adamW(
      long w,
      long working,
      long m,
      long v,
      long grad,
      long[] begins,
      long[] ends,
      float[] multipliers,
      float[] decays,
      long squaredNorm,
      float maxGradNorm,
      float learningRate,
      float beta1,
      float beta2,
      float eps,
      float mScale,
      float vScale);

  @Override
  void close();
}
