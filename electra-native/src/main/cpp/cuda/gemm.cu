// Products with a weight matrix. cuBLASLt's GELU epilogue is the tanh approximation, so GELU and its
// derivative, which are the exact ones here, are passes of their own over memory that the product has just
// written.
#include "gelu.cuh"
#include "gemm.h"
#include "kernels.h"
#include "partial_sums.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

constexpr int kThreads = 256;

// y may be u: every element is read before the same thread writes it.
template <typename A>
__global__ void __launch_bounds__(kThreads) gelu_kernel(A* y, const A* u, int64_t count) {
  const int64_t i = (int64_t(blockIdx.x) * kThreads + threadIdx.x) * kVector;
  if (i >= count) return;
  const int lanes = lanes_left(count - i);
  float x[kVector];
  load_lanes(x, u + i, lanes);
#pragma unroll
  for (int j = 0; j < kVector; j++) x[j] = gelu<A>(x[j]);
  store_lanes(y + i, x, lanes);
}

template <typename A>
constexpr bool kIsBf16 = sizeof(A) == sizeof(bf16);

template <typename A>
Matrix plain(const A* data) {
  return Matrix{data, kIsBf16<A>, false};
}

template <typename A>
Matrix transposed(const A* data) {
  return Matrix{data, kIsBf16<A>, true};
}

}  // namespace

template <typename A>
void gemm_forward(Device& device, A* y, A* u, const A* x, const A* w, const float* bias, int t, int n, int k,
                  bool gelu) {
  if (t == 0 || n == 0 || k == 0) return;
  A* const product = gelu && u != nullptr ? u : y;
  matrix_product(device, product, kIsBf16<A>, plain(x), transposed(w), bias, t, n, k, false);
  if (!gelu) return;
  const int64_t count = int64_t(t) * n;
  launch(device, gelu_kernel<A>, unsigned(divide_up(count, kThreads * kVector)), kThreads, 0, y, product,
         count);
}

template <typename A>
void gemm_backward_input(Device& device, A* dx, const A* dy, const A* w, const A* u, int t, int n, int k,
                         bool accumulate) {
  if (t == 0 || n == 0 || k == 0) return;
  matrix_product(device, dx, kIsBf16<A>, plain(dy), plain(w), nullptr, t, k, n, accumulate);
  if (u != nullptr) gelu_backward<A>(device, dx, dx, u, int64_t(t) * k);
}

template <typename A>
void gemm_backward_weight(Device& device, float* dw, float* dbias, const A* dy, const A* x, int t, int n,
                          int k) {
  if (t == 0 || n == 0 || k == 0) return;
  matrix_product(device, dw, false, transposed(dy), plain(x), nullptr, n, k, t, true);
  if (dbias != nullptr) add_column_sums(device, dbias, dy, t, n);
}

ELECTRA_CUDA_INSTANTIATE(gemm_forward);
ELECTRA_CUDA_INSTANTIATE(gemm_backward_input);
ELECTRA_CUDA_INSTANTIATE(gemm_backward_weight);

}  // namespace electra::cuda
