// The copy mechanism of All-Tokens MLM: c = sigmoid(x w + bias), q = c [input = label] + (1 - c) exp(-nll),
// loss = -log q; in logarithms, so that no probability underflows.
#include "kernels.h"
#include "projection.h"

namespace electra::cpu::ELECTRA_ISA {

template <typename A>
void copy_loss(ThreadPool& pool, double* sums, float* dnll, A* dx, float* dw, float* dbias, const A* x,
               const A* w, const float* bias, const float* nll, const int* inputs, const int* labels,
               int rows, int h, float scale) {
  const Projection<A> projection{x, w, bias, rows, 1, h};
  enum { kLoss, kRows, kSums };
  project_rows(pool, projection, ProjectionGradient<A>{dx, dw, dbias}, sums, kSums,
               [&](int r, float* dz, double* total) {
                 const double z = projection.logit(r, 0);
                 const double log_generate = -softplus(z) - nll[r];
                 total[kRows] += 1;
                 if (inputs[r] != labels[r]) {
                   total[kLoss] -= log_generate;
                   dnll[r] = scale;
                   dz[0] = static_cast<float>(scale * sigmoid(z));
                   return true;
                 }
                 const double log_copy = -softplus(-z);
                 const double log_q = log_copy > log_generate
                                          ? log_copy + log1p(exp(log_generate - log_copy))
                                          : log_generate + log1p(exp(log_copy - log_generate));
                 total[kLoss] -= log_q;
                 dnll[r] = static_cast<float>(scale * exp(log_generate - log_q));
                 // c (1 - c) (1 - p) / q; p = exp(-nll) is near 1 where the model is sure.
                 const double missed = -expm1(-static_cast<double>(nll[r]));
                 dz[0] = static_cast<float>(-scale * exp(log_copy - log_q) * sigmoid(-z) * missed);
                 return true;
               });
}

ELECTRA_INSTANTIATE(copy_loss);

}  // namespace electra::cpu::ELECTRA_ISA
