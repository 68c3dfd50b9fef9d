// What the driver says about the cards, and kernels for one of them.
#include <dlfcn.h>

#include <cstdio>

#include "attention_engine.h"
#include "cublaslt.h"
#include "cuda_kernels.h"
#include "cudnn.h"
#pragma GCC visibility push(default)
#include "../electra_cuda.h"
#pragma GCC visibility pop

namespace electra {

namespace {

constexpr int kLeastMajor = 8;  // bf16 matrix instructions

struct Probe {
  int count = 0;
  char cause[256] = "";
};

Probe probe() {
  Probe p;
  int driver = 0;
  if (dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) == nullptr) {
    std::snprintf(p.cause, sizeof p.cause, "no NVIDIA driver: libcuda.so.1 was not found");
    return p;
  }
  cudaDriverGetVersion(&driver);
  const cudaError_t error = cudaGetDeviceCount(&p.count);
  cudaGetLastError();
  if (error == cudaErrorInsufficientDriver) {
    std::snprintf(p.cause, sizeof p.cause,
                  "the NVIDIA driver is too old: it knows CUDA %d.%d, and the kernels need %d.%d",
                  driver / 1000, driver % 100 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 100 / 10);
  } else if (error == cudaErrorNoDevice || (error == cudaSuccess && p.count == 0)) {
    std::snprintf(p.cause, sizeof p.cause, "the NVIDIA driver shows no card");
  } else if (error != cudaSuccess) {
    std::snprintf(p.cause, sizeof p.cause, "the NVIDIA driver does not answer: %s",
                  cudaGetErrorString(error));
  }
  if (p.cause[0] != '\0') p.count = 0;
  return p;
}

const Probe& probed() {
  static const Probe made = probe();
  return made;
}

}  // namespace

const char* cuda_unavailability_cause() { return probed().cause; }

int cuda_device_count() { return probed().count; }

const char* cuda_device_description(int device) {
  static thread_local char text[400];
  cudaDeviceProp card;
  const cudaError_t error = cudaGetDeviceProperties(&card, device);
  cudaGetLastError();
  if (error != cudaSuccess) {
    std::snprintf(text, sizeof text, "no answer: %s", cudaGetErrorString(error));
  } else {
    std::snprintf(text, sizeof text, "%s, compute capability %d.%d, %zu MiB%s", card.name, card.major,
                  card.minor, card.totalGlobalMem >> 20,
                  card.major < kLeastMajor ? ", too old: 8.0 is needed" : "");
  }
  return text;
}

const char* cuda_architectures() { return ELECTRA_ARCHITECTURES; }

const char* cuda_open_cublaslt(const char* library) {
  const char* cause = "";
  cuda::open_cublaslt(library, &cause);
  return cause;
}

const char* cuda_open_cudnn(const char* library) {
  const char* cause = "";
  cuda::open_cudnn(library, &cause);
  return cause;
}

Kernels* create_cuda_kernels(int device, bool bf16, bool graphs, bool cudnn) {
  if (probed().cause[0] != '\0') fail("%s", probed().cause);
  if (device < 0 || device >= probed().count) {
    fail("there is no card %d: the driver shows %d", device, probed().count);
  }
  cudaDeviceProp card;
  cuda::check(cudaGetDeviceProperties(&card, device), "query of the card");
  if (card.major < kLeastMajor) {
    fail("%s has compute capability %d.%d, and the kernels need 8.0 or newer", card.name, card.major,
         card.minor);
  }
  if (cudnn && !bf16) fail("cuDNN's attention computes in bf16 only: set electra.cuda.attention to own");
  constexpr int kThreads = 1;
  return cuda::create_kernels(device, bf16, kThreads, graphs, cudnn ? cuda::cudnn_attention : nullptr);
}

}  // namespace electra
