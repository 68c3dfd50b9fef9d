// Dropout on the device: the same bits as philox.h says for every backend.
#pragma once
#include "../common/philox.h"
#include "device.cuh"

namespace electra::cuda {

/** One dropout site of one step: everything that a kernel needs to know of it, passed by value. With p = 0
 * everything is kept and the scale is 1. */
struct DropoutSite {
  int64_t seed;
  int64_t step;
  int stream;
  uint32_t threshold;
  float scale;

  DropoutSite(float p, int64_t seed, int64_t step, int stream)
      : seed(seed), step(step), stream(stream), threshold(dropout_threshold(p)), scale(dropout_scale(p)) {}

  /** The factors of elements 8 block .. 8 block + 7: 0 or the scale. */
  __device__ __forceinline__ void factors(float (&factor)[8], int64_t block) const {
    const PhiloxBlock random = philox_block(seed, stream, step, block);
#pragma unroll
    for (int i = 0; i < 8; i++) factor[i] = dropout_lane(random, i) >= threshold ? scale : 0.0f;
  }

  /** x[i] times the factor of element first + i, or zero whatever x was; any first. */
  __device__ __forceinline__ void apply(float (&x)[8], int64_t first) const {
    if (threshold == 0) return;
    const int shift = static_cast<int>(first & 7);
    const int64_t block = static_cast<int64_t>(static_cast<uint64_t>(first) >> 3);
    float factor[8];
    factors(factor, block);
    if (shift != 0) {
      float next[8];
      factors(next, block + 1);
#pragma unroll
      for (int s = 1; s < 8; s++) {
        if (shift != s) continue;
#pragma unroll
        for (int i = 0; i < 8; i++) factor[i] = i + s < 8 ? factor[(i + s) & 7] : next[(i + s) & 7];
      }
    }
#pragma unroll
    for (int i = 0; i < 8; i++) x[i] = factor[i] == 0.0f ? 0.0f : x[i] * factor[i];
  }

  /** The same for a first element that is a multiple of 8. */
  __device__ __forceinline__ void apply_aligned(float (&x)[8], int64_t first) const {
    if (threshold == 0) return;
    float factor[8];
    factors(factor, static_cast<int64_t>(static_cast<uint64_t>(first) >> 3));
#pragma unroll
    for (int i = 0; i < 8; i++) x[i] = factor[i] == 0.0f ? 0.0f : x[i] * factor[i];
  }
};

/** apply or apply_aligned. */
template <bool kAligned>
__device__ __forceinline__ void apply_dropout(const DropoutSite& site, float (&x)[8], int64_t first) {
  if (kAligned) {
    site.apply_aligned(x, first);
  } else {
    site.apply(x, first);
  }
}

}  // namespace electra::cuda
