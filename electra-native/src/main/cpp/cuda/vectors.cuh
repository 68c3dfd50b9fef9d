// Eight consecutive numbers at a time: one 16-byte access for bf16, two for float, where the address allows.
#pragma once
#include "device.cuh"

namespace electra::cuda {

constexpr int kVector = 8;

struct alignas(16) Bf16x8 {
  bf162 pair[kVector / 2];
};

/** How many of the eight numbers of a vector there are when `left` remain of the row. */
#ifdef __CUDACC__
__device__ __forceinline__ int lanes_left(int64_t left) { return left < kVector ? int(left) : kVector; }
#else
inline int lanes_left(int64_t left, CUDASIM_LOC) {
  return left < kVector && !cudasim::faulty(cudasim::Fault::Tail, {file_, line_}) ? int(left) : kVector;
}
#endif

ELECTRA_HOST_DEVICE inline bool is_aligned(const void* p) {
  return (reinterpret_cast<uintptr_t>(p) & 15) == 0;
}

/** Reads eight numbers from a 16-byte aligned address. */
__device__ __forceinline__ void load_vector(float (&x)[kVector], const bf16* p) {
  const Bf16x8 v = *reinterpret_cast<const Bf16x8*>(p);
#pragma unroll
  for (int i = 0; i < kVector / 2; i++) {
    x[2 * i] = __low2float(v.pair[i]);
    x[2 * i + 1] = __high2float(v.pair[i]);
  }
}

__device__ __forceinline__ void load_vector(float (&x)[kVector], const float* p) {
#pragma unroll
  for (int i = 0; i < kVector / 4; i++) {
    const float4 v = reinterpret_cast<const float4*>(p)[i];
    x[4 * i] = v.x;
    x[4 * i + 1] = v.y;
    x[4 * i + 2] = v.z;
    x[4 * i + 3] = v.w;
  }
}

/** Writes eight numbers to a 16-byte aligned address, rounded to nearest even for bf16. */
__device__ __forceinline__ void store_vector(bf16* p, const float (&x)[kVector]) {
  Bf16x8 v;
#pragma unroll
  for (int i = 0; i < kVector / 2; i++) v.pair[i] = __floats2bfloat162_rn(x[2 * i], x[2 * i + 1]);
  *reinterpret_cast<Bf16x8*>(p) = v;
}

__device__ __forceinline__ void store_vector(float* p, const float (&x)[kVector]) {
#pragma unroll
  for (int i = 0; i < kVector / 4; i++) {
    reinterpret_cast<float4*>(p)[i] = make_float4(x[4 * i], x[4 * i + 1], x[4 * i + 2], x[4 * i + 3]);
  }
}

/** Reads the first `lanes` of eight numbers one by one, zero beyond. */
template <typename A>
__device__ __forceinline__ void load_each(float (&x)[kVector], const A* p, int lanes) {
#pragma unroll
  for (int i = 0; i < kVector; i++) x[i] = i < lanes ? to_float(p[i]) : 0.0f;
}

/** Writes the first `lanes` of eight numbers one by one. */
template <typename A>
__device__ __forceinline__ void store_each(A* p, const float (&x)[kVector], int lanes) {
#pragma unroll
  for (int i = 0; i < kVector; i++) {
    if (i < lanes) p[i] = from_float<A>(x[i]);
  }
}

/** Reads the first `lanes` of eight numbers from any address, zero beyond. */
template <typename A>
__device__ __forceinline__ void load_lanes(float (&x)[kVector], const A* p, int lanes) {
  if (lanes == kVector && is_aligned(p)) {
    load_vector(x, p);
  } else {
    load_each(x, p, lanes);
  }
}

/** Writes the first `lanes` of eight numbers to any address. */
template <typename A>
__device__ __forceinline__ void store_lanes(A* p, const float (&x)[kVector], int lanes) {
  if (lanes == kVector && is_aligned(p)) {
    store_vector(p, x);
  } else {
    store_each(p, x, lanes);
  }
}

/** Reads columns of a row: at 16-byte aligned addresses and all of them when kAligned. */
template <bool kAligned, typename A>
__device__ __forceinline__ void load_columns(float (&x)[kVector], const A* p, int lanes) {
  if (kAligned) {
    load_vector(x, p);
  } else {
    load_each(x, p, lanes);
  }
}

template <bool kAligned, typename A>
__device__ __forceinline__ void store_columns(A* p, const float (&x)[kVector], int lanes) {
  if (kAligned) {
    store_vector(p, x);
  } else {
    store_each(p, x, lanes);
  }
}

/** Whether rows of n elements of these arrays consist of whole, aligned vectors; null arrays do not count. */
template <typename... Pointers>
bool rows_are_aligned(int n, const Pointers*... pointers) {
  return n % kVector == 0 && (((reinterpret_cast<uintptr_t>(pointers) & 15) == 0) && ...);
}

}  // namespace electra::cuda
