// Takes the place of the CUDA kernels where nvcc was not found.
#include "common/error.h"
#pragma GCC visibility push(default)
#include "electra_cuda.h"
#pragma GCC visibility pop

namespace electra {

static constexpr const char* kCause =
    "these libraries were built without CUDA kernels, because nvcc was not found";

const char* cuda_unavailability_cause() { return kCause; }

int cuda_device_count() { return 0; }

const char* cuda_device_description(int) { return kCause; }

const char* cuda_architectures() { return ""; }

const char* cuda_open_cublaslt(const char*) { return kCause; }

const char* cuda_open_cudnn(const char*) { return kCause; }

Kernels* create_cuda_kernels(int, bool, bool, bool) { fail("%s", kCause); }

}  // namespace electra
