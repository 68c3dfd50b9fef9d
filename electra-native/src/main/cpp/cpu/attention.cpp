// Self-attention of one head of one sequence at a time. Keys and values are packed once; a few query rows
// meet all keys, so that a tile of scores stays in cache and nothing of size S x S is stored.
#include "attention_tiles.h"
#include "kernels.h"
#include "product_words.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

/** Query rows whose probabilities wait for the products that sum over queries; a multiple of kBlockRows. */
constexpr int kQueryBlock = 48;

int smaller(int a, int b) { return a < b ? a : b; }

/** One head of one sequence; `part` 0 is query, 1 key, 2 value. */
struct Head {
  int begin, length, head, n, d;

  int64_t qkv_stride() const { return 3 * context_stride(); }
  int64_t context_stride() const { return static_cast<int64_t>(n) * d; }
  int64_t qkv_at(int part, int row) const {
    return (begin + row) * qkv_stride() + part * context_stride() + static_cast<int64_t>(head) * d;
  }
  int64_t context_at(int row) const {
    return (begin + row) * context_stride() + static_cast<int64_t>(head) * d;
  }
  int64_t dropout_row(int row) const { return static_cast<int64_t>(begin + row) * n + head; }
};

/**
 * Calls a row of a head into the second level of the cache. The rows of a head lie far apart, so that no
 * processor guesses them, and at usual lengths waiting for them takes longer than their arithmetic.
 */
template <typename A>
void call_ahead(const A* row, int d) {
  for (int i = 0; i < d; i += 64 / static_cast<int>(sizeof(A))) {
    _mm_prefetch(reinterpret_cast<const char*>(row + i), _MM_HINT_T1);
  }
}

/** y (rows, d; ldy) = x (rows, d; ldx) * factor. */
template <typename A>
void store_rows(A* y, int64_t ldy, const float* x, int64_t ldx, int rows, int d, float factor) {
  const Floats f = broadcast(factor);
  for (int r = 0; r < rows; ++r) {
    for_vectors(
        d, [&](int64_t i, int lanes) { store_lanes(y + r * ldy + i, load(x + r * ldx + i) * f, lanes); });
  }
}

/** Query rows first .. last - 1; `next`, the head whose turn is then, may be null. */
template <typename W, typename A>
void forward_head(A* context, float* lse, const A* qkv, const Head& h, const Head* next,
                  const AttentionDropout& dropout, int first, int last) {
  const int padded = round_up(h.length, kPanel), ld_scores = padded + kLanes,
            ld_probabilities = kPerWord<W> * ld_scores;
  const float scale = 1.0f / sqrtf(static_cast<float>(h.d));
  Scratch scratch;
  float* scores = scratch.floats(kBlockRows * ld_scores);
  W* probabilities = reinterpret_cast<W*>(scratch.floats(kBlockRows * ld_scores));
  const int64_t kept_size = AttentionDropout::kept_size(h.length);
  const int at_once = AttentionDropout::rows_at_once(h.length);
  uint16_t* kept = scratch.halves(kBlockRows * kept_size);
  const OperandRows<W> queries(scratch, qkv + h.qkv_at(0, first), h.qkv_stride(), last - first, h.d);
  const RightFactor keys = right_factor<W>(scratch, h.length, h.d);
  RightFactor values = right_factor<W>(scratch, h.d, h.length);
  OperandRows<W>(scratch, qkv + h.qkv_at(1, 0), h.qkv_stride(), h.length, h.d).pack_across(keys);
  OperandRows<W>::pack_down(values, qkv + h.qkv_at(2, 0), h.qkv_stride(), h.length, h.d);

  for (int row = first; row < last; row += kBlockRows) {
    const int rows = smaller(kBlockRows, last - row);
    multiply<W>(scores, ld_scores, queries.left(row - first), keys, rows, padded, false);
    for (int r = 0; r < rows; ++r) {
      if (next != nullptr && row + r < next->length) {
        for (int part = 0; part < 3; ++part) call_ahead(qkv + next->qkv_at(part, row + r), h.d);
        call_ahead(context + next->context_at(row + r), h.d);
      }
      if (dropout.on() && r % at_once == 0) {
        dropout.fill(kept + r * kept_size, h.dropout_row(row + r), h.n, smaller(at_once, rows - r), h.length);
      }
    }
    const RowSums sums = softmax_rows(probabilities, ld_probabilities, scores, ld_scores, rows, h.length,
                                      scale, dropout, kept);
    if (lse != nullptr) {
      for_vectors(rows, [&](int64_t r, int lanes) {
        store_lanes(lse + h.begin + row + r, load(sums.max + r) + log(load(sums.sum + r)), lanes);
      });
    }
    const LeftFactor p{{probabilities, ld_probabilities * static_cast<int64_t>(sizeof(W)), 4}, sums.inverse};
    float factors[kBlockRows];
    for (int r = 0; r < rows; ++r) factors[r] = 1.0f / sums.sum[r];
    multiply_scaling_rows<W>(context + h.context_at(row), h.context_stride(), factors, p, values, rows, h.d);
  }
}

template <typename A>
float row_dot(const A* a, const A* b, int d) {
  Floats total = zeros();
  for_vectors(d, [&](int64_t i, int lanes) {
    total = multiply_add(load_lanes(a + i, lanes), load_lanes(b + i, lanes), total);
  });
  return sum(total);
}

template <typename W, typename A>
void backward_head(A* dqkv, const A* dcontext, const A* qkv, const A* context, const float* lse,
                   const Head& h, const Head* next, const AttentionDropout& dropout) {
  const int padded = round_up(h.length, kPanel), ld = padded + kLanes, ld_d = round_up(h.d, kPanel);
  const float scale = 1.0f / sqrtf(static_cast<float>(h.d));
  Scratch scratch;
  float* scores = scratch.floats(kBlockRows * ld);
  float* dprobabilities = scratch.floats(kBlockRows * ld);
  float scales[kBlockRows];
  for (float& each : scales) each = scale;
  float* dk = scratch.floats(static_cast<int64_t>(h.length) * ld_d);
  float* dv = scratch.floats(static_cast<int64_t>(h.length) * ld_d);
  const int64_t kept_size = AttentionDropout::kept_size(h.length);
  const int at_once = AttentionDropout::rows_at_once(h.length);
  uint16_t* kept = scratch.halves(kBlockRows * kept_size);
  GradientTile<W> tile(scratch, kQueryBlock, ld);
  const auto part = [&](int index) { return qkv + h.qkv_at(index, 0); };
  const A* outs = dcontext + h.context_at(0);
  const OperandRows<W> q(scratch, part(0), h.qkv_stride(), h.length, h.d);
  const OperandRows<W> k(scratch, part(1), h.qkv_stride(), h.length, h.d);
  const OperandRows<W> v(scratch, part(2), h.qkv_stride(), h.length, h.d);
  const OperandRows<W> out(scratch, outs, h.context_stride(), h.length, h.d);
  const RightFactor keys_by_d = right_factor<W>(scratch, h.length, h.d);
  const RightFactor values_by_d = right_factor<W>(scratch, h.length, h.d);
  RightFactor keys = right_factor<W>(scratch, h.d, h.length);
  RightFactor queries = right_factor<W>(scratch, h.d, kQueryBlock);
  RightFactor dcontexts = right_factor<W>(scratch, h.d, kQueryBlock);
  k.pack_across(keys_by_d);
  v.pack_across(values_by_d);
  OperandRows<W>::pack_down(keys, part(1), h.qkv_stride(), h.length, h.d);

  for (int block = 0; block < h.length; block += kQueryBlock) {
    const int block_rows = smaller(kQueryBlock, h.length - block);
    for (int r0 = 0; r0 < block_rows; r0 += kBlockRows) {
      const int row = block + r0, rows = smaller(kBlockRows, block_rows - r0);
      multiply<W>(scores, ld, q.left(row), keys_by_d, rows, padded, false);
      multiply<W>(dprobabilities, ld, out.left(row), values_by_d, rows, padded, false);
      GradientRow gradient_rows[kBlockRows];
      for (int r = 0; r < rows; ++r) {
        if (next != nullptr && row + r < next->length) {
          for (int i = 0; i < 3; ++i) {
            call_ahead(qkv + next->qkv_at(i, row + r), h.d);
            call_ahead(dqkv + next->qkv_at(i, row + r), h.d);
          }
          call_ahead(dcontext + next->context_at(row + r), h.d);
          call_ahead(context + next->context_at(row + r), h.d);
        }
        const float delta = row_dot(dcontext + h.context_at(row + r), context + h.context_at(row + r), h.d);
        uint16_t* row_kept = kept + r * kept_size;
        if (dropout.on() && r % at_once == 0) {
          dropout.fill(row_kept, h.dropout_row(row + r), h.n, smaller(at_once, rows - r), h.length);
        }
        gradient_rows[r] = {scores + r * ld, dprobabilities + r * ld, lse[h.begin + row + r], delta,
                            row_kept};
      }
      tile.fill(r0, gradient_rows, rows, h.length, scale, dropout);
      multiply_scaling_rows<W>(dqkv + h.qkv_at(0, row), h.qkv_stride(), scales, tile.dscore_rows(r0), keys,
                               rows, h.d);
    }
    tile.finish(block_rows, h.length);
    OperandRows<W>::pack_down(queries, part(0) + block * h.qkv_stride(), h.qkv_stride(), block_rows, h.d);
    OperandRows<W>::pack_down(dcontexts, outs + block * h.context_stride(), h.context_stride(), block_rows,
                              h.d);
    multiply<W>(dv, ld_d, tile.weights_by_key(), dcontexts, h.length, h.d, block > 0);
    multiply<W>(dk, ld_d, tile.dscores_by_key(), queries, h.length, h.d, block > 0);
  }
  store_rows(dqkv + h.qkv_at(1, 0), h.qkv_stride(), dk, ld_d, h.length, h.d, scale);
  store_rows(dqkv + h.qkv_at(2, 0), h.qkv_stride(), dv, ld_d, h.length, h.d, 1.0f);
}

/** Into how many runs of queries a head is cut so that few heads still keep every thread busy. */
int query_parts(int heads, int threads, int max_seqlen) {
  const int wanted = heads > 0 ? (2 * threads + heads - 1) / heads : 1;
  const int most = (max_seqlen + kQueryBlock - 1) / kQueryBlock;
  return heads >= 2 * threads || most < 1 ? 1 : smaller(wanted, most);
}

/** All heads of all sequences in order, the heads of a sequence side by side, cut into runs of equal length.
 */
struct HeadRuns {
  const int* cu_seqlens;
  int b, n, d, size;

  HeadRuns(const int* begins, int sequences, int heads, int width, int threads)
      : cu_seqlens(begins), b(sequences), n(heads), d(width) {
    const int wanted = b * n / (8 * threads);
    size = wanted < 1 ? 1 : smaller(wanted, 16);
  }
  int count() const { return (b * n + size - 1) / size; }
  int begin(int run) const { return run * size; }
  int end(int run) const { return smaller(b * n, (run + 1) * size); }
  Head head(int i) const {
    const int sequence = i / n;
    return Head{cu_seqlens[sequence], cu_seqlens[sequence + 1] - cu_seqlens[sequence], i % n, n, d};
  }
};

/** `parts`: into how many runs of queries each head is cut. */
template <typename W, typename A>
void forward_heads(ThreadPool& pool, A* context, float* lse, const A* qkv, const HeadRuns& runs, int t,
                   int parts, const AttentionDropout& dropout) {
  pool.run(runs.count() * parts, [&](int chunk) {
    const int run = chunk / parts, part = chunk % parts;
    for (int i = runs.begin(run); i < runs.end(run); ++i) {
      const Head head = runs.head(i), next = runs.head(i + 1 < runs.end(run) ? i + 1 : i);
      const int share = round_up((head.length + parts - 1) / parts, kBlockRows);
      const int first = smaller(part * share, head.length), last = smaller(first + share, head.length);
      if (first == last) continue;
      forward_head<W>(context, lse == nullptr ? nullptr : lse + static_cast<int64_t>(head.head) * t, qkv,
                      head, i + 1 < runs.end(run) ? &next : nullptr, dropout, first, last);
    }
  });
}

template <typename W, typename A>
void backward_heads(ThreadPool& pool, A* dqkv, const A* dcontext, const A* qkv, const A* context,
                    const float* lse, const HeadRuns& runs, int t, const AttentionDropout& dropout) {
  pool.run(runs.count(), [&](int run) {
    for (int i = runs.begin(run); i < runs.end(run); ++i) {
      const Head head = runs.head(i), next = runs.head(i + 1 < runs.end(run) ? i + 1 : i);
      if (head.length == 0) continue;
      backward_head<W>(dqkv, dcontext, qkv, context, lse + static_cast<int64_t>(head.head) * t, head,
                       i + 1 < runs.end(run) ? &next : nullptr, dropout);
    }
  });
}

}  // namespace

template <typename A>
void attention_forward(ThreadPool& pool, A* context, float* lse, const A* qkv, const int* cu_seqlens, int b,
                       int t, int n, int d, int max_seqlen, float p, int dropout_stride, int64_t seed,
                       int64_t step, int stream) {
  const AttentionDropout dropout(p, dropout_stride, seed, step, stream);
  const HeadRuns runs(cu_seqlens, b, n, d, pool.threads());
  const int parts = query_parts(b * n, pool.threads(), max_seqlen);
  in_words_of<A>(
      [&](auto word) { forward_heads<decltype(word)>(pool, context, lse, qkv, runs, t, parts, dropout); });
}

template <typename A>
void attention_backward(ThreadPool& pool, A* dqkv, const A* dcontext, const A* qkv, const A* context,
                        const float* lse, const int* cu_seqlens, int b, int t, int n, int d,
                        int /*max_seqlen*/, float p, int dropout_stride, int64_t seed, int64_t step,
                        int stream) {
  const AttentionDropout dropout(p, dropout_stride, seed, step, stream);
  const HeadRuns runs(cu_seqlens, b, n, d, pool.threads());
  in_words_of<A>([&](auto word) {
    backward_heads<decltype(word)>(pool, dqkv, dcontext, qkv, context, lse, runs, t, dropout);
  });
}

ELECTRA_INSTANTIATE(attention_forward);
ELECTRA_INSTANTIATE(attention_backward);

}  // namespace electra::cpu::ELECTRA_ISA
