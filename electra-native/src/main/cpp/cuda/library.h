// A library that is opened at run time.
#pragma once
#include <dlfcn.h>

#include <string>

namespace electra::cuda {

/** Finds functions by their names, and remembers the first thing that is missing. It is never closed. */
class Library {
 public:
  explicit Library(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ != nullptr) return;
    const char* error = dlerror();
    failure_ = error == nullptr ? "unknown" : error;
  }

  template <typename Function>
  Library& find(const char* name, Function* function) {
    if (!failure_.empty()) return *this;
    void* const symbol = dlsym(handle_, name);
    *function = reinterpret_cast<Function>(symbol);
    if (symbol == nullptr) failure_ = std::string("it has no ") + name;
    return *this;
  }

  /** Why it cannot be used; empty when it can. */
  const std::string& failure() const { return failure_; }

 private:
  void* handle_;
  std::string failure_;
};

}  // namespace electra::cuda
