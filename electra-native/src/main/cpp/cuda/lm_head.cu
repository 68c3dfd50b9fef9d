// The output projection tied to the word table, tile by tile over the vocabulary: cross-entropy, arg max and
// exact samples in one pass. Each warp leaves a few sums of 32 rows and a strip of 64 ids; a second kernel
// puts the strips of a row together and draws inside the one strip that holds the sample.
//
// For m = 2,432, v = 30,522, e = 128 in bf16 on an H100: 19.0 GFLOP, 34.5 tiles of 128 x 128 for each of the
// 132 multiprocessors. A tile is 1,024 mma (1.6 clocks each at the 62 % of the peak that mma.sync reaches),
// 16,384 exponentials (16 a clock) beside them on the other block of the multiprocessor, and 32 KiB of table
// from L2: about 2,200 clocks, 45 us in all, while 190 MB from L2 take 35 us and the 7.8 MB of table from
// memory 3 us. The statistics are 3 x 4.6 MB to write and to read and the strips of the samples 40 MB from
// L2: some 15 us more.
#include "../common/philox.h"
#include "fault.cuh"
#include "kernels.h"
#include "lm_head_tiles.cuh"

namespace electra::cuda {

namespace lm_head {
namespace {

constexpr int kTileIds = 2 * kStrip;
constexpr int kStages = 3;
/** Columns of x that stay in shared memory; wider rows pass through the stages. */
constexpr int kResidentColumns = 128;
/** Blocks to aim for: four for each of 132 multiprocessors, by the shape alone. */
constexpr int kAimedBlocks = 528;

template <typename A>
constexpr int kChunk = kTileRows* kChunkColumns<A>;
static_assert(kTileIds == kTileRows, "the chunks of both operands are alike");

using StripSums = float[2][kStrip / 8][4];

/** The largest, and the lowest of equal ones, over the four lanes that hold a row. */
__device__ __forceinline__ float quad_max(float v) {
  v = fmaxf(v, __shfl_xor_sync(kFull, v, 1));
  return fmaxf(v, __shfl_xor_sync(kFull, v, 2));
}
__device__ __forceinline__ int quad_min(int v) {
  v = min(v, __shfl_xor_sync(kFull, v, 1));
  return min(v, __shfl_xor_sync(kFull, v, 2));
}
__device__ __forceinline__ float quad_sum(float v) {
  v += __shfl_xor_sync(kFull, v, 1);
  return v + __shfl_xor_sync(kFull, v, 2);
}

/** What the strips of the vocabulary know of each row: (strips, m) each, weights relative to exp(max). */
struct Statistics {
  float *max, *sum;
  float* tempered_sum;  // of exp((logit - max) / temperature); the same array as sum at temperature 1
  int* arg_max;         // or null
  float* label_logit;   // (m)
  const int* labels;
  int m, v;
  float inverse_temperature;

  __device__ __forceinline__ void take(const StripSums& logits, int row0, int id0, int thread) const {
#pragma unroll
    for (int r = 0; r < 4; r++) {
      float z[kStrip / 4];
#pragma unroll
      for (int i = 0; i < kStrip / 4; i++) z[i] = logits[r / 2][i / 2][r % 2 * 2 + i % 2];
      take_row(z, row0 + r * 8 + lane_row(thread), id0, lane_column(thread));
    }
  }

 private:
  /** z[i] is the logit of id id0 + i / 2 * 8 + column + i % 2; three other lanes hold the rest. */
  __device__ __forceinline__ void take_row(const float (&z)[kStrip / 4], int row, int id0, int column) const {
    float top = z[0];
#pragma unroll
    for (int i = 1; i < kStrip / 4; i++) top = fmaxf(top, z[i]);
    top = quad_max(top);
    float total = 0;
#pragma unroll
    for (int i = 0; i < kStrip / 4; i++) total += __expf(z[i] - top);
    total = quad_sum(total);
    const bool writes = row < m && column == 0;
    const int64_t at = int64_t(id0 / kStrip) * m + row;
    if (writes) {
      max[at] = top;
      sum[at] = total;
    }
    if (tempered_sum != sum) {
      total = 0;
#pragma unroll
      for (int i = 0; i < kStrip / 4; i++) total += __expf((z[i] - top) * inverse_temperature);
      total = quad_sum(total);
      if (writes) tempered_sum[at] = total;
    }
    if (arg_max != nullptr) {
      int lowest = id0 + kStrip;
#pragma unroll
      for (int i = kStrip / 4 - 1; i >= 0; i--) {
        if (z[i] == top) lowest = id0 + i / 2 * 8 + column + i % 2;
      }
      lowest = quad_min(lowest);
      if (writes) arg_max[at] = lowest;
    }
    if (row >= m) return;
    const int label = labels[row] - id0;
    if (label < 0 || label >= kStrip) return;
#pragma unroll
    for (int i = 0; i < kStrip / 4; i++) {
      if (label == i / 2 * 8 + column + i % 2) label_logit[row] = z[i];
    }
  }
};

/** Writes logits (m, v). */
struct LogitWriter {
  float* logits;
  int m, v;

  __device__ __forceinline__ void take(const StripSums& sums, int row0, int id0, int thread) const {
#pragma unroll
    for (int r = 0; r < 4; r++) {
      const int row = row0 + r * 8 + lane_row(thread);
      if (row >= m) continue;
#pragma unroll
      for (int i = 0; i < kStrip / 4; i++) {
        const int id = id0 + i / 2 * 8 + lane_column(thread) + i % 2;
        if (id < v) logits[int64_t(row) * v + id] = sums[r / 2][i / 2][r % 2 * 2 + i % 2];
      }
    }
  }
};

/**
 * Gives the logits of 128 rows and a share of the vocabulary to `sink`, 32 rows and a strip of ids for each
 * warp; -infinity beyond the vocabulary. Chunks of the table (and of x, unless its rows stay) pass through
 * three stages.
 */
template <typename A, class Sink, bool kResident>
__global__ void __launch_bounds__(kThreads, sizeof(A) == 2 ? 2 : 1)
    project_kernel(Operand<A> x, Operand<A> table, const float* __restrict__ bias, Sink sink) {
  DYN_SMEM(smem);
  const int chunks = int(divide_up(x.e, kChunkColumns<A>)), row0 = int(blockIdx.x) * kTileRows;
  const Share tiles = share_of(int(divide_up(table.rows, kTileIds)), int(blockIdx.y), int(gridDim.y));
  A* own = reinterpret_cast<A*>(smem);
  A* stages = own + (kResident ? chunks * kChunk<A> : 0);
  const int stage_size = kResident ? kChunk<A> : 2 * kChunk<A>;

  int next_tile = tiles.begin, next_chunk = 0, next_stage = 0;
  auto load_next = [&] {
    if (next_tile < tiles.end) {
      A* stage = stages + next_stage * stage_size;
      const int column = next_chunk * kChunkColumns<A>;
      load_chunk<kTileIds>(stage, table, next_tile * kTileIds, column);
      if (!kResident) load_chunk<kTileRows>(stage + kChunk<A>, x, row0, column);
      next_stage = next_stage == kStages - 1 ? 0 : next_stage + 1;
      if (++next_chunk == chunks) {
        next_chunk = 0;
        next_tile++;
      }
    }
    cp_async_commit();
  };
  if (kResident) {
    for (int c = 0; c < chunks; c++)
      load_chunk<kTileRows>(own + c * kChunk<A>, x, row0, c * kChunkColumns<A>);
  }
  for (int i = 0; i < kStages - 1; i++) load_next();

  int current = 0;
  for (int tile = tiles.begin; tile < tiles.end; tile++) {
    StripSums sums = {};
    for (int c = 0; c < chunks; c++) {
      cp_async_wait<kStages - 2>();
      __syncthreads();  // the chunk is there, and nobody reads the stage that is loaded next
      load_next();
      A* stage = stages + current * stage_size;
      multiply_rows(sums, kResident ? own + c * kChunk<A> : stage + kChunk<A>, stage,
                    warp_column(this_thread()) * kStrip);
      current = current == kStages - 1 ? 0 : current + 1;
    }
    const int thread = this_thread();
    const int id0 = tile * kTileIds + warp_column(thread) * kStrip;
    if (id0 >= table.rows) continue;
#pragma unroll
    for (int n = 0; n < kStrip / 8; n++) {
#pragma unroll
      for (int j = 0; j < 2; j++) {
        const int id = id0 + n * 8 + lane_column(thread) + j;
        const float b = id < table.rows ? bias[id] : -INFINITY;
#pragma unroll
        for (int r = 0; r < 4; r++) sums[r / 2][n][r % 2 * 2 + j] += b;
      }
    }
    sink.take(sums, row0 + band_row(thread), id0, thread);
  }
  // Nothing is in flight: each group but the empty ones of the last rounds was waited for.
}

__device__ __forceinline__ double warp_sum(double v) {
#pragma unroll
  for (int i = kWarp / 2; i; i >>= 1) v += __shfl_xor_sync(kFull, v, i);
  return v;
}

/** The sum over this lane and those before it. */
__device__ __forceinline__ double warp_scan(double v) {
  const int lane = int(threadIdx.x) % kWarp;
#pragma unroll
  for (int i = 1; i < kWarp; i *= 2) {
    const double before = __shfl_up_sync(kFull, v, i);
    if (lane >= i) v += before;
  }
  return v;
}

/** A warp's walk along weights in their order: where their sum passes a target. */
struct Walk {
  double passed = 0;
  int last = -1;  // the last weight that is not zero

  /** Takes 32 weights, one a lane, of which the first has index `base`; the index of the hit, or -1. */
  __device__ __forceinline__ int step(double weight, int base, double target) {
    const double scanned = passed + warp_scan(weight);
    const unsigned hits = __ballot_sync(kFull, scanned > target);
    const unsigned some = __ballot_sync(kFull, weight > 0);
    if (hits != 0) {
      const int lane = __ffs(int(hits)) - 1;
      passed = __shfl_sync(kFull, scanned - weight, lane);
      return base + lane;
    }
    if (some != 0) last = base + kWarp - 1 - __clz(int(some));
    passed = __shfl_sync(kFull, scanned, kWarp - 1);
    return -1;
  }
};

template <typename A>
__device__ __forceinline__ float dot(const A* x, const A* y, int e) {
  float sum = 0;
#pragma unroll 4
  for (int k = 0; k < e; k += kVector) {
    float a[kVector], b[kVector];
    load_lanes(a, x + k, lanes_left(e - k));
    load_lanes(b, y + k, lanes_left(e - k));
#pragma unroll
    for (int i = 0; i < kVector; i++) sum = fmaf(a[i], b[i], sum);
  }
  return sum;
}

struct Sampling {
  int64_t seed, step;
  int stream;
};

/** The first id at which the cumulative weight exceeds uniform * total; `top` is the largest logit of the
 * row. */
template <typename A>
__device__ int sample(const Statistics& s, const Operand<A>& x, const Operand<A>& table,
                      const float* __restrict__ bias, int row, int strips, float top, float uniform) {
  const int lane = int(threadIdx.x) % kWarp;
  auto weight = [&](int strip) -> double {
    if (strip >= strips) return 0;
    const int64_t at = int64_t(strip) * s.m + row;
    return double(s.tempered_sum[at]) * __expf((s.max[at] - top) * s.inverse_temperature);
  };
  double total = 0;
  for (int i = lane; i < strips; i += kWarp) total += weight(i);
  const double target = uniform * warp_sum(total);
  Walk walk;
  int strip = -1;
  for (int base = 0; base < strips && strip < 0; base += kWarp)
    strip = walk.step(weight(base + lane), base, target);
  const double rest = strip < 0 ? INFINITY : target - walk.passed;
  if (strip < 0) strip = walk.last < 0 ? 0 : walk.last;

  Walk inside;
  int id = -1;
  for (int base = strip * kStrip; base < (strip + 1) * kStrip && id < 0; base += kWarp) {
    double own = 0;
    if (base + lane < s.v) {
      const A* entry = table.data + int64_t(base + lane) * table.e;
      const float logit = dot(x.data + int64_t(row) * x.e, entry, x.e) + bias[base + lane];
      own = __expf((logit - top) * s.inverse_temperature);
    }
    id = inside.step(own, base, rest);
  }
  if (id < 0) id = inside.last < 0 ? strip * kStrip : inside.last;
  return id;
}

constexpr int kFinishThreads = 256;
constexpr int kFinishRows = kFinishThreads / kWarp;

/** A warp for each row. */
template <typename A>
__global__ void __launch_bounds__(kFinishThreads)
    finish_kernel(float* __restrict__ nll, float* __restrict__ lse, int* __restrict__ sampled,
                  int* __restrict__ predicted, Statistics s, Operand<A> x, Operand<A> table,
                  const float* __restrict__ bias, int strips, Sampling sampling, Fault* fault) {
  const int lane = int(threadIdx.x) % kWarp;
  const int row = int(blockIdx.x) * kFinishRows + int(threadIdx.x) / kWarp;
  if (row >= s.m) return;
  float top = -INFINITY;
  int best = 0;
  for (int i = lane; i < strips; i += kWarp) {
    const float max = s.max[int64_t(i) * s.m + row];
    if (max > top) {
      top = max;
      best = i;
    }
  }
#pragma unroll
  for (int i = kWarp / 2; i; i >>= 1) {
    const float other_top = __shfl_xor_sync(kFull, top, i);
    const int other = __shfl_xor_sync(kFull, best, i);
    if (other_top > top || (other_top == top && other < best)) {
      top = other_top;
      best = other;
    }
  }
  double total = 0;
  for (int i = lane; i < strips; i += kWarp) {
    const int64_t at = int64_t(i) * s.m + row;
    total += double(s.sum[at]) * __expf(s.max[at] - top);
  }
  total = warp_sum(total);
  int id = 0;
  if (sampled != nullptr) {
    const float uniform = philox_uniform(sampling.seed, sampling.stream, sampling.step, row);
    id = sample(s, x, table, bias, row, strips, top, uniform);
  }
  if (lane != 0) return;
  const int label = s.labels[row];
  const bool known = label >= 0 && label < s.v;
  if (!known) report_fault(fault, kLabelFault, label, row, s.v);
  const float log_sum = float(double(top) + log(total));
  lse[row] = log_sum;
  nll[row] = known ? log_sum - s.label_logit[row] : NAN;
  if (sampled != nullptr) sampled[row] = id;
  if (predicted != nullptr) predicted[row] = s.arg_max[int64_t(best) * s.m + row];
}

template <typename A, class Sink>
void project(Device& device, const Operand<A>& x, const Operand<A>& table, const float* bias,
             const Sink& sink) {
  const bool resident = x.e <= kResidentColumns;
  const int row_tiles = int(divide_up(x.rows, kTileRows)), id_tiles = int(divide_up(table.rows, kTileIds));
  int shares = kAimedBlocks / row_tiles;
  shares = shares < 1 ? 1 : shares > id_tiles ? id_tiles : shares;
  const int chunks = resident ? int(divide_up(x.e, kChunkColumns<A>)) + kStages : 2 * kStages;
  launch(device, resident ? project_kernel<A, Sink, true> : project_kernel<A, Sink, false>,
         dim3(unsigned(row_tiles), unsigned(shares)), kThreads, size_t(chunks) * kChunk<A> * sizeof(A), x,
         table, bias, sink);
}

}  // namespace
}  // namespace lm_head

template <typename A>
void lm_head_forward(Device& device, float* nll, float* lse, int* sampled, int* predicted, const A* x,
                     const A* table, const float* bias, const int* labels, int m, int v, int e,
                     float temperature, int64_t seed, int64_t step, int stream) {
  using namespace lm_head;
  if (m == 0) return;
  const int strips = int(divide_up(v, kStrip));
  const size_t count = size_t(strips) * size_t(m);
  Scratch scratch(device);
  Statistics s{};
  s.max = scratch.floats(count);
  s.sum = scratch.floats(count);
  s.inverse_temperature = sampled == nullptr ? 1.0f : 1.0f / temperature;
  s.tempered_sum = s.inverse_temperature == 1.0f ? s.sum : scratch.floats(count);
  s.arg_max = predicted == nullptr ? nullptr : scratch.ints(count);
  s.label_logit = scratch.floats(size_t(m));
  s.labels = labels;
  s.m = m;
  s.v = v;
  const Operand<A> rows = operand(x, m, e), words = operand(table, v, e);
  project(device, rows, words, bias, s);
  launch(device, finish_kernel<A>, unsigned(divide_up(m, kFinishRows)), kFinishThreads, 0, nll, lse, sampled,
         predicted, s, rows, words, bias, strips, Sampling{seed, step, stream}, device.fault());
}

template <typename A>
void lm_head_logits(Device& device, float* logits, const A* x, const A* table, const float* bias, int m,
                    int v, int e) {
  using namespace lm_head;
  if (m == 0) return;
  project(device, operand(x, m, e), operand(table, v, e), bias, LogitWriter{logits, m, v});
}

ELECTRA_CUDA_INSTANTIATE(lm_head_forward);
ELECTRA_CUDA_INSTANTIATE(lm_head_logits);

}  // namespace electra::cuda
