// Gradient of the output projection. dlogits = dnll (softmax - one at the label) is made again tile by tile
// and multiplied at once: dx = dlogits table with a block for 128 rows of x and a share of the vocabulary,
// and dtable += dlogitsᵀ x with a block for 128 words and all rows, so that no two blocks add to the same
// place. In BF16 dlogits is rounded to bf16 before these products.
//
// For m = 2,432, v = 30,522, e = 128 in bf16 on an H100. Making dlogits twice costs 4 x 19.0 GFLOP instead of
// 3 x, and saves adding up dx in memory: a block that made both gradients would read and write 1.2 MB of dx
// for each of 239 tiles of words, 600 MB in f32. Each of the two kernels: 9,082 tiles of 128 x 64, 69 for
// each multiprocessor; a tile is 1,024 mma (1.6 clocks each), 8,192 exponentials, and 230 KiB of ldmatrix at
// 128 bytes a clock, on two blocks that overlap: about 1,900 clocks, 75 us. L2 gives 16 KiB a tile: 150 MB,
// 27 us. dx passes through 13 partial sums, 16 MB to write and to read, 10 us; dtable 15.6 MB to read and to
// write, 10 us. 170 us in all.
#include "kernels.h"
#include "lm_head_tiles.cuh"

namespace electra::cuda {

namespace lm_head {
namespace {

constexpr int kStages = 3;
/** Columns of a row that stay in shared memory together with two tiles of the streamed operand. */
constexpr int kResidentColumns = 128;
/** Columns of the gradient that one block sums up where rows do not stay. */
constexpr int kSliceColumns = 256;
/** Blocks to aim for: two for each of 132 multiprocessors, by the shape alone. */
constexpr int kAimedBlocks = 264;

constexpr size_t kRowSumBytes = 2 * kTileRows * sizeof(float);

using TileSums = float[2][4][4];

struct LogitGradient {
  const float* bias;
  const int* labels;
  const float* lse;
  const float* dnll;
  int m, v;
};

/** dlogits with a row for each row of x: what a lane reads of its four rows and of a column. */
struct ByRow {
  static constexpr bool kRowSums = false;
  struct Row {
    float lse, dnll;
    int label;
  };
  struct Column {
    float bias;
    int id;
  };

  __device__ __forceinline__ static Row row(const LogitGradient& g, int row) {
    const bool inside = row < g.m;
    return Row{inside ? g.lse[row] : INFINITY, inside ? g.dnll[row] : 0.0f, inside ? g.labels[row] : -1};
  }
  __device__ __forceinline__ static Column column(const LogitGradient& g, int id) {
    return Column{id < g.v ? g.bias[id] : -INFINITY, id};
  }
  __device__ __forceinline__ static float gradient(const Row& r, const Column& c, float sum) {
    return r.dnll * (__expf(sum + c.bias - r.lse) - (r.label == c.id ? 1.0f : 0.0f));
  }
};

/** dlogits with a row for each word. */
struct ByWord {
  static constexpr bool kRowSums = true;
  using Row = ByRow::Column;
  using Column = ByRow::Row;

  __device__ __forceinline__ static Row row(const LogitGradient& g, int id) { return ByRow::column(g, id); }
  __device__ __forceinline__ static Column column(const LogitGradient& g, int row) {
    return ByRow::row(g, row);
  }
  __device__ __forceinline__ static float gradient(const Row& r, const Column& c, float sum) {
    return ByRow::gradient(c, r, sum);
  }
};

/**
 * Writes this warp's 32 x 32 of dlogits to p (128, 64), and adds its row sums to `row_sums` (2, 128), where
 * each place belongs to one thread.
 */
template <class Side, typename A>
__device__ __forceinline__ void store_gradients(A* p, float* row_sums, const TileSums& sums,
                                                const LogitGradient& g, int row0, int column0) {
  const int thread = this_thread(), band = band_row(thread) + lane_row(thread);
  typename Side::Row rows[4];
  float totals[4] = {};
#pragma unroll
  for (int r = 0; r < 4; r++) rows[r] = Side::row(g, row0 + band + r * 8);
#pragma unroll
  for (int n = 0; n < 4; n++) {
    const int column = warp_column(thread) * 32 + n * 8 + lane_column(thread);
    const auto first = Side::column(g, column0 + column), second = Side::column(g, column0 + column + 1);
#pragma unroll
    for (int r = 0; r < 4; r++) {
      const float a = Side::gradient(rows[r], first, sums[r / 2][n][r % 2 * 2]);
      const float b = Side::gradient(rows[r], second, sums[r / 2][n][r % 2 * 2 + 1]);
      if (Side::kRowSums) totals[r] += a + b;
      store_pair(p, band + r * 8, column, a, b);
    }
  }
  if (!Side::kRowSums) return;
  float* place = row_sums + warp_column(thread) * kTileRows + band;
#pragma unroll
  for (int r = 0; r < 4; r++) {
    totals[r] += __shfl_xor_sync(kFull, totals[r], 1);
    totals[r] += __shfl_xor_sync(kFull, totals[r], 2);
    if (lane_column(thread) == 0) place[r * 8] += totals[r];
  }
}

/** Where a block's gradient (rows, e) goes: it overwrites one of the partial sums, or is added. */
struct Target {
  float* gradient;   // + share * rows * e
  float* bias_sums;  // (rows), added to where the rows are words
  bool add;
};

/** Stores blocks of 64 columns from column0 on; of a block a warp has 32 columns. */
template <int kCount>
__device__ __forceinline__ void store_rows(const Target& target, const float (*sums)[2][4][4], int first,
                                           int column0, int rows, int e) {
  const int thread = this_thread(), row0 = first + band_row(thread) + lane_row(thread);
  float* out = target.gradient + (target.add ? 0 : int64_t(blockIdx.y) * rows * e);
#pragma unroll
  for (int r = 0; r < 4; r++) {
    const int row = row0 + r * 8;
    if (row >= rows) continue;
#pragma unroll
    for (int c = 0; c < kCount; c++) {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        const int column =
            column0 + c * 64 + warp_column(thread) * 32 + i / 2 * 8 + lane_column(thread) + i % 2;
        if (column >= e) continue;
        const float value = sums[c][r / 2][i / 2][r % 2 * 2 + i % 2];
        float* at = out + int64_t(row) * e + column;
        *at = target.add ? *at + value : value;
      }
    }
  }
}

/** Zeroes row_sums (2, 128); a thread zeroes what only it will add to. */
__device__ __forceinline__ void clear_row_sums(float* row_sums) {
  const int thread = this_thread();
#pragma unroll
  for (int r = 0; r < 4; r++) {
    if (lane_column(thread) != 0) continue;
    row_sums[warp_column(thread) * kTileRows + band_row(thread) + lane_row(thread) + r * 8] = 0;
  }
}

/** bias_sums += both row sums of each row. The barrier after the last store_gradients has been passed. */
__device__ __forceinline__ void add_row_sums(const Target& target, const float* row_sums, int first,
                                             int rows) {
  const int row = int(threadIdx.x);
  if (row < kTileRows && first + row < rows) {
    target.bias_sums[first + row] += row_sums[row] + row_sums[kTileRows + row];
  }
}

/**
 * 128 rows of `own` against a share of the rows of `streamed`: gradient = dlogits streamed, for e up to 128.
 * A tile of 64 streamed rows is right operand of both products; the next one is copied meanwhile.
 */
template <typename A, class Side>
__global__ void __launch_bounds__(kThreads, sizeof(A) == 2 ? 2 : 1)
    resident_gradient_kernel(Target target, Operand<A> own, Operand<A> streamed, LogitGradient g) {
  constexpr int kColumns = kChunkColumns<A>, kChunks = kResidentColumns / kColumns;
  constexpr int kOwnChunk = kTileRows * kColumns, kChunk = kStreamRows * kColumns;
  DYN_SMEM(smem);
  A* left = reinterpret_cast<A*>(smem);
  A* stages = left + kChunks * kOwnChunk;
  A* p = stages + 2 * kChunks * kChunk;
  float* row_sums = reinterpret_cast<float*>(p + kBlock64<kTileRows>);
  const int first = int(blockIdx.x) * kTileRows, chunks = int(divide_up(own.e, kColumns));
  const Share tiles = share_of(int(divide_up(streamed.rows, kStreamRows)), int(blockIdx.y), int(gridDim.y));
  auto load_tile = [&](int tile) {
    A* stage = stages + tile % 2 * kChunks * kChunk;
#pragma unroll
    for (int c = 0; c < kChunks; c++) {
      load_chunk<kStreamRows>(stage + c * kChunk, streamed, tile * kStreamRows, c * kColumns);
    }
    cp_async_commit();
  };
#pragma unroll
  for (int c = 0; c < kChunks; c++) load_chunk<kTileRows>(left + c * kOwnChunk, own, first, c * kColumns);
  load_tile(tiles.begin);

  float result[2][2][4][4] = {};
  if (Side::kRowSums) clear_row_sums(row_sums);
  for (int tile = tiles.begin; tile < tiles.end; tile++) {
    A* stage = stages + tile % 2 * kChunks * kChunk;
    cp_async_wait<0>();
    __syncthreads();  // the tile is there, and nobody reads p and the other stage any more
    if (tile + 1 < tiles.end) load_tile(tile + 1);
    TileSums sums = {};
    for (int c = 0; c < chunks; c++) {
      multiply_rows(sums, left + c * kOwnChunk, stage + c * kChunk, warp_column(this_thread()) * 32);
    }
    store_gradients<Side>(p, row_sums, sums, g, first, tile * kStreamRows);
    __syncthreads();
    multiply_columns<2>(result, p, stage, warp_column(this_thread()));
  }
  store_rows<2>(target, result, first, 0, own.rows, own.e);
  if (Side::kRowSums) add_row_sums(target, row_sums, first, own.rows);
}

/**
 * The same for any e: chunks of both operands pass through three stages, and a block sums up 256 columns of
 * the gradient. A tile takes as many steps as rows have chunks, then one for each 64 columns.
 */
template <typename A, class Side>
__global__ void __launch_bounds__(kThreads, 1)
    streamed_gradient_kernel(Target target, Operand<A> own, Operand<A> streamed, LogitGradient g) {
  constexpr int kColumns = kChunkColumns<A>, kBlocks = kSliceColumns / 64;
  constexpr int kOwnChunk = kTileRows * kColumns, kStage = kOwnChunk + kBlock64<kStreamRows>;
  DYN_SMEM(smem);
  A* stages = reinterpret_cast<A*>(smem);
  A* p = stages + kStages * kStage;
  float* row_sums = reinterpret_cast<float*>(p + kBlock64<kTileRows>);
  const int first = int(blockIdx.x) * kTileRows, slice = int(blockIdx.z) * kSliceColumns;
  const int chunks = int(divide_up(own.e, kColumns));
  const Share tiles = share_of(int(divide_up(streamed.rows, kStreamRows)), int(blockIdx.y), int(gridDim.y));

  int next_tile = tiles.begin, next_step = 0, next_stage = 0, current = 0;
  auto load_next = [&] {
    if (next_tile < tiles.end) {
      A* stage = stages + next_stage * kStage;
      if (next_step < chunks) {
        load_chunk<kTileRows>(stage, own, first, next_step * kColumns);
        load_chunk<kStreamRows>(stage + kOwnChunk, streamed, next_tile * kStreamRows, next_step * kColumns);
      } else {
#pragma unroll
        for (int i = 0; i < 64 / kColumns; i++) {
          load_chunk<kStreamRows>(stage + kOwnChunk + i * kStreamRows * kColumns, streamed,
                                  next_tile * kStreamRows, slice + (next_step - chunks) * 64 + i * kColumns);
        }
      }
      next_stage = next_stage == kStages - 1 ? 0 : next_stage + 1;
      if (++next_step == chunks + kBlocks) {
        next_step = 0;
        next_tile++;
      }
    }
    cp_async_commit();
  };
  // The stage of the next step, which everybody may read; the step before it is done.
  auto next = [&]() -> A* {
    cp_async_wait<kStages - 2>();
    __syncthreads();
    load_next();
    A* stage = stages + current * kStage;
    current = current == kStages - 1 ? 0 : current + 1;
    return stage;
  };
  for (int i = 0; i < kStages - 1; i++) load_next();

  float result[kBlocks][2][4][4] = {};
  if (Side::kRowSums) clear_row_sums(row_sums);
  for (int tile = tiles.begin; tile < tiles.end; tile++) {
    TileSums sums = {};
    for (int c = 0; c < chunks; c++) {
      A* stage = next();
      multiply_rows(sums, stage, stage + kOwnChunk, warp_column(this_thread()) * 32);
    }
    store_gradients<Side>(p, row_sums, sums, g, first, tile * kStreamRows);
#pragma unroll
    for (int c = 0; c < kBlocks; c++) {
      A* stage = next();  // also the barrier between writing and reading p
      multiply_columns<1>(result + c, p, stage + kOwnChunk, warp_column(this_thread()));
    }
  }  // what is still in flight are empty groups
  store_rows<kBlocks>(target, result, first, slice, own.rows, own.e);
  if (Side::kRowSums && slice == 0) add_row_sums(target, row_sums, first, own.rows);
}

constexpr int kFinishThreads = 256;

/** y = sum of the parts (parts, count), in their order. */
template <typename A>
__global__ void __launch_bounds__(kFinishThreads)
    sum_parts_kernel(A* __restrict__ y, const float* __restrict__ parts, int count_of_parts, int64_t count) {
  const int64_t i = (int64_t(blockIdx.x) * kFinishThreads + threadIdx.x) * kVector;
  if (i >= count) return;
  const int lanes = lanes_left(count - i);
  float total[kVector] = {};
  for (int part = 0; part < count_of_parts; part++) {
    float v[kVector];
    load_lanes(v, parts + part * count + i, lanes);
#pragma unroll
    for (int j = 0; j < kVector; j++) total[j] += v[j];
  }
  store_lanes(y + i, total, lanes);
}

int slices_of(int e) { return e <= kResidentColumns ? 1 : int(divide_up(e, kSliceColumns)); }

template <class Side, typename A>
void launch_gradient(Device& device, const Target& target, const Operand<A>& own, const Operand<A>& streamed,
                     const LogitGradient& g, int shares) {
  const unsigned tiles = unsigned(divide_up(own.rows, kTileRows));
  if (own.e <= kResidentColumns) {
    constexpr int kElements = kTileRows * kResidentColumns + 2 * kStreamRows * kResidentColumns;
    launch(device, resident_gradient_kernel<A, Side>, dim3(tiles, unsigned(shares)), kThreads,
           (kElements + kBlock64<kTileRows>)*sizeof(A) + kRowSumBytes, target, own, streamed, g);
  } else {
    constexpr int kElements = kStages * (kTileRows * kChunkColumns<A> + kBlock64<kStreamRows>);
    launch(device, streamed_gradient_kernel<A, Side>,
           dim3(tiles, unsigned(shares), unsigned(slices_of(own.e))), kThreads,
           (kElements + kBlock64<kTileRows>)*sizeof(A) + kRowSumBytes, target, own, streamed, g);
  }
}

}  // namespace
}  // namespace lm_head

template <typename A>
void lm_head_backward(Device& device, A* dx, float* dtable, float* dbias, const A* x, const A* table,
                      const float* bias, const int* labels, const float* lse, const float* dnll, int m, int v,
                      int e) {
  using namespace lm_head;
  if (m == 0) return;
  const Operand<A> rows = operand(x, m, e), words = operand(table, v, e);
  const LogitGradient g{bias, labels, lse, dnll, m, v};
  const int id_tiles = int(divide_up(v, kStreamRows));
  int shares = kAimedBlocks / (int(divide_up(m, kTileRows)) * slices_of(e));
  shares = shares < 1 ? 1 : shares > id_tiles ? id_tiles : shares;
  const int64_t count = int64_t(m) * e;
  Scratch scratch(device);
  float* parts = scratch.floats(size_t(shares) * size_t(count));
  launch_gradient<ByRow>(device, Target{parts, nullptr, false}, rows, words, g, shares);
  launch(device, sum_parts_kernel<A>, unsigned(divide_up(count, kFinishThreads * kVector)), kFinishThreads, 0,
         dx, parts, shares, count);
  launch_gradient<ByWord>(device, Target{dtable, dbias, true}, words, rows, g, 1);
}

ELECTRA_CUDA_INSTANTIATE(lm_head_backward);

}  // namespace electra::cuda
