#pragma once

namespace electra {

/** Products of bf16 by oneDNN, for cpu_install_onednn of electra_cpu.h. Never throws. */
const void* onednn_products();

}  // namespace electra
