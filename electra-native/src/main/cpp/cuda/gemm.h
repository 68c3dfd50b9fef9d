// The seam of the matrix products: cuBLASLt on a card, plain loops in the simulator of the tests.
#pragma once
#include "device.cuh"

namespace electra::cuda {

/** A matrix: row-major, as it lies in memory. */
struct Matrix {
  const void* data;
  bool bf16;        // else float
  bool transposed;  // whether the product takes its transpose
};

/**
 * d (m, n) = op(a) (m, k) op(b) (k, n) + bias (n), or d += the product when `accumulate`; d is row-major.
 * Sums are in f32, each element of d is rounded once.
 *
 * @param bias f32, or null; in a bf16 product it may be rounded to bf16; never together with `accumulate`
 */
void matrix_product(Device& device, void* d, bool d_bf16, Matrix a, Matrix b, const float* bias, int m, int n,
                    int k, bool accumulate);

}  // namespace electra::cuda
