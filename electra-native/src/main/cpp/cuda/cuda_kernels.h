#pragma once
#include "../electra_kernels.h"

namespace electra::cuda {

/** Kernels on a card; `threads` is only reported. */
Kernels* create_kernels(int device, bool bf16_activations, int threads);

}  // namespace electra::cuda
