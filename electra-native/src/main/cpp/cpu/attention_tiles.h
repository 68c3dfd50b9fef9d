// What happens to a tile of attention scores between two products.
#pragma once
#include <cmath>

#include "block_product.h"
#include "dropout.h"
#include "scratch.h"
#include "vec_math.h"

namespace electra::cpu::ELECTRA_ISA {

/** Stands for minus infinity where a vector reaches beyond the keys: its exponential is nothing. */
constexpr float kNoScore = -1e30f;

/** The dropout of one attention call. */
struct Dropout {
  Dropout(float p, int stride, int64_t seed, int64_t step, int stream)
      : on(p > 0),
        threshold(dropout_threshold(p)),
        scale(dropout_scale(p)),
        stride(stride),
        seed(seed),
        step(step),
        stream(stream) {}

  /** The 16-bit lanes of a row of `keys` keys, written into `buffer`; null when nothing is dropped. */
  const uint16_t* lanes(uint16_t* buffer, int64_t row, int keys) const {
    return on ? dropout_lanes(buffer, row * stride, keys, seed, step, stream) : nullptr;
  }
  Floats apply(Floats x, const uint16_t* kept, int64_t i) const {
    return kept == nullptr ? x : x * keep_at_least(kept + i, threshold, scale);
  }

  bool on;
  uint32_t threshold;
  float scale;
  int stride;
  int64_t seed, step;
  int stream;
};

struct RowSum {
  float max, sum;
};

/** Stores for a product that follows: denormals may become zero, unlike in what store() writes. */
inline void store_operand(float* p, Floats x) { store(p, x); }
#ifdef __AVX512BF16__
inline void store_operand(bf16* p, Floats x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), (__m256i)_mm512_cvtneps_pbh(x));
}
#endif

/** probabilities = dropout(exp(scale scores - max)), and the maximum and sum before dropout. */
template <typename A>
inline RowSum softmax_row(A* probabilities, float* scores, int keys, float scale, const Dropout& dropout,
                          const uint16_t* kept) {
  const int padded = round_up(keys, kLanes);
  for (int i = keys; i < padded; ++i) scores[i] = kNoScore;
  Floats max = load(scores);
  for (int i = kLanes; i < padded; i += kLanes) max = maximum(max, load(scores + i));
  const float scaled_max = largest(max) * scale;
  const Floats factor = broadcast(scale), shift = broadcast(-scaled_max);
  Floats total = zeros();
  for (int i = 0; i < padded; i += kLanes) {
    const Floats x = exp(multiply_add(load(scores + i), factor, shift));
    total = total + x;
    store_operand(probabilities + i, dropout.apply(x, kept, i));
  }
  return RowSum{scaled_max, sum(total)};
}

/** A row of the tile: scores (q k), gradients of the probabilities, lse, dcontext context, dropout lanes. */
struct GradientRow {
  const float* scores;
  const float* dprobabilities;
  float lse, delta;
  const uint16_t* kept;
};

struct Gradients {
  Floats weight, dscore;
};

/** weight = P dropout; dscore = P (dropout dP - delta), the gradient of the scaled score. */
inline Gradients gradients(const GradientRow& row, int i, float scale, const Dropout& dropout) {
  const Floats p = exp(multiply_add(load(row.scores + i), broadcast(scale), broadcast(-row.lse)));
  const Floats dp = dropout.apply(load(row.dprobabilities + i), row.kept, i);
  return Gradients{dropout.apply(p, row.kept, i), p * (dp - broadcast(row.delta))};
}

/** Weights and score gradients of a block of query rows, as operands of the products that follow. */
template <typename A>
class GradientTile;

template <>
class GradientTile<float> {
 public:
  GradientTile(Scratch& scratch, int rows, int ld)
      : ld_(ld),
        weights_(scratch.floats(static_cast<int64_t>(rows) * ld)),
        dscores_(scratch.floats(static_cast<int64_t>(rows) * ld)) {}

  void fill(int first, const GradientRow* rows, int count, int keys, float scale, const Dropout& dropout) {
    for (int r = 0; r < count; ++r) {
      const int64_t at = static_cast<int64_t>(first + r) * ld_;
      for (int i = 0; i < keys; i += kLanes) {
        const Gradients g = gradients(rows[r], i, scale, dropout);
        store(weights_ + at + i, g.weight);
        store(dscores_ + at + i, g.dscore);
      }
    }
  }
  LeftOperand dscore_rows(int first) const {
    return LeftOperand{dscores_ + static_cast<int64_t>(first) * ld_, ld_ * int64_t{4}, 4};
  }
  LeftOperand weights_by_key() const { return LeftOperand{weights_, 4, ld_ * int64_t{4}}; }
  LeftOperand dscores_by_key() const { return LeftOperand{dscores_, 4, ld_ * int64_t{4}}; }

 private:
  int ld_;
  float *weights_, *dscores_;
};

#ifdef __AVX512BF16__
template <>
class GradientTile<bf16> {
 public:
  GradientTile(Scratch& scratch, int rows, int ld)
      : ld_(ld),
        weights_(scratch.floats(static_cast<int64_t>(rows / 2) * ld)),
        dscores_(scratch.floats(static_cast<int64_t>(rows / 2) * ld)),
        rows_(scratch.halves(2 * kBlockRows * static_cast<int64_t>(ld))) {}

  /** Also overwrites what dscore_rows returns: it holds the rows of the last call. */
  void fill(int first, const GradientRow* rows, int count, int keys, float scale, const Dropout& dropout) {
    for (int r = 0; r < count; r += 2) {
      const int64_t at = static_cast<int64_t>((first + r) / 2) * ld_;
      bf16* row = rows_ + r * 2 * static_cast<int64_t>(ld_);
      for (int i = 0; i < keys; i += kLanes) {
        const Gradients a = gradients(rows[r], i, scale, dropout);
        const Gradients b =
            r + 1 < count ? gradients(rows[r + 1], i, scale, dropout) : Gradients{zeros(), zeros()};
        // An odd number of keys leaves half a word, which meets the zero that fills up the keys.
        const __mmask16 inside = first_lanes(keys - i < kLanes ? keys - i : kLanes);
        const __m512i dscores = (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_mov_ps(inside, b.dscore),
                                                             _mm512_maskz_mov_ps(inside, a.dscore));
        store(dscores_ + at + i, as_floats(pair_rows(dscores)));
        store(weights_ + at + i, as_floats(pair_rows((__m512i)_mm512_cvtne2ps_pbh(b.weight, a.weight))));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + i), _mm512_castsi512_si256(dscores));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + 2 * ld_ + i),
                            _mm512_extracti64x4_epi64(dscores, 1));
      }
    }
  }
  LeftOperand dscore_rows(int) const { return LeftOperand{rows_, ld_ * int64_t{4}, 4}; }
  LeftOperand weights_by_key() const { return LeftOperand{weights_, 4, ld_ * int64_t{4}}; }
  LeftOperand dscores_by_key() const { return LeftOperand{dscores_, 4, ld_ * int64_t{4}}; }

 private:
  int ld_;
  float *weights_, *dscores_;
  bf16* rows_;
};
#endif

}  // namespace electra::cpu::ELECTRA_ISA
