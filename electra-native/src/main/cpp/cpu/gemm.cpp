// The products with a weight matrix: forward, gradient of the input, gradient of the weights. Each is cut
// into tiles of the result; a tile is multiplied by one thread and finished (bias, GELU) while it is in its
// cache. No sum is cut by the number of threads, so the bits do not depend on it.
//
// Products of fp32 words are ours: the weights are packed once for all rows (block_gemm.h), where oneDNN's
// primitives would copy their operands for every tile. So are those of bf16 on processors that do better on
// scaled integers (scaled_product.h). The others of bf16 are oneDNN's, which has the tile instructions.
#include "block_gemm.h"
#include "kernels.h"
#include "matmul_tiles.h"
#include "product_words.h"
#include "scaled_weights.h"
#include "scratch.h"
#include "vec_math.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

template <typename A>
constexpr bool kIsBf16 = sizeof(A) == sizeof(bf16);

/** Whether bf16 is multiplied as scaled integers. */
template <typename A>
bool scales_operands() {
  return kIsBf16<A> && has_slow_bf16();
}

bool empty(int t, int n, int k) { return t == 0 || n == 0 || k == 0; }

/** Tokens that one step of the gradient of the weights sums over, and the tile it adds to: all in the second
 * level of the cache, and large, since each tile copies its operands. */
constexpr int kReductionRows = 256, kTileInputs = 256, kMostOutputs = 256;

/**
 * One tile (outputs, inputs) of the gradient of the weights; dbias may be null. Both operands are copied:
 * their rows lie a power of two apart, where few lines of a cache would have to hold them all.
 */
inline void add_weight_tile(float* dw, float* dbias, const float* dy, const float* x, int t, int outputs,
                            int inputs, int n, int k) {
  Scratch scratch;
  float* left = scratch.floats(static_cast<size_t>(kReductionRows) * outputs);
  float* right = scratch.floats(packed_size(inputs, kReductionRows));
  for (int row = 0; row < t; row += kReductionRows) {
    const int rows = smaller(kReductionRows, t - row);
    for (int r = 0; r < rows; ++r) {
      std::memcpy(left + static_cast<int64_t>(r) * outputs, dy + static_cast<int64_t>(row + r) * n,
                  sizeof(float) * outputs);
    }
    pack_rows(right, x + static_cast<int64_t>(row) * k, k, rows, inputs);
    if (dbias != nullptr) add_columns(dbias, left, rows, outputs, outputs);
    multiply<float>(dw, k, LeftOperand{left, 4, int64_t{4} * outputs}, right, outputs, inputs, rows, true);
  }
}

/**
 * dw (n, k) += dyᵀ x and dbias (n), which may be null, += the sums of the columns of dy. An element is summed
 * up by one thread, token by token: how the tiles are cut, which the threads decide, does not change its
 * bits.
 */
inline void add_weights(ThreadPool& pool, float* dw, float* dbias, const float* dy, const float* x, int t,
                        int n, int k) {
  const int across = divide_up(k, kTileInputs);
  int down = divide_up(n, kMostOutputs);
  while (down * across < 2 * pool.threads() && n / (down + 1) >= kMostOutputs / 2) ++down;
  while (down * across < pool.threads() && n / (down + 1) >= 2 * kBlockRows) ++down;
  const int outputs = equal_parts(n, divide_up(n, down), kBlockRows), used = divide_up(n, outputs);
  pool.run(used * across, [&](int chunk) {
    const int output = chunk % used * outputs, input = chunk / used * kTileInputs;
    add_weight_tile(dw + static_cast<int64_t>(output) * k + input,
                    dbias == nullptr || input > 0 ? nullptr : dbias + output, dy + output, x + input, t,
                    smaller(outputs, n - output), smaller(kTileInputs, k - input), n, k);
  });
}

/** Weights to be packed. */
template <typename A>
struct PackedMatrix {
  ThreadPool* pool;
  const A* w;
  int n, k;

  static void pack(const void* context, float* target) {
    const auto* m = static_cast<const PackedMatrix*>(context);
    pack_transposed(*m->pool, target, m->w, m->n, m->k);
  }
#ifdef __AVX512VNNI__
  static void pack_scaled(const void* context, float* target) {
    const auto* m = static_cast<const PackedMatrix*>(context);
    pack_transposed_scaled(*m->pool, target, m->w, m->n, m->k);
  }
#endif
};

}  // namespace

template <typename A>
void gemm_forward(ThreadPool& pool, PackedWeights& frozen, A* y, A* u, const A* x, const A* w,
                  const float* bias, int t, int n, int k, bool gelu) {
  if (empty(t, n, k)) return;
  const auto finish = [&](int row, int column, int columns, const float* values) {
    const int64_t at = static_cast<int64_t>(row) * n + column;
    for_vectors(columns, [&](int64_t i, int lanes) {
      Floats sum = load_lanes(values + i, lanes);
      if (bias != nullptr) sum = sum + load_lanes(bias + column + i, lanes);
      if (u != nullptr) store_lanes(u + at + i, sum, lanes);
      store_lanes(y + at + i, gelu ? cpu::ELECTRA_ISA::gelu<A>(sum) : sum, lanes);
    });
  };
  const PackedMatrix<A> matrix{&pool, w, n, k};
  Scratch scratch;
#ifdef __AVX512VNNI__
  if constexpr (kIsBf16<A>) {
    if (scales_operands<A>()) {
      const int64_t size = scaled_size(n, words_for<A>(k));
      const float* packed = frozen.find(w, n, k, size, &PackedMatrix<A>::pack_scaled, &matrix);
      if (packed == nullptr) {
        float* own = scratch.floats(size);
        pack_transposed_scaled(pool, own, w, n, k);
        packed = own;
      }
      if (!gelu && u == nullptr) return multiply_scaled_onto(pool, y, bias, x, k, packed, t, n);
      return multiply_packed<ScaledRows>(pool, x, k, packed, t, n, finish);
    }
  }
#endif
  if (!kIsBf16<A> || !matmul_has_bf16_tiles()) {
    const int64_t size = packed_size(n, words_for<A>(k));
    const float* packed = frozen.find(w, n, k, size, &PackedMatrix<A>::pack, &matrix);
    if constexpr (!kIsBf16<A>) {
      if (packed == nullptr) {
        float* own = scratch.floats(size);
        pack_transposed(pool, own, w, n, k);
        packed = own;
      }
      if (!gelu && u == nullptr) return multiply_packed_onto(pool, y, Start{bias, 0}, x, k, packed, t, n);
    }
    if (packed != nullptr) return multiply_packed<PlainRows<A>>(pool, x, k, packed, t, n, finish);
  }
  if constexpr (kIsBf16<A>) {
    MatmulShape shape;
    shape.k = k;
    shape.a_row = k;
    shape.b_row = 1;
    shape.b_column = k;
    shape.c_row = n;
    if (!gelu) {
      shape.bias = bias != nullptr;
      matmul_into(pool, shape, y, x, w, bias, t, n);
    } else {
      matmul_then(pool, shape, x, w, t, n, finish);
    }
  }
}

template <typename A>
void gemm_backward_input(ThreadPool& pool, A* dx, const A* dy, const A* w, const A* u, int t, int n, int k,
                         bool accumulate) {
  if (empty(t, n, k)) return;
  const auto finish = [&](int row, int column, int columns, const float* values) {
    const int64_t at = static_cast<int64_t>(row) * k + column;
    for_vectors(columns, [&](int64_t i, int lanes) {
      Floats sum = load_lanes(values + i, lanes);
      if (u != nullptr) sum = sum * gelu_derivative<A>(load_lanes(u + at + i, lanes));
      if (accumulate) sum = sum + load_lanes(dx + at + i, lanes);
      store_lanes(dx + at + i, sum, lanes);
    });
  };
  Scratch scratch;
  if constexpr (!kIsBf16<A>) {
    float* packed = scratch.floats(packed_size(k, n));
    pack_untransposed(pool, packed, w, n, k);
    if (u == nullptr)
      return multiply_packed_onto(pool, dx, Start{accumulate ? dx : nullptr, k}, dy, n, packed, t, k);
    return multiply_packed<PlainRows<A>>(pool, dy, n, packed, t, k, finish);
  }
#ifdef __AVX512VNNI__
  if constexpr (kIsBf16<A>) {
    if (scales_operands<A>()) {
      float* packed = scratch.floats(scaled_size(k, words_for<A>(n)));
      pack_untransposed_scaled(pool, packed, w, n, k);
      if (u == nullptr && !accumulate) return multiply_scaled_onto(pool, dx, nullptr, dy, n, packed, t, k);
      return multiply_packed<ScaledRows>(pool, dy, n, packed, t, k, finish);
    }
  }
#endif
  if constexpr (kIsBf16<A>) {
    MatmulShape shape;
    shape.accumulate = accumulate;
    shape.k = n;
    shape.a_row = n;
    shape.b_row = k;
    shape.c_row = k;
    if (u == nullptr) {
      matmul_into(pool, shape, dx, dy, w, nullptr, t, k);
    } else {
      shape.accumulate = false;
      matmul_then(pool, shape, dy, w, t, k, finish);
    }
  }
}

template <typename A>
void gemm_backward_weight(ThreadPool& pool, float* dw, float* dbias, const A* dy, const A* x, int t, int n,
                          int k) {
  if (empty(t, n, k)) return;
  if constexpr (!kIsBf16<A>) return add_weights(pool, dw, dbias, dy, x, t, n, k);
#ifdef __AVX512VNNI__
  if constexpr (kIsBf16<A>) {
    if (scales_operands<A>()) return add_scaled_weights(pool, dw, dbias, dy, x, t, n, k);
    matmul_weights(pool, dw, dbias, dy, x, t, n, k);
  }
#endif
}

ELECTRA_INSTANTIATE(gemm_forward);
ELECTRA_INSTANTIATE(gemm_backward_input);
ELECTRA_INSTANTIATE(gemm_backward_weight);

}  // namespace electra::cpu::ELECTRA_ISA
