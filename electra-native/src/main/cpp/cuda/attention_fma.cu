// Attention without tensor cores: fp32, and head sizes of bf16 beyond those of the tiles. A block has 64 rows
// of one head and 64 columns of its result; scores are sums over slabs of the head, whatever its size.
#include "attention.cuh"
#include "kernels.h"

namespace electra::cuda {

namespace {

constexpr int kSide = 16;  // threads of a block in each direction; each has 4 x 4 numbers of a tile
constexpr int kThreads = kSide * kSide;
constexpr int kEach = kTile / kSide;
constexpr int kSlab = 32;           // elements of the head at a time
constexpr int kSlabLd = kSlab + 4;  // 16-byte aligned rows in different banks
constexpr int kTileLd = kTile + 4;

using Fragment = float[kEach][kEach];  // rows y + 16 i, columns x + 16 j

struct SharedTiles {
  float weights[kTile * kTileLd];
  float other[2 * kTile * kSlabLd];  // two slabs or a tile
  uint8_t keep[kTile * kTile / 8];
  float row_lse[kTile], row_delta[kTile];
};
static_assert(2 * kSlabLd >= kTileLd);

/** Copies columns of rows first .. first + kTile - 1; zero at or past `rows` and `d`. */
template <int kColumns, int kLd, typename A>
__device__ __forceinline__ void load_columns(float* target, const HeadRows<const A>& source, int first,
                                             int rows, int column, int d) {
  for (int id = int(threadIdx.x); id < kTile * kColumns; id += kThreads) {
    const int row = id / kColumns, c = id % kColumns;
    const bool inside = first + row < rows && column + c < d;
    target[row * kLd + c] = inside ? to_float(source.at(first + row)[column + c]) : 0.0f;
  }
}

struct Thread {
  int x = int(threadIdx.x) % kSide, y = int(threadIdx.x) / kSide;
};

/** s += rows first_a .. of a times rows first_b .. of b, transposed. Ends with the slabs in use. */
template <typename A>
__device__ __forceinline__ void multiply_transposed(Fragment& s, SharedTiles& shared,
                                                    const HeadRows<const A>& a, int first_a,
                                                    const HeadRows<const A>& b, int first_b, int rows,
                                                    int d) {
  const Thread thread;
  float* const slab_a = shared.other;
  float* const slab_b = shared.other + kTile * kSlabLd;
  for (int column = 0; column < d; column += kSlab) {
    __syncthreads();
    load_columns<kSlab, kSlabLd>(slab_a, a, first_a, rows, column, d);
    load_columns<kSlab, kSlabLd>(slab_b, b, first_b, rows, column, d);
    __syncthreads();
    const int used = min(kSlab, d - column);
#pragma unroll 1
    for (int k = 0; k < used; k += 4) {
      float4 p[kEach], q[kEach];
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
        p[i] = *reinterpret_cast<const float4*>(slab_a + (thread.y + kSide * i) * kSlabLd + k);
        q[i] = *reinterpret_cast<const float4*>(slab_b + (thread.x + kSide * i) * kSlabLd + k);
      }
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) {
          s[i][j] = fmaf(p[i].x, q[j].x, s[i][j]);
          s[i][j] = fmaf(p[i].y, q[j].y, s[i][j]);
          s[i][j] = fmaf(p[i].z, q[j].z, s[i][j]);
          s[i][j] = fmaf(p[i].w, q[j].w, s[i][j]);
        }
      }
    }
  }
}

/** out += weights times columns `column` .. of rows first .. of b. Ends with the tiles in use. */
template <typename A>
__device__ __forceinline__ void multiply(Fragment& out, SharedTiles& shared, const Fragment& weights,
                                         const HeadRows<const A>& b, int first, int rows, int column, int d) {
  const Thread thread;
  __syncthreads();
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      shared.weights[(thread.y + kSide * i) * kTileLd + thread.x + kSide * j] = weights[i][j];
    }
  }
  load_columns<kTile, kTileLd>(shared.other, b, first, rows, column, d);
  __syncthreads();
  const int used = min(kTile, rows - first);
#pragma unroll 4
  for (int k = 0; k < used; ++k) {
    float v[kEach];
#pragma unroll
    for (int j = 0; j < kEach; ++j) v[j] = shared.other[k * kTileLd + thread.x + kSide * j];
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      const float w = shared.weights[(thread.y + kSide * i) * kTileLd + k];
#pragma unroll
      for (int j = 0; j < kEach; ++j) out[i][j] = fmaf(w, v[j], out[i][j]);
    }
  }
}

/** Overwrites `keep` with a byte for each query and octet of keys of a tile; a barrier must follow. */
__device__ __forceinline__ void fill_keep(SharedTiles& shared, const AttentionDropout& dropout,
                                          const AttentionShape& shape, const AttentionBlock& block, int query,
                                          int key) {
  constexpr int kOctets = kTile / 8;
  for (int id = int(threadIdx.x); id < kTile * kOctets; id += kThreads) {
    const int64_t row = dropout.row_block(shape, block, query + id / kOctets);
    shared.keep[id] = uint8_t(dropout.keep_octet(row + key / 8 + id % kOctets));
  }
}

__device__ __forceinline__ bool is_kept(const SharedTiles& shared, int query, int key) {
  return shared.keep[query * (kTile / 8) + key / 8] >> (key % 8) & 1;
}

/** The largest or the sum over the 16 threads of a row. */
template <typename F>
__device__ __forceinline__ float reduce_row(float v, const F& combine) {
#pragma unroll
  for (int m = kSide / 2; m; m >>= 1) v = combine(v, __shfl_xor_sync(kFull, v, m));
  return v;
}

template <typename A>
__device__ __forceinline__ void store(const HeadRows<A>& target, const Fragment& out,
                                      const float (&factor)[kEach], int first, int rows, int column, int d) {
  const Thread thread;
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    const int row = first + thread.y + kSide * i;
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      const int c = column + thread.x + kSide * j;
      if (row < rows && c < d) target.at(row)[c] = from_float<A>(out[i][j] * factor[i]);
    }
  }
}

template <typename A>
__global__ void __launch_bounds__(kThreads, 1)
    attention_fma(A* context, float* lse, const A* qkv, AttentionShape shape, AttentionDropout dropout) {
  __shared__ __align__(16) SharedTiles shared;
  const AttentionBlock block = attention_block(shape, blockIdx.x);
  if (block.first >= block.length) return;
  const Thread thread;
  const int rows = block.length, d = shape.d, column = int(blockIdx.y) * kTile;
  const HeadRows<const A> queries = qkv_rows(qkv, 0, shape, block), keys = qkv_rows(qkv, 1, shape, block),
                          values = qkv_rows(qkv, 2, shape, block);
  const bool drops = dropout.on();
  Fragment out = {};
  float max[kEach], sum[kEach] = {};
#pragma unroll
  for (int i = 0; i < kEach; ++i) max[i] = -INFINITY;

  for (int key = 0; key < rows; key += kTile) {
    Fragment s = {};
    multiply_transposed(s, shared, queries, block.first, keys, key, rows, d);
    if (drops) {
      fill_keep(shared, dropout, shape, block, block.first, key);
      __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      float largest = max[i];
#pragma unroll
      for (int j = 0; j < kEach; ++j) {
        s[i][j] = key + thread.x + kSide * j < rows ? s[i][j] * shape.scale : -INFINITY;
        largest = fmaxf(largest, s[i][j]);
      }
      largest = reduce_row(largest, [](float a, float b) { return fmaxf(a, b); });
      const float correction = expf(max[i] - largest);
      max[i] = largest;
      sum[i] *= correction;
#pragma unroll
      for (int j = 0; j < kEach; ++j) {
        s[i][j] = expf(s[i][j] - largest);
        sum[i] += s[i][j];
        out[i][j] *= correction;
        if (drops && !is_kept(shared, thread.y + kSide * i, thread.x + kSide * j)) s[i][j] = 0;
      }
    }
    multiply(out, shared, s, values, key, rows, column, d);
  }

  float factor[kEach];
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    sum[i] = reduce_row(sum[i], [](float a, float b) { return a + b; });
    factor[i] = dropout.site.scale / sum[i];
    const int row = block.first + thread.y + kSide * i;
    if (lse != nullptr && column == 0 && thread.x == 0 && row < rows) {
      lse[int64_t(block.head) * shape.t + block.begin + row] = max[i] + logf(sum[i]);
    }
  }
  store(context_rows(context, shape, block), out, factor, block.first, rows, column, d);
}

/** lse and dcontext · context of queries query .. query + kTile - 1; a barrier must follow. */
template <typename A>
__device__ __forceinline__ void fill_statistics(SharedTiles& shared, const HeadRows<const A>& dcontexts,
                                                const HeadRows<const A>& contexts, const float* lse,
                                                int query, int rows, int d) {
  constexpr int kShare = kThreads / kTile;
  const int row = int(threadIdx.x) / kShare, part = int(threadIdx.x) % kShare;
  const bool inside = query + row < rows;
  float delta = 0;
  for (int c = part; inside && c < d; c += kShare) {
    delta = fmaf(to_float(dcontexts.at(query + row)[c]), to_float(contexts.at(query + row)[c]), delta);
  }
#pragma unroll
  for (int m = kShare / 2; m; m >>= 1) delta += __shfl_xor_sync(kFull, delta, m);
  if (part == 0) {
    shared.row_lse[row] = inside ? lse[query + row] : INFINITY;
    shared.row_delta[row] = delta;
  }
}

/** s becomes dropout(P), dp becomes P (dropout(dP) - delta); rows of the tile are keys or queries. */
template <bool kRowsAreKeys>
__device__ __forceinline__ void differentiate(Fragment& s, Fragment& dp, const SharedTiles& shared,
                                              float scale, const AttentionDropout& dropout,
                                              int columns_left) {
  const Thread thread;
  const bool drops = dropout.on();
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      const int row = thread.y + kSide * i, column = thread.x + kSide * j;
      const int query = kRowsAreKeys ? column : row, key = kRowsAreKeys ? row : column;
      float p = expf(fmaf(s[i][j], scale, -shared.row_lse[query]));
      if (column >= columns_left) p = 0;
      const bool kept = !drops || is_kept(shared, query, key);
      dp[i][j] = p * ((kept ? dp[i][j] * dropout.site.scale : 0.0f) - shared.row_delta[query]);
      s[i][j] = kept ? p : 0.0f;
    }
  }
}

template <typename A>
struct BackwardArguments {
  A* dqkv;
  const A *dcontext, *qkv, *context;
  const float* lse;
  AttentionShape shape;
  AttentionDropout dropout;
};

/** Rows are keys, which meet all queries (dk, dv), or queries, which meet all keys (dq). */
template <bool kRowsAreKeys, typename A>
__device__ __forceinline__ void backward_rows(const BackwardArguments<A>& a, const AttentionBlock& block,
                                              SharedTiles& shared) {
  const AttentionShape& shape = a.shape;
  const int rows = block.length, d = shape.d, column = int(blockIdx.y) * kTile;
  const HeadRows<const A> queries = qkv_rows(a.qkv, 0, shape, block), keys = qkv_rows(a.qkv, 1, shape, block),
                          values = qkv_rows(a.qkv, 2, shape, block),
                          dcontexts = context_rows(a.dcontext, shape, block),
                          contexts = context_rows(a.context, shape, block);
  const float* const lse = a.lse + int64_t(block.head) * shape.t + block.begin;
  Fragment d1 = {}, d2 = {};
  for (int other = 0; other < rows; other += kTile) {
    const int query = kRowsAreKeys ? other : block.first, key = kRowsAreKeys ? block.first : other;
    Fragment s = {}, dp = {};
    multiply_transposed(s, shared, kRowsAreKeys ? keys : queries, block.first, kRowsAreKeys ? queries : keys,
                        other, rows, d);
    multiply_transposed(dp, shared, kRowsAreKeys ? values : dcontexts, block.first,
                        kRowsAreKeys ? dcontexts : values, other, rows, d);
    fill_statistics(shared, dcontexts, contexts, lse, query, rows, d);
    if (a.dropout.on()) fill_keep(shared, a.dropout, shape, block, query, key);
    __syncthreads();
    differentiate<kRowsAreKeys>(s, dp, shared, shape.scale, a.dropout, rows - other);
    if constexpr (kRowsAreKeys) multiply(d2, shared, s, dcontexts, other, rows, column, d);
    multiply(d1, shared, dp, kRowsAreKeys ? queries : keys, other, rows, column, d);
  }
  const float scale = shape.scale, dropped = a.dropout.site.scale;
  const float factor1[kEach] = {scale, scale, scale, scale};
  store(qkv_rows(a.dqkv, kRowsAreKeys ? 1 : 0, shape, block), d1, factor1, block.first, rows, column, d);
  if constexpr (kRowsAreKeys) {
    const float factor2[kEach] = {dropped, dropped, dropped, dropped};
    store(qkv_rows(a.dqkv, 2, shape, block), d2, factor2, block.first, rows, column, d);
  }
}

template <typename A>
__global__ void __launch_bounds__(kThreads) attention_backward_fma_rows(BackwardArguments<A> a) {
  __shared__ __align__(16) SharedTiles shared;
  const AttentionBlock block = attention_block(a.shape, blockIdx.x / 2);
  if (block.first >= block.length) return;
  if (blockIdx.x % 2 == 0) {
    backward_rows<true>(a, block, shared);
  } else {
    backward_rows<false>(a, block, shared);
  }
}

dim3 fma_grid(const AttentionShape& shape, int b, int roles) {
  return dim3(attention_blocks(shape, b, roles), unsigned(divide_up(shape.d, kTile)));
}

}  // namespace

template <typename A>
void attention_forward_fma(Device& device, A* context, float* lse, const A* qkv, const AttentionShape& shape,
                           const AttentionDropout& dropout, int b) {
  launch(device, attention_fma<A>, fma_grid(shape, b, 1), dim3(kThreads), 0, context, lse, qkv, shape,
         dropout);
}
ELECTRA_CUDA_INSTANTIATE(attention_forward_fma);

template <typename A>
void attention_backward_fma(Device& device, A* dqkv, const A* dcontext, const A* qkv, const A* context,
                            const float* lse, const AttentionShape& shape, const AttentionDropout& dropout,
                            int b) {
  launch(device, attention_backward_fma_rows<A>, fma_grid(shape, b, 2), dim3(kThreads), 0,
         BackwardArguments<A>{dqkv, dcontext, qkv, context, lse, shape, dropout});
}
ELECTRA_CUDA_INSTANTIATE(attention_backward_fma);

}  // namespace electra::cuda
