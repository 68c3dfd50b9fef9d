// y[s] = x[positions[s]] and its gradient. Each row of the result is written by one chunk.
#include "kernels.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

constexpr int kChunkRows = 64;

int chunks_of(int rows) { return (rows + kChunkRows - 1) / kChunkRows; }

int lower_bound(const int* positions, int m, int row) {
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
void add_rows(A* y, const A* x, int count, int n) {
  for_vectors(n, [&](int64_t i, int lanes) {
    Floats total = zeros();
    for (int s = 0; s < count; ++s) total = total + load_lanes(x + static_cast<int64_t>(s) * n + i, lanes);
    store_lanes(y + i, total, lanes);
  });
}

}  // namespace

template <typename A>
void gather_rows(ThreadPool& pool, A* y, const A* x, const int* positions, int /*t*/, int m, int n) {
  pool.run(chunks_of(m), [&](int chunk) {
    const int end = (chunk + 1) * kChunkRows < m ? (chunk + 1) * kChunkRows : m;
    for (int s = chunk * kChunkRows; s < end; ++s) {
      std::memcpy(y + static_cast<int64_t>(s) * n, x + static_cast<int64_t>(positions[s]) * n, sizeof(A) * n);
    }
  });
}

template <typename A>
void scatter_rows(ThreadPool& pool, A* dx, const A* dy, const int* positions, int t, int m, int n) {
  pool.run(chunks_of(t), [&](int chunk) {
    const int end = (chunk + 1) * kChunkRows < t ? (chunk + 1) * kChunkRows : t;
    int slot = lower_bound(positions, m, chunk * kChunkRows);
    for (int row = chunk * kChunkRows; row < end; ++row) {
      int count = 0;
      while (slot + count < m && positions[slot + count] == row) ++count;
      add_rows(dx + static_cast<int64_t>(row) * n, dy + static_cast<int64_t>(slot) * n, count, n);
      slot += count;
    }
  });
}

ELECTRA_INSTANTIATE(gather_rows);
ELECTRA_INSTANTIATE(scatter_rows);

}  // namespace electra::cpu::ELECTRA_ISA
