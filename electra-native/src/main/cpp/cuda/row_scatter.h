// table[key[row]] += x[row] with the same bits in every run: rows are sorted by key, rows of one key are
// added up in their order.
#pragma once
#include "device.cuh"

namespace electra::cuda {

constexpr int kMostTables = 3;

/** Several tables that take the same rows, each by keys of its own. */
struct ScatterTables {
  float* table[kMostTables];     // (limit, n), added to
  const int* keys[kMostTables];  // (rows)
  int limit[kMostTables];        // keys are below it; others count as key 0
};

/** Adds the rows of x (rows, n) to the tables; rows of the tables that no key names are not touched. */
void scatter_add(Device& device, const ScatterTables& tables, const float* x, int rows, int n);

}  // namespace electra::cuda
