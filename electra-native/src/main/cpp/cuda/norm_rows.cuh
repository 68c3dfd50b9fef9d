// LayerNorm of rows and its gradient, as residual_norm and embedding share them. Statistics come from the
// deviations, so that nothing cancels; sums run in a fixed order.
#pragma once
#include "partial_sums.h"
#include "vectors.cuh"

namespace electra::cuda {

/** Columns that a warp holds when each lane holds one vector. */
constexpr int kWarpColumns = kWarp * kVector;

struct RowStatistics {
  float mean;
  float rstd;
};

__device__ __forceinline__ float sum_of(const float (&x)[kVector]) {
  return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

/** Lanes of a vector that lie in the row; zero or less beyond its end. */
__device__ __forceinline__ int lanes_of(int column, int n) {
  return n - column < kVector ? n - column : kVector;
}

/**
 * Normalises a row by one warp. load(x, column, lanes) gives eight columns, zero beyond the row;
 * store(column, lanes, x, normalized) takes them. With kVectors > 0 the row (at most 256 kVectors columns)
 * stays in registers; with 0 it is loaded three times, and any length is right.
 */
template <int kVectors, typename Load, typename Store>
__device__ __forceinline__ RowStatistics normalize_row(int n, float eps, const Load& load,
                                                       const Store& store) {
  const int lane = int(threadIdx.x) % kWarp;
  const int vectors = kVectors > 0 ? kVectors : (n + kWarpColumns - 1) / kWarpColumns;
  constexpr int kHeld = kVectors > 0 ? kVectors : 1;
  float held[kHeld][kVector];
  float total = 0;
#pragma unroll
  for (int i = 0; i < vectors; i++) {
    float(&x)[kVector] = held[kVectors > 0 ? i : 0];
    const int column = (i * kWarp + lane) * kVector, lanes = lanes_of(column, n);
    if (lanes <= 0) continue;
    load(x, column, lanes);
    total += sum_of(x);
  }
  const float mean = warp_sum(total) / float(n);
  float squares = 0;
#pragma unroll
  for (int i = 0; i < vectors; i++) {
    float(&x)[kVector] = held[kVectors > 0 ? i : 0];
    const int column = (i * kWarp + lane) * kVector, lanes = lanes_of(column, n);
    if (lanes <= 0) continue;
    if (kVectors == 0) load(x, column, lanes);
    float square[kVector];
#pragma unroll
    for (int j = 0; j < kVector; j++) {
      const float deviation = j < lanes ? x[j] - mean : 0.0f;
      square[j] = deviation * deviation;
    }
    squares += sum_of(square);
  }
  const RowStatistics s{mean, 1.0f / sqrtf(warp_sum(squares) / float(n) + eps)};
#pragma unroll
  for (int i = 0; i < vectors; i++) {
    float(&x)[kVector] = held[kVectors > 0 ? i : 0];
    const int column = (i * kWarp + lane) * kVector, lanes = lanes_of(column, n);
    if (lanes <= 0) continue;
    if (kVectors == 0) load(x, column, lanes);
    float normalized[kVector];
#pragma unroll
    for (int j = 0; j < kVector; j++) normalized[j] = (x[j] - s.mean) * s.rstd;
    store(column, lanes, x, normalized);
  }
  return s;
}

/** Calls body(integral constant of vectors a lane): 0 when a row is too long or not aligned. */
template <typename Body>
void with_row_vectors(bool aligned, int n, const Body& body) {
  if (!aligned || n > 4 * kWarpColumns) {
    body(std::integral_constant<int, 0>{});
  } else if (n <= kWarpColumns) {
    body(std::integral_constant<int, 1>{});
  } else if (n <= 2 * kWarpColumns) {
    body(std::integral_constant<int, 2>{});
  } else {
    body(std::integral_constant<int, 4>{});
  }
}

constexpr int kBackwardWarps = 8;
constexpr int kBackwardThreads = kBackwardWarps * kWarp;

/** The rows of one block of a backward kernel, and where its sums over them go: (sections, n). */
struct BackwardRows {
  int begin;
  int end;
  int n;
  float* partials;
};

/** Sums two numbers over the warps of a row; each pair of scratch rows is used by every second call. */
template <int kRowWarps>
__device__ __forceinline__ float2 sum_over_row(float a, float b, float2 (*scratch)[kBackwardWarps],
                                               int parity) {
  a = warp_sum(a);
  b = warp_sum(b);
  if (kRowWarps == 1) return make_float2(a, b);
  const int warp = int(threadIdx.x) / kWarp;
  if (threadIdx.x % kWarp == 0) scratch[parity][warp] = make_float2(a, b);
  __syncthreads();
  const int first = warp / kRowWarps * kRowWarps;
  float2 sum = scratch[parity][first];
#pragma unroll
  for (int w = 1; w < kRowWarps; w++) {
    const float2 other = scratch[parity][first + w];
    sum.x += other.x;
    sum.y += other.y;
  }
  return sum;
}

/**
 * Gradient of the LayerNorm of the rows of a block; kRowWarps warps share a row and each lane holds kVectors
 * vectors of it. dy(x, row, column) and h(x, row, column) give eight columns, gamma(x, column) their gammas,
 * statistics(row) mean and rstd. out(dh, row, column) takes rstd (g - mean(g) - xhat mean(g xhat)) with
 * g = dy gamma, and may change it; the sections of the partial sums are dy xhat, dy, and what out left in dh.
 * `shared` holds (kSections, n) floats.
 */
template <int kRowWarps, int kVectors, int kSections, typename Dy, typename H, typename Statistics,
          typename Out>
__device__ __forceinline__ void norm_rows_backward(const BackwardRows& rows, const float* gamma,
                                                   float* shared, const Dy& dy, const H& h,
                                                   const Statistics& statistics, const Out& out) {
  constexpr int kGroups = kBackwardWarps / kRowWarps, kGroupThreads = kRowWarps * kWarp;
  __shared__ float2 scratch[2][kBackwardWarps];
  const int group = int(threadIdx.x) / kGroupThreads, thread = int(threadIdx.x) % kGroupThreads;
  const int n = rows.n;
  float sums[kSections][kVectors][kVector] = {};
  int parity = 0;
  // Every group takes part in every round: those that share a row meet at a barrier of the whole block.
  for (int first = rows.begin; first < rows.end; first += kGroups, parity ^= 1) {
    const int row = first + group;
    const bool inside = row < rows.end;
    float g[kVectors][kVector], x[kVectors][kVector], total = 0, product = 0;
    const RowStatistics s = inside ? statistics(row) : RowStatistics{0, 0};
#pragma unroll
    for (int i = 0; i < kVectors; i++) {
      const int column = (i * kGroupThreads + thread) * kVector;
      if (!inside || column >= n) continue;
      float scale[kVector], products[kVector];
      load_vector(scale, gamma + column);
      dy(g[i], row, column);
      h(x[i], row, column);
#pragma unroll
      for (int j = 0; j < kVector; j++) {
        x[i][j] = (x[i][j] - s.mean) * s.rstd;
        sums[0][i][j] += g[i][j] * x[i][j];
        sums[1][i][j] += g[i][j];
        g[i][j] *= scale[j];
        products[j] = g[i][j] * x[i][j];
      }
      total += sum_of(g[i]);
      product += sum_of(products);
    }
    const float2 sum = sum_over_row<kRowWarps>(total, product, scratch, parity);
    const float mean_g = sum.x / float(n), mean_gx = sum.y / float(n);
#pragma unroll
    for (int i = 0; i < kVectors; i++) {
      const int column = (i * kGroupThreads + thread) * kVector;
      if (!inside || column >= n) continue;
#pragma unroll
      for (int j = 0; j < kVector; j++) g[i][j] = s.rstd * (g[i][j] - mean_g - x[i][j] * mean_gx);
      out(g[i], row, column);
      if constexpr (kSections > 2) {
#pragma unroll
        for (int j = 0; j < kVector; j++) sums[kSections - 1][i][j] += g[i][j];
      }
    }
  }
  // The groups add up one after the other.
  for (int turn = 0; turn < kGroups; turn++) {
    if (turn == group) {
#pragma unroll
      for (int i = 0; i < kVectors; i++) {
        const int column = (i * kGroupThreads + thread) * kVector;
        if (column >= n) continue;
#pragma unroll
        for (int section = 0; section < kSections; section++) {
          float* sum = (kGroups > 1 && turn < kGroups - 1 ? shared : rows.partials) + section * n + column;
          if (turn > 0) {
            float before[kVector];
            load_vector(before, shared + section * n + column);
#pragma unroll
            for (int j = 0; j < kVector; j++) sums[section][i][j] += before[j];
          }
          store_vector(sum, sums[section][i]);
        }
      }
    }
    if (turn < kGroups - 1) __syncthreads();
  }
}

/**
 * The same for rows of any length and alignment: a block a row, everything loaded twice, the partial sums
 * kept in memory. dy, h and out take the number of lanes as their last argument.
 */
template <int kSections, typename Dy, typename H, typename Statistics, typename Out>
__device__ __forceinline__ void norm_rows_backward_any(const BackwardRows& rows, const float* gamma,
                                                       const Dy& dy, const H& h, const Statistics& statistics,
                                                       const Out& out) {
  constexpr int kStride = kBackwardThreads * kVector;
  __shared__ float2 scratch[2][kBackwardWarps];
  const int n = rows.n, start = int(threadIdx.x) * kVector;
  int parity = 0;
  for (int row = rows.begin; row < rows.end; row++, parity ^= 1) {
    const RowStatistics s = statistics(row);
    const bool is_first = row == rows.begin;
    float total = 0, product = 0;
#pragma unroll 1
    for (int column = start; column < n; column += kStride) {
      const int lanes = lanes_of(column, n);
      float g[kVector], x[kVector];
      dy(g, row, column, lanes);
      h(x, row, column, lanes);
#pragma unroll
      for (int j = 0; j < kVector; j++) {
        if (j >= lanes) break;
        const float normalized = (x[j] - s.mean) * s.rstd;
        float* sums = rows.partials + column + j;
        sums[0] = (is_first ? 0.0f : sums[0]) + g[j] * normalized;
        sums[n] = (is_first ? 0.0f : sums[n]) + g[j];
        total += g[j] * gamma[column + j];
        product += g[j] * gamma[column + j] * normalized;
      }
    }
    const float2 sum = sum_over_row<kBackwardWarps>(total, product, scratch, parity);
    const float mean_g = sum.x / float(n), mean_gx = sum.y / float(n);
#pragma unroll 1
    for (int column = start; column < n; column += kStride) {
      const int lanes = lanes_of(column, n);
      float g[kVector], x[kVector];
      dy(g, row, column, lanes);
      h(x, row, column, lanes);
#pragma unroll
      for (int j = 0; j < kVector; j++) {
        // Beyond the row the result is not used.
        const float scale = j < lanes ? gamma[column + j] : 0.0f;
        g[j] = s.rstd * (g[j] * scale - mean_g - (x[j] - s.mean) * s.rstd * mean_gx);
      }
      out(g, row, column, lanes);
      if constexpr (kSections > 2) {
#pragma unroll
        for (int j = 0; j < kVector; j++) {
          float* sums = rows.partials + 2 * n + column + j;
          if (j < lanes) *sums = (is_first ? 0.0f : *sums) + g[j];
        }
      }
    }
  }
}

/** Calls body(warps a row, vectors a lane) as integral constants; vectors are 0 where a row fits no such way.
 */
template <typename Body>
void with_backward_shape(bool aligned, int n, const Body& body) {
  if (!aligned || n > 4 * kWarpColumns) {
    body(std::integral_constant<int, kBackwardWarps>{}, std::integral_constant<int, 0>{});
  } else if (n <= kWarpColumns) {
    body(std::integral_constant<int, 1>{}, std::integral_constant<int, 1>{});
  } else if (n <= 2 * kWarpColumns) {
    body(std::integral_constant<int, 1>{}, std::integral_constant<int, 2>{});
  } else {
    body(std::integral_constant<int, 2>{}, std::integral_constant<int, 2>{});
  }
}

}  // namespace electra::cuda
