// Products of bf16 where the processor multiplies fp32 faster: Intel's vectors do half the operations in bf16
// (83 against 154 GFLOP/s a core on family 6, model 207), and a virtual machine may hide their tiles. There
// operands are widened, which is exact, and multiplied as fp32. Memory still holds bf16.
#pragma once
#include "block_product.h"
#include "matmul.h"
#include "simd.h"

namespace electra::cpu::ELECTRA_ISA {

/** Whether the processor has no instructions for bf16, or slow ones. */
inline bool has_slow_bf16() {
#ifdef __AVX512BF16__
  return matmul_has_slow_bf16();
#else
  return true;
#endif
}

/** Whether operands are packed as fp32, though memory holds bf16. */
template <typename A>
bool packs_wide() {
  return sizeof(A) == sizeof(bf16) && has_slow_bf16();
}

/** y (rows, columns; dense) = x. */
template <typename A>
inline void widen_rows(float* y, const A* x, int rows, int columns, int64_t stride) {
  for (int i = 0; i < rows; ++i) {
    for_vectors(columns, [&](int64_t j, int lanes) { store_lanes(y + j, load_lanes(x + j, lanes), lanes); });
    x += stride;
    y += columns;
  }
}

}  // namespace electra::cpu::ELECTRA_ISA
