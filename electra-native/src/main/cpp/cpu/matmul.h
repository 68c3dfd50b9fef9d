#pragma once
#include <cstddef>
#include <cstdint>

namespace electra {

/**
 * The shape of a product c (m, n) = a (m, k) b (k, n) of bf16 operands. Strides count elements; a row or a
 * column stride is 1. Making the code for a new shape takes milliseconds, so callers draw their shapes from a
 * small set: see kRowUnit.
 */
struct MatmulShape {
  bool bf16_result = true;  // else f32
  bool accumulate = false;  // c += a b, rounded once
  bool bias = false;        // adds bias (n) to each row
  int m = 0, n = 0, k = 0;
  int64_t a_row = 0, a_column = 1, b_row = 0, b_column = 1, c_row = 0;
};

/** Row counts that change from step to step are cut to multiples of this, the rest is padded with zero rows.
 */
constexpr int kRowUnit = 32;

/** What libelectra_onednn.so brings: the kernels know it only by this table. */
struct MatmulLibrary {
  using TakeScratch = void* (*)(void* scratch, size_t bytes);
  void (*multiply)(const MatmulShape& shape, const void* a, const void* b, void* c, const float* bias,
                   void* scratch, TakeScratch take);
};

/** Environment variable: "onednn" has oneDNN multiply bf16 also where its vectors are slow. */
constexpr const char* kBf16Environment = "ELECTRA_CPU_BF16";

/** Whether oneDNN multiplies bf16 by tile instructions (AMX), several times faster than vectors can. */
bool matmul_has_bf16_tiles();

/** Whether vectors of bf16 are multiplied more slowly than fp32: on Intel's processors without such tiles,
 * unless kBf16Environment says otherwise. */
bool matmul_has_slow_bf16();

/** Every later product is the library's, which lives as long as the process. */
void install_matmul(const MatmulLibrary* library);

/** Multiplies on the calling thread alone. bias may be null unless the shape says otherwise. Throws where no
 * library was installed. */
void matmul(const MatmulShape& shape, const void* a, const void* b, void* c, const float* bias);

}  // namespace electra
