// h = dropout(x + bias) + residual; y = LayerNorm(h). Forward: a warp a row, the row in registers, so that
// memory is read and written once: 2 (x, residual) + 2 (h, y) arrays. Backward: 2 + 2 arrays, and the partial
// sums of the parameters from registers.
#include "dropout.cuh"
#include "kernels.h"
#include "norm_rows.cuh"

namespace electra::cuda {

namespace {

constexpr int kForwardWarps = 4;

template <typename A>
struct Forward {
  A* y;
  A* h;
  float* mean;
  float* rstd;
  const A* x;
  const float* bias;
  const A* residual;
  const float* gamma;
  const float* beta;
  int t;
  int n;
  float eps;
  DropoutSite dropout;
};

template <typename A, int kVectors>
__global__ void __launch_bounds__(kForwardWarps* kWarp) residual_norm_forward_kernel(Forward<A> f) {
  constexpr bool kAligned = kVectors > 0;
  const int row = int(blockIdx.x) * kForwardWarps + int(threadIdx.x) / kWarp;
  if (row >= f.t) return;
  const int64_t first = int64_t(row) * f.n;
  const auto load = [&](float(&x)[kVector], int column, int lanes) {
    float other[kVector];
    load_columns<kAligned>(x, f.x + first + column, lanes);
    if (f.bias != nullptr) {
      load_columns<kAligned>(other, f.bias + column, lanes);
#pragma unroll
      for (int j = 0; j < kVector; j++) x[j] += other[j];
    }
    apply_dropout<kAligned>(f.dropout, x, first + column);
    if (f.residual != nullptr) {
      load_columns<kAligned>(other, f.residual + first + column, lanes);
#pragma unroll
      for (int j = 0; j < kVector; j++) x[j] += other[j];
    }
#pragma unroll
    for (int j = 0; j < kVector; j++) x[j] = rounded_to<A>(x[j]);
  };
  const auto store = [&](int column, int lanes, const float(&h)[kVector], float(&normalized)[kVector]) {
    if (f.h != nullptr) store_columns<kAligned>(f.h + first + column, h, lanes);
    float gamma[kVector], beta[kVector];
    load_columns<kAligned>(gamma, f.gamma + column, lanes);
    load_columns<kAligned>(beta, f.beta + column, lanes);
#pragma unroll
    for (int j = 0; j < kVector; j++) normalized[j] = normalized[j] * gamma[j] + beta[j];
    store_columns<kAligned>(f.y + first + column, normalized, lanes);
  };
  const RowStatistics s = normalize_row<kVectors>(f.n, f.eps, load, store);
  if (f.mean != nullptr && threadIdx.x % kWarp == 0) {
    f.mean[row] = s.mean;
    f.rstd[row] = s.rstd;
  }
}

template <typename A>
struct Backward {
  A* dx;
  A* dresidual;
  const A* dy;
  const A* h;
  const float* mean;
  const float* rstd;
  const float* gamma;
  float* partials;
  int t;
  int n;
  int chunk_rows;
  DropoutSite dropout;
};

constexpr int kSections = 3;  // dgamma, dbeta, dbias

template <typename A, int kRowWarps, int kVectors>
__global__ void __launch_bounds__(kBackwardThreads) residual_norm_backward_kernel(Backward<A> b) {
  DYN_SMEM(memory);
  const int begin = int(blockIdx.x) * b.chunk_rows, n = b.n;
  const BackwardRows rows{begin, min(b.t, begin + b.chunk_rows), n,
                          b.partials + int64_t(blockIdx.x) * kSections * n};
  const auto statistics = [&](int row) { return RowStatistics{b.mean[row], b.rstd[row]}; };
  constexpr bool kAligned = kVectors > 0;
  const auto dy = [&](float(&x)[kVector], int row, int column, int lanes = kVector) {
    load_columns<kAligned>(x, b.dy + int64_t(row) * n + column, lanes);
  };
  const auto h = [&](float(&x)[kVector], int row, int column, int lanes = kVector) {
    load_columns<kAligned>(x, b.h + int64_t(row) * n + column, lanes);
  };
  const auto out = [&](float(&dh)[kVector], int row, int column, int lanes = kVector) {
    const int64_t at = int64_t(row) * n + column;
    if (b.dresidual != nullptr) store_columns<kAligned>(b.dresidual + at, dh, lanes);
    apply_dropout<kAligned>(b.dropout, dh, at);
    store_columns<kAligned>(b.dx + at, dh, lanes);
  };
  if constexpr (kVectors > 0) {
    norm_rows_backward<kRowWarps, kVectors, kSections>(rows, b.gamma, reinterpret_cast<float*>(memory), dy, h,
                                                       statistics, out);
  } else {
    norm_rows_backward_any<kSections>(rows, b.gamma, dy, h, statistics, out);
  }
}

}  // namespace

template <typename A>
void residual_norm_forward(Device& device, A* y, A* h, float* mean, float* rstd, const A* x,
                           const float* bias, const A* residual, const float* gamma, const float* beta, int t,
                           int n, float eps, float p, int64_t seed, int64_t step, int stream) {
  if (t == 0 || n == 0) return;
  const Forward<A> forward{
      y, h, mean, rstd, x, bias, residual, gamma, beta, t, n, eps, DropoutSite(p, seed, step, stream)};
  const bool aligned = rows_are_aligned(n, y, h, x, bias, residual, gamma, beta);
  with_row_vectors(aligned, n, [&](auto vectors) {
    launch(device, residual_norm_forward_kernel<A, vectors.value>, unsigned(divide_up(t, kForwardWarps)),
           kForwardWarps * kWarp, 0, forward);
  });
}

template <typename A>
void residual_norm_backward(Device& device, A* dx, A* dresidual, float* dbias, float* dgamma, float* dbeta,
                            const A* dy, const A* h, const float* mean, const float* rstd, const float* gamma,
                            int t, int n, float p, int64_t seed, int64_t step, int stream) {
  if (t == 0 || n == 0) return;
  const RowChunks chunks = row_chunks(t, kBackwardWarps);
  Scratch scratch(device);
  float* partials = scratch.floats(size_t(chunks.count()) * kSections * size_t(n));
  const Backward<A> backward{dx,    dresidual, dy, h, mean,        rstd,
                             gamma, partials,  t,  n, chunks.size, DropoutSite(p, seed, step, stream)};
  const bool aligned = rows_are_aligned(n, dx, dresidual, dy, h, gamma);
  with_backward_shape(aligned, n, [&](auto row_warps, auto vectors) {
    const size_t smem = vectors.value > 0 ? sizeof(float) * kSections * size_t(n) : 0;
    launch(device, residual_norm_backward_kernel<A, row_warps.value, vectors.value>, unsigned(chunks.count()),
           kBackwardThreads, smem, backward);
  });
  add_partials(device, PartialTargets{{dgamma, dbeta, dbias}, {n, n, n}}, partials, chunks.count());
}

ELECTRA_CUDA_INSTANTIATE(residual_norm_forward);
ELECTRA_CUDA_INSTANTIATE(residual_norm_backward);

}  // namespace electra::cuda
