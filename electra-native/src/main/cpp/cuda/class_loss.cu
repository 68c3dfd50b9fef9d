// Softmax cross-entropy over a few classes: loss = log sum of exp(z) - z[label], gradient scale (softmax(z) -
// one at the label). The classes of a row lie side by side in the lanes of a warp.
#include "fault.cuh"
#include "kernels.h"
#include "projection.cuh"

namespace electra::cuda {

namespace {

struct ClassLoss {
  enum { kLoss, kRows, kRight, kSums };
  float* logits;
  const int* labels;  // or null
  float scale;
  Fault* fault;

  template <typename A>
  __device__ __forceinline__ void row(const projection::Projection<A>& p, int row, float* dz,
                                      double (&sums)[kSums]) const {
    const int lane = int(threadIdx.x) % kWarp;
    float* z = logits + int64_t(row) * p.units;
    float top = -INFINITY;
    int best = 0;
    for (int i = 0; i < p.units; i++) {
      const float logit = p.logit(row, i);
      if (i % kWarp == lane) z[i] = logit;  // which this lane alone reads again
      if (logit > top) {
        top = logit;
        best = i;
      }
    }
    if (labels == nullptr) return;
    const int label = labels[row];
    if (label >= p.units && lane == 0) report_fault(fault, kLabelFault, label, row, p.units);
    if (label < 0 || label >= p.units) {
      for (int i = lane; dz != nullptr && i < p.units; i += kWarp) dz[i] = 0;
      return;
    }
    double total = 0;
    for (int i = lane; i < p.units; i += kWarp) total += exp(double(z[i]) - top);
#pragma unroll
    for (int m = kWarp / 2; m; m >>= 1) total += __shfl_xor_sync(kFull, total, m);
    const double log_sum = top + log(total);
    const float own = label % kWarp == lane ? z[label] : 0.0f;
    sums[kLoss] += log_sum - __shfl_sync(kFull, own, label % kWarp);
    sums[kRows] += 1;
    sums[kRight] += best == label ? 1 : 0;
    for (int i = lane; dz != nullptr && i < p.units; i += kWarp) {
      dz[i] = float(scale * (exp(z[i] - log_sum) - (i == label ? 1 : 0)));
    }
  }
};

}  // namespace

template <typename A>
void class_loss(Device& device, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
                const A* w, const float* bias, const int* labels, int rows, int classes, int h, float scale) {
  A* target = labels == nullptr ? nullptr : dx;
  Scratch scratch(device);
  float* dz = target == nullptr ? nullptr : scratch.floats(size_t(rows) * size_t(classes));
  project_rows(device, projection::Projection<A>{x, w, bias, rows, classes, h},
               ClassLoss{logits, labels, scale, device.fault()}, labels == nullptr ? nullptr : sums, dz,
               projection::Gradient<A>{target, dw, dbias});
}

ELECTRA_CUDA_INSTANTIATE(class_loss);

}  // namespace electra::cuda
