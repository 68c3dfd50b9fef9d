// Sums over rows with the same bits in every run: partial sums of fixed chunks of rows, then one sum in a
// fixed order.
#pragma once
#include "device.cuh"

namespace electra::cuda {

/** How rows are cut into chunks: by the shape alone, never by the card. */
struct RowChunks {
  int rows;
  int size;
  int count() const { return (rows + size - 1) / size; }
};

/** At least `least` rows a chunk, and at most 512 chunks. */
inline RowChunks row_chunks(int rows, int least) {
  constexpr int kMost = 512;
  const int size = (rows + kMost - 1) / kMost;
  return RowChunks{rows, size < least ? least : size};
}

constexpr int kMostSections = 3;

/** Where the sections of the partial sums go; a null target is left out. */
struct PartialTargets {
  float* target[kMostSections];
  int width[kMostSections];
};

/**
 * target[s][i] += sum over the chunks of partials (chunks, total width)[chunk][start of section s + i].
 */
void add_partials(Device& device, const PartialTargets& targets, const float* partials, int chunks);

/** sums[c] += sum of the rows of x (t, n). */
template <typename A>
void add_column_sums(Device& device, float* sums, const A* x, int t, int n);

}  // namespace electra::cuda
