// Replaced-token detection in one pass: z = x w + bias, loss = max(z, 0) - z label + log(1 + exp(-|z|)), its
// gradient scale (sigmoid(z) - label), and the counts of the confusion matrix.
#include "kernels.h"
#include "projection.h"

namespace electra::cpu::ELECTRA_ISA {

template <typename A>
void rtd_loss(ThreadPool& pool, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
              const A* w, const float* bias, const int* labels, int t, int h, float scale) {
  const Projection<A> projection{x, w, bias, t, 1, h};
  if (labels == nullptr) {
    project_logits(pool, projection, logits);
    return;
  }
  enum { kLoss, kTokens, kTruePositive, kFalsePositive, kFalseNegative, kTrueNegative, kSums };
  project_rows(pool, projection, ProjectionGradient<A>{dx, dw, dbias}, sums, kSums,
               [&](int r, float* dz, double* total) {
                 const float z = projection.logit(r, 0);
                 logits[r] = z;
                 if (labels[r] < 0) return false;
                 const bool replaced = labels[r] == 1;
                 total[kLoss] += softplus(replaced ? -z : z);
                 total[kTokens] += 1;
                 total[z > 0 ? (replaced ? kTruePositive : kFalsePositive)
                             : (replaced ? kFalseNegative : kTrueNegative)] += 1;
                 dz[0] = static_cast<float>(scale * (replaced ? -sigmoid(-z) : sigmoid(z)));
                 return true;
               });
}

ELECTRA_INSTANTIATE(rtd_loss);

}  // namespace electra::cpu::ELECTRA_ISA
