// Self-attention by tensor cores. A block has 64 queries of one head; keys and values stream past them.
//
// Expected on an H100 for Small (128 sequences of 128 tokens, 4 heads of 64; not measured): qkv 25.2 MB in,
// context 8.4 MB and lse 0.3 MB out: 11 us at 3 TB/s. Products 2.1 GFLOP: 4 us at 600 TFLOP/s, about what
// mma.sync can reach. A million Philox blocks of about 80 issue slots: 3 us. Bytes decide: 11 to 13 us. With
// 128 registers and 40 KiB four blocks share a multiprocessor, so the 1,024 blocks take two rounds of 528.
#include "attention.cuh"
#include "attention_engine.h"
#include "attention_tiles.cuh"
#include "kernels.h"

namespace electra::cuda {

namespace {

struct ForwardArguments {
  bf16* context;
  float* lse;
  const bf16* qkv;
  AttentionShape shape;
  AttentionDropout dropout;
  bool vectors;  // rows begin at multiples of 16 bytes and d is a multiple of 8
};

/** Maximum and sum of two rows a lane, in powers of two. */
struct OnlineSoftmax {
  float max[2] = {-INFINITY, -INFINITY};  // of the scores times `factor`
  float sum[2] = {0, 0};                  // of this lane's columns

  /** s = 2^(factor s - max); returns in `correction` by how much what came before shrinks. */
  template <int N>
  __device__ __forceinline__ void exponentials(float (&s)[N][4], float factor, float (&correction)[2]) {
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      float largest = s[0][2 * r];
#pragma unroll
      for (int i = 0; i < N; ++i) largest = fmaxf(largest, fmaxf(s[i][2 * r], s[i][2 * r + 1]));
      largest = fmaxf(largest, __shfl_xor_sync(kFull, largest, 1));
      largest = fmaxf(largest, __shfl_xor_sync(kFull, largest, 2));
      const float shift = fmaxf(max[r], largest * factor);
      correction[r] = exp2_approx(max[r] - shift);
      max[r] = shift;
      float total = 0;
#pragma unroll
      for (int i = 0; i < N; ++i) {
#pragma unroll
        for (int e = 2 * r; e < 2 * r + 2; ++e) {
          s[i][e] = exp2_approx(fmaf(s[i][e], factor, -shift));
          total += s[i][e];
        }
      }
      sum[r] = fmaf(sum[r], correction[r], total);
    }
  }

  /** Brings the sums of the four lanes of a row together. */
  __device__ __forceinline__ void finish() {
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      sum[r] += __shfl_xor_sync(kFull, sum[r], 1);
      sum[r] += __shfl_xor_sync(kFull, sum[r], 2);
    }
  }
};

/** Minus infinity for columns at or past `left`. */
template <int N>
__device__ __forceinline__ void mask_columns(float (&s)[N][4], int left) {
  const int t = int(threadIdx.x) % 4;
#pragma unroll
  for (int i = 0; i < N; ++i) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      if (8 * i + 2 * t + (e & 1) >= left) s[i][e] = -INFINITY;
    }
  }
}

/** Zero where dropout drops; the scale comes at the end. */
__device__ __forceinline__ void drop(float (&s)[kTile / 8][4], const KeptTile<false>& kept) {
  constexpr int kHalf = kTile / 16;
#pragma unroll
  for (int i = 0; i < kHalf; ++i) {
    const uint32_t keep = kept.of(i);
#pragma unroll
    for (int e = 0; e < 8; ++e) {
      float& x = s[i + e / 4 * kHalf][e % 4];
      x = keep >> (KeptTile<false>::position(e % 4) + e / 4 * 8) & 1 ? x : 0.0f;
    }
  }
}

/** What the 16 queries of a warp have gathered. */
template <int D>
struct Gathered {
  float out[D / 8][4] = {};
  OnlineSoftmax softmax;

  /** Adds a tile of keys and values, of which `left` are within the sequence. */
  __device__ __forceinline__ void add(const ForwardArguments& a, const Tile<D>& queries, const Tile<D>& keys,
                                      const Tile<D>& values, const KeptTile<false>& kept, int warp_row,
                                      int left) {
    float s[kTile / 8][4] = {};
#pragma unroll
    for (int k = 0; k < D / 16; ++k) {
      uint32_t q[4];
      queries.left(q, warp_row, k);
      keys.multiply_transposed(s, q, 0, k);
    }
    if (left < kTile) mask_columns(s, left);
    float correction[2];
    softmax.exponentials(s, a.shape.scale * kLog2E, correction);
#pragma unroll
    for (int i = 0; i < D / 8; ++i) {
#pragma unroll
      for (int e = 0; e < 4; ++e) out[i][e] *= correction[e / 2];
    }
    if (a.dropout.on()) drop(s, kept);
#pragma unroll
    for (int k = 0; k < kTile / 16; ++k) {
      uint32_t p[4];
      pack_left(p, s[2 * k], s[2 * k + 1]);
      values.multiply(out, p, 16 * k);
    }
  }

  __device__ __forceinline__ void store(const ForwardArguments& a, const AttentionBlock& block,
                                        const Tile<D>& queries, int warp_row) {
    softmax.finish();
    queries.store(context_rows(a.context, a.shape, block), out, a.dropout.site.scale / softmax.sum[0],
                  a.dropout.site.scale / softmax.sum[1], block.first, block.length, a.shape.d, a.vectors);
    const int lane = int(threadIdx.x) % kWarp;
    if (a.lse == nullptr || lane % 4 != 0) return;
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      const int row = block.first + warp_row + lane / 4 + 8 * r;
      if (row < block.length) {
        a.lse[int64_t(block.head) * a.shape.t + block.begin + row] =
            (softmax.max[r] + log2f(softmax.sum[r])) / kLog2E;
      }
    }
  }
};

/** Keys and values stream through two buffers. */
template <int D>
__global__ void __launch_bounds__(kTileThreads, D <= 64 ? 4 : 2) attention_tiles(ForwardArguments a) {
  DYN_SMEM(shared);
  const AttentionBlock block = attention_block(a.shape, blockIdx.x);
  if (block.first >= block.length) return;
  const int warp_row = int(threadIdx.x) / kWarp * kWarpRows;
  bf16* const memory = reinterpret_cast<bf16*>(shared);
  const auto queries = Tile<D>::number(memory, 0);
  const auto keys = [&](int j) { return Tile<D>::number(memory, 1 + (j & 1)); };
  const auto values = [&](int j) { return Tile<D>::number(memory, 3 + (j & 1)); };
  const auto load = [&](const Tile<D>& tile, int part, int first) {
    tile.load(qkv_rows(a.qkv, part, a.shape, block), first, block.length, a.shape.d, a.vectors);
  };

  load(queries, 0, block.first);
  load(keys(0), 1, 0);
  load(values(0), 2, 0);
  cp_async_commit();
  Gathered<D> gathered;
  const bool has_rows = block.first + warp_row < block.length;
  for (int j = 0; j * kTile < block.length; ++j) {
    KeptTile<false> kept{0};
    if (a.dropout.on() && has_rows) {
      kept = KeptTile<false>::draw(a.dropout, a.shape, block, block.first + warp_row, j * kTile);
    }
    cp_async_wait<0>();
    __syncthreads();
    if ((j + 1) * kTile < block.length) {
      load(keys(j + 1), 1, (j + 1) * kTile);
      load(values(j + 1), 2, (j + 1) * kTile);
      cp_async_commit();
    }
    if (has_rows) gathered.add(a, queries, keys(j), values(j), kept, warp_row, block.length - j * kTile);
  }
  gathered.store(a, block, queries, warp_row);
}

template <int D>
void launch_tiles(Device& device, const ForwardArguments& a, unsigned blocks) {
  const size_t memory = sizeof(bf16) * Tile<D>::kSize * 5;
  launch(device, attention_tiles<D>, dim3(blocks), dim3(kTileThreads), memory, a);
}

void forward(Device& device, const ForwardArguments& a, int b) {
  const unsigned blocks = attention_blocks(a.shape, b, 1);
  if (a.shape.d > kMostTileColumns) {
    attention_forward_fma(device, a.context, a.lse, a.qkv, a.shape, a.dropout, b);
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
void attention_forward(Device& device, bf16* context, float* lse, const bf16* qkv, const int* cu_seqlens,
                       int b, int t, int n, int d, int max_seqlen, float p, int dropout_stride, int64_t seed,
                       int64_t step, int stream) {
  if (t == 0) return;
  if (AttentionEngine* engine = device.attention()) {
    engine->forward(device, context, lse, qkv, cu_seqlens, b, t, n, d, max_seqlen, p);
    return;
  }
  const bool vectors = d % 8 == 0 && is_aligned(context) && is_aligned(qkv);
  forward(device,
          {context, lse, qkv, attention_shape(cu_seqlens, t, n, d, max_seqlen),
           AttentionDropout{{p, seed, step, stream}, dropout_stride / 8}, vectors},
          b);
}

template <>
void attention_forward(Device& device, float* context, float* lse, const float* qkv, const int* cu_seqlens,
                       int b, int t, int n, int d, int max_seqlen, float p, int dropout_stride, int64_t seed,
                       int64_t step, int stream) {
  if (t == 0) return;
  attention_forward_fma(device, context, lse, qkv, attention_shape(cu_seqlens, t, n, d, max_seqlen),
                        AttentionDropout{{p, seed, step, stream}, dropout_stride / 8}, b);
}

}  // namespace electra::cuda
