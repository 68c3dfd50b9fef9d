// Products of bf16 where the processor multiplies fp32 faster: Intel's vectors do half the operations in bf16
// (83 against 154 GFLOP/s a core on family 6, model 207), and a virtual machine may hide their tiles. There
// operands are widened, which is exact, and multiplied as fp32. Memory still holds bf16.
#pragma once
#include "matmul.h"
#include "scratch.h"
#include "simd.h"

namespace electra::cpu::ELECTRA_ISA {

/** y (rows, columns; dense) = x. */
template <typename A>
inline void widen_rows(float* y, const A* x, int rows, int columns, int64_t stride) {
  for (int i = 0; i < rows; ++i) {
    for_vectors(columns, [&](int64_t j, int lanes) { store_lanes(y + j, load_lanes(x + j, lanes), lanes); });
    x += stride;
    y += columns;
  }
}

inline void product(const MatmulShape& shape, const float* a, const float* b, void* c, const float* bias) {
  matmul(shape, a, b, c, bias);
}

#ifdef __AVX512BF16__
/** A dense copy of an operand (rows, columns) in its own order; its strides become those of the copy. */
inline const float* widened(Scratch& scratch, const bf16* x, int rows, int columns, int64_t* row_stride,
                            int64_t* column_stride) {
  float* y = scratch.floats(static_cast<size_t>(rows) * columns);
  if (*column_stride == 1) {
    widen_rows(y, x, rows, columns, *row_stride);
    *row_stride = columns;
  } else {  // the columns lie one behind the other
    widen_rows(y, x, columns, rows, *column_stride);
    *column_stride = rows;
  }
  return y;
}

inline void product(const MatmulShape& shape, const bf16* a, const bf16* b, void* c, const float* bias) {
  if (!matmul_widens_bf16()) return matmul(shape, a, b, c, bias);
  Scratch scratch;
  MatmulShape wide = shape;
  wide.bf16_operands = wide.bf16_result = false;
  const float* left = widened(scratch, a, shape.m, shape.k, &wide.a_row, &wide.a_column);
  const float* right = widened(scratch, b, shape.k, shape.n, &wide.b_row, &wide.b_column);
  if (!shape.bf16_result) return matmul(wide, left, right, c, bias);
  float* result = scratch.floats(static_cast<size_t>(shape.m) * shape.n);
  bf16* narrow = static_cast<bf16*>(c);
  if (shape.accumulate) widen_rows(result, narrow, shape.m, shape.n, shape.c_row);
  wide.c_row = shape.n;
  matmul(wide, left, right, result, bias);
  for (int i = 0; i < shape.m; ++i) {
    const float* row = result + static_cast<int64_t>(i) * shape.n;
    for_vectors(shape.n, [&](int64_t j, int lanes) {
      store_lanes(narrow + i * shape.c_row + j, load_lanes(row + j, lanes), lanes);
    });
  }
}
#endif

}  // namespace electra::cpu::ELECTRA_ISA
