// table[key[row]] += x[row] with the same bits whatever the number of threads: rows are sorted by key, the
// rows of one key are added in their order, and one task owns a key (or some columns of it, where a key has
// many rows).
#pragma once
#include "row_chunks.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

/**
 * Sorts the rows 0..rows-1 by key, equal keys by row, and returns the one of the two arrays (rows) that holds
 * the result: key << 32 | row. Keys lie in 0..limit-1.
 */
inline const uint64_t* sort_rows(uint64_t* entries, uint64_t* spare, const int* keys, int rows, int limit) {
  constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;
  for (int r = 0; r < rows; ++r) {
    entries[r] = static_cast<uint64_t>(static_cast<uint32_t>(keys[r])) << 32 | static_cast<uint32_t>(r);
  }
  for (int shift = 0; shift < 32 && ((limit - 1) >> shift) != 0; shift += kDigitBits) {
    int next[kDigits] = {};
    const auto digit = [&](int r) { return entries[r] >> (32 + shift) & (kDigits - 1); };
    for (int r = 0; r < rows; ++r) ++next[digit(r)];
    for (int d = 0, begin = 0; d < kDigits; ++d) {
      const int count = next[d];
      next[d] = begin;
      begin += count;
    }
    for (int r = 0; r < rows; ++r) spare[next[digit(r)]++] = entries[r];
    uint64_t* const sorted = spare;
    spare = entries;
    entries = sorted;
  }
  return entries;
}

/** Sorted rows of one key, and the columns of them that a task adds up. */
struct ScatterRun {
  int begin;
  int end;
  int column;
  int columns;
};

/** Cuts sorted rows into runs of one key, those of more than 128 rows also by columns; returns how many. */
inline int scatter_runs(ScatterRun* runs, const uint64_t* entries, int rows, int n) {
  constexpr int kMany = 128, kColumns = 64;
  int count = 0;
  for (int begin = 0, end = 0; begin < rows; begin = end) {
    while (end < rows && entries[end] >> 32 == entries[begin] >> 32) ++end;
    const int width = end - begin > kMany ? kColumns : n;
    for (int column = 0; column < n; column += width) {
      runs[count++] = ScatterRun{begin, end, column, n - column < width ? n - column : width};
    }
  }
  return count;
}

/** table (…, n) += x (rows, n) by the keys of sorted entries; rows of other keys stay untouched. */
inline void scatter_add(ThreadPool& pool, float* table, const uint64_t* entries, const float* x, int rows,
                        int n) {
  constexpr int kTask = 8;
  Scratch scratch;
  // A run that is cut by columns has more than 128 rows and at most n / 64 + 1 parts.
  const size_t most = rows + (rows / 128) * (static_cast<size_t>(n) / 64 + 1);
  auto* runs = static_cast<ScatterRun*>(scratch.bytes(most * sizeof(ScatterRun)));
  const int count = scatter_runs(runs, entries, rows, n);
  pool.run((count + kTask - 1) / kTask, [&](int task) {
    const int last = (task + 1) * kTask < count ? (task + 1) * kTask : count;
    for (int i = task * kTask; i < last; ++i) {
      const ScatterRun run = runs[i];
      float* target = table + static_cast<int64_t>(entries[run.begin] >> 32) * n + run.column;
      for_columns(run.columns, [&](int j, int lanes, auto) {
        Floats total = zeros();
        for (int e = run.begin; e < run.end; ++e) {
          const int64_t row = static_cast<int64_t>(entries[e] & 0xFFFFFFFFu);
          total = total + load_lanes(x + row * n + run.column + j, lanes);
        }
        add_to(target + j, total, lanes);
      });
    }
  });
}

}  // namespace electra::cpu::ELECTRA_ISA
