// The copy mechanism of All-Tokens MLM: c = sigmoid(x w + bias), q = c [input = label] + (1 - c) exp(-nll),
// loss = -log q; in logarithms, so that no probability underflows.
#include "kernels.h"
#include "projection.cuh"

namespace electra::cuda {

namespace {

struct CopyLoss {
  enum { kLoss, kRows, kSums };
  float* dnll;
  const float* nll;
  const int* inputs;
  const int* labels;
  float scale;

  __device__ __forceinline__ float row(int row, float z, double (&sums)[kSums]) const {
    const bool first_lane = threadIdx.x % kWarp == 0;
    const float log_generate = -projection::softplus(z) - nll[row];
    sums[kRows] += 1;
    if (inputs[row] != labels[row]) {
      sums[kLoss] -= log_generate;
      if (first_lane) dnll[row] = scale;
      return scale * projection::sigmoid(z);
    }
    const float log_copy = -projection::softplus(-z);
    const float larger = fmaxf(log_copy, log_generate), smaller = fminf(log_copy, log_generate);
    const float log_q = larger + log1pf(expf(smaller - larger));
    sums[kLoss] -= log_q;
    if (first_lane) dnll[row] = scale * expf(log_generate - log_q);
    // c (1 - c) (1 - p) / q; p = exp(-nll) is near 1 where the model is sure.
    return -scale * expf(log_copy - log_q) * projection::sigmoid(-z) * -expm1f(-nll[row]);
  }
};

}  // namespace

template <typename A>
void copy_loss(Device& device, double* sums, float* dnll, A* dx, float* dw, float* dbias, const A* x,
               const A* w, const float* bias, const float* nll, const int* inputs, const int* labels,
               int rows, int h, float scale) {
  project_unit(device, projection::Projection<A>{x, w, bias, rows, 1, h},
               CopyLoss{dnll, nll, inputs, labels, scale}, sums, projection::Gradient<A>{dx, dw, dbias});
}

ELECTRA_CUDA_INSTANTIATE(copy_loss);

}  // namespace electra::cuda
