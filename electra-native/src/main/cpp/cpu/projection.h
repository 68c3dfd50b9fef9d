// The few-unit projection that every loss ends in: logits = x wᵀ + bias, its gradient, and sums over rows.
#pragma once
#include <math.h>

#include "row_chunks.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

inline double sigmoid(double z) {
  const double e = exp(-fabs(z));
  return (z < 0 ? e : 1) / (1 + e);
}

/** log(1 + exp(z)). */
inline double softplus(double z) { return (z > 0 ? z : 0) + log1p(exp(-fabs(z))); }

/** log Σ exp(z[i * stride]) over count > 0 numbers. */
inline double log_sum_exp(const float* z, int64_t count, int stride) {
  double largest = z[0];
  for (int64_t i = 1; i < count; ++i) largest = z[i * stride] > largest ? z[i * stride] : largest;
  double total = 0;
  for (int64_t i = 0; i < count; ++i) total += exp(z[i * stride] - largest);
  return largest + log(total);
}

/** x (rows, h) A; w (units, h) A; bias (units) f32. */
template <typename A>
struct Projection {
  const A* x;
  const A* w;
  const float* bias;
  int rows;
  int units;
  int h;

  __attribute__((flatten)) float logit(int row, int unit) const {
    const A* a = x + static_cast<int64_t>(row) * h;
    const A* b = w + static_cast<int64_t>(unit) * h;
    Chains total;
    for_columns(h, [&](int j, int lanes, auto slot) {
      total.chain[slot.index] =
          multiply_add(load_lanes(a + j, lanes), load_lanes(b + j, lanes), total.chain[slot.index]);
    });
    return total.total() + bias[unit];
  }
};

/** Where the gradient of a projection goes; nothing is wanted where dx is null. */
template <typename A>
struct ProjectionGradient {
  A* dx;         // (rows, h), overwritten
  float* dw;     // (units, h), added to
  float* dbias;  // (units), added to
};

/** dx of one row = dz w, and dw += dzᵀ x of the row. */
template <typename A>
__attribute__((flatten)) void backward_row(const Projection<A>& p, int row, const float* dz, A* dx,
                                           float* dw) {
  const A* x = p.x + static_cast<int64_t>(row) * p.h;
  for_columns(p.h, [&](int j, int lanes, auto) {
    const Floats value = load_lanes(x + j, lanes);
    Floats total = zeros();
    for (int unit = 0; unit < p.units; ++unit) {
      const int64_t i = static_cast<int64_t>(unit) * p.h + j;
      const Floats d = broadcast(dz[unit]);
      total = multiply_add(d, load_lanes(p.w + i, lanes), total);
      store_lanes(dw + i, multiply_add(d, value, load_lanes(dw + i, lanes)), lanes);
    }
    store_lanes(dx + j, total, lanes);
  });
}

/**
 * Runs over all rows: `row(r, dz, sums)` adds to `sums` (count), writes the gradient of the logits to dz
 * (units) and returns true, or returns false for a row that is ignored. Then dx, dw and dbias follow from dz.
 *
 * @param sums (count) f64, overwritten
 */
template <typename A, typename Row>
void project_rows(ThreadPool& pool, const Projection<A>& p, const ProjectionGradient<A>& gradient,
                  double* sums, int count, const Row& row) {
  const bool wanted = gradient.dx != nullptr;
  const int64_t width = static_cast<int64_t>(p.units) * p.h;
  const RowChunks chunks = reduction_chunks(p.rows, width + 1);
  const int doubles = count + p.units;  // the sums, then dbias
  Scratch scratch;
  double* chunk_sums = scratch.doubles(static_cast<size_t>(chunks.count()) * doubles);
  float* partials = scratch.floats(wanted ? chunks.count() * width : 0);
  pool.run(chunks.count(), [&](int chunk) {
    Scratch local;
    float* dz = local.floats(p.units);
    double* own = chunk_sums + static_cast<int64_t>(chunk) * doubles;
    for (int i = 0; i < doubles; ++i) own[i] = 0;
    float* dw = wanted ? partials + chunk * width : nullptr;
    if (wanted) memset(dw, 0, sizeof(float) * width);
    for (int r = chunks.begin(chunk); r < chunks.end(chunk); ++r) {
      const bool counted = row(r, dz, own);
      if (!wanted) continue;
      A* dx = gradient.dx + static_cast<int64_t>(r) * p.h;
      if (!counted) {
        memset(dx, 0, sizeof(A) * p.h);
        continue;
      }
      for (int unit = 0; unit < p.units; ++unit) own[count + unit] += dz[unit];
      backward_row(p, r, dz, dx, dw);
    }
  });
  for (int i = 0; i < doubles; ++i) {
    double total = 0;
    for (int chunk = 0; chunk < chunks.count(); ++chunk)
      total += chunk_sums[static_cast<int64_t>(chunk) * doubles + i];
    if (i < count) {
      sums[i] = total;
    } else if (wanted) {
      gradient.dbias[i - count] += static_cast<float>(total);
    }
  }
  if (!wanted) return;
  auto** targets = static_cast<float**>(scratch.bytes(sizeof(float*) * p.units));
  for (int unit = 0; unit < p.units; ++unit) targets[unit] = gradient.dw + static_cast<int64_t>(unit) * p.h;
  add_partials(pool, targets, p.units, partials, chunks.count(), p.h);
}

/** Overwrites logits (rows, units). */
template <typename A>
void project_logits(ThreadPool& pool, const Projection<A>& p, float* logits) {
  const RowChunks chunks = row_chunks(p.rows, p.h);
  pool.run(chunks.count(), [&](int chunk) {
    for (int r = chunks.begin(chunk); r < chunks.end(chunk); ++r) {
      for (int unit = 0; unit < p.units; ++unit)
        logits[static_cast<int64_t>(r) * p.units + unit] = p.logit(r, unit);
    }
  });
}

}  // namespace electra::cpu::ELECTRA_ISA
