// The contract, forwarded line by line to the kernels of this instruction set.
#include "cpu_kernels.h"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>

#include "../common/error.h"
#include "kernels.h"
#include "pages.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

#ifdef __AVX512BF16__
constexpr const char* kInstructionSet = "AVX-512 BF16";
#elif defined(__AVX512VNNI__)
constexpr const char* kInstructionSet = "AVX-512 VNNI";
#elif defined(__AVX512F__)
constexpr const char* kInstructionSet = "AVX-512";
#else
constexpr const char* kInstructionSet = "AVX2";
#endif

template <typename A>
class CpuKernels final : public Kernels {
 public:
  explicit CpuKernels(int threads) : pool_(threads) {
    std::snprintf(description_, sizeof description_, "%s, %d thread%s", kInstructionSet, pool_.threads(),
                  pool_.threads() == 1 ? "" : "s");
  }

  const char* description() override { return description_; }
  int threads() override { return pool_.threads(); }

  void* alloc(int64_t bytes) override {
    if (bytes < 0) fail("a size of %lld bytes is negative", static_cast<long long>(bytes));
    void* p = allocate_pages(static_cast<size_t>(bytes));
    if (p == nullptr) fail("no memory for %lld bytes", static_cast<long long>(bytes));
    return p;
  }
  void release(void* p) override {
    frozen_.release(p, static_cast<int64_t>(malloc_usable_size(p)));
    std::free(p);
  }
  void freeze(const void* p, int64_t bytes) override { frozen_.freeze(p, bytes); }
  void copy_to_device(void* device, const void* host, int64_t bytes) override {
    frozen_.require_writable(device, bytes);
    std::memcpy(device, host, static_cast<size_t>(bytes));
  }
  void copy_to_host(void* host, const void* device, int64_t bytes) override {
    std::memcpy(host, device, static_cast<size_t>(bytes));
  }
  void fill_zero(void* p, int64_t bytes) override {
    frozen_.require_writable(p, bytes);
    cpu::ELECTRA_ISA::fill_zero(pool_, p, bytes);
  }
  void to_activation(void* y, const float* x, int64_t count) override {
    frozen_.require_writable(y, count * static_cast<int64_t>(sizeof(A)));
    cpu::ELECTRA_ISA::to_activation(pool_, out(y), x, count);
  }
  void add_activation(void* y, const void* x, int64_t count) override {
    cpu::ELECTRA_ISA::add_activation<A>(pool_, out(y), in(x), count);
  }
  void from_activation(float* y, const void* x, int64_t count) override {
    cpu::ELECTRA_ISA::from_activation(pool_, y, in(x), count);
  }
  void synchronize() override {}

  // A call is done when it returns, and nothing is launched.
  bool begin_step() override { return false; }
  int64_t end_step() override { return 0; }
  void await_step(int64_t) override {}
  const void* read_in_step(const void*, int64_t) override { return nullptr; }
  int64_t launches() override { return 0; }
  int64_t free_bytes() override { return INT64_MAX; }
  Kernels* measuring() override { return nullptr; }
  int64_t scratch_bytes() override { return 0; }
  int64_t taken_bytes() override { return 0; }
  void reserve(int64_t, int64_t) override {}

  void gemm_forward(void* y, void* u, const void* x, const void* w, const float* bias, int t, int n, int k,
                    bool gelu) override {
    cpu::ELECTRA_ISA::gemm_forward<A>(pool_, frozen_, out(y), out(u), in(x), in(w), bias, t, n, k, gelu);
  }

  void gemm_backward_input(void* dx, const void* dy, const void* w, const void* u, int t, int n, int k,
                           bool accumulate) override {
    cpu::ELECTRA_ISA::gemm_backward_input<A>(pool_, out(dx), in(dy), in(w), in(u), t, n, k, accumulate);
  }

  void gemm_backward_weight(float* dw, float* dbias, const void* dy, const void* x, int t, int n,
                            int k) override {
    cpu::ELECTRA_ISA::gemm_backward_weight<A>(pool_, dw, dbias, in(dy), in(x), t, n, k);
  }

  void gelu_backward(void* du, const void* dy, const void* u, int64_t count) override {
    cpu::ELECTRA_ISA::gelu_backward<A>(pool_, out(du), in(dy), in(u), count);
  }

  void embedding_forward(void* y, float* mean, float* rstd, const int* ids, const int* types,
                         const int* positions, const void* word, const void* position, const void* type,
                         const float* gamma, const float* beta, int t, int e, int vocab, int max_positions,
                         int type_vocab, float eps, float p, int64_t seed, int64_t step,
                         int stream) override {
    cpu::ELECTRA_ISA::embedding_forward<A>(pool_, out(y), mean, rstd, ids, types, positions, in(word),
                                           in(position), in(type), gamma, beta, t, e, vocab, max_positions,
                                           type_vocab, eps, p, seed, step, stream);
  }

  void embedding_backward(float* dword, float* dposition, float* dtype, float* dgamma, float* dbeta,
                          float* dsum, const void* dy, const float* mean, const float* rstd, const int* ids,
                          const int* types, const int* positions, const void* word, const void* position,
                          const void* type, const float* gamma, int t, int e, int vocab, int max_positions,
                          int type_vocab, float p, int64_t seed, int64_t step, int stream) override {
    cpu::ELECTRA_ISA::embedding_backward<A>(pool_, dword, dposition, dtype, dgamma, dbeta, dsum, in(dy), mean,
                                            rstd, ids, types, positions, in(word), in(position), in(type),
                                            gamma, t, e, vocab, max_positions, type_vocab, p, seed, step,
                                            stream);
  }

  void attention_forward(void* context, float* lse, const void* qkv, const int* cu_seqlens, int b, int t,
                         int n, int d, int max_seqlen, float p, int dropout_stride, int64_t seed,
                         int64_t step, int stream) override {
    cpu::ELECTRA_ISA::attention_forward<A>(pool_, out(context), lse, in(qkv), cu_seqlens, b, t, n, d,
                                           max_seqlen, p, dropout_stride, seed, step, stream);
  }

  void attention_backward(void* dqkv, const void* dcontext, const void* qkv, const void* context,
                          const float* lse, const int* cu_seqlens, int b, int t, int n, int d, int max_seqlen,
                          float p, int dropout_stride, int64_t seed, int64_t step, int stream) override {
    cpu::ELECTRA_ISA::attention_backward<A>(pool_, out(dqkv), in(dcontext), in(qkv), in(context), lse,
                                            cu_seqlens, b, t, n, d, max_seqlen, p, dropout_stride, seed, step,
                                            stream);
  }

  void residual_norm_forward(void* y, void* h, float* mean, float* rstd, const void* x, const float* bias,
                             const void* residual, const float* gamma, const float* beta, int t, int n,
                             float eps, float p, int64_t seed, int64_t step, int stream) override {
    cpu::ELECTRA_ISA::residual_norm_forward<A>(pool_, out(y), out(h), mean, rstd, in(x), bias, in(residual),
                                               gamma, beta, t, n, eps, p, seed, step, stream);
  }

  void residual_norm_backward(void* dx, void* dresidual, float* dbias, float* dgamma, float* dbeta,
                              const void* dy, const void* h, const float* mean, const float* rstd,
                              const float* gamma, int t, int n, float p, int64_t seed, int64_t step,
                              int stream) override {
    cpu::ELECTRA_ISA::residual_norm_backward<A>(pool_, out(dx), out(dresidual), dbias, dgamma, dbeta, in(dy),
                                                in(h), mean, rstd, gamma, t, n, p, seed, step, stream);
  }

  void lm_head_forward(float* nll, float* lse, int* sampled, int* predicted, const void* x, const void* table,
                       const float* bias, const int* labels, int m, int v, int e, float temperature,
                       int64_t seed, int64_t step, int stream) override {
    cpu::ELECTRA_ISA::lm_head_forward<A>(pool_, nll, lse, sampled, predicted, in(x), in(table), bias, labels,
                                         m, v, e, temperature, seed, step, stream);
  }

  void lm_head_backward(void* dx, float* dtable, float* dbias, const void* x, const void* table,
                        const float* bias, const int* labels, const float* lse, const float* dnll, int m,
                        int v, int e) override {
    cpu::ELECTRA_ISA::lm_head_backward<A>(pool_, out(dx), dtable, dbias, in(x), in(table), bias, labels, lse,
                                          dnll, m, v, e);
  }

  void lm_head_logits(float* logits, const void* x, const void* table, const float* bias, int m, int v,
                      int e) override {
    cpu::ELECTRA_ISA::lm_head_logits<A>(pool_, logits, in(x), in(table), bias, m, v, e);
  }

  void rtd_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x, const void* w,
                const float* bias, const int* labels, int t, int h, float scale) override {
    cpu::ELECTRA_ISA::rtd_loss<A>(pool_, sums, logits, out(dx), dw, dbias, in(x), in(w), bias, labels, t, h,
                                  scale);
  }

  void class_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x,
                  const void* w, const float* bias, const int* labels, int rows, int classes, int h,
                  float scale) override {
    cpu::ELECTRA_ISA::class_loss<A>(pool_, sums, logits, out(dx), dw, dbias, in(x), in(w), bias, labels, rows,
                                    classes, h, scale);
  }

  void span_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x, const void* w,
                 const float* bias, const int* starts, const int* ends, const int* cu_seqlens, int b, int t,
                 int h, float scale) override {
    cpu::ELECTRA_ISA::span_loss<A>(pool_, sums, logits, out(dx), dw, dbias, in(x), in(w), bias, starts, ends,
                                   cu_seqlens, b, t, h, scale);
  }

  void copy_loss(double* sums, float* dnll, void* dx, float* dw, float* dbias, const void* x, const void* w,
                 const float* bias, const float* nll, const int* inputs, const int* labels, int rows, int h,
                 float scale) override {
    cpu::ELECTRA_ISA::copy_loss<A>(pool_, sums, dnll, out(dx), dw, dbias, in(x), in(w), bias, nll, inputs,
                                   labels, rows, h, scale);
  }

  void mask_tokens(int* masked_ids, int* positions, int* labels, const int* ids, const int* cu_seqlens,
                   const int* cu_masked, int b, int t, int m, float mask_token_prob, bool with_replacement,
                   int cls, int sep, int mask, int64_t seed, int64_t step) override {
    cpu::ELECTRA_ISA::mask_tokens(pool_, masked_ids, positions, labels, ids, cu_seqlens, cu_masked, b, t, m,
                                  mask_token_prob, with_replacement, cls, sep, mask, seed, step);
  }

  void corrupt_tokens(int* corrupted, int* replaced, const int* ids, const int* positions, const int* sampled,
                      int t, int m) override {
    cpu::ELECTRA_ISA::corrupt_tokens(pool_, corrupted, replaced, ids, positions, sampled, t, m);
  }

  void dropout(void* y, const void* x, int64_t count, float p, int64_t seed, int64_t step,
               int stream) override {
    cpu::ELECTRA_ISA::dropout<A>(pool_, out(y), in(x), count, p, seed, step, stream);
  }

  void gather_rows(void* y, const void* x, const int* positions, int t, int m, int n) override {
    cpu::ELECTRA_ISA::gather_rows<A>(pool_, out(y), in(x), positions, t, m, n);
  }

  void scatter_rows(void* dx, const void* dy, const int* positions, int t, int m, int n) override {
    cpu::ELECTRA_ISA::scatter_rows<A>(pool_, out(dx), in(dy), positions, t, m, n);
  }

  void squared_norm(double* sum, const float* x, int64_t count) override {
    cpu::ELECTRA_ISA::squared_norm(pool_, sum, x, count);
  }

  void adamw(float* w, void* working, float* m, float* v, float* grad, const int64_t* begins,
             const int64_t* ends, const float* multipliers, const float* decays, int segments,
             const double* squared_norm, float max_grad_norm, float learning_rate, float beta1, float beta2,
             float eps, float m_scale, float v_scale) override {
    cpu::ELECTRA_ISA::adamw<A>(pool_, w, out(working), m, v, grad, begins, ends, multipliers, decays,
                               segments, squared_norm, max_grad_norm, learning_rate, beta1, beta2, eps,
                               m_scale, v_scale);
  }

 private:
  static A* out(void* p) { return static_cast<A*>(p); }
  static const A* in(const void* p) { return static_cast<const A*>(p); }

  ThreadPool pool_;
  PackedWeights frozen_;
  char description_[64];
};

}  // namespace

Kernels* create_kernels(int threads, bool bf16_activations) {
  if (!bf16_activations) return new CpuKernels<float>(threads);
#ifdef __AVX512VNNI__
  return new CpuKernels<bf16>(threads);
#else
  fail("bf16 needs a processor with AVX512_VNNI, but %s is in use; choose FP32", kInstructionSet);
#endif
}

}  // namespace electra::cpu::ELECTRA_ISA
