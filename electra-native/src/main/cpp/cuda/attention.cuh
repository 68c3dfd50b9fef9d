// What the attention kernels share: where the rows of a head lie, and which probabilities dropout keeps.
#pragma once
#include <climits>
#include <cmath>

#include "dropout.cuh"

namespace electra::cuda {

/** Rows and columns of a tile of scores. */
constexpr int kTile = 64;
constexpr float kLog2E = 1.4426950408889634f;

struct AttentionShape {
  const int* cu_seqlens;
  int t, n, d;
  int width, qkv_width;  // of a row of context and of qkv
  int tiles;             // of the longest sequence
  float scale;
};

/** A block of kTile rows of one head of one sequence; `first` counts from the start of the sequence. */
struct AttentionBlock {
  int begin, length, head, first;
};

/** Tiles run fastest, so that the blocks that read the same keys run together. */
__device__ __forceinline__ AttentionBlock attention_block(const AttentionShape& shape, unsigned index) {
  const unsigned tiles = unsigned(shape.tiles), heads = unsigned(shape.n);
  const unsigned sequence = index / tiles / heads;
  const int begin = shape.cu_seqlens[sequence];
  return AttentionBlock{begin, shape.cu_seqlens[sequence + 1] - begin, int(index / tiles % heads),
                        int(index % tiles) * kTile};
}

/** The rows of one head of one sequence in an array. */
template <typename A>
struct HeadRows {
  A* data;
  int stride;

  __device__ __forceinline__ A* at(int row) const { return data + int64_t(row) * stride; }
};

/** Query (part 0), key (1) or value (2) of (t, 3, n, d). */
template <typename A>
__device__ __forceinline__ HeadRows<A> qkv_rows(A* qkv, int part, const AttentionShape& shape,
                                                const AttentionBlock& block) {
  A* const query = qkv + int64_t(block.begin) * shape.qkv_width + block.head * shape.d;
  return HeadRows<A>{query + part * shape.width, shape.qkv_width};
}

/** Rows of (t, n, d). */
template <typename A>
__device__ __forceinline__ HeadRows<A> context_rows(A* context, const AttentionShape& shape,
                                                    const AttentionBlock& block) {
  return HeadRows<A>{context + int64_t(block.begin) * shape.width + block.head * shape.d, shape.width};
}

struct AttentionDropout {
  DropoutSite site;
  int octets;  // Philox blocks of a row of probabilities

  __device__ __forceinline__ bool on() const { return site.threshold > 0; }

  /** The first Philox block of a query. */
  __device__ __forceinline__ int64_t row_block(const AttentionShape& shape, const AttentionBlock& block,
                                               int query) const {
    return (int64_t(block.begin + query) * shape.n + block.head) * octets;
  }

  /** Bit i is set where element i of a Philox block is kept. */
  __device__ __forceinline__ uint32_t keep_octet(int64_t index) const {
    const PhiloxBlock random = philox_block(site.seed, site.stream, site.step, index);
    uint32_t keep = 0;
#pragma unroll
    for (int i = 0; i < 8; ++i) keep |= uint32_t(dropout_lane(random, i) >= site.threshold) << i;
    return keep;
  }
};

/** The largest head size of the tensor-core kernels; the others take any. */
constexpr int kMostTileColumns = 128;

template <typename A>
void attention_forward_fma(Device& device, A* context, float* lse, const A* qkv, const AttentionShape& shape,
                           const AttentionDropout& dropout, int b);

template <typename A>
void attention_backward_fma(Device& device, A* dqkv, const A* dcontext, const A* qkv, const A* context,
                            const float* lse, const AttentionShape& shape, const AttentionDropout& dropout,
                            int b);

inline AttentionShape attention_shape(const int* cu_seqlens, int t, int n, int d, int max_seqlen) {
  const int tiles = int(divide_up(max_seqlen, kTile));
  return AttentionShape{cu_seqlens, t, n, d, n * d, 3 * n * d, tiles, 1.0f / sqrtf(float(d))};
}

/** Blocks of a launch with `roles` blocks for each tile of each head of each sequence. */
inline unsigned attention_blocks(const AttentionShape& shape, int b, int roles) {
  const int64_t blocks = int64_t(b) * shape.n * shape.tiles * roles;
  if (blocks > INT_MAX)
    fail("attention over %d sequences with %d heads is too much for one launch", b, shape.n);
  return unsigned(blocks);
}

}  // namespace electra::cuda
