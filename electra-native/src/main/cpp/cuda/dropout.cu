// y = dropout(x), which is its own gradient.
#include "dropout.cuh"
#include "kernels.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

constexpr int kThreads = 256;

// y may be x: every element is read before the same thread writes it.
template <typename A>
__global__ void __launch_bounds__(kThreads)
    dropout_kernel(A* y, const A* x, int64_t count, DropoutSite site) {
  const int64_t i = (int64_t(blockIdx.x) * kThreads + threadIdx.x) * kVector;
  if (i >= count) return;
  const int lanes = lanes_left(count - i);
  float v[kVector];
  load_lanes(v, x + i, lanes);
  site.apply_aligned(v, i);
  store_lanes(y + i, v, lanes);
}

}  // namespace

template <typename A>
void dropout(Device& device, A* y, const A* x, int64_t count, float p, int64_t seed, int64_t step,
             int stream) {
  if (count == 0) return;
  const DropoutSite site(p, seed, step, stream);
  launch(device, dropout_kernel<A>, unsigned(divide_up(count, kThreads * kVector)), kThreads, 0, y, x, count,
         site);
}

ELECTRA_CUDA_INSTANTIATE(dropout);

}  // namespace electra::cuda
