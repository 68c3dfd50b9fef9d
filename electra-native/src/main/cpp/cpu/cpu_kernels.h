#pragma once
#include "../electra_kernels.h"

namespace electra::cpu {

// One set of kernels for each instruction set; A is bf16 or float.
namespace avx2 {
Kernels* create_kernels(int threads, bool bf16_activations);
}
namespace avx512 {
Kernels* create_kernels(int threads, bool bf16_activations);
}
namespace avx512_vnni {
Kernels* create_kernels(int threads, bool bf16_activations);
}
namespace avx512_bf16 {
Kernels* create_kernels(int threads, bool bf16_activations);
}

}  // namespace electra::cpu
