// The contract, forwarded line by line to the kernels of the card.
#include <cstring>

#include "cuda_kernels.h"
#include "kernels.h"
#include "steps.h"

namespace electra::cuda {

namespace {

template <typename A>
class CudaKernels final : public Kernels {
 public:
  CudaKernels(int device, int threads, DeviceOptions options) : device_(device, options), threads_(threads) {}

  const char* description() override { return device_.description(); }
  int threads() override { return threads_; }

  void* alloc(int64_t bytes) override {
    const Device::Call call(device_);
    if (bytes < 0) fail("a size of %lld bytes is negative", static_cast<long long>(bytes));
    void* const p = device_.alloc(static_cast<size_t>(bytes));
    if (p == nullptr) {
      size_t free = 0, total = 0;
      cudaMemGetInfo(&free, &total);
      fail("no memory for %lld bytes: %zu of the %zu bytes of the card are free",
           static_cast<long long>(bytes), free, total);
    }
    return p;
  }

  void release(void* p) override {
    const Device::Call call(device_);
    device_.release(p);
  }

  void freeze(const void*, int64_t) override {}

  void copy_to_device(void* device, const void* host, int64_t bytes) override {
    const Device::Call call(device_);
    if (!device_.counts_launch()) return;
    if (device_.steps().open()) {
      device_.steps().upload(device, host, static_cast<size_t>(bytes));
      return;
    }
    check(cudaMemcpyAsync(device, host, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, device_.stream()),
          "copy to the card");
  }

  void copy_to_host(void* host, const void* device, int64_t bytes) override {
    const Device::Call call(device_);
    if (!device_.counts_launch()) {
      std::memset(host, 0, static_cast<size_t>(bytes));
      return;
    }
    if (device_.steps().open()) fail("a step does not wait for the card");
    check(cudaMemcpyAsync(host, device, static_cast<size_t>(bytes), cudaMemcpyDeviceToHost, device_.stream()),
          "copy to the host");
    device_.synchronize();
  }

  void fill_zero(void* p, int64_t bytes) override {
    const Device::Call call(device_);
    if (!device_.counts_launch()) return;
    check(cudaMemsetAsync(p, 0, static_cast<size_t>(bytes), device_.stream()), "zeroing");
  }

  bool begin_step() override {
    const Device::Call call(device_);
    if (device_.measuring()) return false;
    device_.steps().begin();
    return true;
  }
  int64_t end_step() override {
    const Device::Call call(device_);
    return device_.measuring() ? 0 : device_.steps().end();
  }
  void await_step(int64_t step) override {
    const Device::Call call(device_);
    device_.steps().await(step);
  }
  const void* read_in_step(const void* device, int64_t bytes) override {
    const Device::Call call(device_);
    return device_.steps().download(device, static_cast<size_t>(bytes));
  }

  int64_t launches() override { return device_.launches(); }
  int64_t free_bytes() override {
    const Device::Call call(device_);
    size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "query of the memory");
    constexpr size_t kMostKept = size_t{256} << 20;  // for graphs, kernels and what is rounded up
    return static_cast<int64_t>(free - (free / 64 < kMostKept ? free / 64 : kMostKept));
  }
  Kernels* measuring() override {
    return new CudaKernels<A>(device_.index(), threads_,
                              DeviceOptions{false, true, device_.options().attention});
  }
  int64_t scratch_bytes() override { return static_cast<int64_t>(device_.most_scratch()); }
  int64_t taken_bytes() override { return static_cast<int64_t>(device_.taken()); }
  void reserve(int64_t bytes, int64_t scratch_bytes) override {
    const Device::Call call(device_);
    device_.reserve(static_cast<size_t>(bytes), static_cast<size_t>(scratch_bytes));
  }

  void to_activation(void* y, const float* x, int64_t count) override {
    const Device::Call call(device_);
    cuda::to_activation(device_, out(y), x, count);
  }
  void add_activation(void* y, const void* x, int64_t count) override {
    const Device::Call call(device_);
    cuda::add_activation<A>(device_, out(y), in(x), count);
  }
  void from_activation(float* y, const void* x, int64_t count) override {
    const Device::Call call(device_);
    cuda::from_activation(device_, y, in(x), count);
  }
  void synchronize() override {
    const Device::Call call(device_);
    device_.synchronize();
  }

  void gemm_forward(void* y, void* u, const void* x, const void* w, const float* bias, int t, int n, int k,
                    bool gelu) override {
    const Device::Call call(device_);
    cuda::gemm_forward<A>(device_, out(y), out(u), in(x), in(w), bias, t, n, k, gelu);
  }

  void gemm_backward_input(void* dx, const void* dy, const void* w, const void* u, int t, int n, int k,
                           bool accumulate) override {
    const Device::Call call(device_);
    cuda::gemm_backward_input<A>(device_, out(dx), in(dy), in(w), in(u), t, n, k, accumulate);
  }

  void gemm_backward_weight(float* dw, float* dbias, const void* dy, const void* x, int t, int n,
                            int k) override {
    const Device::Call call(device_);
    cuda::gemm_backward_weight<A>(device_, dw, dbias, in(dy), in(x), t, n, k);
  }

  void gelu_backward(void* du, const void* dy, const void* u, int64_t count) override {
    const Device::Call call(device_);
    cuda::gelu_backward<A>(device_, out(du), in(dy), in(u), count);
  }

  void embedding_forward(void* y, float* mean, float* rstd, const int* ids, const int* types,
                         const int* positions, const void* word, const void* position, const void* type,
                         const float* gamma, const float* beta, int t, int e, int vocab, int max_positions,
                         int type_vocab, float eps, float p, int64_t seed, int64_t step,
                         int stream) override {
    const Device::Call call(device_);
    cuda::embedding_forward<A>(device_, out(y), mean, rstd, ids, types, positions, in(word), in(position),
                               in(type), gamma, beta, t, e, vocab, max_positions, type_vocab, eps, p, seed,
                               step, stream);
  }

  void embedding_backward(float* dword, float* dposition, float* dtype, float* dgamma, float* dbeta,
                          float* dsum, const void* dy, const float* mean, const float* rstd, const int* ids,
                          const int* types, const int* positions, const void* word, const void* position,
                          const void* type, const float* gamma, int t, int e, int vocab, int max_positions,
                          int type_vocab, float p, int64_t seed, int64_t step, int stream) override {
    const Device::Call call(device_);
    cuda::embedding_backward<A>(device_, dword, dposition, dtype, dgamma, dbeta, dsum, in(dy), mean, rstd,
                                ids, types, positions, in(word), in(position), in(type), gamma, t, e, vocab,
                                max_positions, type_vocab, p, seed, step, stream);
  }

  void attention_forward(void* context, float* lse, const void* qkv, const int* cu_seqlens, int b, int t,
                         int n, int d, int max_seqlen, float p, int dropout_stride, int64_t seed,
                         int64_t step, int stream) override {
    const Device::Call call(device_);
    cuda::attention_forward<A>(device_, out(context), lse, in(qkv), cu_seqlens, b, t, n, d, max_seqlen, p,
                               dropout_stride, seed, step, stream);
  }

  void attention_backward(void* dqkv, const void* dcontext, const void* qkv, const void* context,
                          const float* lse, const int* cu_seqlens, int b, int t, int n, int d, int max_seqlen,
                          float p, int dropout_stride, int64_t seed, int64_t step, int stream) override {
    const Device::Call call(device_);
    cuda::attention_backward<A>(device_, out(dqkv), in(dcontext), in(qkv), in(context), lse, cu_seqlens, b, t,
                                n, d, max_seqlen, p, dropout_stride, seed, step, stream);
  }

  void residual_norm_forward(void* y, void* h, float* mean, float* rstd, const void* x, const float* bias,
                             const void* residual, const float* gamma, const float* beta, int t, int n,
                             float eps, float p, int64_t seed, int64_t step, int stream) override {
    const Device::Call call(device_);
    cuda::residual_norm_forward<A>(device_, out(y), out(h), mean, rstd, in(x), bias, in(residual), gamma,
                                   beta, t, n, eps, p, seed, step, stream);
  }

  void residual_norm_backward(void* dx, void* dresidual, float* dbias, float* dgamma, float* dbeta,
                              const void* dy, const void* h, const float* mean, const float* rstd,
                              const float* gamma, int t, int n, float p, int64_t seed, int64_t step,
                              int stream) override {
    const Device::Call call(device_);
    cuda::residual_norm_backward<A>(device_, out(dx), out(dresidual), dbias, dgamma, dbeta, in(dy), in(h),
                                    mean, rstd, gamma, t, n, p, seed, step, stream);
  }

  void lm_head_forward(float* nll, float* lse, int* sampled, int* predicted, const void* x, const void* table,
                       const float* bias, const int* labels, int m, int v, int e, float temperature,
                       int64_t seed, int64_t step, int stream) override {
    const Device::Call call(device_);
    cuda::lm_head_forward<A>(device_, nll, lse, sampled, predicted, in(x), in(table), bias, labels, m, v, e,
                             temperature, seed, step, stream);
  }

  void lm_head_backward(void* dx, float* dtable, float* dbias, const void* x, const void* table,
                        const float* bias, const int* labels, const float* lse, const float* dnll, int m,
                        int v, int e) override {
    const Device::Call call(device_);
    cuda::lm_head_backward<A>(device_, out(dx), dtable, dbias, in(x), in(table), bias, labels, lse, dnll, m,
                              v, e);
  }

  void lm_head_logits(float* logits, const void* x, const void* table, const float* bias, int m, int v,
                      int e) override {
    const Device::Call call(device_);
    cuda::lm_head_logits<A>(device_, logits, in(x), in(table), bias, m, v, e);
  }

  void rtd_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x, const void* w,
                const float* bias, const int* labels, int t, int h, float scale) override {
    const Device::Call call(device_);
    cuda::rtd_loss<A>(device_, sums, logits, out(dx), dw, dbias, in(x), in(w), bias, labels, t, h, scale);
  }

  void class_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x,
                  const void* w, const float* bias, const int* labels, int rows, int classes, int h,
                  float scale) override {
    const Device::Call call(device_);
    cuda::class_loss<A>(device_, sums, logits, out(dx), dw, dbias, in(x), in(w), bias, labels, rows, classes,
                        h, scale);
  }

  void span_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x, const void* w,
                 const float* bias, const int* starts, const int* ends, const int* cu_seqlens, int b, int t,
                 int h, float scale) override {
    const Device::Call call(device_);
    cuda::span_loss<A>(device_, sums, logits, out(dx), dw, dbias, in(x), in(w), bias, starts, ends,
                       cu_seqlens, b, t, h, scale);
  }

  void copy_loss(double* sums, float* dnll, void* dx, float* dw, float* dbias, const void* x, const void* w,
                 const float* bias, const float* nll, const int* inputs, const int* labels, int rows, int h,
                 float scale) override {
    const Device::Call call(device_);
    cuda::copy_loss<A>(device_, sums, dnll, out(dx), dw, dbias, in(x), in(w), bias, nll, inputs, labels, rows,
                       h, scale);
  }

  void mask_tokens(int* masked_ids, int* positions, int* labels, const int* ids, const int* cu_seqlens,
                   const int* cu_masked, int b, int t, int m, float mask_token_prob, bool with_replacement,
                   int cls, int sep, int mask, int64_t seed, int64_t step) override {
    const Device::Call call(device_);
    cuda::mask_tokens(device_, masked_ids, positions, labels, ids, cu_seqlens, cu_masked, b, t, m,
                      mask_token_prob, with_replacement, cls, sep, mask, seed, step);
  }

  void corrupt_tokens(int* corrupted, int* replaced, const int* ids, const int* positions, const int* sampled,
                      int t, int m) override {
    const Device::Call call(device_);
    cuda::corrupt_tokens(device_, corrupted, replaced, ids, positions, sampled, t, m);
  }

  void dropout(void* y, const void* x, int64_t count, float p, int64_t seed, int64_t step,
               int stream) override {
    const Device::Call call(device_);
    cuda::dropout<A>(device_, out(y), in(x), count, p, seed, step, stream);
  }

  void gather_rows(void* y, const void* x, const int* positions, int t, int m, int n) override {
    const Device::Call call(device_);
    cuda::gather_rows<A>(device_, out(y), in(x), positions, t, m, n);
  }

  void scatter_rows(void* dx, const void* dy, const int* positions, int t, int m, int n) override {
    const Device::Call call(device_);
    cuda::scatter_rows<A>(device_, out(dx), in(dy), positions, t, m, n);
  }

  void squared_norm(double* sum, const float* x, int64_t count) override {
    const Device::Call call(device_);
    cuda::squared_norm(device_, sum, x, count);
  }

  void adamw(float* w, void* working, float* m, float* v, float* grad, const int64_t* begins,
             const int64_t* ends, const float* multipliers, const float* decays, int segments,
             const double* squared_norm, float max_grad_norm, float learning_rate, float beta1, float beta2,
             float eps, float m_scale, float v_scale) override {
    const Device::Call call(device_);
    cuda::adamw<A>(device_, w, out(working), m, v, grad, begins, ends, multipliers, decays, segments,
                   squared_norm, max_grad_norm, learning_rate, beta1, beta2, eps, m_scale, v_scale);
  }

 private:
  /** An address without memory, aligned like those of the card. */
  static A* out(void* p) { return static_cast<A*>(p); }
  static const A* in(const void* p) { return static_cast<const A*>(p); }

  Device device_;
  int threads_;
};

}  // namespace

Kernels* create_kernels(int device, bool bf16_activations, int threads, bool graphs,
                        std::unique_ptr<AttentionEngine> (*attention)()) {
  const DeviceOptions options{graphs, false, attention};
  if (bf16_activations) return new CudaKernels<bf16>(device, threads, options);
  return new CudaKernels<float>(device, threads, options);
}

}  // namespace electra::cuda
