// Which tokens the generator has to fill in, and the corrupted text. Integers only: the same on every
// backend.
#include "../common/philox.h"
#include "kernels.h"

namespace electra::cuda {

namespace {

constexpr int kMaskSelect = 1, kMaskKeep = 2;  // RandomStreams.java
constexpr int kThreads = 256, kWarps = kThreads / kWarp;
constexpr uint64_t kNever = ~uint64_t{0};

struct Masking {
  int* masked_ids;
  int* positions;
  int* labels;
  const int* ids;
  const int* cu_seqlens;
  const int* cu_masked;
  float mask_token_prob;
  int cls, sep, mask;
  int64_t seed, step;

  __device__ __forceinline__ bool candidate(int row) const {
    const int id = ids[row];
    return id != cls && id != sep && id != mask;
  }

  /** Gives slots first .. first + count - 1 to a row. */
  __device__ __forceinline__ void emit(int row, int first, int count) const {
    const int id = ids[row];
    bool hidden = false;
    for (int i = 0; i < count; i++) {
      positions[first + i] = row;
      labels[first + i] = id;
    }
    if (count > 0) hidden = philox_uniform(seed, kMaskKeep, step, first) < mask_token_prob;
    masked_ids[row] = hidden ? mask : id;
  }
};

/** What lies before this thread, and the total of the block. Two barriers, so that calls may follow each
 * other. */
__device__ __forceinline__ int2 block_scan(int v) {
  __shared__ int totals[kWarps];
  const int lane = int(threadIdx.x) % kWarp, warp = int(threadIdx.x) / kWarp;
  int inclusive = v;
#pragma unroll
  for (int d = 1; d < kWarp; d *= 2) {
    const int other = __shfl_up_sync(kFull, inclusive, unsigned(d));
    if (lane >= d) inclusive += other;
  }
  __syncthreads();
  if (lane == kWarp - 1) totals[warp] = inclusive;
  __syncthreads();
  int before = inclusive - v, total = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    if (w < warp) before += totals[w];
    total += totals[w];
  }
  return int2{before, total};
}

/** keys[row] = (word, row), or the largest key where a row is no candidate. */
__global__ void __launch_bounds__(kThreads)
    select_keys_kernel(Masking k, uint64_t* __restrict__ keys, int t) {
  const int row = int(blockIdx.x) * kThreads + int(threadIdx.x);
  if (row >= t) return;
  keys[row] = k.candidate(row) ? uint64_t(philox_word(k.seed, kMaskSelect, k.step, row)) << 32 | uint32_t(row)
                               : kNever;
}

/** A block a sequence: its rows whose key is among the smallest, in the order of the rows. */
__global__ void __launch_bounds__(kThreads) choose_kernel(Masking k, const uint64_t* __restrict__ keys) {
  const int begin = k.cu_seqlens[blockIdx.x], end = k.cu_seqlens[blockIdx.x + 1];
  int slot = k.cu_masked[blockIdx.x];
  const int wanted = k.cu_masked[blockIdx.x + 1] - slot;
  for (int tile = begin; tile < end; tile += kThreads) {
    const int row = tile + int(threadIdx.x);
    bool chosen = false;
    if (row < end && wanted > 0 && keys[row] != kNever) {
      const uint64_t mine = keys[row];
      int rank = 0;
      for (int other = begin; other < end; other++) rank += keys[other] < mine;
      chosen = rank < wanted;
    }
    const int2 scan = block_scan(chosen);
    if (row < end) k.emit(row, slot + scan.x, chosen);
    slot += scan.y;
  }
}

/** drawn (t), zero before: how often each candidate, counted within its sequence, is drawn. A block a
 * sequence. */
__global__ void __launch_bounds__(kThreads) draw_kernel(Masking k, int* __restrict__ drawn) {
  const int begin = k.cu_seqlens[blockIdx.x], end = k.cu_seqlens[blockIdx.x + 1];
  const int first = k.cu_masked[blockIdx.x], last = k.cu_masked[blockIdx.x + 1];
  int candidates = 0;
  for (int tile = begin; tile < end; tile += kThreads) {
    const int row = tile + int(threadIdx.x);
    candidates += __syncthreads_count(row < end && k.candidate(row));
  }
  for (int slot = first + int(threadIdx.x); slot < last && candidates > 0; slot += kThreads) {
    const uint64_t word = philox_word(k.seed, kMaskSelect, k.step, slot) >> 8;
    atomicAdd(&drawn[begin + int(word * uint64_t(candidates) >> 24)], 1);
  }
}

/** A block a sequence: every candidate as often as it was drawn, in the order of the rows. */
__global__ void __launch_bounds__(kThreads) emit_drawn_kernel(Masking k, const int* __restrict__ drawn) {
  const int begin = k.cu_seqlens[blockIdx.x], end = k.cu_seqlens[blockIdx.x + 1];
  int slot = k.cu_masked[blockIdx.x], candidate = begin;
  for (int tile = begin; tile < end; tile += kThreads) {
    const int row = tile + int(threadIdx.x);
    const bool is_candidate = row < end && k.candidate(row);
    const int2 ordinal = block_scan(is_candidate);
    const int times = is_candidate ? drawn[candidate + ordinal.x] : 0;
    const int2 slots = block_scan(times);
    if (row < end) k.emit(row, slot + slots.x, times);
    candidate += ordinal.y;
    slot += slots.y;
  }
}

/** first[row] = the first slot of a row. */
__global__ void __launch_bounds__(kThreads)
    first_slot_kernel(int* __restrict__ first, const int* __restrict__ positions, int m) {
  const int slot = int(blockIdx.x) * kThreads + int(threadIdx.x);
  if (slot < m) atomicMin(&first[positions[slot]], slot);
}

__global__ void __launch_bounds__(kThreads)
    corrupt_kernel(int* __restrict__ corrupted, int* __restrict__ replaced, const int* __restrict__ ids,
                   const int* __restrict__ first, const int* __restrict__ sampled, int t, int m) {
  const int row = int(blockIdx.x) * kThreads + int(threadIdx.x);
  if (row >= t) return;
  const int id = ids[row], slot = first[row];
  const int now = slot < m ? sampled[slot] : id;
  corrupted[row] = now;
  replaced[row] = now != id;
}

}  // namespace

void mask_tokens(Device& device, int* masked_ids, int* positions, int* labels, const int* ids,
                 const int* cu_seqlens, const int* cu_masked, int b, int t, int /*m*/, float mask_token_prob,
                 bool with_replacement, int cls, int sep, int mask, int64_t seed, int64_t step) {
  if (b == 0 || t == 0) return;
  const Masking masking{masked_ids,      positions, labels, ids,  cu_seqlens, cu_masked,
                        mask_token_prob, cls,       sep,    mask, seed,       step};
  Scratch scratch(device);
  if (with_replacement) {
    int* drawn = scratch.ints(size_t(t));
    if (device.counts_launch())
      check(cudaMemsetAsync(drawn, 0, sizeof(int) * size_t(t), device.stream()), "zeroing");
    launch(device, draw_kernel, unsigned(b), kThreads, 0, masking, drawn);
    launch(device, emit_drawn_kernel, unsigned(b), kThreads, 0, masking, drawn);
  } else {
    auto* keys = static_cast<uint64_t*>(scratch.bytes(sizeof(uint64_t) * size_t(t)));
    launch(device, select_keys_kernel, unsigned(divide_up(t, kThreads)), kThreads, 0, masking, keys, t);
    launch(device, choose_kernel, unsigned(b), kThreads, 0, masking, keys);
  }
}

void corrupt_tokens(Device& device, int* corrupted, int* replaced, const int* ids, const int* positions,
                    const int* sampled, int t, int m) {
  if (t == 0) return;
  constexpr int kFar = 0x7F;  // a slot of four such bytes is beyond every other
  Scratch scratch(device);
  int* first = scratch.ints(size_t(t));
  if (device.counts_launch())
    check(cudaMemsetAsync(first, kFar, sizeof(int) * size_t(t), device.stream()), "filling");
  if (m > 0) {
    launch(device, first_slot_kernel, unsigned(divide_up(m, kThreads)), kThreads, 0, first, positions, m);
  }
  launch(device, corrupt_kernel, unsigned(divide_up(t, kThreads)), kThreads, 0, corrupted, replaced, ids,
         first, sampled, t, m);
}

}  // namespace electra::cuda
