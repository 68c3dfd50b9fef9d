#include "partial_sums.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

constexpr int kColumns = 32, kSlices = 8;

/** One column a lane; slices of the chunks are summed side by side, then in their order. */
__global__ void __launch_bounds__(kColumns* kSlices)
    add_partials_kernel(PartialTargets targets, const float* __restrict__ partials, int chunks, int total) {
  __shared__ float part[kSlices][kColumns];
  const int section = int(blockIdx.y);
  float* const target = section == 0   ? targets.target[0]
                        : section == 1 ? targets.target[1]
                                       : targets.target[2];
  const int width = section == 0 ? targets.width[0] : section == 1 ? targets.width[1] : targets.width[2];
  const int start = (section > 0 ? targets.width[0] : 0) + (section > 1 ? targets.width[1] : 0);
  const int lane = int(threadIdx.x) % kColumns, slice = int(threadIdx.x) / kColumns;
  const int column = int(blockIdx.x) * kColumns + lane;
  const bool inside = target != nullptr && column < width;
  float sum = 0;
  if (inside) {
    for (int chunk = slice; chunk < chunks; chunk += kSlices) {
      sum += partials[int64_t(chunk) * total + start + column];
    }
  }
  part[slice][lane] = sum;
  __syncthreads();
  if (slice != 0 || !inside) return;
  sum = part[0][lane];
#pragma unroll
  for (int s = 1; s < kSlices; s++) sum += part[s][lane];
  target[column] += sum;
}

/** A chunk of rows and 256 columns a block: partials[chunk][column]. */
template <typename A>
__global__ void __launch_bounds__(kColumns* kSlices)
    column_sums_kernel(float* __restrict__ partials, const A* __restrict__ x, int t, int n, int chunk_rows) {
  __shared__ float part[kSlices][kColumns * kVector];
  const int lane = int(threadIdx.x) % kColumns, slice = int(threadIdx.x) / kColumns;
  const int column = (int(blockIdx.x) * kColumns + lane) * kVector;
  const int begin = int(blockIdx.y) * chunk_rows, end = min(t, begin + chunk_rows);
  const int lanes = max(0, lanes_left(n - column));
  float sum[kVector] = {}, v[kVector];
  if (lanes > 0) {
    for (int row = begin + slice; row < end; row += kSlices) {
      load_lanes(v, x + int64_t(row) * n + column, lanes);
#pragma unroll
      for (int j = 0; j < kVector; j++) sum[j] += v[j];
    }
  }
#pragma unroll
  for (int j = 0; j < kVector; j++) part[slice][j * kColumns + lane] = sum[j];
  __syncthreads();
  // The 256 threads now take one column each.
  const int mine = int(threadIdx.x), target = int(blockIdx.x) * kColumns * kVector + mine;
  if (target >= n) return;
  float total = 0;
#pragma unroll
  for (int s = 0; s < kSlices; s++) total += part[s][mine % kVector * kColumns + mine / kVector];
  partials[int64_t(blockIdx.y) * n + target] = total;
}

}  // namespace

void add_partials(Device& device, const PartialTargets& targets, const float* partials, int chunks) {
  int widest = 0, total = 0;
  for (int width : targets.width) {
    widest = width > widest ? width : widest;
    total += width;
  }
  if (widest == 0 || chunks == 0) return;
  launch(device, add_partials_kernel, dim3(unsigned(divide_up(widest, kColumns)), kMostSections),
         kColumns * kSlices, 0, targets, partials, chunks, total);
}

template <typename A>
void add_column_sums(Device& device, float* sums, const A* x, int t, int n) {
  if (t == 0 || n == 0) return;
  const RowChunks chunks = row_chunks(t, 64);
  Scratch scratch(device);
  float* partials = scratch.floats(size_t(chunks.count()) * size_t(n));
  launch(device, column_sums_kernel<A>,
         dim3(unsigned(divide_up(n, kColumns * kVector)), unsigned(chunks.count())), kColumns * kSlices, 0,
         partials, x, t, n, chunks.size);
  add_partials(device, PartialTargets{{sums}, {n}}, partials, chunks.count());
}

ELECTRA_CUDA_INSTANTIATE(add_column_sums);

}  // namespace electra::cuda
