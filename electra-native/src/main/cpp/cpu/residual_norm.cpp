// h = dropout(x + bias) + residual; y = LayerNorm(h). One pass over memory: a row stays in the first cache
// from its sum to its last column. Sums over rows (dgamma, dbeta, dbias) go through partial sums of fixed
// chunks.
#include "kernels.h"
#include "norm_rows.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

template <typename A>
struct Forward {
  A* y;
  A* h;
  float* mean;
  float* rstd;
  const A* x;
  const float* bias;
  const A* residual;
  const float* gamma;
  const float* beta;
  int n;
  float eps;
  DropoutSite dropout;
};

/** Writes h as floats that hold what A can hold, stores it where it is kept, and returns its sum. */
template <bool kDropout, typename A>
__attribute__((flatten)) float sum_row(const Forward<A>& f, int64_t first, const uint16_t* random,
                                       float* row) {
  const Dropper dropper(f.dropout.p);
  Chains total;
  for_columns(f.n, [&](int j, int lanes, auto slot) {
    Floats x = load_lanes(f.x + first + j, lanes);
    if (f.bias != nullptr) x = x + load_lanes(f.bias + j, lanes);
    if (kDropout) x = dropper.apply(x, random + j);
    if (f.residual != nullptr) x = x + load_lanes(f.residual + first + j, lanes);
    x = rounded_as(f.x, x);
    if (f.h != nullptr) store_lanes(f.h + first + j, x, lanes);
    store_lanes(row + j, x, lanes);
    total.chain[slot.index] = total.chain[slot.index] + x;
  });
  return total.total();
}

template <bool kDropout, typename A>
__attribute__((flatten)) void forward_rows(const Forward<A>& f, int begin, int end) {
  Scratch scratch;
  float* row = scratch.floats(padded(f.n));
  uint16_t* buffer = scratch.halves(kDropout ? dropout_lanes_size(f.n) : 0);
  for (int r = begin; r < end; ++r) {
    const int64_t first = static_cast<int64_t>(r) * f.n;
    const uint16_t* random = kDropout ? f.dropout.lanes(buffer, r, f.n) : nullptr;
    const float total = sum_row<kDropout>(f, first, random, row);
    const RowStatistics s = row_statistics(row, total, f.n, f.eps);
    for_columns(f.n, [&](int j, int lanes, auto) {
      const Floats x = normalized(load_lanes(row + j, lanes), s);
      const Floats y = multiply_add(x, load_lanes(f.gamma + j, lanes), load_lanes(f.beta + j, lanes));
      store_lanes(f.y + first + j, y, lanes);
    });
    if (f.mean != nullptr) {
      f.mean[r] = s.mean;
      f.rstd[r] = s.rstd;
    }
  }
}

template <typename A>
struct Backward {
  A* dx;
  A* dresidual;
  bool dbias;
  const A* dy;
  const A* h;
  const float* mean;
  const float* rstd;
  const float* gamma;
  int n;
  DropoutSite dropout;
};

/** Rows begin..end-1; `partials` is (3, n), overwritten with their share of dgamma, dbeta and dbias. */
template <bool kDropout, typename A>
__attribute__((flatten)) void backward_rows(const Backward<A>& b, int begin, int end, float* partials) {
  const int n = b.n;
  const Dropper dropper(b.dropout.p);
  Scratch scratch;
  uint16_t* buffer = scratch.halves(kDropout ? dropout_lanes_size(n) : 0);
  float* dbias = partials + 2 * static_cast<int64_t>(n);
  std::memset(partials, 0, 3 * sizeof(float) * n);
  for (int r = begin; r < end; ++r) {
    const A* dy = b.dy + static_cast<int64_t>(r) * n;
    const A* h = b.h + static_cast<int64_t>(r) * n;
    A* dx = b.dx + static_cast<int64_t>(r) * n;
    A* dresidual = b.dresidual == nullptr ? nullptr : b.dresidual + static_cast<int64_t>(r) * n;
    const uint16_t* random = kDropout ? b.dropout.lanes(buffer, r, n) : nullptr;
    norm_row_backward(
        n, RowStatistics{b.mean[r], b.rstd[r]}, b.gamma, partials, partials + n,
        [&](int j, int lanes) { return load_lanes(dy + j, lanes); },
        [&](int j, int lanes) { return load_lanes(h + j, lanes); },
        [&](int j, int lanes, Floats dh) {
          if (dresidual != nullptr) store_lanes(dresidual + j, dh, lanes);
          if (kDropout) dh = dropper.apply(dh, random + j);
          store_lanes(dx + j, dh, lanes);
          if (b.dbias) add_to(dbias + j, dh, lanes);
        });
  }
}

}  // namespace

template <typename A>
void residual_norm_forward(ThreadPool& pool, A* y, A* h, float* mean, float* rstd, const A* x,
                           const float* bias, const A* residual, const float* gamma, const float* beta, int t,
                           int n, float eps, float p, int64_t seed, int64_t step, int stream) {
  const Forward<A> forward{y,        h,     mean, rstd, x,   bias,
                           residual, gamma, beta, n,    eps, DropoutSite{p, seed, step, stream}};
  const RowChunks chunks = row_chunks(t, n);
  pool.run(chunks.count(), [&](int chunk) {
    if (forward.dropout.on()) {
      forward_rows<true>(forward, chunks.begin(chunk), chunks.end(chunk));
    } else {
      forward_rows<false>(forward, chunks.begin(chunk), chunks.end(chunk));
    }
  });
}

template <typename A>
void residual_norm_backward(ThreadPool& pool, A* dx, A* dresidual, float* dbias, float* dgamma, float* dbeta,
                            const A* dy, const A* h, const float* mean, const float* rstd, const float* gamma,
                            int t, int n, float p, int64_t seed, int64_t step, int stream) {
  const Backward<A> backward{
      dx, dresidual, dbias != nullptr, dy, h, mean, rstd, gamma, n, DropoutSite{p, seed, step, stream}};
  const int64_t width = 3 * static_cast<int64_t>(n);
  const RowChunks chunks = reduction_chunks(t, width);
  Scratch scratch;
  float* partials = scratch.floats(chunks.count() * width);
  pool.run(chunks.count(), [&](int chunk) {
    if (backward.dropout.on()) {
      backward_rows<true>(backward, chunks.begin(chunk), chunks.end(chunk), partials + chunk * width);
    } else {
      backward_rows<false>(backward, chunks.begin(chunk), chunks.end(chunk), partials + chunk * width);
    }
  });
  float* const targets[] = {dgamma, dbeta, dbias};
  add_partials(pool, targets, 3, partials, chunks.count(), n);
}

ELECTRA_INSTANTIATE(residual_norm_forward);
ELECTRA_INSTANTIATE(residual_norm_backward);

}  // namespace electra::cpu::ELECTRA_ISA
