// The squared norm of the gradient and the AdamW step of ELECTRA over a table of segments.
#include "kernels.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarp;
constexpr int kNormChunk = 8192;  // elements a block, at least
constexpr int kMostNormBlocks = 1024;
constexpr int kStepChunk = kThreads * kVector;

/** Sums over the block in a fixed order; the result is right in thread 0. */
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

/** Squares are summed in double: a float sum over millions of elements would lose half its digits. */
__global__ void __launch_bounds__(kThreads)
    squares_kernel(double* __restrict__ parts, const float* __restrict__ x, int64_t count, int64_t chunk) {
  const int64_t begin = int64_t(blockIdx.x) * chunk, end = begin + chunk < count ? begin + chunk : count;
  double sum = 0;
  for (int64_t i = begin + int64_t(threadIdx.x) * kVector; i < end; i += kThreads * kVector) {
    float v[kVector];
    load_lanes(v, x + i, lanes_left(end - i));
#pragma unroll
    for (int j = 0; j < kVector; j++) sum += double(v[j]) * double(v[j]);
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kThreads)
    sum_kernel(double* __restrict__ sum, const double* __restrict__ parts, int count) {
  double total = 0;
  for (int i = int(threadIdx.x); i < count; i += kThreads) total += parts[i];
  total = block_sum(total);
  if (threadIdx.x == 0) *sum = total;
}

/** A segment, and the first block that works on it. */
struct Segment {
  int64_t begin;
  int64_t end;
  int64_t first_block;
  float rate;
  float decay;
};

template <typename A>
struct Step {
  float* w;
  A* working;
  float* m;
  float* v;
  float* grad;
  const Segment* segments;
  int count;
  const double* squared_norm;
  float max_grad_norm, learning_rate, beta1, beta2, eps, m_scale, v_scale;
};

__device__ __forceinline__ int segment_of(const Segment* segments, int count, int64_t block) {
  int low = 0, high = count - 1;  // the last one that starts at or before the block
  while (low < high) {
    const int middle = low + (high - low + 1) / 2;
    if (segments[middle].first_block <= block) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

template <typename A>
__global__ void __launch_bounds__(kThreads) adamw_kernel(Step<A> s) {
  const Segment segment = s.segments[segment_of(s.segments, s.count, blockIdx.x)];
  const int64_t i = segment.begin + (int64_t(blockIdx.x) - segment.first_block) * kStepChunk +
                    int64_t(threadIdx.x) * kVector;
  if (i >= segment.end) return;
  const int lanes = lanes_left(segment.end - i);
  const double squared = *s.squared_norm;
  const bool finite = squared - squared == 0;
  const double norm = sqrt(squared);
  const float clip = s.max_grad_norm > 0 && norm > s.max_grad_norm ? float(s.max_grad_norm / norm) : 1.0f;
  const float zeros[kVector] = {};
  float w[kVector];
  load_lanes(w, s.w + i, lanes);
  if (finite) {
    float g[kVector], m[kVector], v[kVector];
    load_lanes(g, s.grad + i, lanes);
    load_lanes(m, s.m + i, lanes);
    load_lanes(v, s.v + i, lanes);
    const float rate = s.learning_rate * segment.rate;
#pragma unroll
    for (int j = 0; j < kVector; j++) {
      const float gradient = g[j] * clip;
      m[j] = s.beta1 * m[j] + (1.0f - s.beta1) * gradient;
      v[j] = s.beta2 * v[j] + (1.0f - s.beta2) * gradient * gradient;
      const float u = m[j] * s.m_scale / (sqrtf(v[j] * s.v_scale) + s.eps) + segment.decay * w[j];
      w[j] -= rate * u;
    }
    store_lanes(s.m + i, m, lanes);
    store_lanes(s.v + i, v, lanes);
    store_lanes(s.w + i, w, lanes);
  }
  // In FP32 the working copy is w itself.
  if (sizeof(A) != sizeof(float)) store_lanes(s.working + i, w, lanes);
  store_lanes(s.grad + i, zeros, lanes);
}

}  // namespace

void squared_norm(Device& device, double* sum, const float* x, int64_t count) {
  const int64_t chunk = divide_up(divide_up(count, kMostNormBlocks), kNormChunk) * kNormChunk;
  const int blocks = count == 0 ? 0 : int(divide_up(count, chunk));
  Scratch scratch(device);
  double* parts = scratch.doubles(size_t(blocks));
  if (blocks > 0) launch(device, squares_kernel, unsigned(blocks), kThreads, 0, parts, x, count, chunk);
  launch(device, sum_kernel, 1, kThreads, 0, sum, parts, blocks);
}

template <typename A>
void adamw(Device& device, float* w, A* working, float* m, float* v, float* grad, const int64_t* begins,
           const int64_t* ends, const float* multipliers, const float* decays, int segments,
           const double* squared_norm, float max_grad_norm, float learning_rate, float beta1, float beta2,
           float eps, float m_scale, float v_scale) {
  std::vector<Segment> table;
  int64_t blocks = 0;
  for (int s = 0; s < segments; s++) {
    if (begins[s] >= ends[s]) continue;
    table.push_back(Segment{begins[s], ends[s], blocks, multipliers[s], decays[s]});
    blocks += divide_up(ends[s] - begins[s], kStepChunk);
  }
  if (table.empty()) return;
  const auto* on_device =
      static_cast<const Segment*>(device.constant(table.data(), table.size() * sizeof(Segment)));
  const Step<A> step{w,
                     working,
                     m,
                     v,
                     grad,
                     on_device,
                     int(table.size()),
                     squared_norm,
                     max_grad_norm,
                     learning_rate,
                     beta1,
                     beta2,
                     eps,
                     m_scale,
                     v_scale};
  launch(device, adamw_kernel<A>, unsigned(blocks), kThreads, 0, step);
}

ELECTRA_CUDA_INSTANTIATE(adamw);

}  // namespace electra::cuda
