// Kernels that are not written yet: each throws. A kernel leaves this file when its own file defines it.
#include "kernels.h"

namespace electra::cuda {

template <typename A>
void lm_head_forward(Device&, float*, float*, int*, int*, const A*, const A*, const float*, const int*, int,
                     int, int, float, int64_t, int64_t, int) {
  fail("this kernel is missing");
}
ELECTRA_CUDA_INSTANTIATE(lm_head_forward);

template <typename A>
void lm_head_backward(Device&, A*, float*, float*, const A*, const A*, const float*, const int*, const float*,
                      const float*, int, int, int) {
  fail("this kernel is missing");
}
ELECTRA_CUDA_INSTANTIATE(lm_head_backward);

template <typename A>
void lm_head_logits(Device&, float*, const A*, const A*, const float*, int, int, int) {
  fail("this kernel is missing");
}
ELECTRA_CUDA_INSTANTIATE(lm_head_logits);

template <typename A>
void rtd_loss(Device&, double*, float*, A*, float*, float*, const A*, const A*, const float*, const int*, int,
              int, float) {
  fail("this kernel is missing");
}
ELECTRA_CUDA_INSTANTIATE(rtd_loss);

template <typename A>
void class_loss(Device&, double*, float*, A*, float*, float*, const A*, const A*, const float*, const int*,
                int, int, int, float) {
  fail("this kernel is missing");
}
ELECTRA_CUDA_INSTANTIATE(class_loss);

template <typename A>
void span_loss(Device&, double*, float*, A*, float*, float*, const A*, const A*, const float*, const int*,
               const int*, const int*, int, int, int, float) {
  fail("this kernel is missing");
}
ELECTRA_CUDA_INSTANTIATE(span_loss);

template <typename A>
void copy_loss(Device&, double*, float*, A*, float*, float*, const A*, const A*, const float*, const float*,
               const int*, const int*, int, int, float) {
  fail("this kernel is missing");
}
ELECTRA_CUDA_INSTANTIATE(copy_loss);

}  // namespace electra::cuda
