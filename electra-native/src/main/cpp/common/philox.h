// Philox4x32-10: the same bits as Philox.java. Internal linkage, so that no instruction set leaks into
// another.
#pragma once
#include <cstdint>

#include "host_device.h"

namespace electra {

struct PhiloxBlock {
  uint32_t word[4];
};

ELECTRA_HOST_DEVICE static inline PhiloxBlock philox_block(int64_t seed, int stream, int64_t step,
                                                           int64_t block) {
  uint32_t k0 = static_cast<uint32_t>(seed);
  uint32_t k1 = static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32) ^ static_cast<uint32_t>(stream);
  uint32_t c0 = static_cast<uint32_t>(block);
  uint32_t c1 = static_cast<uint32_t>(static_cast<uint64_t>(block) >> 32);
  uint32_t c2 = static_cast<uint32_t>(step);
  uint32_t c3 = static_cast<uint32_t>(static_cast<uint64_t>(step) >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = static_cast<uint64_t>(0xD2511F53u) * c0;
    const uint64_t p1 = static_cast<uint64_t>(0xCD9E8D57u) * c2;
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return PhiloxBlock{{c0, c1, c2, c3}};
}

ELECTRA_HOST_DEVICE static inline uint32_t philox_word(int64_t seed, int stream, int64_t step,
                                                       int64_t element) {
  const PhiloxBlock block =
      philox_block(seed, stream, step, static_cast<int64_t>(static_cast<uint64_t>(element) >> 2));
  // No computed index: a card would put the block into memory for it.
  const uint32_t low = element & 1 ? block.word[1] : block.word[0];
  const uint32_t high = element & 1 ? block.word[3] : block.word[2];
  return element & 2 ? high : low;
}

ELECTRA_HOST_DEVICE static inline float philox_uniform(int64_t seed, int stream, int64_t step,
                                                       int64_t element) {
  return static_cast<float>(philox_word(seed, stream, step, element) >> 8) * 0x1p-24f;
}

/** round(p * 65536), at most 65535; a 16-bit lane below it drops its element. */
ELECTRA_HOST_DEVICE static inline uint32_t dropout_threshold(float p) {
  const uint32_t threshold = static_cast<uint32_t>(static_cast<double>(p * 65536.0f) + 0.5);
  return threshold < 65535u ? threshold : 65535u;
}

ELECTRA_HOST_DEVICE static inline float dropout_scale(float p) {
  return 65536.0f / (65536.0f - dropout_threshold(p));
}

/** Lane 0..7 of a block, counted as dropout counts them. */
ELECTRA_HOST_DEVICE static inline uint32_t dropout_lane(const PhiloxBlock& block, int lane) {
  return (block.word[lane >> 1] >> (16 * (lane & 1))) & 0xFFFFu;
}

ELECTRA_HOST_DEVICE static inline bool dropout_keeps(int64_t seed, int stream, int64_t step, int64_t element,
                                                     uint32_t threshold) {
  const int64_t block = static_cast<int64_t>(static_cast<uint64_t>(element) >> 3);
  return dropout_lane(philox_block(seed, stream, step, block), static_cast<int>(element & 7)) >= threshold;
}

}  // namespace electra
