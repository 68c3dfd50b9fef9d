// Fills, conversions between float and the activation type, and sums of activations.
#include "kernels.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

constexpr int64_t kChunk = 1 << 16;  // elements: small enough to share out, large enough to pay for it

template <typename Body>
void for_chunks(ThreadPool& pool, int64_t count, const Body& body) {
  pool.run(static_cast<int>((count + kChunk - 1) / kChunk), [&](int chunk) {
    const int64_t begin = chunk * kChunk;
    body(begin, count - begin < kChunk ? count - begin : kChunk);
  });
}

template <typename To, typename From>
void convert(ThreadPool& pool, To* y, const From* x, int64_t count) {
  for_chunks(pool, count, [&](int64_t begin, int64_t size) {
    for_vectors(size, [&](int64_t i, int lanes) {
      store_lanes(y + begin + i, load_lanes(x + begin + i, lanes), lanes);
    });
  });
}

}  // namespace

void fill_zero(ThreadPool& pool, void* p, int64_t bytes) {
  for_chunks(pool, bytes, [&](int64_t begin, int64_t size) {
    std::memset(static_cast<char*>(p) + begin, 0, static_cast<size_t>(size));
  });
}

template <typename A>
void to_activation(ThreadPool& pool, A* y, const float* x, int64_t count) {
  convert(pool, y, x, count);
}

template <typename A>
void from_activation(ThreadPool& pool, float* y, const A* x, int64_t count) {
  convert(pool, y, x, count);
}

template <typename A>
void add_activation(ThreadPool& pool, A* y, const A* x, int64_t count) {
  for_chunks(pool, count, [&](int64_t begin, int64_t size) {
    for_vectors(size, [&](int64_t i, int lanes) {
      store_lanes(y + begin + i, load_lanes(y + begin + i, lanes) + load_lanes(x + begin + i, lanes), lanes);
    });
  });
}

ELECTRA_INSTANTIATE(add_activation);
ELECTRA_INSTANTIATE(to_activation);
ELECTRA_INSTANTIATE(from_activation);

}  // namespace electra::cpu::ELECTRA_ISA
