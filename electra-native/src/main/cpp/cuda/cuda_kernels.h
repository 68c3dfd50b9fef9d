#pragma once
#include <memory>

#include "../electra_kernels.h"

namespace electra::cuda {

class AttentionEngine;

/** Kernels on a card; `threads` is only reported, and `graphs` says whether steps are captured into graphs.
 * `attention` makes what computes attention instead of our kernels.
 */
Kernels* create_kernels(int device, bool bf16_activations, int threads, bool graphs,
                        std::unique_ptr<AttentionEngine> (*attention)() = nullptr);

}  // namespace electra::cuda
