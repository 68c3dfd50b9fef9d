// Both ends of a span: softmax over the tokens of each sequence, loss = (-log p_start - log p_end) / 2. Three
// kernels: logits of all tokens, a block for the loss of each sequence, then the gradient of the projection.
#include "fault.cuh"
#include "kernels.h"
#include "projection.cuh"

namespace electra::cuda {

namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarp, kEnds = 2;

struct LogitWriter {
  static constexpr int kSums = 1;
  float* logits;
  template <typename A>
  __device__ __forceinline__ void row(const projection::Projection<A>& p, int row, float*,
                                      double (&)[kSums]) const {
#pragma unroll
    for (int end = 0; end < kEnds; end++) {
      const float z = p.logit(row, end);
      if (threadIdx.x % kWarp == 0) logits[int64_t(row) * kEnds + end] = z;
    }
  }
};

/** The gradient of the logits is there already. */
struct GivenGradient {
  static constexpr int kSums = 1;
  template <typename A>
  __device__ __forceinline__ void row(const projection::Projection<A>&, int, float*,
                                      double (&)[kSums]) const {}
};

// block_max and block_sum are called in turn: the barrier of one keeps the next call of the other from
// writing to what is still read.
__device__ __forceinline__ float block_max(float v) {
  __shared__ float part[kWarps];
  v = warp_max(v);
  if (threadIdx.x % kWarp == 0) part[threadIdx.x / kWarp] = v;
  __syncthreads();
  v = part[0];
#pragma unroll
  for (int w = 1; w < kWarps; w++) v = fmaxf(v, part[w]);
  return v;
}

__device__ __forceinline__ double block_sum(double v) {
  __shared__ double part[kWarps];
#pragma unroll
  for (int m = kWarp / 2; m; m >>= 1) v += __shfl_xor_sync(kFull, v, m);
  if (threadIdx.x % kWarp == 0) part[threadIdx.x / kWarp] = v;
  __syncthreads();
  v = part[0];
#pragma unroll
  for (int w = 1; w < kWarps; w++) v += part[w];
  return v;
}

/** A sequence: its loss and 1 where it is counted, and dz (t, 2) unless that is null. */
__global__ void __launch_bounds__(kThreads)
    sequence_kernel(double* __restrict__ partials, float* __restrict__ dz, const float* __restrict__ logits,
                    const int* __restrict__ starts, const int* __restrict__ ends,
                    const int* __restrict__ cu_seqlens, float scale, Fault* fault) {
  const int sequence = int(blockIdx.x), thread = int(threadIdx.x);
  const int first = cu_seqlens[sequence], tokens = cu_seqlens[sequence + 1] - first;
  const int targets[kEnds] = {starts[sequence], ends[sequence]};
  bool counted = targets[0] >= 0 && targets[1] >= 0;
  for (int end = 0; counted && end < kEnds; end++) {
    if (targets[end] < tokens) continue;
    counted = false;
    if (thread == 0) report_fault(fault, kSpanFault, targets[end], sequence, tokens);
  }
  const float* z = logits + int64_t(first) * kEnds;
  float* own = dz == nullptr ? nullptr : dz + int64_t(first) * kEnds;
  double loss = 0;
  if (counted) {
    for (int end = 0; end < kEnds; end++) {
      float top = -INFINITY;
      for (int i = thread; i < tokens; i += kThreads) top = fmaxf(top, z[i * kEnds + end]);
      top = block_max(top);
      double total = 0;
      for (int i = thread; i < tokens; i += kThreads) total += exp(double(z[i * kEnds + end]) - top);
      const double log_sum = top + log(block_sum(total));
      loss += 0.5 * (log_sum - z[targets[end] * kEnds + end]);
      for (int i = thread; own != nullptr && i < tokens; i += kThreads) {
        const double p = exp(z[i * kEnds + end] - log_sum);
        own[i * kEnds + end] = float(0.5 * scale * (p - (i == targets[end] ? 1 : 0)));
      }
    }
  } else {
    for (int i = thread; own != nullptr && i < tokens * kEnds; i += kThreads) own[i] = 0;
  }
  if (thread != 0) return;
  partials[int64_t(sequence) * 2] = loss;
  partials[int64_t(sequence) * 2 + 1] = counted ? 1 : 0;
}

}  // namespace

template <typename A>
void span_loss(Device& device, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
               const A* w, const float* bias, const int* starts, const int* ends, const int* cu_seqlens,
               int b, int t, int h, float scale) {
  const projection::Projection<A> p{x, w, bias, t, kEnds, h};
  project_rows(device, p, LogitWriter{logits}, nullptr, nullptr, projection::Gradient<A>{});
  if (starts == nullptr) return;
  Scratch scratch(device);
  double* partials = scratch.doubles(size_t(b) * 2);
  float* dz = dx == nullptr ? nullptr : scratch.floats(size_t(t) * kEnds);
  if (b > 0) {
    launch(device, sequence_kernel, unsigned(b), kThreads, 0, partials, dz, logits, starts, ends, cu_seqlens,
           scale, device.fault());
  }
  projection::add_sums(device, sums, partials, b, 2);
  if (dx == nullptr) return;
  project_rows(device, p, GivenGradient{}, nullptr, dz, projection::Gradient<A>{dx, dw, dbias});
}

ELECTRA_CUDA_INSTANTIATE(span_loss);

}  // namespace electra::cuda
