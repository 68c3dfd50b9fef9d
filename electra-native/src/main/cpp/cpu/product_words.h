// As what bf16 is multiplied. Intel's vectors do half the operations in bf16 that they do in fp32 (83 against
// 154 GFLOP/s a core on family 6, model 207), and a virtual machine may hide their tiles: there operands
// become scaled integers (scaled_product.h). Memory still holds bf16.
#pragma once
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

/** Calls body with a number of the type as which products take numbers of type A. */
template <typename A, typename Body>
inline void in_words_of(const Body& body) {
  if constexpr (sizeof(A) == sizeof(bf16)) {
    if (has_slow_bf16()) return body(int16_t{0});
  }
  body(A{0});
}

}  // namespace electra::cpu::ELECTRA_ISA
