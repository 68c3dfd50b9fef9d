// Vectors of floats, the same source for every instruction set.
//
// Every kernel file is compiled once for each instruction set with its -m flags and ELECTRA_ISA = avx2,
// avx512, avx512_vnni or avx512_bf16, and keeps all it defines in namespace electra::cpu::ELECTRA_ISA.
// Nothing may leak from one into another as a shared inline function: kernel files use no std:: templates;
// the build checks the symbols.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "../common/bf16.h"

#ifndef ELECTRA_ISA
#error "kernel files are compiled with -DELECTRA_ISA=avx2, avx512, avx512_vnni or avx512_bf16"
#endif

/** Instantiates a function template for the activation types of this instruction set. */
#ifdef __AVX512VNNI__
#define ELECTRA_INSTANTIATE(f)          \
  template decltype(f<float>) f<float>; \
  template decltype(f<bf16>) f<bf16>
#else
#define ELECTRA_INSTANTIATE(f) template decltype(f<float>) f<float>
#endif

namespace electra::cpu::ELECTRA_ISA {

#ifdef __AVX512F__

constexpr int kLanes = 16;
using Floats = __m512;  // + - * / work on it
using Ints = __m512i;

inline __mmask16 first_lanes(int count) { return static_cast<__mmask16>((1u << count) - 1u); }

inline Floats zeros() { return _mm512_setzero_ps(); }
inline Floats broadcast(float x) { return _mm512_set1_ps(x); }
inline Floats load(const float* p) { return _mm512_loadu_ps(p); }
inline Floats load(const float* p, int count) { return _mm512_maskz_loadu_ps(first_lanes(count), p); }
inline void store(float* p, Floats x) { _mm512_storeu_ps(p, x); }
inline void store(float* p, Floats x, int count) { _mm512_mask_storeu_ps(p, first_lanes(count), x); }

inline Floats widen(__m256i x) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}
inline Floats load(const bf16* p) { return widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
inline Floats load(const bf16* p, int count) {
  return widen(_mm256_maskz_loadu_epi16(first_lanes(count), p));
}

/** Rounds to nearest even in integers; NaN stays NaN. */
inline __m256i narrow_bits(Floats x) {
  const Ints bits = _mm512_castps_si512(x);
  const Ints odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const Ints rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
  const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  const Ints kept = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x400000));
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(kept, 16));
}

#ifdef __AVX512BF16__
inline __mmask16 denormals(Floats x) {
  constexpr int kDenormal = 0x20;
  return _mm512_fpclass_ps_mask(x, kDenormal);
}
#endif

/** The same by the processor's instruction, which takes denormals for zero: they go the long way. */
inline __m256i narrow(Floats x) {
#ifdef __AVX512BF16__
  if (__builtin_expect(denormals(x) == 0, 1)) {
    __m256i y;
    const __m256bh rounded = _mm512_cvtneps_pbh(x);
    std::memcpy(&y, &rounded, sizeof y);
    return y;
  }
#endif
  return narrow_bits(x);
}
inline void store(bf16* p, Floats x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), narrow(x)); }
inline void store(bf16* p, Floats x, int count) {
  _mm256_mask_storeu_epi16(p, first_lanes(count), narrow(x));
}

/** a * b + c and c - a * b, rounded once. */
inline Floats multiply_add(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
inline Floats multiply_subtract_from(Floats a, Floats b, Floats c) { return _mm512_fnmadd_ps(a, b, c); }
inline Floats maximum(Floats a, Floats b) { return _mm512_max_ps(a, b); }
inline Floats minimum(Floats a, Floats b) { return _mm512_min_ps(a, b); }
inline Floats absolute(Floats a) { return _mm512_abs_ps(a); }
inline Floats square_root(Floats a) { return _mm512_sqrt_ps(a); }
inline Floats reciprocal_14_bits(Floats a) { return _mm512_rcp14_ps(a); }
/** The magnitude of a with the sign of b. */
inline Floats copy_sign(Floats a, Floats b) {
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_set1_epi32(INT32_MIN), _mm512_castps_si512(b),
                                                       _mm512_castps_si512(a), 0xCA));
}
/** a < b ? x : y, lane by lane; y where either is NaN. */
inline Floats select_less(Floats a, Floats b, Floats x, Floats y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}
/** x in the first lanes, y in the others. */
inline Floats select_first(int lanes, Floats x, Floats y) {
  return _mm512_mask_mov_ps(y, first_lanes(lanes), x);
}
/** Sums in a fixed order. */
inline float sum(Floats x) {
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
  return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
}
inline float largest(Floats x) { return _mm512_reduce_max_ps(x); }
inline Ints to_ints(Floats x) { return _mm512_cvtps_epi32(x); }  // nearest even
inline Floats to_floats(Ints x) { return _mm512_cvtepi32_ps(x); }
inline Floats round_to_nearest(Floats x) { return _mm512_roundscale_ps(x, 8); }
inline Floats as_floats(Ints x) { return _mm512_castsi512_ps(x); }
inline Ints as_ints(Floats x) { return _mm512_castps_si512(x); }
inline Ints broadcast(int x) { return _mm512_set1_epi32(x); }
inline Ints add(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
inline Ints subtract(Ints a, Ints b) { return _mm512_sub_epi32(a, b); }
inline Ints bit_and(Ints a, Ints b) { return _mm512_and_si512(a, b); }
template <int kBits>
inline Ints shift_left(Ints a) {
  return _mm512_slli_epi32(a, kBits);
}
template <int kBits>
inline Ints shift_right(Ints a) {  // keeps the sign
  return _mm512_srai_epi32(a, kBits);
}
/** The even and the odd ones of 32 bf16 numbers. */
inline Floats even_numbers(Ints x) { return as_floats(shift_left<16>(x)); }
inline Floats odd_numbers(Ints x) { return as_floats(bit_and(x, broadcast(static_cast<int>(0xFFFF0000u)))); }
/** 32 bf16 numbers: those of `low` first. */
inline Ints narrow_both(Floats high, Floats low) {
#ifdef __AVX512BF16__
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
#else
  return _mm512_inserti64x4(_mm512_castsi256_si512(narrow(low)), narrow(high), 1);
#endif
}
/** Two whole vectors side by side. */
inline void store_both(float* p, Floats low, Floats high) {
  store(p, low);
  store(p + kLanes, high);
}
inline void store_both(bf16* p, Floats low, Floats high) {
#ifdef __AVX512BF16__
  if (__builtin_expect((denormals(low) | denormals(high)) == 0, 1)) {
    _mm512_storeu_si512(p, narrow_both(high, low));
    return;
  }
#endif
  store(p, low);
  store(p + kLanes, high);
}
/** factor where the 16-bit number is at least threshold, else 0. */
inline Floats keep_at_least(const uint16_t* lanes, uint32_t threshold, float factor) {
  const Ints x = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes)));
  return _mm512_maskz_mov_ps(_mm512_cmpge_epi32_mask(x, _mm512_set1_epi32(static_cast<int>(threshold))),
                             _mm512_set1_ps(factor));
}

#else

constexpr int kLanes = 8;
using Floats = __m256;  // + - * / work on it
using Ints = __m256i;

inline Ints first_lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

inline Floats zeros() { return _mm256_setzero_ps(); }
inline Floats broadcast(float x) { return _mm256_set1_ps(x); }
inline Floats load(const float* p) { return _mm256_loadu_ps(p); }
inline Floats load(const float* p, int count) { return _mm256_maskload_ps(p, first_lanes(count)); }
inline void store(float* p, Floats x) { _mm256_storeu_ps(p, x); }
inline void store(float* p, Floats x, int count) { _mm256_maskstore_ps(p, first_lanes(count), x); }

/** a * b + c and c - a * b, rounded once. */
inline Floats multiply_add(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
inline Floats multiply_subtract_from(Floats a, Floats b, Floats c) { return _mm256_fnmadd_ps(a, b, c); }
inline Floats maximum(Floats a, Floats b) { return _mm256_max_ps(a, b); }
inline Floats minimum(Floats a, Floats b) { return _mm256_min_ps(a, b); }
inline Floats absolute(Floats a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
inline Floats square_root(Floats a) { return _mm256_sqrt_ps(a); }
inline Floats reciprocal_14_bits(Floats a) {  // the instruction has 12; one Newton step
  const Floats y = _mm256_rcp_ps(a);
  return y * (broadcast(2.0f) - a * y);
}
/** The magnitude of a with the sign of b. */
inline Floats copy_sign(Floats a, Floats b) {
  const Floats sign = _mm256_set1_ps(-0.0f);
  return _mm256_or_ps(_mm256_andnot_ps(sign, a), _mm256_and_ps(sign, b));
}
/** a < b ? x : y, lane by lane; y where either is NaN. */
inline Floats select_less(Floats a, Floats b, Floats x, Floats y) {
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
/** x in the first lanes, y in the others. */
inline Floats select_first(int lanes, Floats x, Floats y) {
  return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(first_lanes(lanes)));
}
/** Sums in a fixed order. */
inline float sum(Floats x) {
  const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
  return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
}
inline float largest(Floats x) {
  const __m128 quarter = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 pair = _mm_max_ps(quarter, _mm_movehl_ps(quarter, quarter));
  return _mm_cvtss_f32(_mm_max_ss(pair, _mm_movehdup_ps(pair)));
}
inline Ints to_ints(Floats x) { return _mm256_cvtps_epi32(x); }  // nearest even
inline Floats to_floats(Ints x) { return _mm256_cvtepi32_ps(x); }
inline Floats round_to_nearest(Floats x) { return _mm256_round_ps(x, 8); }
inline Floats as_floats(Ints x) { return _mm256_castsi256_ps(x); }
inline Ints as_ints(Floats x) { return _mm256_castps_si256(x); }
inline Ints broadcast(int x) { return _mm256_set1_epi32(x); }
inline Ints add(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
inline Ints subtract(Ints a, Ints b) { return _mm256_sub_epi32(a, b); }
inline Ints bit_and(Ints a, Ints b) { return _mm256_and_si256(a, b); }
template <int kBits>
inline Ints shift_left(Ints a) {
  return _mm256_slli_epi32(a, kBits);
}
template <int kBits>
inline Ints shift_right(Ints a) {  // keeps the sign
  return _mm256_srai_epi32(a, kBits);
}
/** factor where the 16-bit number is at least threshold, else 0. */
inline Floats keep_at_least(const uint16_t* lanes, uint32_t threshold, float factor) {
  const Ints x = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(lanes)));
  const Ints keep = _mm256_cmpgt_epi32(x, _mm256_set1_epi32(static_cast<int>(threshold) - 1));
  return _mm256_and_ps(_mm256_castsi256_ps(keep), _mm256_set1_ps(factor));
}

#endif

/** Calls body(i, lanes) for the vectors of 0..count-1; lanes is kLanes but for the last, shorter one. */
template <typename Body>
inline void for_vectors(int64_t count, const Body& body) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) body(i, kLanes);
  if (i < count) body(i, static_cast<int>(count - i));
}

/** Loads or stores a whole vector where lanes is kLanes; the compiler drops the test where it knows. */
template <typename A>
inline Floats load_lanes(const A* p, int lanes) {
  return lanes == kLanes ? load(p) : load(p, lanes);
}
template <typename A>
inline void store_lanes(A* p, Floats x, int lanes) {
  if (lanes == kLanes) {
    store(p, x);
  } else {
    store(p, x, lanes);
  }
}

}  // namespace electra::cpu::ELECTRA_ISA
