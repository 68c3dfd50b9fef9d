#pragma once
#include <cstdint>

namespace electra {

/**
 * The kernel contract. Formulas, shapes, and what is overwritten or added to: Backend.java, method of the
 * same name; its promises hold here word for word. `void*` is an array of the activation type A (float, or
 * bf16 bit patterns), `double*`, `float*` and `int*` are what they say. Errors throw std::exception.
 */
class Kernels {
 public:
  virtual ~Kernels() {}

  /** Instruction set and threads, or the card; for the log line. Lives as long as the object. */
  virtual const char* description() = 0;
  virtual int threads() = 0;

  virtual void* alloc(int64_t bytes) = 0;
  virtual void release(void* p) = 0;
  virtual void freeze(const void* p, int64_t bytes) = 0;
  virtual void copy_to_device(void* device, const void* host, int64_t bytes) = 0;
  virtual void copy_to_host(void* host, const void* device, int64_t bytes) = 0;
  virtual void fill_zero(void* p, int64_t bytes) = 0;
  virtual void to_activation(void* y, const float* x, int64_t count) = 0;
  virtual void from_activation(float* y, const void* x, int64_t count) = 0;
  virtual void add_activation(void* y, const void* x, int64_t count) = 0;
  virtual void synchronize() = 0;

  /** Whether the calls until end_step are queued; where they are not, the next three are not called. */
  virtual bool begin_step() = 0;
  /** Hands a queued step to the device; returns its number. */
  virtual int64_t end_step() = 0;
  virtual void await_step(int64_t step) = 0;
  /** Where a copy lies on the host once await_step of this step returns, until the step after the next. */
  virtual const void* read_in_step(const void* device, int64_t bytes) = 0;
  virtual int64_t launches() = 0;
  virtual int64_t free_bytes() = 0;
  /** New kernels for the same device that only count launches and memory and follow no address; null where
   * there is nothing to count. */
  virtual Kernels* measuring() = 0;
  virtual int64_t scratch_bytes() = 0;
  virtual int64_t taken_bytes() = 0;
  virtual void reserve(int64_t bytes, int64_t scratch_bytes) = 0;

  virtual void gemm_forward(void* y, void* u, const void* x, const void* w, const float* bias, int t, int n,
                            int k, bool gelu) = 0;
  virtual void gemm_backward_input(void* dx, const void* dy, const void* w, const void* u, int t, int n,
                                   int k, bool accumulate) = 0;
  virtual void gemm_backward_weight(float* dw, float* dbias, const void* dy, const void* x, int t, int n,
                                    int k) = 0;
  virtual void gelu_backward(void* du, const void* dy, const void* u, int64_t count) = 0;

  virtual void embedding_forward(void* y, float* mean, float* rstd, const int* ids, const int* types,
                                 const int* positions, const void* word, const void* position,
                                 const void* type, const float* gamma, const float* beta, int t, int e,
                                 int vocab, int max_positions, int type_vocab, float eps, float p,
                                 int64_t seed, int64_t step, int stream) = 0;
  virtual void embedding_backward(float* dword, float* dposition, float* dtype, float* dgamma, float* dbeta,
                                  float* dsum, const void* dy, const float* mean, const float* rstd,
                                  const int* ids, const int* types, const int* positions, const void* word,
                                  const void* position, const void* type, const float* gamma, int t, int e,
                                  int vocab, int max_positions, int type_vocab, float p, int64_t seed,
                                  int64_t step, int stream) = 0;

  virtual void attention_forward(void* context, float* lse, const void* qkv, const int* cu_seqlens, int b,
                                 int t, int n, int d, int max_seqlen, float p, int dropout_stride,
                                 int64_t seed, int64_t step, int stream) = 0;
  virtual void attention_backward(void* dqkv, const void* dcontext, const void* qkv, const void* context,
                                  const float* lse, const int* cu_seqlens, int b, int t, int n, int d,
                                  int max_seqlen, float p, int dropout_stride, int64_t seed, int64_t step,
                                  int stream) = 0;

  virtual void residual_norm_forward(void* y, void* h, float* mean, float* rstd, const void* x,
                                     const float* bias, const void* residual, const float* gamma,
                                     const float* beta, int t, int n, float eps, float p, int64_t seed,
                                     int64_t step, int stream) = 0;
  virtual void residual_norm_backward(void* dx, void* dresidual, float* dbias, float* dgamma, float* dbeta,
                                      const void* dy, const void* h, const float* mean, const float* rstd,
                                      const float* gamma, int t, int n, float p, int64_t seed, int64_t step,
                                      int stream) = 0;

  virtual void lm_head_forward(float* nll, float* lse, int* sampled, int* predicted, const void* x,
                               const void* table, const float* bias, const int* labels, int m, int v, int e,
                               float temperature, int64_t seed, int64_t step, int stream) = 0;
  virtual void lm_head_backward(void* dx, float* dtable, float* dbias, const void* x, const void* table,
                                const float* bias, const int* labels, const float* lse, const float* dnll,
                                int m, int v, int e) = 0;
  virtual void lm_head_logits(float* logits, const void* x, const void* table, const float* bias, int m,
                              int v, int e) = 0;

  virtual void rtd_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x,
                        const void* w, const float* bias, const int* labels, int t, int h, float scale) = 0;
  virtual void class_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x,
                          const void* w, const float* bias, const int* labels, int rows, int classes, int h,
                          float scale) = 0;
  virtual void span_loss(double* sums, float* logits, void* dx, float* dw, float* dbias, const void* x,
                         const void* w, const float* bias, const int* starts, const int* ends,
                         const int* cu_seqlens, int b, int t, int h, float scale) = 0;
  virtual void copy_loss(double* sums, float* dnll, void* dx, float* dw, float* dbias, const void* x,
                         const void* w, const float* bias, const float* nll, const int* inputs,
                         const int* labels, int rows, int h, float scale) = 0;

  virtual void mask_tokens(int* masked_ids, int* positions, int* labels, const int* ids,
                           const int* cu_seqlens, const int* cu_masked, int b, int t, int m,
                           float mask_token_prob, bool with_replacement, int cls, int sep, int mask,
                           int64_t seed, int64_t step) = 0;
  virtual void corrupt_tokens(int* corrupted, int* replaced, const int* ids, const int* positions,
                              const int* sampled, int t, int m) = 0;

  virtual void dropout(void* y, const void* x, int64_t count, float p, int64_t seed, int64_t step,
                       int stream) = 0;

  virtual void gather_rows(void* y, const void* x, const int* positions, int t, int m, int n) = 0;
  virtual void scatter_rows(void* dx, const void* dy, const int* positions, int t, int m, int n) = 0;

  virtual void squared_norm(double* sum, const float* x, int64_t count) = 0;
  /** The four segment arrays lie in host memory; begins and ends count elements. */
  virtual void adamw(float* w, void* working, float* m, float* v, float* grad, const int64_t* begins,
                     const int64_t* ends, const float* multipliers, const float* decays, int segments,
                     const double* squared_norm, float max_grad_norm, float learning_rate, float beta1,
                     float beta2, float eps, float m_scale, float v_scale) = 0;
};

/** Deletes kernels made by any factory. */
inline void destroy_kernels(Kernels* kernels) { delete kernels; }

}  // namespace electra
