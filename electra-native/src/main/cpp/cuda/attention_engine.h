// Another way to compute self-attention than by the kernels of this library.
#pragma once
#include "device.cuh"

namespace electra::cuda {

/** Attention of one card in bf16; arguments as in the contract. */
class AttentionEngine {
 public:
  virtual ~AttentionEngine() {}
  virtual void forward(Device& device, bf16* context, float* lse, const bf16* qkv, const int* cu_seqlens,
                       int b, int t, int n, int d, int max_seqlen, float p) = 0;
  virtual void backward(Device& device, bf16* dqkv, const bf16* dcontext, const bf16* qkv,
                        const bf16* context, const float* lse, const int* cu_seqlens, int b, int t, int n,
                        int d, int max_seqlen, float p) = 0;
};

/** By cuDNN, which has to be open. */
std::unique_ptr<AttentionEngine> cudnn_attention();

}  // namespace electra::cuda
