// du = dy gelu'(u).
#include "gelu.cuh"
#include "kernels.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

constexpr int kThreads = 256;

// du may be dy: every element is read before the same thread writes it.
template <typename A>
__global__ void __launch_bounds__(kThreads)
    gelu_backward_kernel(A* du, const A* dy, const A* __restrict__ u, int64_t count) {
  const int64_t i = (int64_t(blockIdx.x) * kThreads + threadIdx.x) * kVector;
  if (i >= count) return;
  const int lanes = lanes_left(count - i);
  float d[kVector], x[kVector];
  load_lanes(d, dy + i, lanes);
  load_lanes(x, u + i, lanes);
#pragma unroll
  for (int j = 0; j < kVector; j++) d[j] *= gelu_derivative<A>(x[j]);
  store_lanes(du + i, d, lanes);
}

}  // namespace

template <typename A>
void gelu_backward(Device& device, A* du, const A* dy, const A* u, int64_t count) {
  if (count == 0) return;
  launch(device, gelu_backward_kernel<A>, unsigned(divide_up(count, kThreads * kVector)), kThreads, 0, du, dy,
         u, count);
}

ELECTRA_CUDA_INSTANTIATE(gelu_backward);

}  // namespace electra::cuda
