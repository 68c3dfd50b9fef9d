// Dropout bits, several Philox blocks at a time; the same bits as philox.h.
//
// The four 32-bit words of a block lie in the lower halves of the 64-bit lanes of four vectors: a product of
// two lower halves then is in place for the next round, and what stands above a word is never looked at.
#pragma once
#include "../common/philox.h"
#include "simd.h"

namespace electra::cpu::ELECTRA_ISA {

#ifdef __AVX512F__
inline Ints multiply_lower(Ints a, Ints b) { return _mm512_mul_epu32(a, b); }
inline Ints upper_halves(Ints a) { return _mm512_srli_epi64(a, 32); }
inline Ints exclusive_or(Ints a, Ints b, Ints c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
/** The lower halves of two vectors, a below b. */
inline Ints join_lower(Ints a, Ints b) { return _mm512_mask_shuffle_epi32(a, 0xAAAA, b, _MM_PERM_CCAA); }
inline Ints unpack_low(Ints a, Ints b) { return _mm512_unpacklo_epi64(a, b); }
inline Ints unpack_high(Ints a, Ints b) { return _mm512_unpackhi_epi64(a, b); }
/** Numbers of kLanes / 2 blocks, in the order in which unpacking brings them into line. */
inline Ints block_numbers(int64_t first) {
  return _mm512_add_epi64(_mm512_set1_epi64(first), _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7));
}
inline void store_ints(uint16_t* p, Ints x) { _mm512_storeu_si512(p, x); }
#else
inline Ints multiply_lower(Ints a, Ints b) { return _mm256_mul_epu32(a, b); }
inline Ints upper_halves(Ints a) { return _mm256_srli_epi64(a, 32); }
inline Ints exclusive_or(Ints a, Ints b, Ints c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
/** The lower halves of two vectors, a below b. */
inline Ints join_lower(Ints a, Ints b) { return _mm256_blend_epi32(a, _mm256_slli_epi64(b, 32), 0xAA); }
inline Ints unpack_low(Ints a, Ints b) { return _mm256_unpacklo_epi64(a, b); }
inline Ints unpack_high(Ints a, Ints b) { return _mm256_unpackhi_epi64(a, b); }
/** Numbers of kLanes / 2 blocks, in the order in which unpacking brings them into line. */
inline Ints block_numbers(int64_t first) {
  return _mm256_add_epi64(_mm256_set1_epi64x(first), _mm256_setr_epi64x(0, 2, 1, 3));
}
inline void store_ints(uint16_t* p, Ints x) { _mm256_storeu_si256(reinterpret_cast<Ints*>(p), x); }
#endif

/** Philox4x32-10 of one (seed, stream, step). */
class DropoutLanes {
 public:
  DropoutLanes(int64_t seed, int stream, int64_t step)
      : key0_(broadcast(static_cast<int>(seed))),
        key1_(broadcast(static_cast<int>(static_cast<uint64_t>(seed) >> 32) ^ stream)),
        step0_(broadcast(static_cast<int>(step))),
        step1_(broadcast(static_cast<int>(static_cast<uint64_t>(step) >> 32))) {}

  /** Writes the 8 * kLanes lanes of kLanes blocks in the order of their elements. */
  void store(uint16_t* lanes, int64_t first_block) const {
    constexpr int kBlocks = kLanes / 2;
    // Two vectors side by side hide the latency of the products.
    Words a = start(first_block), b = start(first_block + kBlocks);
    Ints key0 = key0_, key1 = key1_;
    for (int round = 0; round < 10; ++round) {
      advance(&a, key0, key1);
      advance(&b, key0, key1);
      key0 = add(key0, broadcast(static_cast<int>(0x9E3779B9u)));
      key1 = add(key1, broadcast(static_cast<int>(0xBB67AE85u)));
    }
    finish(lanes, a);
    finish(lanes + 8 * kBlocks, b);
  }

 private:
  struct Words {
    Ints c0, c1, c2, c3;
  };

  Words start(int64_t first_block) const {
    const Ints number = block_numbers(first_block);
    return Words{number, upper_halves(number), step0_, step1_};
  }

  static void advance(Words* x, Ints key0, Ints key1) {
    const Ints p0 = multiply_lower(x->c0, broadcast(static_cast<int>(0xD2511F53u)));
    const Ints p1 = multiply_lower(x->c2, broadcast(static_cast<int>(0xCD9E8D57u)));
    *x = Words{exclusive_or(upper_halves(p1), x->c1, key0), p1, exclusive_or(upper_halves(p0), x->c3, key1),
               p0};
  }

  static void finish(uint16_t* lanes, const Words& x) {
    const Ints front = join_lower(x.c0, x.c1), back = join_lower(x.c2, x.c3);
    store_ints(lanes, unpack_low(front, back));
    store_ints(lanes + 2 * kLanes, unpack_high(front, back));
  }

  Ints key0_, key1_, step0_, step1_;
};

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
  const DropoutLanes lanes(seed, stream, step);
  for (int64_t b = 0; b < blocks; b += kLanes) lanes.store(buffer + 8 * b, first_block + b);
  return buffer + (first & 7);
}

}  // namespace electra::cpu::ELECTRA_ISA
