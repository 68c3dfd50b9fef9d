// Dropout bits, a vector of Philox blocks at a time; the same bits as philox.h.
#pragma once
#include "../common/philox.h"
#include "simd.h"

namespace electra::cpu::ELECTRA_ISA {

/** 32-bit words of kLanes Philox blocks. */
struct PhiloxWords {
  Ints word[4];
};

#ifdef __AVX512F__
inline void multiply_wide(Ints a, Ints factor, Ints* low, Ints* high) {
  const Ints even = _mm512_mul_epu32(a, factor);
  const Ints odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), factor);
  *low = _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
  *high = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
}
inline Ints exclusive_or(Ints a, Ints b, Ints c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
#else
inline void multiply_wide(Ints a, Ints factor, Ints* low, Ints* high) {
  const Ints even = _mm256_mul_epu32(a, factor);
  const Ints odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), factor);
  *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
  *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}
inline Ints exclusive_or(Ints a, Ints b, Ints c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
#endif

/** Blocks first, first + 1, ... first + kLanes - 1. */
inline PhiloxWords philox_blocks(int64_t seed, int stream, int64_t step, int64_t first) {
  alignas(64) uint32_t low[kLanes], high[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    low[i] = static_cast<uint32_t>(first + i);
    high[i] = static_cast<uint32_t>(static_cast<uint64_t>(first + i) >> 32);
  }
  Ints c0, c1;
  std::memcpy(&c0, low, sizeof c0);
  std::memcpy(&c1, high, sizeof c1);
  Ints c2 = broadcast(static_cast<int>(step));
  Ints c3 = broadcast(static_cast<int>(static_cast<uint64_t>(step) >> 32));
  uint32_t k0 = static_cast<uint32_t>(seed);
  uint32_t k1 = static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32) ^ static_cast<uint32_t>(stream);
  const Ints m0 = broadcast(static_cast<int>(0xD2511F53u)), m1 = broadcast(static_cast<int>(0xCD9E8D57u));
  for (int round = 0; round < 10; ++round) {
    Ints low0, high0, low1, high1;
    multiply_wide(c0, m0, &low0, &high0);
    multiply_wide(c2, m1, &low1, &high1);
    c0 = exclusive_or(high1, c1, broadcast(static_cast<int>(k0)));
    c2 = exclusive_or(high0, c3, broadcast(static_cast<int>(k1)));
    c1 = low1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return PhiloxWords{{c0, c1, c2, c3}};
}

/** Writes the 8 * kLanes dropout lanes of kLanes blocks in the order of their elements. */
inline void store_dropout_lanes(uint16_t* lanes, const PhiloxWords& x) {
  __m128i* out = reinterpret_cast<__m128i*>(lanes);
#ifdef __AVX512F__
  const Ints a = _mm512_unpacklo_epi32(x.word[0], x.word[1]), b = _mm512_unpackhi_epi32(x.word[0], x.word[1]);
  const Ints c = _mm512_unpacklo_epi32(x.word[2], x.word[3]), d = _mm512_unpackhi_epi32(x.word[2], x.word[3]);
  const Ints r[4] = {_mm512_unpacklo_epi64(a, c), _mm512_unpackhi_epi64(a, c), _mm512_unpacklo_epi64(b, d),
                     _mm512_unpackhi_epi64(b, d)};
  for (int i = 0; i < 4; ++i) {
    _mm_storeu_si128(out + i, _mm512_castsi512_si128(r[i]));
    _mm_storeu_si128(out + 4 + i, _mm512_extracti32x4_epi32(r[i], 1));
    _mm_storeu_si128(out + 8 + i, _mm512_extracti32x4_epi32(r[i], 2));
    _mm_storeu_si128(out + 12 + i, _mm512_extracti32x4_epi32(r[i], 3));
  }
#else
  const Ints a = _mm256_unpacklo_epi32(x.word[0], x.word[1]), b = _mm256_unpackhi_epi32(x.word[0], x.word[1]);
  const Ints c = _mm256_unpacklo_epi32(x.word[2], x.word[3]), d = _mm256_unpackhi_epi32(x.word[2], x.word[3]);
  const Ints r[4] = {_mm256_unpacklo_epi64(a, c), _mm256_unpackhi_epi64(a, c), _mm256_unpacklo_epi64(b, d),
                     _mm256_unpackhi_epi64(b, d)};
  for (int i = 0; i < 4; ++i) {
    _mm_storeu_si128(out + i, _mm256_castsi256_si128(r[i]));
    _mm_storeu_si128(out + 4 + i, _mm256_extracti128_si256(r[i], 1));
  }
#endif
}

/** How many uint16_t the lanes of a run of `count` elements need, wherever it begins, reading ahead included.
 */
inline int64_t dropout_lanes_size(int64_t count) {
  return (count + 7 + 8 * kLanes - 1) / (8 * kLanes) * (8 * kLanes) + kLanes;
}

/**
 * Writes the 16-bit lanes of elements first .. first + count - 1 and returns where the lane of the first lies
 * inside `buffer` of dropout_lanes_size(count). Then keep_at_least(lanes + i, dropout_threshold(p),
 * dropout_scale(p)) is the factor of elements first + i ...
 */
inline const uint16_t* dropout_lanes(uint16_t* buffer, int64_t first, int64_t count, int64_t seed,
                                     int64_t step, int stream) {
  const int64_t first_block = first >> 3, blocks = ((first + count + 7) >> 3) - first_block;
  for (int64_t b = 0; b < blocks; b += kLanes) {
    store_dropout_lanes(buffer + 8 * b, philox_blocks(seed, stream, step, first_block + b));
  }
  return buffer + (first & 7);
}

}  // namespace electra::cpu::ELECTRA_ISA
