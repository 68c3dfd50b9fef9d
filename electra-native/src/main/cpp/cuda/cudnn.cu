#include <mutex>
#include <string>

#include "cudnn.h"
#include "library.h"

namespace electra::cuda {

namespace {

std::mutex mutex;
Cudnn functions;
bool opened = false;
std::string failure;

void find_all(Library& library, Cudnn& f) {
  library.find("cudnnCreate", &f.create)
      .find("cudnnDestroy", &f.destroy)
      .find("cudnnSetStream", &f.set_stream)
      .find("cudnnGetVersion", &f.version)
      .find("cudnnGetErrorString", &f.error_name)
      .find("cudnnGetLastErrorString", &f.last_error)
      .find("cudnnBackendCreateDescriptor", &f.create_descriptor)
      .find("cudnnBackendDestroyDescriptor", &f.destroy_descriptor)
      .find("cudnnBackendSetAttribute", &f.set_attribute)
      .find("cudnnBackendGetAttribute", &f.get_attribute)
      .find("cudnnBackendFinalize", &f.finalize)
      .find("cudnnBackendExecute", &f.execute);
}

/** Why the library is too old, or an empty string. */
std::string too_old(const Cudnn& f) {
  const size_t version = f.version();
  if (version >= kLeastCudnn) return "";
  return "it is version " + std::to_string(version) + ", and " + std::to_string(kLeastCudnn) + " is needed";
}

}  // namespace

const Cudnn* open_cudnn(const char* library, const char** cause) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (opened) return &functions;
  Library opening(library);
  find_all(opening, functions);
  failure = opening.failure();
  if (failure.empty()) failure = too_old(functions);
  if (failure.empty()) {
    opened = true;
    return &functions;
  }
  failure = std::string(library) + " cannot be used: " + failure;
  *cause = failure.c_str();
  return nullptr;
}

const Cudnn& cudnn() {
  if (!opened) fail("cuDNN was not opened");
  return functions;
}

}  // namespace electra::cuda
