// A tile of the output projection: a few rows against some hundred vocabulary entries, all in cache.
#pragma once
#include <cmath>

#include "kernels.h"
#include "operands.h"
#include "product_words.h"
#include "vec_math.h"

namespace electra::cpu::ELECTRA_ISA {

/** The logit of what lies beyond the vocabulary: its exponential is nothing. */
constexpr float kNoLogit = -1e30f;

/** Vocabulary entries begin .. begin + count - 1 as the right operand of the projection in words of W. */
template <typename W>
struct VocabularyTile {
  VocabularyTile(Scratch& scratch, int most, int e)
      : columns(right_factor<W>(scratch, most, e)), bias(scratch.floats(round_up(most, kPanel))) {}

  template <typename A>
  void pack(const A* table, const float* biases, int first, int entries, int e) {
    begin = first;
    count = entries;
    padded = round_up(entries, kPanel);
    Scratch scratch;
    OperandRows<W>(scratch, table + static_cast<int64_t>(first) * e, e, entries, e).pack_across(columns);
    std::memcpy(bias, biases + first, entries * sizeof(float));
    for (int i = entries; i < padded; ++i) bias[i] = kNoLogit;
  }

  int begin = 0, count = 0, padded = 0;
  RightFactor columns;
  float* bias;
};

/** What a row keeps of a tile: softmax denominators are relative to exp(max). */
struct TileSums {
  float max, sum, tempered_sum;
  int arg_max;
};

/** The first index of a number among count, a multiple of kLanes; 0 where it does not occur. */
inline int first_equal(const float* x, float wanted, int count) {
  for (int i = 0; i < count; i += kLanes) {
#ifdef __AVX512F__
    const unsigned equal = _mm512_cmp_ps_mask(load(x + i), broadcast(wanted), _CMP_EQ_OQ);
#else
    const unsigned equal = _mm256_movemask_ps(_mm256_cmp_ps(load(x + i), broadcast(wanted), _CMP_EQ_OQ));
#endif
    if (equal != 0) return i + __builtin_ctz(equal);
  }
  return 0;
}

/** Adds the bias in place and sums up. The arg max is the lowest; the tempered sum is of exp((x - max) / T).
 */
inline TileSums tile_sums(float* logits, const float* bias, int padded, bool find_arg_max,
                          float inverse_temperature) {
  Floats max = broadcast(kNoLogit);
  for (int i = 0; i < padded; i += kLanes) {
    const Floats x = load(logits + i) + load(bias + i);
    store(logits + i, x);
    max = maximum(max, x);
  }
  TileSums result{largest(max), 0, 0, 0};
  const Floats top = broadcast(result.max);
  Floats total = zeros();
  for (int i = 0; i < padded; i += kLanes) total = total + exp(load(logits + i) - top);
  result.sum = result.tempered_sum = sum(total);
  if (inverse_temperature != 1.0f) {
    const Floats factor = broadcast(inverse_temperature);
    total = zeros();
    for (int i = 0; i < padded; i += kLanes) total = total + exp((load(logits + i) - top) * factor);
    result.tempered_sum = sum(total);
  }
  if (find_arg_max) result.arg_max = first_equal(logits, result.max, padded);
  return result;
}

/** x · y over e numbers. */
inline float dot(const float* x, const float* y, int e) {
  Floats total = zeros();
  for_vectors(e, [&](int64_t i, int lanes) {
    total = multiply_add(load_lanes(x + i, lanes), load_lanes(y + i, lanes), total);
  });
  return sum(total);
}

#ifdef __AVX512VNNI__
inline float dot(const bf16* x, const bf16* y, int e) {
  Floats total = zeros();
  int i = 0;
  for (; i + 32 <= e; i += 32) {
    total = dot_add<bf16>(_mm512_castsi512_ps(_mm512_loadu_si512(x + i)),
                          _mm512_castsi512_ps(_mm512_loadu_si512(y + i)), total);
  }
  if (i < e) {
    const __mmask32 rest = static_cast<__mmask32>((uint64_t{1} << (e - i)) - 1);
    total = dot_add<bf16>(_mm512_castsi512_ps(_mm512_maskz_loadu_epi16(rest, x + i)),
                          _mm512_castsi512_ps(_mm512_maskz_loadu_epi16(rest, y + i)), total);
  }
  return sum(total);
}
#endif

}  // namespace electra::cpu::ELECTRA_ISA
