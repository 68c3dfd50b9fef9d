// Softmax cross-entropy over a few classes: loss = log Σ exp(z) - z[label], gradient scale (softmax(z) -
// label).
#include "../common/error.h"
#include "kernels.h"
#include "projection.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

/** The lowest index of the largest number. */
int arg_max(const float* z, int count) {
  int best = 0;
  for (int i = 1; i < count; ++i) best = z[i] > z[best] ? i : best;
  return best;
}

}  // namespace

template <typename A>
void class_loss(ThreadPool& pool, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
                const A* w, const float* bias, const int* labels, int rows, int classes, int h, float scale) {
  const Projection<A> projection{x, w, bias, rows, classes, h};
  if (labels == nullptr) {
    project_logits(pool, projection, logits);
    return;
  }
  for (int r = 0; r < rows; ++r) {
    if (labels[r] >= classes) fail("label %d of row %d is not in [0, %d)", labels[r], r, classes);
  }
  enum { kLoss, kRows, kRight, kSums };
  project_rows(pool, projection, ProjectionGradient<A>{dx, dw, dbias}, sums, kSums,
               [&](int r, float* dz, double* total) {
                 float* z = logits + static_cast<int64_t>(r) * classes;
                 for (int i = 0; i < classes; ++i) z[i] = projection.logit(r, i);
                 if (labels[r] < 0) return false;
                 const double lse = log_sum_exp(z, classes, 1);
                 total[kLoss] += lse - z[labels[r]];
                 total[kRows] += 1;
                 total[kRight] += arg_max(z, classes) == labels[r] ? 1 : 0;
                 for (int i = 0; dx != nullptr && i < classes; ++i) {
                   dz[i] = static_cast<float>(scale * (exp(z[i] - lse) - (i == labels[r] ? 1 : 0)));
                 }
                 return true;
               });
}

ELECTRA_INSTANTIATE(class_loss);

}  // namespace electra::cpu::ELECTRA_ISA
