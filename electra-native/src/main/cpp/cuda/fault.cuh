// How a kernel reports data that it cannot work with.
#pragma once
#include "device.cuh"

namespace electra::cuda {

constexpr int kSpanFault = kLabelFault + 1;

/** Reports that `value` of row `row` is not in [0, size); the first report stays. */
__device__ __forceinline__ void report_fault(Fault* fault, int kind, int value, int row, int size) {
  if (atomicCAS(&fault->kind, 0, kind) != 0) return;
  fault->value = value;
  fault->token = row;
  fault->size = size;
}

}  // namespace electra::cuda
