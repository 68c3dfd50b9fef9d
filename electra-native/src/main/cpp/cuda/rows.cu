// y[s] = x[positions[s]] and its gradient. A warp writes a row.
#include "kernels.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

constexpr int kWarps = 8;

/** The row of this warp, or -1 past the end. */
__device__ __forceinline__ int my_row(int rows) {
  const int64_t row = int64_t(blockIdx.x) * kWarps + threadIdx.x / kWarp;
  return row < rows ? int(row) : -1;
}

template <typename A>
__global__ void __launch_bounds__(kWarps* kWarp)
    gather_rows_kernel(A* __restrict__ y, const A* __restrict__ x, const int* __restrict__ positions, int m,
                       int n) {
  const int row = my_row(m);
  if (row < 0) return;
  const A* from = x + int64_t(positions[row]) * n;
  A* to = y + int64_t(row) * n;
  for (int column = int(threadIdx.x) % kWarp * kVector; column < n; column += kWarp * kVector) {
    const int lanes = lanes_left(n - column);
    float v[kVector];
    load_lanes(v, from + column, lanes);
    store_lanes(to + column, v, lanes);
  }
}

/** The first slot whose position is not below row. */
__device__ __forceinline__ int lower_bound(const int* positions, int m, int row) {
  int low = 0, high = m;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (positions[middle] < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

template <typename A>
__global__ void __launch_bounds__(kWarps* kWarp)
    scatter_rows_kernel(A* __restrict__ dx, const A* __restrict__ dy, const int* __restrict__ positions,
                        int t, int m, int n) {
  const int row = my_row(t);
  if (row < 0) return;
  const int begin = lower_bound(positions, m, row);
  int end = begin;
  while (end < m && positions[end] == row) end++;
  for (int column = int(threadIdx.x) % kWarp * kVector; column < n; column += kWarp * kVector) {
    const int lanes = lanes_left(n - column);
    float total[kVector] = {}, v[kVector];
    for (int slot = begin; slot < end; slot++) {
      load_lanes(v, dy + int64_t(slot) * n + column, lanes);
#pragma unroll
      for (int j = 0; j < kVector; j++) total[j] += v[j];
    }
    store_lanes(dx + int64_t(row) * n + column, total, lanes);
  }
}

}  // namespace

template <typename A>
void gather_rows(Device& device, A* y, const A* x, const int* positions, int /*t*/, int m, int n) {
  if (m == 0 || n == 0) return;
  launch(device, gather_rows_kernel<A>, unsigned(divide_up(m, kWarps)), kWarps * kWarp, 0, y, x, positions, m,
         n);
}

template <typename A>
void scatter_rows(Device& device, A* dx, const A* dy, const int* positions, int t, int m, int n) {
  if (t == 0 || n == 0) return;
  launch(device, scatter_rows_kernel<A>, unsigned(divide_up(t, kWarps)), kWarps * kWarp, 0, dx, dy, positions,
         t, m, n);
}

ELECTRA_CUDA_INSTANTIATE(gather_rows);
ELECTRA_CUDA_INSTANTIATE(scatter_rows);

}  // namespace electra::cuda
