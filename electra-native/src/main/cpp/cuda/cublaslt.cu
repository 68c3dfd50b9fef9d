#include <mutex>
#include <string>

#include "cublaslt.h"
#include "device.cuh"
#include "library.h"

namespace electra::cuda {

namespace {

std::mutex mutex;
CublasLt functions;
bool opened = false;
std::string failure;

void find_all(Library& library, CublasLt& f) {
  library.find("cublasLtCreate", &f.create)
      .find("cublasLtDestroy", &f.destroy)
      .find("cublasLtGetVersion", &f.version)
      .find("cublasLtMatmulDescCreate", &f.description_create)
      .find("cublasLtMatmulDescDestroy", &f.description_destroy)
      .find("cublasLtMatmulDescSetAttribute", &f.description_set)
      .find("cublasLtMatrixLayoutCreate", &f.layout_create)
      .find("cublasLtMatrixLayoutDestroy", &f.layout_destroy)
      .find("cublasLtMatmulPreferenceCreate", &f.preference_create)
      .find("cublasLtMatmulPreferenceDestroy", &f.preference_destroy)
      .find("cublasLtMatmulPreferenceSetAttribute", &f.preference_set)
      .find("cublasLtMatmulAlgoGetHeuristic", &f.heuristic)
      .find("cublasLtMatmul", &f.matmul);
}

}  // namespace

const CublasLt* open_cublaslt(const char* library, const char** cause) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (opened) return &functions;
  Library opening(library);
  find_all(opening, functions);
  failure = opening.failure();
  if (failure.empty()) {
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
