// Dropout of attention probabilities: which keys of a row are kept. The same bits as philox.h.
#pragma once
#include "dropout.h"

namespace electra::cpu::ELECTRA_ISA {

#ifdef __AVX512F__

/**
 * Four blocks of Philox from each of four, as one bit for each of their lanes: set where it is at least
 * threshold. bits[i] holds the 32 lanes of blocks first[i] .. first[i] + 3.
 */
inline void keep_bits(uint32_t* bits, const int64_t* first, uint32_t threshold, int64_t seed, int64_t step,
                      int stream) {
  // Words lie in the lower halves of 64-bit lanes; the upper halves hold what no product looks at. The order
  // of the blocks is the one that interleaving the words undoes.
  const Ints order = _mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3);
  Ints c0[2], c1[2], c2[2], c3[2];
  for (int i = 0; i < 2; ++i) {
    const Ints even = _mm512_set1_epi64(first[2 * i]), odd = _mm512_set1_epi64(first[2 * i + 1]);
    c0[i] = _mm512_add_epi64(order, _mm512_mask_mov_epi64(even, 0xAA, odd));
    c1[i] = _mm512_srli_epi64(c0[i], 32);
    c2[i] = _mm512_set1_epi64(step);
    c3[i] = _mm512_srli_epi64(c2[i], 32);
  }
  uint32_t k0 = static_cast<uint32_t>(seed);
  uint32_t k1 = static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32) ^ static_cast<uint32_t>(stream);
  const Ints m0 = _mm512_set1_epi64(0xD2511F53), m1 = _mm512_set1_epi64(0xCD9E8D57);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Ints key0 = broadcast(static_cast<int>(k0)), key1 = broadcast(static_cast<int>(k1));
    for (int i = 0; i < 2; ++i) {
      const Ints p0 = _mm512_mul_epu32(c0[i], m0), p1 = _mm512_mul_epu32(c2[i], m1);
      c0[i] = exclusive_or(_mm512_srli_epi64(p1, 32), c1[i], key0);
      c2[i] = exclusive_or(_mm512_srli_epi64(p0, 32), c3[i], key1);
      c1[i] = p1;
      c3[i] = p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const Ints limit = _mm512_set1_epi16(static_cast<short>(threshold));
  for (int i = 0; i < 2; ++i) {
    const Ints low = _mm512_mask_blend_epi32(0xAAAA, c0[i], _mm512_slli_epi64(c1[i], 32));
    const Ints high = _mm512_mask_blend_epi32(0xAAAA, c2[i], _mm512_slli_epi64(c3[i], 32));
    // GCC 12 spills a mask that is widened to 64 bits as 32 bits and reads back 64: keep masks as they are.
    bits[2 * i] = _mm512_cmpge_epu16_mask(_mm512_unpacklo_epi64(low, high), limit);
    bits[2 * i + 1] = _mm512_cmpge_epu16_mask(_mm512_unpackhi_epi64(low, high), limit);
  }
}

#endif

/** The dropout of one attention call. What is kept of a row takes kept_size(keys) 16-bit numbers. */
class AttentionDropout {
 public:
  AttentionDropout(float p, int stride, int64_t seed, int64_t step, int stream)
      : on_(p > 0),
        threshold_(dropout_threshold(p)),
        scale_(dropout_scale(p)),
        stride_(stride),
        seed_(seed),
        step_(step),
        stream_(stream) {}

  bool on() const { return on_; }

#ifdef __AVX512F__
  static int64_t kept_size(int keys) { return (static_cast<int64_t>(keys) + 127) / 128 * 8; }

  /** How many rows one call of fill takes: as many as the numbers made at a time suffice for. */
  static int rows_at_once(int keys) { return keys <= 32 ? 4 : 1; }

  /** Fills rows `row`, `row` + `distance` and so on, kept_size(keys) numbers apart; at most rows_at_once. */
  void fill(uint16_t* kept, int64_t row, int64_t distance, int rows, int keys) const {
    uint32_t bits[4];
    if (rows_at_once(keys) > 1) {
      int64_t first[4];
      for (int i = 0; i < 4; ++i) first[i] = (row + (i < rows ? i : 0) * distance) * stride_ / 8;
      keep_bits(bits, first, threshold_, seed_, step_, stream_);
      for (int i = 0; i < rows; ++i) std::memcpy(kept + i * kept_size(keys), bits + i, sizeof *bits);
      return;
    }
    for (int key = 0; key < keys; key += 128) {
      const int64_t block = (row * stride_ + key) / 8;
      const int64_t first[4] = {block, block + 4, block + 8, block + 12};
      keep_bits(bits, first, threshold_, seed_, step_, stream_);
      std::memcpy(kept + key / 16, bits, sizeof bits);
    }
  }
  /** x scaled where kept and zero elsewhere, for keys i .. i + kLanes - 1. */
  Floats apply(Floats x, const uint16_t* kept, int i) const {
    return on_ ? _mm512_maskz_mul_ps(kept[i / 16], x, broadcast(scale_)) : x;
  }
#else
  static int64_t kept_size(int keys) { return dropout_lanes_size(keys); }

  static int rows_at_once(int) { return 1; }

  void fill(uint16_t* kept, int64_t row, int64_t, int, int keys) const {
    dropout_lanes(kept, row * stride_, keys, seed_, step_, stream_);
  }
  Floats apply(Floats x, const uint16_t* kept, int i) const {
    return on_ ? x * keep_at_least(kept + i, threshold_, scale_) : x;
  }
#endif

 private:
  bool on_;
  uint32_t threshold_;
  float scale_;
  int64_t stride_;
  int64_t seed_, step_;
  int stream_;
};

}  // namespace electra::cpu::ELECTRA_ISA
