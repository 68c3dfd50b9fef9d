// The exact (erf) GELU and its derivative.
#pragma once
#include "device.cuh"

namespace electra::cuda {

/** The mass of the normal distribution below x; to a few ulp for float, to 1e-7 where it meets bf16. */
template <typename A>
__device__ __forceinline__ float normal_below(float x) {
  constexpr float kSqrtHalf = 0.70710678f;
  if (sizeof(A) == sizeof(bf16)) return 0.5f + 0.5f * erff(kSqrtHalf * x);
  return 0.5f * erfcf(-kSqrtHalf * x);
}

template <typename A>
__device__ __forceinline__ float gelu(float x) {
  return x * normal_below<A>(x);
}

template <typename A>
__device__ __forceinline__ float gelu_derivative(float x) {
  constexpr float kDensity = 0.39894228f;                // of the normal distribution at 0
  const float bounded = fminf(14.5f, fmaxf(-14.5f, x));  // 0 * infinity
  return normal_below<A>(x) + bounded * kDensity * expf(-0.5f * bounded * bounded);
}

}  // namespace electra::cuda
