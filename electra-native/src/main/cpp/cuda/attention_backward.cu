// Gradient of self-attention by tensor cores. Each block of 64 keys sums dk and dv over all queries, each
// block of 64 queries sums dq over all keys: no atomics, so the same bits every time. Scores are computed
// twice for that, 7 products where 5 would do; summing dq over key blocks through memory instead would move
// an fp32 copy of dq, 16.8 MB for the size below, in and out for every block of keys.
//
// Expected on an H100 for Small (128 sequences of 128 tokens, 4 heads of 64; not measured): qkv 25.2 MB,
// dcontext and context 8.4 MB each and lse 0.3 MB in, dqkv 25.2 MB out: 22 us at 3 TB/s; the second reading
// of a head comes from L2. Products 7.5 GFLOP: 13 us at 600 TFLOP/s. ldmatrix 0.23 MB a block, 470 MB in all:
// 16 us at 128 bytes a clock and multiprocessor. These overlap: 25 to 35 us.
#include "attention_engine.h"
#include "attention_tiles.cuh"
#include "kernels.h"

namespace electra::cuda {

namespace {

struct BackwardArguments {
  bf16* dqkv;
  const bf16 *dcontext, *qkv, *context;
  const float* lse;
  AttentionShape shape;
  AttentionDropout dropout;
  bool vectors;  // rows begin at multiples of 16 bytes and d is a multiple of 8
};

/** Columns of scores that are in registers at a time. */
constexpr int kStep = 16;

/** What the gradient of a score needs of its query. */
struct QueryStatistics {
  float lse;    // in powers of two; infinite past the end, which makes the probabilities zero
  float delta;  // dcontext · context
};

/** Two neighbours. */
struct alignas(16) QueryPair {
  QueryStatistics query[2];
};

/** Two threads a row; each warp writes its own 16 rows. */
template <int D>
__device__ __forceinline__ void fill_statistics(QueryStatistics* target, const Tile<D>& dcontext,
                                                const Tile<D>& context, const float* lse, int rows) {
  const int row = int(threadIdx.x) / 2, half = int(threadIdx.x) % 2;
  float delta = 0;
#pragma unroll
  for (int i = 0; i < Tile<D>::kChunks / 2; ++i) {
    float x[kVector], y[kVector];
    const int chunk = half * (Tile<D>::kChunks / 2) + i;
    load_vector(x, dcontext.at(row, chunk));
    load_vector(y, context.at(row, chunk));
#pragma unroll
    for (int e = 0; e < kVector; ++e) delta = fmaf(x[e], y[e], delta);
  }
  delta += __shfl_xor_sync(kFull, delta, 1);
  if (half == 0) {
    target[row] = QueryStatistics{row < rows ? lse[row] * kLog2E : INFINITY, delta};
  }
}

/**
 * The rows of a block are either keys, which meet all queries (dk, dv), or queries, which meet all keys (dq).
 * Either way S = own(0) · other(0)ᵀ and dP = own(1) · other(1)ᵀ.
 */
template <int D, bool kRowsAreKeys>
struct Backward {
  /** Where there is room, the left operands of both products stay in registers. */
  static constexpr bool kHold = D <= 64;

  const BackwardArguments& a;
  const AttentionBlock& block;
  bf16* const memory;
  QueryStatistics* const statistics;
  const int warp_row = int(threadIdx.x) / kWarp * kWarpRows;
  const float* const lse = a.lse + int64_t(block.head) * a.shape.t + block.begin;

  uint32_t held1[kHold ? D / 16 : 1][4], held2[kHold ? D / 16 : 1][4];
  QueryStatistics own_query[2];
  float d1[D / 8][4] = {};                     // dq or dk, to be scaled
  float d2[kRowsAreKeys ? D / 8 : 1][4] = {};  // dv, to be scaled

  __device__ __forceinline__ Backward(const BackwardArguments& a, const AttentionBlock& block, bf16* memory,
                                      QueryStatistics* statistics)
      : a(a), block(block), memory(memory), statistics(statistics) {}

  __device__ __forceinline__ Tile<D> own(int i) const { return Tile<D>::number(memory, i); }
  __device__ __forceinline__ Tile<D> context() const { return Tile<D>::number(memory, 2); }
  /** Of the two buffers that round j uses. */
  __device__ __forceinline__ Tile<D> other(int j, int i) const {
    return Tile<D>::number(memory, 3 + 2 * (j & 1) + i);
  }

  __device__ __forceinline__ HeadRows<const bf16> rows_of_qkv(int part) const {
    return qkv_rows(a.qkv, part, a.shape, block);
  }
  __device__ __forceinline__ HeadRows<const bf16> dcontexts() const {
    return context_rows(a.dcontext, a.shape, block);
  }
  __device__ __forceinline__ HeadRows<const bf16> contexts() const {
    return context_rows(a.context, a.shape, block);
  }

  __device__ __forceinline__ void load(const Tile<D>& tile, const HeadRows<const bf16>& rows,
                                       int first) const {
    tile.load(rows, first, block.length, a.shape.d, a.vectors);
  }

  __device__ __forceinline__ void load_streamed(int j) const {
    load(other(j, 0), rows_of_qkv(kRowsAreKeys ? 0 : 1), j * kTile);
    load(other(j, 1), kRowsAreKeys ? dcontexts() : rows_of_qkv(2), j * kTile);
    if (kRowsAreKeys) load(context(), contexts(), j * kTile);
  }

  /** After the first tiles have arrived. */
  __device__ __forceinline__ void hold_own() {
    if (kHold) {
#pragma unroll
      for (int k = 0; k < D / 16; ++k) {
        own(0).left(held1[k], warp_row, k);
        own(1).left(held2[k], warp_row, k);
      }
    }
    if (!kRowsAreKeys) {
      fill_statistics(statistics, own(1), context(), lse + block.first, block.length - block.first);
      __syncwarp();
#pragma unroll
      for (int r = 0; r < 2; ++r) {
        own_query[r] = statistics[warp_row + int(threadIdx.x) % kWarp / 4 + 8 * r];
      }
    }
  }

  __device__ __forceinline__ void multiply_scores(float (&s)[kStep / 8][4], float (&dp)[kStep / 8][4], int j,
                                                  int column) const {
#pragma unroll
    for (int k = 0; k < D / 16; ++k) {
      if (kHold) {
        other(j, 0).multiply_transposed(s, held1[k], column, k);
        other(j, 1).multiply_transposed(dp, held2[k], column, k);
      } else {
        uint32_t left[4];
        own(0).left(left, warp_row, k);
        other(j, 0).multiply_transposed(s, left, column, k);
        own(1).left(left, warp_row, k);
        other(j, 1).multiply_transposed(dp, left, column, k);
      }
    }
  }

  /** s becomes dropout(P), dp becomes P (dropout(dP) - delta). */
  __device__ __forceinline__ void differentiate(float (&s)[kStep / 8][4], float (&dp)[kStep / 8][4],
                                                const KeptTile<kRowsAreKeys>& kept, int j, int column) const {
    const int t = int(threadIdx.x) % 4, left = block.length - j * kTile - column;
    const bool drops = a.dropout.on();
#pragma unroll
    for (int i = 0; i < kStep / 8; ++i) {
      const uint32_t keep = drops ? kept.of(column / 8 + i) : ~0u;
      QueryPair pair;
      if (kRowsAreKeys) pair = *reinterpret_cast<const QueryPair*>(statistics + column + 8 * i + 2 * t);
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const QueryStatistics query = kRowsAreKeys ? pair.query[e % 2] : own_query[e / 2];
        float p = exp2_approx(fmaf(s[i][e], a.shape.scale * kLog2E, -query.lse));
        if (!kRowsAreKeys && 8 * i + 2 * t + e % 2 >= left) p = 0;
        const bool kept_here = keep >> KeptTile<kRowsAreKeys>::position(e) & 1;
        dp[i][e] = p * ((kept_here ? dp[i][e] * a.dropout.site.scale : 0.0f) - query.delta);
        s[i][e] = kept_here ? p : 0.0f;
      }
    }
  }

  __device__ __forceinline__ void step(const KeptTile<kRowsAreKeys>& kept, int j, int column) {
    float s[kStep / 8][4] = {}, dp[kStep / 8][4] = {};
    multiply_scores(s, dp, j, column);
    differentiate(s, dp, kept, j, column);
#pragma unroll
    for (int k = 0; k < kStep / 16; ++k) {
      uint32_t left[4];
      if constexpr (kRowsAreKeys) {
        pack_left(left, s[2 * k], s[2 * k + 1]);
        other(j, 1).multiply(d2, left, column + 16 * k);
      }
      pack_left(left, dp[2 * k], dp[2 * k + 1]);
      other(j, 0).multiply(d1, left, column + 16 * k);
    }
  }

  __device__ __forceinline__ void run() {
    load(own(0), rows_of_qkv(kRowsAreKeys ? 1 : 0), block.first);
    load(own(1), kRowsAreKeys ? rows_of_qkv(2) : dcontexts(), block.first);
    if (!kRowsAreKeys) load(context(), contexts(), block.first);
    load_streamed(0);
    cp_async_commit();
    const bool has_rows = block.first + warp_row < block.length;
    for (int j = 0; j * kTile < block.length; ++j) {
      KeptTile<kRowsAreKeys> kept{0};
      if (a.dropout.on() && has_rows) {
        kept = KeptTile<kRowsAreKeys>::draw(a.dropout, a.shape, block, block.first + warp_row, j * kTile);
      }
      cp_async_wait<0>();
      __syncthreads();
      if (j == 0) hold_own();
      if (kRowsAreKeys) {
        fill_statistics(statistics, other(j, 1), context(), lse + j * kTile, block.length - j * kTile);
        __syncthreads();
      }
      if ((j + 1) * kTile < block.length) {
        load_streamed(j + 1);
        cp_async_commit();
      }
      const int columns = has_rows ? min(kTile, block.length - j * kTile) : 0;
#pragma unroll 1
      for (int column = 0; column < columns; column += kStep) step(kept, j, column);
    }
    const float scale = a.shape.scale;
    store(own(0), d1, kRowsAreKeys ? 1 : 0, scale);
    if constexpr (kRowsAreKeys) store(own(1), d2, 2, a.dropout.site.scale);
  }

  __device__ __forceinline__ void store(const Tile<D>& tile, const float (&gradient)[D / 8][4], int part,
                                        float factor) const {
    tile.store(qkv_rows(a.dqkv, part, a.shape, block), gradient, factor, factor, block.first, block.length,
               a.shape.d, a.vectors);
  }
};

template <int D>
__global__ void __launch_bounds__(kTileThreads, D <= 64 ? 3 : 2)
    attention_backward_tiles(BackwardArguments a) {
  DYN_SMEM(shared);
  __shared__ __align__(16) QueryStatistics statistics[kTile];
  const AttentionBlock block = attention_block(a.shape, blockIdx.x / 2);
  if (block.first >= block.length) return;
  bf16* const memory = reinterpret_cast<bf16*>(shared);
  if (blockIdx.x % 2 == 0) {
    Backward<D, true>(a, block, memory, statistics).run();
  } else {
    Backward<D, false>(a, block, memory, statistics).run();
  }
}

template <int D>
void launch_tiles(Device& device, const BackwardArguments& a, unsigned blocks) {
  const size_t memory = sizeof(bf16) * Tile<D>::kSize * 7;
  launch(device, attention_backward_tiles<D>, dim3(blocks), dim3(kTileThreads), memory, a);
}

void backward(Device& device, const BackwardArguments& a, int b) {
  const unsigned blocks = attention_blocks(a.shape, b, 2);
  if (a.shape.d > kMostTileColumns) {
    attention_backward_fma(device, a.dqkv, a.dcontext, a.qkv, a.context, a.lse, a.shape, a.dropout, b);
  } else if (a.shape.d > 64) {
    launch_tiles<128>(device, a, blocks);
  } else if (a.shape.d > 32) {
    launch_tiles<64>(device, a, blocks);
  } else {
    launch_tiles<32>(device, a, blocks);
  }
}

}  // namespace

template <>
void attention_backward(Device& device, bf16* dqkv, const bf16* dcontext, const bf16* qkv,
                        const bf16* context, const float* lse, const int* cu_seqlens, int b, int t, int n,
                        int d, int max_seqlen, float p, int dropout_stride, int64_t seed, int64_t step,
                        int stream) {
  if (t == 0) return;
  if (AttentionEngine* engine = device.attention()) {
    engine->backward(device, dqkv, dcontext, qkv, context, lse, cu_seqlens, b, t, n, d, max_seqlen, p);
    return;
  }
  const bool vectors =
      d % 8 == 0 && is_aligned(dqkv) && is_aligned(dcontext) && is_aligned(qkv) && is_aligned(context);
  backward(device,
           {dqkv, dcontext, qkv, context, lse, attention_shape(cu_seqlens, t, n, d, max_seqlen),
            AttentionDropout{{p, seed, step, stream}, dropout_stride / 8}, vectors},
           b);
}

template <>
void attention_backward(Device& device, float* dqkv, const float* dcontext, const float* qkv,
                        const float* context, const float* lse, const int* cu_seqlens, int b, int t, int n,
                        int d, int max_seqlen, float p, int dropout_stride, int64_t seed, int64_t step,
                        int stream) {
  if (t == 0) return;
  attention_backward_fma(device, dqkv, dcontext, qkv, context, lse,
                         attention_shape(cu_seqlens, t, n, d, max_seqlen),
                         AttentionDropout{{p, seed, step, stream}, dropout_stride / 8}, b);
}

}  // namespace electra::cuda
