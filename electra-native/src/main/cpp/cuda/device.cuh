// What every kernel source includes first: CUDA under nvcc, the simulator of the tests under g++.
#pragma once
#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>
/** Dynamic shared memory, 128-byte aligned. */
#define DYN_SMEM(name) extern __shared__ __align__(128) unsigned char name[]
#else
#include "cudasim.h"
#endif

#include "device.h"

namespace electra::cuda {

using bf16 = __nv_bfloat16;
using bf162 = __nv_bfloat162;

constexpr int kWarp = 32;
constexpr unsigned kFull = 0xFFFFFFFFu;

/** Puts a kernel on the stream of a device; throws when it does not start. */
template <class... P, class... A>
void launch(Device& device, void (*kernel)(P...), dim3 grid, dim3 block, size_t smem, A&&... arguments) {
  if (!device.counts_launch()) return;
#ifdef __CUDACC__
  constexpr size_t kDefaultLimit = 48 * 1024;
  if (smem > kDefaultLimit) {
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(smem)),
          "shared memory of a kernel");
  }
  kernel<<<grid, block, smem, device.stream()>>>(static_cast<P>(arguments)...);
  check(cudaGetLastError(), "start of a kernel");
#else
  check(cudasim::launch(kernel, grid, block, smem, device.stream(), static_cast<A&&>(arguments)...),
        "start of a kernel");
#endif
}

/** The least whole number that is at least a / b. */
ELECTRA_HOST_DEVICE constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

__device__ __forceinline__ float warp_sum(float v) {
#pragma unroll
  for (int m = kWarp / 2; m; m >>= 1) v += __shfl_xor_sync(kFull, v, m);
  return v;
}

__device__ __forceinline__ float warp_max(float v) {
#pragma unroll
  for (int m = kWarp / 2; m; m >>= 1) v = fmaxf(v, __shfl_xor_sync(kFull, v, m));
  return v;
}

__device__ __forceinline__ float to_float(float x) { return x; }
__device__ __forceinline__ float to_float(bf16 x) { return __bfloat162float(x); }

template <typename A>
__device__ __forceinline__ A from_float(float x);
template <>
__device__ __forceinline__ float from_float<float>(float x) {
  return x;
}
template <>
__device__ __forceinline__ bf16 from_float<bf16>(float x) {
  return __float2bfloat16(x);
}

/** What remains of x after it was stored as an A. */
template <typename A>
__device__ __forceinline__ float rounded_to(float x) {
  return to_float(from_float<A>(x));
}

}  // namespace electra::cuda

#define ELECTRA_CUDA_INSTANTIATE(f)     \
  template decltype(f<float>) f<float>; \
  template decltype(f<bf16>) f<bf16>
