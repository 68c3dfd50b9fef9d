#include <dlfcn.h>

#include <mutex>
#include <string>

#include "cublaslt.h"
#include "device.cuh"

namespace electra::cuda {

namespace {

std::mutex mutex;
CublasLt functions;
bool opened = false;
std::string failure;

template <typename Function>
bool find(void* library, const char* name, Function* function) {
  void* const symbol = dlsym(library, name);
  *function = reinterpret_cast<Function>(symbol);
  if (symbol == nullptr) failure = std::string("it has no ") + name;
  return symbol != nullptr;
}

bool find_all(void* library, CublasLt* f) {
  return find(library, "cublasLtCreate", &f->create) && find(library, "cublasLtDestroy", &f->destroy) &&
         find(library, "cublasLtGetVersion", &f->version) &&
         find(library, "cublasLtMatmulDescCreate", &f->description_create) &&
         find(library, "cublasLtMatmulDescDestroy", &f->description_destroy) &&
         find(library, "cublasLtMatmulDescSetAttribute", &f->description_set) &&
         find(library, "cublasLtMatrixLayoutCreate", &f->layout_create) &&
         find(library, "cublasLtMatrixLayoutDestroy", &f->layout_destroy) &&
         find(library, "cublasLtMatmulPreferenceCreate", &f->preference_create) &&
         find(library, "cublasLtMatmulPreferenceDestroy", &f->preference_destroy) &&
         find(library, "cublasLtMatmulPreferenceSetAttribute", &f->preference_set) &&
         find(library, "cublasLtMatmulAlgoGetHeuristic", &f->heuristic) &&
         find(library, "cublasLtMatmul", &f->matmul);
}

}  // namespace

const CublasLt* open_cublaslt(const char* library, const char** cause) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (opened) return &functions;
  void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* error = dlerror();
    failure = error == nullptr ? "unknown" : error;
  } else if (find_all(handle, &functions)) {
    opened = true;
    return &functions;
  }
  failure = std::string(library) + " does not load: " + failure;
  *cause = failure.c_str();
  return nullptr;
}

const CublasLt& cublaslt() {
  if (!opened) fail("cuBLASLt was not opened");
  return functions;
}

}  // namespace electra::cuda
