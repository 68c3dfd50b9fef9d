// LayerNorm of one row and its gradient, as residual_norm and embedding share them.
#pragma once
#include <math.h>

#include "dropout.h"
#include "row_chunks.h"

namespace electra::cpu::ELECTRA_ISA {

/** One dropout site of one step. */
struct DropoutSite {
  float p;
  int64_t seed;
  int64_t step;
  int stream;

  bool on() const { return p > 0.0f; }
  /** The lanes of a row of n elements, inside `buffer` of dropout_lanes_size(n). */
  const uint16_t* lanes(uint16_t* buffer, int64_t row, int n) const {
    return dropout_lanes(buffer, row * n, n, seed, step, stream);
  }
};

/** Threshold and scale of a site, out of the way of the loops. */
struct Dropper {
  uint32_t threshold;
  float scale;
  explicit Dropper(float p) : threshold(dropout_threshold(p)), scale(dropout_scale(p)) {}

  /** x times the scale where the 16-bit lane keeps it, else 0, whatever x was. */
  Floats apply(Floats x, const uint16_t* lanes) const {
#ifdef __AVX512F__
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes));
    const __m256i least = _mm256_set1_epi16(static_cast<int16_t>(threshold));
    return _mm512_maskz_mul_ps(_mm256_cmpge_epu16_mask(bits, least), x, broadcast(scale));
#else
    const Ints bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(lanes)));
    const Ints kept = _mm256_cmpgt_epi32(bits, broadcast(static_cast<int>(threshold) - 1));
    return _mm256_and_ps(as_floats(kept), x * broadcast(scale));
#endif
  }
};

/** x as it is read again from an array of the type of the first argument. */
inline Floats rounded_as(const float*, Floats x) { return x; }
#ifdef __AVX512F__
inline Floats rounded_as(const bf16*, Floats x) { return widen(narrow(x)); }
#endif

/** Floats that a scratch row of n elements takes: whole vectors. */
inline size_t padded(int n) { return (static_cast<size_t>(n) + kLanes - 1) / kLanes * kLanes; }

struct RowStatistics {
  float mean;
  float rstd;
};

/**
 * Mean and 1 / sqrt(variance + eps) of a scratch row with the given sum; the variance from the deviations, so
 * that nothing cancels. Overwrites the padding of the row.
 */
inline RowStatistics row_statistics(float* row, float total, int n, float eps) {
  const float mean = total / static_cast<float>(n);
  const int end = static_cast<int>(padded(n));
  for (int j = n; j < end; ++j) row[j] = mean;
  Chains squares;
  for_columns(end, [&](int j, int, auto slot) {
    const Floats deviation = load(row + j) - broadcast(mean);
    squares.chain[slot.index] = multiply_add(deviation, deviation, squares.chain[slot.index]);
  });
  return RowStatistics{mean, 1.0f / sqrtf(squares.total() / static_cast<float>(n) + eps)};
}

/** (x - mean) rstd. */
inline Floats normalized(Floats x, RowStatistics s) { return (x - broadcast(s.mean)) * broadcast(s.rstd); }

/**
 * Gradient of the LayerNorm of one row: out(j, lanes, dh) gets rstd (g - mean(g) - xhat mean(g xhat)) with g
 * = dy gamma, where dy(j, lanes) and h(j, lanes) give the columns from j; dgamma += dy xhat, dbeta += dy.
 */
template <typename Dy, typename H, typename Out>
inline __attribute__((always_inline)) void norm_row_backward(int n, RowStatistics s, const float* gamma,
                                                             float* dgamma, float* dbeta, const Dy& dy,
                                                             const H& h, const Out& out) {
  Chains sums, products;
  for_columns(n, [&](int j, int lanes, auto slot) {
    const Floats d = dy(j, lanes);
    // Beyond the row d is 0, and so is every product with it.
    const Floats x = normalized(h(j, lanes), s);
    add_to(dgamma + j, d * x, lanes);
    add_to(dbeta + j, d, lanes);
    const Floats g = d * load_lanes(gamma + j, lanes);
    sums.chain[slot.index] = sums.chain[slot.index] + g;
    products.chain[slot.index] = multiply_add(g, x, products.chain[slot.index]);
  });
  const Floats mean_g = broadcast(sums.total() / static_cast<float>(n));
  const Floats mean_gx = broadcast(products.total() / static_cast<float>(n));
  for_columns(n, [&](int j, int lanes, auto) {
    const Floats x = normalized(h(j, lanes), s);
    const Floats g = dy(j, lanes) * load_lanes(gamma + j, lanes);
    out(j, lanes, broadcast(s.rstd) * (multiply_subtract_from(x, mean_gx, g - mean_g)));
  });
}

}  // namespace electra::cpu::ELECTRA_ISA
