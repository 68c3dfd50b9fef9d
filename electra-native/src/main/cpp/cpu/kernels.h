// The kernels of one instruction set. Formulas, shapes, and what is overwritten or added to: Backend.java. A
// is the activation type, float or bf16; the file of the stem defines its functions and ends with
// ELECTRA_INSTANTIATE for each.
#pragma once
#include <cstdint>

#include "packed_weights.h"
#include "simd.h"
#include "thread_pool.h"

namespace electra::cpu::ELECTRA_ISA {

template <typename A>
void gemm_forward(ThreadPool& pool, PackedWeights& frozen, A* y, A* u, const A* x, const A* w,
                  const float* bias, int t, int n, int k, bool gelu);

template <typename A>
void gemm_backward_input(ThreadPool& pool, A* dx, const A* dy, const A* w, const A* u, int t, int n, int k,
                         bool accumulate);

template <typename A>
void gemm_backward_weight(ThreadPool& pool, float* dw, float* dbias, const A* dy, const A* x, int t, int n,
                          int k);

template <typename A>
void gelu_backward(ThreadPool& pool, A* du, const A* dy, const A* u, int64_t count);

template <typename A>
void embedding_forward(ThreadPool& pool, A* y, float* mean, float* rstd, const int* ids, const int* types,
                       const int* positions, const A* word, const A* position, const A* type,
                       const float* gamma, const float* beta, int t, int e, int vocab, int max_positions,
                       int type_vocab, float eps, float p, int64_t seed, int64_t step, int stream);

template <typename A>
void embedding_backward(ThreadPool& pool, float* dword, float* dposition, float* dtype, float* dgamma,
                        float* dbeta, float* dsum, const A* dy, const float* mean, const float* rstd,
                        const int* ids, const int* types, const int* positions, const A* word,
                        const A* position, const A* type, const float* gamma, int t, int e, int vocab,
                        int max_positions, int type_vocab, float p, int64_t seed, int64_t step, int stream);

template <typename A>
void attention_forward(ThreadPool& pool, A* context, float* lse, const A* qkv, const int* cu_seqlens, int b,
                       int t, int n, int d, int max_seqlen, float p, int dropout_stride, int64_t seed,
                       int64_t step, int stream);

template <typename A>
void attention_backward(ThreadPool& pool, A* dqkv, const A* dcontext, const A* qkv, const A* context,
                        const float* lse, const int* cu_seqlens, int b, int t, int n, int d, int max_seqlen,
                        float p, int dropout_stride, int64_t seed, int64_t step, int stream);

template <typename A>
void residual_norm_forward(ThreadPool& pool, A* y, A* h, float* mean, float* rstd, const A* x,
                           const float* bias, const A* residual, const float* gamma, const float* beta, int t,
                           int n, float eps, float p, int64_t seed, int64_t step, int stream);

template <typename A>
void residual_norm_backward(ThreadPool& pool, A* dx, A* dresidual, float* dbias, float* dgamma, float* dbeta,
                            const A* dy, const A* h, const float* mean, const float* rstd, const float* gamma,
                            int t, int n, float p, int64_t seed, int64_t step, int stream);

template <typename A>
void lm_head_forward(ThreadPool& pool, float* nll, float* lse, int* sampled, int* predicted, const A* x,
                     const A* table, const float* bias, const int* labels, int m, int v, int e,
                     float temperature, int64_t seed, int64_t step, int stream);

template <typename A>
void lm_head_backward(ThreadPool& pool, A* dx, float* dtable, float* dbias, const A* x, const A* table,
                      const float* bias, const int* labels, const float* lse, const float* dnll, int m, int v,
                      int e);

template <typename A>
void lm_head_logits(ThreadPool& pool, float* logits, const A* x, const A* table, const float* bias, int m,
                    int v, int e);

template <typename A>
void rtd_loss(ThreadPool& pool, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
              const A* w, const float* bias, const int* labels, int t, int h, float scale);

template <typename A>
void class_loss(ThreadPool& pool, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
                const A* w, const float* bias, const int* labels, int rows, int classes, int h, float scale);

template <typename A>
void span_loss(ThreadPool& pool, double* sums, float* logits, A* dx, float* dw, float* dbias, const A* x,
               const A* w, const float* bias, const int* starts, const int* ends, const int* cu_seqlens,
               int b, int t, int h, float scale);

template <typename A>
void copy_loss(ThreadPool& pool, double* sums, float* dnll, A* dx, float* dw, float* dbias, const A* x,
               const A* w, const float* bias, const float* nll, const int* inputs, const int* labels,
               int rows, int h, float scale);

void mask_tokens(ThreadPool& pool, int* masked_ids, int* positions, int* labels, const int* ids,
                 const int* cu_seqlens, const int* cu_masked, int b, int t, int m, float mask_token_prob,
                 bool with_replacement, int cls, int sep, int mask, int64_t seed, int64_t step);

void corrupt_tokens(ThreadPool& pool, int* corrupted, int* replaced, const int* ids, const int* positions,
                    const int* sampled, int t, int m);

template <typename A>
void dropout(ThreadPool& pool, A* y, const A* x, int64_t count, float p, int64_t seed, int64_t step,
             int stream);

template <typename A>
void gather_rows(ThreadPool& pool, A* y, const A* x, const int* positions, int t, int m, int n);

template <typename A>
void scatter_rows(ThreadPool& pool, A* dx, const A* dy, const int* positions, int t, int m, int n);

void squared_norm(ThreadPool& pool, double* sum, const float* x, int64_t count);

template <typename A>
void adamw(ThreadPool& pool, float* w, A* working, float* m, float* v, float* grad, const int64_t* begins,
           const int64_t* ends, const float* multipliers, const float* decays, int segments,
           const double* squared_norm, float max_grad_norm, float learning_rate, float beta1, float beta2,
           float eps, float m_scale, float v_scale);

void fill_zero(ThreadPool& pool, void* p, int64_t bytes);

template <typename A>
void to_activation(ThreadPool& pool, A* y, const float* x, int64_t count);

template <typename A>
void from_activation(ThreadPool& pool, float* y, const A* x, int64_t count);

template <typename A>
void add_activation(ThreadPool& pool, A* y, const A* x, int64_t count);

}  // namespace electra::cpu::ELECTRA_ISA
