// How rows are cut into chunks, and how sums over rows are put together again.
#pragma once
#include "simd.h"
#include "thread_pool.h"

namespace electra::cpu::ELECTRA_ISA {

/** Rows 0..rows-1 in chunks of `size`. The cut depends on the shape alone, never on the number of threads. */
struct RowChunks {
  int rows;
  int size;
  int count() const { return (rows + size - 1) / size; }
  int begin(int chunk) const { return chunk * size; }
  int end(int chunk) const { return rows - begin(chunk) < size ? rows : begin(chunk) + size; }
};

/** Chunks of about 16K elements, for work that leaves no sums behind. */
inline RowChunks row_chunks(int rows, int width) {
  const int size = 16384 / (width < 1 ? 1 : width);
  return RowChunks{rows, size < 1 ? 1 : size};
}

/**
 * Chunks that each leave `partials` partial sums: at least 64 rows, about 256 chunks at most, and fewer where
 * the partial sums would take more than 16 MiB.
 */
inline RowChunks reduction_chunks(int rows, int64_t partials) {
  int64_t most = (int64_t{4} << 20) / (partials < 1 ? 1 : partials);
  most = most < 1 ? 1 : most > 256 ? 256 : most;
  const int64_t size = (rows + most - 1) / most;
  return RowChunks{rows, static_cast<int>(size < 64 ? 64 : size)};
}

/** Four sums side by side, so that one need not wait for the other. */
struct Chains {
  Floats chain[4] = {zeros(), zeros(), zeros(), zeros()};
  float total() const { return sum((chain[0] + chain[1]) + (chain[2] + chain[3])); }
};

template <int kIndex>
struct Slot {
  static constexpr int index = kIndex;
};

/** As for_vectors, over one row; four neighbouring vectors have slots 0 to 3, the chain they are summed in.
 */
template <typename Body>
inline __attribute__((always_inline)) void for_columns(int n, const Body& body) {
  int j = 0;
  for (; j + 4 * kLanes <= n; j += 4 * kLanes) {
    body(j, kLanes, Slot<0>{});
    body(j + kLanes, kLanes, Slot<1>{});
    body(j + 2 * kLanes, kLanes, Slot<2>{});
    body(j + 3 * kLanes, kLanes, Slot<3>{});
  }
  for (; j + kLanes <= n; j += kLanes) body(j, kLanes, Slot<0>{});
  if (j < n) body(j, n - j, Slot<0>{});
}

/** target[j] += x[j] */
inline void add_to(float* target, Floats x, int lanes) {
  store_lanes(target, load_lanes(target, lanes) + x, lanes);
}

/**
 * Adds partial sums (chunks, sections, n) in the order of the chunks to `targets[section]` (n); a section
 * whose target is null is left out.
 */
inline void add_partials(ThreadPool& pool, float* const* targets, int sections, const float* partials,
                         int chunks, int n) {
  constexpr int kBlock = 256;
  const int blocks = (n + kBlock - 1) / kBlock;
  pool.run(sections * blocks, [&](int task) {
    float* target = targets[task / blocks];
    if (target == nullptr) return;
    const int begin = task % blocks * kBlock;
    const int width = n - begin < kBlock ? n - begin : kBlock;
    const float* first = partials + static_cast<int64_t>(task / blocks) * n + begin;
    for_columns(width, [&](int j, int lanes, auto) {
      Floats total = zeros();
      for (int chunk = 0; chunk < chunks; ++chunk) {
        total = total + load_lanes(first + static_cast<int64_t>(chunk) * sections * n + j, lanes);
      }
      add_to(target + begin + j, total, lanes);
    });
  });
}

}  // namespace electra::cpu::ELECTRA_ISA
