// Conversions between float and the activation type, and sums of activations.
#include "kernels.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

constexpr int kThreads = 256;

template <typename To, typename From>
__global__ void __launch_bounds__(kThreads)
    convert_kernel(To* __restrict__ y, const From* __restrict__ x, int64_t count) {
  const int64_t i = (int64_t(blockIdx.x) * kThreads + threadIdx.x) * kVector;
  if (i >= count) return;
  const int lanes = lanes_left(count - i);
  float v[kVector];
  load_lanes(v, x + i, lanes);
  store_lanes(y + i, v, lanes);
}

template <typename A>
__global__ void __launch_bounds__(kThreads) add_kernel(A* y, const A* __restrict__ x, int64_t count) {
  const int64_t i = (int64_t(blockIdx.x) * kThreads + threadIdx.x) * kVector;
  if (i >= count) return;
  const int lanes = lanes_left(count - i);
  float v[kVector], w[kVector];
  load_lanes(v, y + i, lanes);
  load_lanes(w, x + i, lanes);
#pragma unroll
  for (int j = 0; j < kVector; j++) v[j] += w[j];
  store_lanes(y + i, v, lanes);
}

template <typename To, typename From>
void convert(Device& device, To* y, const From* x, int64_t count) {
  if (count == 0) return;
  launch(device, convert_kernel<To, From>, unsigned(divide_up(count, kThreads * kVector)), kThreads, 0, y, x,
         count);
}

}  // namespace

template <typename A>
void to_activation(Device& device, A* y, const float* x, int64_t count) {
  convert(device, y, x, count);
}

template <typename A>
void from_activation(Device& device, float* y, const A* x, int64_t count) {
  convert(device, y, x, count);
}

template <typename A>
void add_activation(Device& device, A* y, const A* x, int64_t count) {
  if (count == 0) return;
  launch(device, add_kernel<A>, unsigned(divide_up(count, kThreads * kVector)), kThreads, 0, y, x, count);
}

ELECTRA_CUDA_INSTANTIATE(add_activation);
ELECTRA_CUDA_INSTANTIATE(to_activation);
ELECTRA_CUDA_INSTANTIATE(from_activation);

}  // namespace electra::cuda
