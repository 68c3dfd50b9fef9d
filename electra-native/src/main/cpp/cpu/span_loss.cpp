// Both ends of a span: softmax over the tokens of each sequence, loss = (-log p_start - log p_end) / 2.
#include "../common/error.h"
#include "kernels.h"
#include "projection.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

/** Loss of one end (0 or 1) of a sequence whose logits are z (tokens, 2); overwrites that column of dz. */
double end_loss(const float* z, float* dz, int tokens, int end, int target, float scale) {
  const double lse = log_sum_exp(z + end, tokens, 2);
  for (int i = 0; dz != nullptr && i < tokens; ++i) {
    dz[2 * i + end] = static_cast<float>(0.5 * scale * (exp(z[2 * i + end] - lse) - (i == target ? 1 : 0)));
  }
  return 0.5 * (lse - z[2 * target + end]);
}

void check_span(int start, int end, int sequence, int tokens) {
  const int largest = start > end ? start : end;
  if (largest >= tokens) fail("end of a span %d of row %d is not in [0, %d)", largest, sequence, tokens);
}

}  // namespace

template <typename A>
void span_loss(ThreadPool& pool, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
               const A* w, const float* bias, const int* starts, const int* ends, const int* cu_seqlens,
               int b, int t, int h, float scale) {
  const Projection<A> projection{x, w, bias, t, 2, h};
  project_logits(pool, projection, logits);
  if (starts == nullptr) return;
  for (int i = 0; i < b; ++i) {
    if (starts[i] >= 0 && ends[i] >= 0) check_span(starts[i], ends[i], i, cu_seqlens[i + 1] - cu_seqlens[i]);
  }
  Scratch scratch;
  float* dz = dx == nullptr ? nullptr : scratch.floats(2 * static_cast<size_t>(t));
  double* losses = scratch.doubles(b);
  pool.run(b, [&](int i) {
    const int64_t first = 2 * static_cast<int64_t>(cu_seqlens[i]);
    const int tokens = cu_seqlens[i + 1] - cu_seqlens[i];
    float* own = dz == nullptr ? nullptr : dz + first;
    losses[i] = 0;
    if (starts[i] < 0 || ends[i] < 0) {
      for (int j = 0; own != nullptr && j < 2 * tokens; ++j) own[j] = 0;
      return;
    }
    losses[i] = end_loss(logits + first, own, tokens, 0, starts[i], scale) +
                end_loss(logits + first, own, tokens, 1, ends[i], scale);
  });
  sums[0] = sums[1] = 0;
  for (int i = 0; i < b; ++i) {
    sums[0] += losses[i];
    sums[1] += starts[i] < 0 || ends[i] < 0 ? 0 : 1;
  }
  if (dx == nullptr) return;
  project_rows(pool, projection, ProjectionGradient<A>{dx, dw, dbias}, nullptr, 0,
               [&](int r, float* row_dz, double*) {
                 row_dz[0] = dz[2 * static_cast<int64_t>(r)];
                 row_dz[1] = dz[2 * static_cast<int64_t>(r) + 1];
                 return true;
               });
}

ELECTRA_INSTANTIATE(span_loss);

}  // namespace electra::cpu::ELECTRA_ISA
