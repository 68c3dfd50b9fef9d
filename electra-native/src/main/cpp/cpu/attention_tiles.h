// What happens to a tile of attention scores between two products.
#pragma once
#include <cmath>

#include "attention_dropout.h"
#include "operands.h"
#include "vec_math.h"

namespace electra::cpu::ELECTRA_ISA {

/** Stands for minus infinity where a vector reaches beyond the keys. */
constexpr float kNoScore = -1e30f;

/** Stores for a product that follows: denormals may become zero, unlike in what store() writes. */
inline void store_operand(float* p, Floats x) { store(p, x); }
#ifdef __AVX512VNNI__
inline void store_operand(bf16* p, Floats x) {
#ifdef __AVX512BF16__
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), (__m256i)_mm512_cvtneps_pbh(x));
#else
  store(p, x);
#endif
}
#endif

/**
 * e^(factor x + shift) for scores x, as exact as words of W can show. The scores are bounded by the largest
 * of their row, hence the exponents from above.
 */
template <typename W>
class Exponential {
 public:
  Exponential(float factor, float shift)
      : factor_(broadcast(factor * kBase)), shift_(broadcast(shift * kBase)) {}

  Floats of(Floats x) const {
    const Floats exponent = multiply_add(x, factor_, shift_);
    return kExact ? exp(exponent) : power_of_two(exponent);
  }

 private:
  static constexpr bool kExact = sizeof(W) == sizeof(float);
  static constexpr float kBase = kExact ? 1.0f : 1.44269504f;  // 1 / ln 2
  Floats factor_, shift_;
};

/**
 * Maxima and sums of exponentials of kBlockRows rows, and what undoes the scales of probabilities that are
 * integers; whole vectors may be read and written.
 */
struct RowSums {
  alignas(64) float max[16], sum[16], inverse[16];
};

/**
 * probabilities = dropout(exp(scale scores - max)); the sums are those before dropout. Row after row in each
 * pass: the rows do not wait for each other. Whole vectors of scores are read and of probabilities written;
 * beyond the keys no exponential is taken that could underflow, which costs about ten times a usual one.
 * Where probabilities become integers, they take the place of the scores until their scale is known.
 */
template <typename W>
inline RowSums softmax_rows(W* probabilities, int64_t ld_probabilities, float* scores, int64_t ld, int rows,
                            int keys, float scale, const AttentionDropout& dropout, const uint16_t* kept) {
  RowSums result{};
  Floats tops[kBlockRows];
  for (int r = 0; r < rows; ++r) {
    Floats max = broadcast(kNoScore);
    for_vectors(keys, [&](int64_t i, int lanes) {
      const Floats x = load(scores + r * ld + i);
      max = maximum(max, lanes == kLanes ? x : select_first(lanes, x, max));
    });
    const float top = largest(max);
    tops[r] = broadcast(top);
    result.max[r] = top * scale;
  }
  Floats totals[kBlockRows];
  for (int r = 0; r < rows; ++r) {
    const Exponential<W> exponential(scale, -result.max[r]);
    Floats total = zeros(), squares = zeros();
    for_vectors(keys, [&](int64_t i, int lanes) {
      Floats x = load(scores + r * ld + i);
      if (lanes != kLanes) x = select_first(lanes, x, tops[r]);
      x = exponential.of(x);
      if (lanes != kLanes) x = select_first(lanes, x, zeros());
      total = total + x;
      x = dropout.apply(x, kept, static_cast<int>(i));
      if constexpr (kIsScaled<W>) {
        squares = multiply_add(x, x, squares);
        store(scores + r * ld + i, x);
      } else {
        store_operand(probabilities + r * ld_probabilities + i, x);
      }
    });
    totals[r] = total;
    if constexpr (kIsScaled<W>) {
      result.inverse[r] =
          scale_floats(probabilities + r * ld_probabilities, scores + r * ld, keys, sum(squares));
    }
    kept += AttentionDropout::kept_size(keys);
  }
  for (int r = 0; r < rows; ++r) result.sum[r] = sum(totals[r]);
  return result;
}

/** A row of the tile: scores (q k), gradients of the probabilities, lse, dcontext context, what is kept. */
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
template <typename W>
inline Gradients gradients(const GradientRow& row, int i, float scale, const AttentionDropout& dropout) {
  const Floats p = Exponential<W>(scale, -row.lse).of(load(row.scores + i));
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

  void fill(int first, const GradientRow* rows, int count, int keys, float scale,
            const AttentionDropout& dropout) {
    for (int r = 0; r < count; ++r) {
      const int64_t at = static_cast<int64_t>(first + r) * ld_;
      for (int i = 0; i < keys; i += kLanes) {
        const Gradients g = gradients<float>(rows[r], i, scale, dropout);
        store(weights_ + at + i, g.weight);
        store(dscores_ + at + i, g.dscore);
      }
    }
  }
  LeftFactor dscore_rows(int first) const {
    return LeftFactor{LeftOperand{dscores_ + static_cast<int64_t>(first) * ld_, ld_ * int64_t{4}, 4},
                      nullptr};
  }
  void finish(int, int) {}
  LeftFactor weights_by_key() const {
    return LeftFactor{LeftOperand{weights_, 4, ld_ * int64_t{4}}, nullptr};
  }
  LeftFactor dscores_by_key() const {
    return LeftFactor{LeftOperand{dscores_, 4, ld_ * int64_t{4}}, nullptr};
  }

 private:
  int ld_;
  float *weights_, *dscores_;
};

#ifdef __AVX512VNNI__
template <>
class GradientTile<bf16> {
 public:
  GradientTile(Scratch& scratch, int rows, int ld)
      : ld_(ld),
        weights_(scratch.floats(static_cast<int64_t>(rows / 2) * ld)),
        dscores_(scratch.floats(static_cast<int64_t>(rows / 2) * ld)),
        rows_(scratch.halves(2 * kBlockRows * static_cast<int64_t>(ld))) {}

  /** Also overwrites what dscore_rows returns: it holds the rows of the last call. */
  void fill(int first, const GradientRow* rows, int count, int keys, float scale,
            const AttentionDropout& dropout) {
    for (int r = 0; r < count; r += 2) {
      const int64_t at = static_cast<int64_t>((first + r) / 2) * ld_;
      bf16* row = rows_ + r * 2 * static_cast<int64_t>(ld_);
      for (int i = 0; i < keys; i += kLanes) {
        const Gradients a = gradients<bf16>(rows[r], i, scale, dropout);
        const Gradients b =
            r + 1 < count ? gradients<bf16>(rows[r + 1], i, scale, dropout) : Gradients{zeros(), zeros()};
        // An odd number of keys leaves half a word, which meets the zero that fills up the keys.
        const __mmask16 inside = first_lanes(keys - i < kLanes ? keys - i : kLanes);
        const __m512i dscores =
            narrow_both(_mm512_maskz_mov_ps(inside, b.dscore), _mm512_maskz_mov_ps(inside, a.dscore));
        store(dscores_ + at + i, as_floats(pair_rows(dscores)));
        store(weights_ + at + i, as_floats(pair_rows(narrow_both(b.weight, a.weight))));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + i), _mm512_castsi512_si256(dscores));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + 2 * ld_ + i),
                            _mm512_extracti64x4_epi64(dscores, 1));
      }
    }
  }
  LeftFactor dscore_rows(int) const { return LeftFactor{LeftOperand{rows_, ld_ * int64_t{4}, 4}, nullptr}; }
  void finish(int, int) {}
  LeftFactor weights_by_key() const {
    return LeftFactor{LeftOperand{weights_, 4, ld_ * int64_t{4}}, nullptr};
  }
  LeftFactor dscores_by_key() const {
    return LeftFactor{LeftOperand{dscores_, 4, ld_ * int64_t{4}}, nullptr};
  }

 private:
  int ld_;
  float *weights_, *dscores_;
  bf16* rows_;
};

template <>
class GradientTile<int16_t> {
 public:
  GradientTile(Scratch& scratch, int rows, int ld)
      : ld_(ld),
        weights_(scratch, rows, ld),
        dscores_(scratch, rows, ld),
        rows_(reinterpret_cast<int16_t*>(scratch.halves(kBlockRows * static_cast<int64_t>(ld)))),
        inverse_(scratch.floats(kBlockRows)) {}

  /** Also overwrites what dscore_rows returns: it holds the rows of the last call. */
  void fill(int first, const GradientRow* rows, int count, int keys, float scale,
            const AttentionDropout& dropout) {
    for (int r = 0; r < count; ++r) {
      float *weights = weights_.row(first + r), *dscores = dscores_.row(first + r);
      Floats squares = zeros();
      for (int i = 0; i < keys; i += kLanes) {
        Gradients g = gradients<int16_t>(rows[r], i, scale, dropout);
        if (keys - i < kLanes) g.dscore = select_first(keys - i, g.dscore, zeros());
        squares = multiply_add(g.dscore, g.dscore, squares);
        store(weights + i, g.weight);
        store(dscores + i, g.dscore);
      }
      inverse_[r] = scale_floats(rows_ + static_cast<int64_t>(r) * ld_, dscores, keys, sum(squares));
    }
  }
  LeftFactor dscore_rows(int) const { return LeftFactor{LeftOperand{rows_, ld_ * int64_t{2}, 4}, inverse_}; }
  /** Must come after the last fill of a block of rows and before the operands by key. */
  void finish(int rows, int keys) {
    weights_.finish(rows, keys);
    dscores_.finish(rows, keys);
  }
  LeftFactor weights_by_key() const { return weights_.by_column(); }
  LeftFactor dscores_by_key() const { return dscores_.by_column(); }

 private:
  int ld_;
  TileColumns weights_, dscores_;
  int16_t* rows_;
  float* inverse_;
};
#endif

}  // namespace electra::cpu::ELECTRA_ISA
