// y = dropout(LayerNorm(word[id] + position[pos] + type[ty])), and the gradient of the three tables: of the
// summed row first, then added up by sorted key, so that no two threads write one row of a table.
#include "../common/error.h"
#include "kernels.h"
#include "norm_rows.h"
#include "row_scatter.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

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

  /** The three table rows of a token. */
  struct Rows {
    const A* word;
    const A* position;
    const A* type;
    Floats sum(int j, int lanes) const {
      return load_lanes(word + j, lanes) + load_lanes(position + j, lanes) + load_lanes(type + j, lanes);
    }
  };

  Rows rows(int r) const {
    return Rows{word + static_cast<int64_t>(ids[r]) * e, position + static_cast<int64_t>(positions[r]) * e,
                type + static_cast<int64_t>(types[r]) * e};
  }

  /** Asks for the word row of a token that comes soon: tables are large, and the order of ids is anybody's.
   */
  void prefetch(int r) const {
    const char* row = reinterpret_cast<const char*>(word + static_cast<int64_t>(ids[r]) * e);
    for (size_t i = 0; i < e * sizeof(A); i += 64) _mm_prefetch(row + i, _MM_HINT_T0);
  }
};

constexpr int kPrefetchRows = 4;

void check_range(const char* what, const int* indices, int t, int size) {
  for (int r = 0; r < t; ++r) {
    if (static_cast<unsigned>(indices[r]) >= static_cast<unsigned>(size)) {
      fail("%s %d of token %d is not in [0, %d).", what, indices[r], r, size);
    }
  }
}

void check_lookup(const int* ids, const int* types, const int* positions, int t, int vocab, int max_positions,
                  int type_vocab) {
  check_range("Token id", ids, t, vocab);
  check_range("Token type", types, t, type_vocab);
  check_range("Position", positions, t, max_positions);
}

template <typename A>
struct Forward {
  Lookup<A> lookup;
  A* y;
  float* mean;
  float* rstd;
  const float* gamma;
  const float* beta;
  float eps;
  DropoutSite dropout;
};

template <bool kDropout, typename A>
__attribute__((flatten)) void forward_rows(const Forward<A>& f, int begin, int end) {
  const int e = f.lookup.e;
  const Dropper dropper(f.dropout.p);
  Scratch scratch;
  float* row = scratch.floats(padded(e));
  uint16_t* buffer = scratch.halves(kDropout ? dropout_lanes_size(e) : 0);
  for (int r = begin; r < end; ++r) {
    if (r + kPrefetchRows < end) f.lookup.prefetch(r + kPrefetchRows);
    const auto rows = f.lookup.rows(r);
    Chains total;
    for_columns(e, [&](int j, int lanes, auto slot) {
      const Floats x = rows.sum(j, lanes);
      store_lanes(row + j, x, lanes);
      total.chain[slot.index] = total.chain[slot.index] + x;
    });
    const RowStatistics s = row_statistics(row, total.total(), e, f.eps);
    const uint16_t* random = kDropout ? f.dropout.lanes(buffer, r, e) : nullptr;
    A* out = f.y + static_cast<int64_t>(r) * e;
    for_columns(e, [&](int j, int lanes, auto) {
      const Floats x = normalized(load_lanes(row + j, lanes), s);
      Floats y = multiply_add(x, load_lanes(f.gamma + j, lanes), load_lanes(f.beta + j, lanes));
      if (kDropout) y = dropper.apply(y, random + j);
      store_lanes(out + j, y, lanes);
    });
    if (f.mean != nullptr) {
      f.mean[r] = s.mean;
      f.rstd[r] = s.rstd;
    }
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
  int type_vocab;
  DropoutSite dropout;
};

/** Rows begin..end-1; `partials` is (2 + type_vocab, e), overwritten with their share of dgamma, dbeta,
 * dtype. */
template <bool kDropout, typename A>
__attribute__((flatten)) void backward_rows(const Backward<A>& b, int begin, int end, float* partials) {
  const int e = b.lookup.e;
  const Dropper dropper(b.dropout.p);
  Scratch scratch;
  uint16_t* buffer = scratch.halves(kDropout ? dropout_lanes_size(e) : 0);
  std::memset(partials, 0, sizeof(float) * (2 + b.type_vocab) * e);
  for (int r = begin; r < end; ++r) {
    if (r + kPrefetchRows < end) b.lookup.prefetch(r + kPrefetchRows);
    const auto rows = b.lookup.rows(r);
    const A* dy = b.dy + static_cast<int64_t>(r) * e;
    float* dsum = b.dsum + static_cast<int64_t>(r) * e;
    float* dtype = partials + static_cast<int64_t>(2 + b.lookup.types[r]) * e;
    const uint16_t* random = kDropout ? b.dropout.lanes(buffer, r, e) : nullptr;
    norm_row_backward(
        e, RowStatistics{b.mean[r], b.rstd[r]}, b.gamma, partials, partials + e,
        [&](int j, int lanes) {
          const Floats d = load_lanes(dy + j, lanes);
          return kDropout ? dropper.apply(d, random + j) : d;
        },
        [&](int j, int lanes) { return rows.sum(j, lanes); },
        [&](int j, int lanes, Floats d) {
          store_lanes(dsum + j, d, lanes);
          add_to(dtype + j, d, lanes);
        });
  }
}

}  // namespace

template <typename A>
void embedding_forward(ThreadPool& pool, A* y, float* mean, float* rstd, const int* ids, const int* types,
                       const int* positions, const A* word, const A* position, const A* type,
                       const float* gamma, const float* beta, int t, int e, int vocab, int max_positions,
                       int type_vocab, float eps, float p, int64_t seed, int64_t step, int stream) {
  if (e == 0) return;
  check_lookup(ids, types, positions, t, vocab, max_positions, type_vocab);
  const Forward<A> forward{Lookup<A>{ids, types, positions, word, position, type, e},
                           y,
                           mean,
                           rstd,
                           gamma,
                           beta,
                           eps,
                           DropoutSite{p, seed, step, stream}};
  const RowChunks chunks = row_chunks(t, e);
  pool.run(chunks.count(), [&](int chunk) {
    if (forward.dropout.on()) {
      forward_rows<true>(forward, chunks.begin(chunk), chunks.end(chunk));
    } else {
      forward_rows<false>(forward, chunks.begin(chunk), chunks.end(chunk));
    }
  });
}

template <typename A>
void embedding_backward(ThreadPool& pool, float* dword, float* dposition, float* dtype, float* dgamma,
                        float* dbeta, float* dsum, const A* dy, const float* mean, const float* rstd,
                        const int* ids, const int* types, const int* positions, const A* word,
                        const A* position, const A* type, const float* gamma, int t, int e, int vocab,
                        int max_positions, int type_vocab, float p, int64_t seed, int64_t step, int stream) {
  if (e == 0) return;
  check_lookup(ids, types, positions, t, vocab, max_positions, type_vocab);
  const Backward<A> backward{Lookup<A>{ids, types, positions, word, position, type, e},
                             dsum,
                             dy,
                             mean,
                             rstd,
                             gamma,
                             type_vocab,
                             DropoutSite{p, seed, step, stream}};
  const int sections = 2 + type_vocab;
  const int64_t width = static_cast<int64_t>(sections) * e;
  const RowChunks chunks = reduction_chunks(t, width);
  Scratch scratch;
  float* partials = scratch.floats(chunks.count() * width);
  auto* entries = static_cast<uint64_t*>(scratch.bytes(4 * sizeof(uint64_t) * t));
  const uint64_t* by_id = nullptr;
  const uint64_t* by_position = nullptr;
  constexpr int kSorts = 2;  // beside the chunks of rows
  pool.run(kSorts + chunks.count(), [&](int task) {
    const int chunk = task - kSorts;
    if (task == 0) {
      by_id = sort_rows(entries, entries + t, ids, t, vocab);
    } else if (task == 1) {
      by_position =
          sort_rows(entries + 2 * int64_t{t}, entries + 3 * int64_t{t}, positions, t, max_positions);
    } else if (backward.dropout.on()) {
      backward_rows<true>(backward, chunks.begin(chunk), chunks.end(chunk), partials + chunk * width);
    } else {
      backward_rows<false>(backward, chunks.begin(chunk), chunks.end(chunk), partials + chunk * width);
    }
  });
  scatter_add(pool, dword, by_id, dsum, t, e);
  scatter_add(pool, dposition, by_position, dsum, t, e);
  auto** targets = static_cast<float**>(scratch.bytes(sizeof(float*) * sections));
  targets[0] = dgamma;
  targets[1] = dbeta;
  for (int i = 0; i < type_vocab; ++i) targets[2 + i] = dtype + static_cast<int64_t>(i) * e;
  add_partials(pool, targets, sections, partials, chunks.count(), e);
}

ELECTRA_INSTANTIATE(embedding_forward);
ELECTRA_INSTANTIATE(embedding_backward);

}  // namespace electra::cpu::ELECTRA_ISA
