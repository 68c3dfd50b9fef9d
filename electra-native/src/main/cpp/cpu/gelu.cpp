// du = dy gelu'(u).
#include "kernels.h"
#include "vec_math.h"

namespace electra::cpu::ELECTRA_ISA {

template <typename A>
void gelu_backward(ThreadPool& pool, A* du, const A* dy, const A* u, int64_t count) {
  constexpr int64_t kChunk = 1 << 14;
  pool.run(static_cast<int>((count + kChunk - 1) / kChunk), [&](int chunk) {
    const int64_t begin = chunk * kChunk;
    for_vectors(count - begin < kChunk ? count - begin : kChunk, [&](int64_t i, int lanes) {
      const Floats derivative = gelu_derivative<A>(load_lanes(u + begin + i, lanes));
      store_lanes(du + begin + i, load_lanes(dy + begin + i, lanes) * derivative, lanes);
    });
  });
}

ELECTRA_INSTANTIATE(gelu_backward);

}  // namespace electra::cpu::ELECTRA_ISA
