#pragma once
#include "../electra_kernels.h"

namespace electra::cuda {

/** Kernels on a card; `threads` is only reported, and `graphs` says whether steps are captured into graphs.
 */
Kernels* create_kernels(int device, bool bf16_activations, int threads, bool graphs);

}  // namespace electra::cuda
