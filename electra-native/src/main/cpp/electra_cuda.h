#pragma once
#include "electra_kernels.h"

namespace electra {

/** Why there are no CUDA kernels here: built without, no driver, driver too old, no card; empty when there
 * are. Never throws. */
const char* cuda_unavailability_cause();

/** Cards that the driver shows; 0 when unavailable. Never throws. */
int cuda_device_count();

/** Name, compute capability and memory of a card; a sentence about why not when there is none. Never throws.
 */
const char* cuda_device_description(int device);

/** The architectures that the kernels were compiled for, as in "sm_80, sm_90, PTX 9.0"; empty without nvcc.
 */
const char* cuda_architectures();

/** Opens cuBLASLt by the name or path of its library; says why it cannot, empty when it can. Never throws. */
const char* cuda_open_cublaslt(const char* library);

/** Opens cuDNN likewise. */
const char* cuda_open_cudnn(const char* library);

/**
 * Kernels on a card, after cuda_open_cublaslt; A is bf16 or float; steps are captured into graphs or not.
 * `cudnn`: attention by cuDNN, after cuda_open_cudnn.
 */
Kernels* create_cuda_kernels(int device, bool bf16, bool graphs, bool cudnn);

}  // namespace electra
