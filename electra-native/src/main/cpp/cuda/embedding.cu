// y = dropout(LayerNorm(word[id] + position[pos] + type[ty])), a warp a row; and the gradient of the three
// tables: of the summed row first, then added up by sorted key, so that no two blocks write one row of a
// table.
#include "dropout.cuh"
#include "fault.cuh"
#include "kernels.h"
#include "norm_rows.cuh"
#include "row_scatter.h"

namespace electra::cuda {

namespace {

constexpr int kForwardWarps = 4;

/** The tables and where each token looks. */
template <typename A>
struct Lookup {
  const int* ids;
  const int* types;
  const int* positions;
  const A* word;
  const A* position;
  const A* type;
  int e;
  int vocab;
  int max_positions;
  int type_vocab;
  Fault* fault;

  /** The index of a token, 0 where it is out of range; the first one so found is reported. */
  __device__ __forceinline__ int index(int kind, const int* indices, int size, int row, bool reports) const {
    const int value = indices[row];
    if (unsigned(value) < unsigned(size)) return value;
    if (reports) report_fault(fault, kind, value, row, size);
    return 0;
  }

  struct Rows {
    const A* word;
    const A* position;
    const A* type;
  };

  __device__ __forceinline__ Rows rows(int row, bool reports) const {
    return Rows{word + int64_t(index(1, ids, vocab, row, reports)) * e,
                position + int64_t(index(3, positions, max_positions, row, reports)) * e,
                type + int64_t(index(2, types, type_vocab, row, reports)) * e};
  }

  template <bool kAligned>
  static __device__ __forceinline__ void sum(float (&x)[kVector], const Rows& rows, int column, int lanes) {
    float other[kVector];
    load_columns<kAligned>(x, rows.word + column, lanes);
    load_columns<kAligned>(other, rows.position + column, lanes);
#pragma unroll
    for (int j = 0; j < kVector; j++) x[j] += other[j];
    load_columns<kAligned>(other, rows.type + column, lanes);
#pragma unroll
    for (int j = 0; j < kVector; j++) x[j] += other[j];
  }
};

template <typename A>
struct Forward {
  Lookup<A> lookup;
  A* y;
  float* mean;
  float* rstd;
  const float* gamma;
  const float* beta;
  int t;
  float eps;
  DropoutSite dropout;
};

template <typename A, int kVectors>
__global__ void __launch_bounds__(kForwardWarps* kWarp) embedding_forward_kernel(Forward<A> f) {
  constexpr bool kAligned = kVectors > 0;
  const int row = int(blockIdx.x) * kForwardWarps + int(threadIdx.x) / kWarp;
  if (row >= f.t) return;
  const bool is_first = threadIdx.x % kWarp == 0;
  const int64_t first = int64_t(row) * f.lookup.e;
  const auto rows = f.lookup.rows(row, is_first);
  const auto load = [&](float(&x)[kVector], int column, int lanes) {
    Lookup<A>::template sum<kAligned>(x, rows, column, lanes);
  };
  const auto store = [&](int column, int lanes, const float(&)[kVector], float(&normalized)[kVector]) {
    float gamma[kVector], beta[kVector];
    load_columns<kAligned>(gamma, f.gamma + column, lanes);
    load_columns<kAligned>(beta, f.beta + column, lanes);
#pragma unroll
    for (int j = 0; j < kVector; j++) normalized[j] = normalized[j] * gamma[j] + beta[j];
    apply_dropout<kAligned>(f.dropout, normalized, first + column);
    store_columns<kAligned>(f.y + first + column, normalized, lanes);
  };
  const RowStatistics s = normalize_row<kVectors>(f.lookup.e, f.eps, load, store);
  if (f.mean != nullptr && is_first) {
    f.mean[row] = s.mean;
    f.rstd[row] = s.rstd;
  }
}

template <typename A>
struct Backward {
  Lookup<A> lookup;
  float* dsum;
  const A* dy;
  const float* mean;
  const float* rstd;
  const float* gamma;
  float* partials;
  int t;
  int chunk_rows;
  DropoutSite dropout;
};

constexpr int kSections = 2;  // dgamma, dbeta

template <typename A, int kRowWarps, int kVectors>
__global__ void __launch_bounds__(kBackwardThreads) embedding_backward_kernel(Backward<A> b) {
  DYN_SMEM(memory);
  constexpr bool kAligned = kVectors > 0;
  const int begin = int(blockIdx.x) * b.chunk_rows, n = b.lookup.e;
  const BackwardRows block{begin, min(b.t, begin + b.chunk_rows), n,
                           b.partials + int64_t(blockIdx.x) * kSections * n};
  const auto statistics = [&](int row) { return RowStatistics{b.mean[row], b.rstd[row]}; };
  const auto dy = [&](float(&x)[kVector], int row, int column, int lanes = kVector) {
    const int64_t at = int64_t(row) * n + column;
    load_columns<kAligned>(x, b.dy + at, lanes);
    apply_dropout<kAligned>(b.dropout, x, at);
  };
  // Ids out of range were reported by the forward pass over the same ids.
  const auto h = [&](float(&x)[kVector], int row, int column, int lanes = kVector) {
    Lookup<A>::template sum<kAligned>(x, b.lookup.rows(row, false), column, lanes);
  };
  const auto out = [&](float(&dh)[kVector], int row, int column, int lanes = kVector) {
    store_columns<kAligned>(b.dsum + int64_t(row) * n + column, dh, lanes);
  };
  if constexpr (kVectors > 0) {
    norm_rows_backward<kRowWarps, kVectors, kSections>(block, b.gamma, reinterpret_cast<float*>(memory), dy,
                                                       h, statistics, out);
  } else {
    norm_rows_backward_any<kSections>(block, b.gamma, dy, h, statistics, out);
  }
}

}  // namespace

template <typename A>
void embedding_forward(Device& device, A* y, float* mean, float* rstd, const int* ids, const int* types,
                       const int* positions, const A* word, const A* position, const A* type,
                       const float* gamma, const float* beta, int t, int e, int vocab, int max_positions,
                       int type_vocab, float eps, float p, int64_t seed, int64_t step, int stream) {
  if (t == 0 || e == 0) return;
  const Lookup<A> lookup{ids, types, positions,     word,       position,      type,
                         e,   vocab, max_positions, type_vocab, device.fault()};
  const Forward<A> forward{lookup, y, mean, rstd, gamma, beta, t, eps, DropoutSite(p, seed, step, stream)};
  const bool aligned = rows_are_aligned(e, y, word, position, type, gamma, beta);
  with_row_vectors(aligned, e, [&](auto vectors) {
    launch(device, embedding_forward_kernel<A, vectors.value>, unsigned(divide_up(t, kForwardWarps)),
           kForwardWarps * kWarp, 0, forward);
  });
}

template <typename A>
void embedding_backward(Device& device, float* dword, float* dposition, float* dtype, float* dgamma,
                        float* dbeta, float* dsum, const A* dy, const float* mean, const float* rstd,
                        const int* ids, const int* types, const int* positions, const A* word,
                        const A* position, const A* type, const float* gamma, int t, int e, int vocab,
                        int max_positions, int type_vocab, float p, int64_t seed, int64_t step, int stream) {
  if (t == 0 || e == 0) return;
  const Lookup<A> lookup{ids, types, positions,     word,       position, type,
                         e,   vocab, max_positions, type_vocab, nullptr};
  const RowChunks chunks = row_chunks(t, kBackwardWarps);
  Scratch scratch(device);
  float* partials = scratch.floats(size_t(chunks.count()) * kSections * size_t(e));
  const Backward<A> backward{lookup, dsum,     dy, mean,        rstd,
                             gamma,  partials, t,  chunks.size, DropoutSite(p, seed, step, stream)};
  const bool aligned = rows_are_aligned(e, dsum, dy, word, position, type, gamma);
  with_backward_shape(aligned, e, [&](auto row_warps, auto vectors) {
    const size_t smem = vectors.value > 0 ? sizeof(float) * kSections * size_t(e) : 0;
    launch(device, embedding_backward_kernel<A, row_warps.value, vectors.value>, unsigned(chunks.count()),
           kBackwardThreads, smem, backward);
  });
  add_partials(device, PartialTargets{{dgamma, dbeta, nullptr}, {e, e, 0}}, partials, chunks.count());
  scatter_add(
      device,
      ScatterTables{{dword, dposition, dtype}, {ids, positions, types}, {vocab, max_positions, type_vocab}},
      dsum, t, e);
}

ELECTRA_CUDA_INSTANTIATE(embedding_forward);
ELECTRA_CUDA_INSTANTIATE(embedding_backward);

}  // namespace electra::cuda
