// The gradient of a weight matrix on scaled integers. The inner dimension runs over tokens, so both operands
// are scaled by columns, 256 tokens at a time: first those of some such blocks, once for all tiles of the
// result, then the tiles, each by one thread, block after block. No sum depends on the number of threads.
#pragma once
#include "block_gemm.h"
#include "scaled_product.h"

namespace electra::cpu::ELECTRA_ISA {

#ifdef __AVX512VNNI__

/** Tokens that share a scale, and how many such blocks are scaled before they are multiplied. */
constexpr int kScaleTokens = 256, kMostScaleBlocks = 4;

/** Columns that are scaled in one go. */
constexpr int kScaledColumns = 256;

/** Rows of the left operand that lie side by side: whole vectors, and whole blocks of the micro-kernel. */
constexpr int kLeftPanel = 4 * kBlockRows;
static_assert(kLeftPanel % kLanes == 0);

/** An operand x (t, columns) as scaled integers, block of tokens after block. */
class ScaledTokens {
 public:
  ScaledTokens(Scratch& scratch, const bf16* x, int t, int columns, int panel, bool sums)
      : x_(x),
        t_(t),
        columns_(columns),
        panel_(panel),
        padded_(round_up(columns, panel)),
        words_(scratch.floats(int64_t{kMostScaleBlocks} * kBlockWords * padded_)),
        inverse_(scratch.floats(int64_t{kMostScaleBlocks} * padded_)),
        sums_(sums ? scratch.floats(int64_t{kMostScaleBlocks} * padded_) : nullptr) {}

  int groups() const { return divide_up(columns_, kScaledColumns); }

  /** Scales some columns of a block of tokens, the first of which is `token`. */
  void scale(int block, int group, int token) {
    const int first = group * kScaledColumns;
    // A group begins within a panel: its words go where the whole would have them.
    const int rows = rows_from(token);
    const int64_t at = static_cast<int64_t>(block) * padded_ + first;
    scale_columns(target(block, rows), first, inverse_ + at, sums_ == nullptr ? nullptr : sums_ + at,
                  x_ + static_cast<int64_t>(token) * columns_ + first, columns_, rows,
                  smaller(kScaledColumns, columns_ - first));
  }
  int rows_from(int token) const { return smaller(kScaleTokens, t_ - token); }
  /** Panel `index` of a block. */
  const float* panel(int block, int index, int token) const {
    return target(block, rows_from(token)).of(0, index * panel_);
  }
  const float* inverse(int block, int column) const {
    return inverse_ + static_cast<int64_t>(block) * padded_ + column;
  }
  const float* sums(int block) const { return sums_ + static_cast<int64_t>(block) * padded_; }

 private:
  static constexpr int kBlockWords = kScaleTokens / 2;

  ColumnWords target(int block, int rows) const {
    return ColumnWords{words_ + static_cast<int64_t>(block) * kBlockWords * padded_, panel_,
                       int64_t{panel_} * words_for<bf16>(rows)};
  }

  const bf16* x_;
  int t_, columns_, panel_, padded_;
  float *words_, *inverse_, *sums_;
};

/** dw (n, k) += dyᵀ x and dbias (n), which may be null, += the sums of the columns of dy. */
inline void add_scaled_weights(ThreadPool& pool, float* dw, float* dbias, const bf16* dy, const bf16* x,
                               int t, int n, int k) {
  Scratch scratch;
  ScaledTokens left(scratch, dy, t, n, kLeftPanel, dbias != nullptr);
  ScaledTokens right(scratch, x, t, k, kPanel, false);
  const int down = divide_up(n, kLeftPanel), across = divide_up(k, kScaledColumns);
  const int groups = left.groups() + right.groups();
  for (int begin = 0; begin < t; begin += kMostScaleBlocks * kScaleTokens) {
    const int blocks = smaller(kMostScaleBlocks, divide_up(t - begin, kScaleTokens));
    pool.run(blocks * groups, [&](int chunk) {
      const int block = chunk / groups, group = chunk % groups, token = begin + block * kScaleTokens;
      if (group < left.groups()) {
        left.scale(block, group, token);
      } else {
        right.scale(block, group - left.groups(), token);
      }
    });
    for (int block = 0; block < blocks && dbias != nullptr; ++block) {
      const float* sums = left.sums(block);
      for (int i = 0; i < n; ++i) dbias[i] += sums[i];
    }
    pool.run(down * across, [&](int chunk) {
      const int output = chunk % down * kLeftPanel, input = chunk / down * kScaledColumns;
      for (int block = 0; block < blocks; ++block) {
        const int token = begin + block * kScaleTokens;
        float* tile = dw + static_cast<int64_t>(output) * k + input;
        multiply_scaled(tile, k, Start{tile, k},
                        LeftOperand{left.panel(block, output / kLeftPanel, token), 4, 4 * kLeftPanel},
                        right.panel(block, input / kPanel, token),
                        Scales{left.inverse(block, output), right.inverse(block, input)},
                        smaller(kLeftPanel, n - output), smaller(kScaledColumns, k - input),
                        words_for<bf16>(left.rows_from(token)));
      }
    });
  }
}

#endif

}  // namespace electra::cpu::ELECTRA_ISA
