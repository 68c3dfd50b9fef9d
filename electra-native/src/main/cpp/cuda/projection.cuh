// The few-unit projection that every loss ends in: logits = x wᵀ + bias, the loss of each row, the gradient
// dz of its logits, and with it dx = dz w, dw += dzᵀ x and dbias += sum of dz. A block takes a chunk of rows
// and leaves partial sums, which are added up in the order of the chunks.
#pragma once
#include "partial_sums.h"
#include "vectors.cuh"

namespace electra::cuda::projection {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kWarp;
/** Columns that a warp covers at a time. */
constexpr int kWarpColumns = kWarp * kVector;
constexpr int kLeastRows = 64;

/** x (rows, h) A; w (units, h) A; bias (units) f32. */
template <typename A>
struct Projection {
  const A* x;
  const A* w;
  const float* bias;
  int rows, units, h;

  /** One logit, computed by a warp and known to all its lanes. */
  __device__ __forceinline__ float logit(int row, int unit) const {
    const A* a = x + int64_t(row) * h;
    const A* b = w + int64_t(unit) * h;
    float sum = 0;
    for (int k = int(threadIdx.x) % kWarp * kVector; k < h; k += kWarpColumns) {
      float u[kVector], v[kVector];
      load_lanes(u, a + k, lanes_left(h - k));
      load_lanes(v, b + k, lanes_left(h - k));
#pragma unroll
      for (int i = 0; i < kVector; i++) sum = fmaf(u[i], v[i], sum);
    }
    return warp_sum(sum) + bias[unit];
  }
};

/** Where the gradient goes; nothing is wanted where dx is null. */
template <typename A>
struct Gradient {
  A* dx;         // (rows, h), overwritten
  float* dw;     // (units, h), added to
  float* dbias;  // (units), added to
};

/** Chunk sums: dw and dbias side by side (chunks, units * h + units), and the sums of the loss (chunks,
 * kSums). */
struct Partials {
  float* gradient;
  double* sums;
  int chunk_rows;
};

/**
 * Adds up the sums that each warp has, the same in all its lanes, and writes those of the chunk. In any case
 * the block waits: what its threads wrote before, all of them may read afterwards.
 */
template <int kSums>
__device__ __forceinline__ void store_sums(const Partials& partials, const double (&sums)[kSums]) {
  __shared__ double part[kWarps][kSums];
  const int warp = int(threadIdx.x) / kWarp;
  if (threadIdx.x % kWarp == 0) {
#pragma unroll
    for (int i = 0; i < kSums; i++) part[warp][i] = sums[i];
  }
  __syncthreads();
  const int i = int(threadIdx.x);
  if (i >= kSums || partials.sums == nullptr) return;
  double total = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) total += part[w][i];
  partials.sums[int64_t(blockIdx.x) * kSums + i] = total;
}

/** Adds up 256 columns over the warps: lane l has columns 8 l to 8 l + 7, thread t writes column t. */
__device__ __forceinline__ void store_columns(float* target, const float (&columns)[kVector], int count) {
  __shared__ float part[kWarps][kWarpColumns];
  const int lane = int(threadIdx.x) % kWarp, warp = int(threadIdx.x) / kWarp;
#pragma unroll
  for (int i = 0; i < kVector; i++) part[warp][i * kWarp + lane] = columns[i];
  __syncthreads();
  const int mine = int(threadIdx.x);
  float total = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) total += part[w][mine % kVector * kWarp + mine / kVector];
  if (mine < count) target[mine] = total;
  __syncthreads();  // the next call writes part again
}

/**
 * One unit, h up to 256 kVectors: a warp keeps a row, the weights and their gradient in registers, so that x
 * is read and dx written once. `loss.row(row, z, sums)` returns dz and adds to `sums`.
 */
template <typename A, class Loss, int kVectors>
__global__ void __launch_bounds__(kThreads, 1)
    unit_kernel(Projection<A> p, Loss loss, A* __restrict__ dx, Partials partials) {
  const int lane = int(threadIdx.x) % kWarp, h = p.h;
  const int begin = int(blockIdx.x) * partials.chunk_rows, end = min(p.rows, begin + partials.chunk_rows);
  double sums[Loss::kSums] = {};
  float w[kVectors][kVector], dw[kVectors][kVector] = {}, dbias = 0;
#pragma unroll
  for (int v = 0; v < kVectors; v++) {
    const int column = (v * kWarp + lane) * kVector;
    load_lanes(w[v], p.w + column, lanes_left(h - column));
  }
  for (int row = begin + int(threadIdx.x) / kWarp; row < end; row += kWarps) {
    float x[kVectors][kVector], z = 0;
#pragma unroll
    for (int v = 0; v < kVectors; v++) {
      const int column = (v * kWarp + lane) * kVector;
      load_lanes(x[v], p.x + int64_t(row) * h + column, lanes_left(h - column));
    }
#pragma unroll
    for (int v = 0; v < kVectors; v++) {
#pragma unroll
      for (int i = 0; i < kVector; i++) z = fmaf(x[v][i], w[v][i], z);
    }
    const float dz = loss.row(row, warp_sum(z) + p.bias[0], sums);
    if (dx == nullptr) continue;
    dbias += dz;
#pragma unroll
    for (int v = 0; v < kVectors; v++) {
      const int column = (v * kWarp + lane) * kVector;
#pragma unroll
      for (int i = 0; i < kVector; i++) {
        dw[v][i] = fmaf(dz, x[v][i], dw[v][i]);
        x[v][i] = fmaf(dz, w[v][i], 0.0f);
      }
      store_lanes(dx + int64_t(row) * h + column, x[v], lanes_left(h - column));
    }
  }
  store_sums(partials, sums);
  if (dx == nullptr) return;
  float* target = partials.gradient + int64_t(blockIdx.x) * (h + 1);
#pragma unroll
  for (int v = 0; v < kVectors; v++) store_columns(target + v * kWarpColumns, dw[v], h - v * kWarpColumns);
  const float only_first[kVector] = {lane == 0 ? dbias : 0.0f};
  store_columns(target + h, only_first, 1);
}

/** dx of the chunk's rows = dz w. */
template <typename A>
__device__ __forceinline__ void write_dx(const Projection<A>& p, const float* dz, A* dx, int begin, int end) {
  const int vectors = int(divide_up(p.h, kVector));
  const int64_t last = int64_t(end) * vectors;
  for (int64_t i = int64_t(begin) * vectors + threadIdx.x; i < last; i += kThreads) {
    const int64_t row = i / vectors;
    const int column = int(i % vectors) * kVector, lanes = lanes_left(p.h - column);
    float total[kVector] = {}, w[kVector];
    for (int unit = 0; unit < p.units; unit++) {
      const float d = dz[row * p.units + unit];
      load_lanes(w, p.w + int64_t(unit) * p.h + column, lanes);
#pragma unroll
      for (int j = 0; j < kVector; j++) total[j] = fmaf(d, w[j], total[j]);
    }
    store_lanes(dx + row * p.h + column, total, lanes);
  }
}

/** The chunk's part of dw = dzᵀ x and of dbias. */
template <typename A>
__device__ __forceinline__ void store_gradient(const Projection<A>& p, const float* dz, float* target,
                                               int begin, int end) {
  const int lane = int(threadIdx.x) % kWarp, warp = int(threadIdx.x) / kWarp;
  for (int unit = 0; unit < p.units; unit++) {
    for (int first = 0; first < p.h; first += kWarpColumns) {
      const int column = first + lane * kVector, lanes = lanes_left(p.h - column);
      float total[kVector] = {}, x[kVector];
      for (int row = begin + warp; row < end; row += kWarps) {
        const float d = dz[int64_t(row) * p.units + unit];
        load_lanes(x, p.x + int64_t(row) * p.h + column, lanes);
#pragma unroll
        for (int j = 0; j < kVector; j++) total[j] = fmaf(d, x[j], total[j]);
      }
      store_columns(target + int64_t(unit) * p.h + first, total, p.h - first);
    }
  }
  for (int unit = int(threadIdx.x); unit < p.units; unit += kThreads) {
    float total = 0;
    for (int row = begin; row < end; row++) total += dz[int64_t(row) * p.units + unit];
    target[int64_t(p.units) * p.h + unit] = total;
  }
}

/**
 * Any number of units. `loss.row(p, row, dz, sums)`, called by a whole warp, writes dz of the row (units)
 * unless it is null, and adds to `sums`.
 *
 * @param dz (rows, units), null when no gradient is wanted
 */
template <typename A, class Loss>
__global__ void __launch_bounds__(kThreads, 1)
    rows_kernel(Projection<A> p, Loss loss, float* dz, A* __restrict__ dx, Partials partials) {
  const int begin = int(blockIdx.x) * partials.chunk_rows, end = min(p.rows, begin + partials.chunk_rows);
  double sums[Loss::kSums] = {};
  for (int row = begin + int(threadIdx.x) / kWarp; row < end; row += kWarps) {
    loss.row(p, row, dz == nullptr ? nullptr : dz + int64_t(row) * p.units, sums);
  }
  store_sums(partials, sums);
  if (dx == nullptr) return;  // the block has waited: dz is there
  write_dx(p, dz, dx, begin, end);
  store_gradient(p, dz, partials.gradient + int64_t(blockIdx.x) * p.units * (int64_t(p.h) + 1), begin, end);
}

/** A loss of one unit for rows_kernel. */
template <class Loss>
struct OneUnit {
  static constexpr int kSums = Loss::kSums;
  Loss loss;
  template <typename A>
  __device__ __forceinline__ void row(const Projection<A>& p, int row, float* dz,
                                      double (&sums)[kSums]) const {
    const float d = loss.row(row, p.logit(row, 0), sums);
    if (dz != nullptr && threadIdx.x % kWarp == 0) dz[0] = d;
  }
};

/** sums[i] = sum over the parts of partials (parts, count)[part][i]: a warp for each sum. */
static __global__ void __launch_bounds__(kThreads)
    total_kernel(double* __restrict__ sums, const double* __restrict__ partials, int parts, int count) {
  const int i = int(threadIdx.x) / kWarp;
  if (i >= count) return;
  double total = 0;
  for (int part = int(threadIdx.x) % kWarp; part < parts; part += kWarp)
    total += partials[int64_t(part) * count + i];
#pragma unroll
  for (int m = kWarp / 2; m; m >>= 1) total += __shfl_xor_sync(kFull, total, m);
  if (threadIdx.x % kWarp == 0) sums[i] = total;
}

/** Overwrites sums (count <= 8) with the sums of partials (parts, count). */
inline void add_sums(Device& device, double* sums, const double* partials, int parts, int count) {
  launch(device, total_kernel, 1, kThreads, 0, sums, partials, parts, count);
}

/** Room for the partial sums of a chunk in each block; no room for what is not wanted. */
template <typename A>
Partials partials_of(Scratch& scratch, const Projection<A>& p, bool gradient, int sums,
                     const RowChunks& chunks) {
  const size_t count = size_t(chunks.count());
  return Partials{gradient ? scratch.floats(count * size_t(p.units) * (size_t(p.h) + 1)) : nullptr,
                  sums > 0 ? scratch.doubles(count * size_t(sums)) : nullptr, chunks.size};
}

template <typename A>
void add_gradient(Device& device, const Projection<A>& p, const Gradient<A>& gradient,
                  const Partials& partials, int chunks) {
  if (gradient.dx == nullptr) return;
  add_partials(device, PartialTargets{{gradient.dw, gradient.dbias}, {p.units * p.h, p.units}},
               partials.gradient, chunks);
}

/**
 * Runs rows_kernel and adds up what it leaves.
 *
 * @param sums (kSums) f64, overwritten, or null
 * @param dz (rows, units), filled already or scratch; null when no gradient is wanted
 */
template <typename A, class Loss>
void project_rows(Device& device, const Projection<A>& p, const Loss& loss, double* sums, float* dz,
                  const Gradient<A>& gradient) {
  const RowChunks chunks = row_chunks(p.rows, kLeastRows);
  Scratch scratch(device);
  const Partials partials =
      partials_of(scratch, p, gradient.dx != nullptr, sums == nullptr ? 0 : Loss::kSums, chunks);
  if (p.rows > 0) {
    launch(device, rows_kernel<A, Loss>, unsigned(chunks.count()), kThreads, 0, p, loss, dz, gradient.dx,
           partials);
  }
  if (sums != nullptr) add_sums(device, sums, partials.sums, chunks.count(), Loss::kSums);
  add_gradient(device, p, gradient, partials, chunks.count());
}

/** The same for one unit. */
template <typename A, class Loss>
void project_unit(Device& device, const Projection<A>& p, const Loss& loss, double* sums,
                  const Gradient<A>& gradient) {
  constexpr int kMostVectors = 4;
  Scratch scratch(device);
  if (p.h > kMostVectors * kWarpColumns) {
    float* dz = gradient.dx == nullptr ? nullptr : scratch.floats(size_t(p.rows));
    project_rows(device, p, OneUnit<Loss>{loss}, sums, dz, gradient);
    return;
  }
  const RowChunks chunks = row_chunks(p.rows, kLeastRows);
  const Partials partials =
      partials_of(scratch, p, gradient.dx != nullptr, sums == nullptr ? 0 : Loss::kSums, chunks);
  if (p.rows > 0) {
    const auto kernel = p.h <= kWarpColumns       ? unit_kernel<A, Loss, 1>
                        : p.h <= 2 * kWarpColumns ? unit_kernel<A, Loss, 2>
                                                  : unit_kernel<A, Loss, kMostVectors>;
    launch(device, kernel, unsigned(chunks.count()), kThreads, 0, p, loss, gradient.dx, partials);
  }
  if (sums != nullptr) add_sums(device, sums, partials.sums, chunks.count(), Loss::kSums);
  add_gradient(device, p, gradient, partials, chunks.count());
}

__device__ __forceinline__ float sigmoid(float z) {
  const float e = expf(-fabsf(z));
  return (z < 0 ? e : 1.0f) / (1.0f + e);
}

/** log(1 + exp(z)). */
__device__ __forceinline__ float softplus(float z) { return fmaxf(z, 0.0f) + log1pf(expf(-fabsf(z))); }

}  // namespace electra::cuda::projection
