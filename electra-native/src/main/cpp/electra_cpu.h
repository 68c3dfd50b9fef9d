#pragma once
#include "electra_kernels.h"

namespace electra {

/** Why the CPU kernels cannot run on this processor; empty when they can. Never throws. */
const char* cpu_unavailability_cause();

/** The instruction set that is used: "AVX2", "AVX-512", "AVX-512 VNNI" or "AVX-512 BF16". Never throws. */
const char* cpu_instruction_set();

/** Whether there are kernels for bf16: on processors with AVX512_VNNI. Never throws. */
bool cpu_supports_bf16();

/** What multiplies bf16 with weights, each faster than fp32: "tiles" (AMX), "vectors", "16-bit integers"
 * where vectors of bf16 are slow, or "nothing". Never throws. */
const char* cpu_bf16_products();

/** Whether kernels in bf16 need the products of libelectra_onednn.so here. Never throws. */
bool cpu_needs_onednn();

/** Takes what onednn_products of electra_onednn.h returned, for all kernels. Never throws. */
void cpu_install_onednn(const void* products);

/** Kernels for this processor on `threads` threads (the caller counts as one); A is bf16 or float. */
Kernels* create_cpu_kernels(int threads, bool bf16);

}  // namespace electra
