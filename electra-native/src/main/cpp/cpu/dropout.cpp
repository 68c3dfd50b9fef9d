// y = dropout(x), which is its own gradient.
#include "kernels.h"
#include "norm_rows.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

template <typename A>
void dropout(ThreadPool& pool, A* y, const A* x, int64_t count, float p, int64_t seed, int64_t step,
             int stream) {
  constexpr int kChunk = 1 << 12;  // a multiple of the eight elements of a Philox block
  const DropoutSite site{p, seed, step, stream};
  const Dropper dropper(p);
  pool.run(static_cast<int>((count + kChunk - 1) / kChunk), [&](int chunk) {
    const int64_t begin = static_cast<int64_t>(chunk) * kChunk;
    const int size = count - begin < kChunk ? static_cast<int>(count - begin) : kChunk;
    Scratch scratch;
    const uint16_t* lanes = nullptr;
    if (site.on()) {
      auto* buffer = static_cast<uint16_t*>(scratch.bytes(sizeof(uint16_t) * dropout_lanes_size(size)));
      lanes = dropout_lanes(buffer, begin, size, seed, step, stream);
    }
    for_vectors(size, [&](int64_t i, int width) {
      const Floats value = load_lanes(x + begin + i, width);
      store_lanes(y + begin + i, lanes == nullptr ? value : dropper.apply(value, lanes + i), width);
    });
  });
}

ELECTRA_INSTANTIATE(dropout);

}  // namespace electra::cpu::ELECTRA_ISA
