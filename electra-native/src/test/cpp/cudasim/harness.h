// A list of named cases, memory on the simulated card, and comparisons.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/device.cuh"

using electra::cuda::bf16;
using electra::cuda::kFull;

struct Case {
  std::string name;
  std::function<void()> run;
};
inline std::vector<Case>& cases() {
  static std::vector<Case> c;
  return c;
}
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
inline void add(std::string n, std::function<void()> f) { cases().push_back({std::move(n), std::move(f)}); }
#define REQUIRE(c, ...)                                          \
  do {                                                           \
    if (!(c)) {                                                  \
      char b_[400];                                              \
      int k_ = snprintf(b_, 100, "%s:%d: ", __FILE__, __LINE__); \
      snprintf(b_ + k_, sizeof b_ - k_, __VA_ARGS__);            \
      throw Failure(b_);                                         \
    }                                                            \
  } while (0)
#define CUDA(e)                                                       \
  do {                                                                \
    cudaError_t e_ = (e);                                             \
    REQUIRE(e_ == cudaSuccess, "%s: %s", #e, cudaGetErrorString(e_)); \
  } while (0)

/** Starts a kernel without dynamic shared memory, on the simulator or on the card of this machine. */
template <class... P, class... A>
cudaError_t start(void (*kernel)(P...), dim3 grid, dim3 block, A... arguments) {
#ifdef __CUDACC__
  kernel<<<grid, block>>>(static_cast<P>(arguments)...);
  return cudaGetLastError();
#else
  return cudasim::launch(kernel, grid, block, 0, nullptr, arguments...);
#endif
}

template <class T>
struct Dev {
  T* p = nullptr;
  size_t n;
  explicit Dev(size_t n_) : n(n_) { CUDA(cudaMalloc(&p, n * sizeof(T))); }
  explicit Dev(const std::vector<T>& h) : Dev(h.size()) {
    CUDA(cudaMemcpy(p, h.data(), n * sizeof(T), cudaMemcpyHostToDevice));
  }
  Dev(const Dev&) = delete;
  ~Dev() { cudaFree(p); }
  std::vector<T> get() const {
    std::vector<T> h(n);
    CUDA(cudaDeviceSynchronize());
    CUDA(cudaMemcpy(h.data(), p, n * sizeof(T), cudaMemcpyDeviceToHost));
    return h;
  }
};
inline std::vector<float> randn(size_t n, unsigned seed, float scale = 1, float shift = 0) {
  std::mt19937 g(seed);
  std::normal_distribution<float> d;
  std::vector<float> v(n);
  for (auto& x : v) x = d(g) * scale + shift;
  return v;
}
inline std::vector<bf16> to_bf16(const std::vector<float>& v) {
  std::vector<bf16> r(v.size());
  for (size_t i = 0; i < v.size(); i++) r[i] = __float2bfloat16(v[i]);
  return r;
}
inline double f(bf16 x) { return double(__bfloat162float(x)); }
// |got - want| <= abs + rel * |want| everywhere
template <class T>
void compare(const char* what, const std::vector<T>& got, const std::vector<double>& want, double abs,
             double rel) {
  REQUIRE(got.size() == want.size(), "%s: size", what);
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < got.size(); i++) {
    double g;
    if constexpr (std::is_same_v<T, bf16>)
      g = f(got[i]);
    else
      g = double(got[i]);
    double e = g == want[i] ? 0 : std::fabs(g - want[i]) / (abs + rel * std::fabs(want[i]));
    if (!(e <= worst)) {
      worst = e;
      at = i;
      if (std::isnan(e)) break;
    }
  }
  double g;
  if constexpr (std::is_same_v<T, bf16>)
    g = f(got[at]);
  else
    g = double(got[at]);
  REQUIRE(worst <= 1, "%s[%zu] = %.6g, expected %.6g (%.1f x tolerance)", what, at, g, want[at], worst);
}

inline int run_all(int argc, char** argv) {
  std::string filter = argc > 1 ? argv[1] : "";
  int ok = 0, bad = 0;
  for (auto& c : cases()) {
    if (!filter.empty() && c.name.find(filter) == std::string::npos) continue;
    try {
      c.run();
      ok++;
    } catch (const std::exception& e) {
      bad++;
      printf("FAIL %s\n  %s\n", c.name.c_str(), e.what());
    }
  }
  printf("%d passed, %d failed\n", ok, bad);
  return bad != 0;
}
