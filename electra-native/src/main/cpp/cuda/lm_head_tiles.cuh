// Tiles of the output projection in shared memory and their products: tensor cores for bf16, FMA for float.
// Both keep sums as m16n8k16 keeps its accumulators, so that everything around the products is shared.
#pragma once
#include "mma.cuh"
#include "vectors.cuh"

namespace electra::cuda::lm_head {

/** Eight warps: four bands of 32 rows, two of columns. */
constexpr int kThreads = 256;
constexpr int kBand = 32;
constexpr int kTileRows = 4 * kBand;
/** Rows of the streamed operand in a tile of the gradient. */
constexpr int kStreamRows = 64;
/** Vocabulary ids that one warp sums up in the forward pass. */
constexpr int kStrip = 64;

/**
 * This thread, as a number below kThreads that the compiler takes for new: what it derives from it is
 * computed where it is needed instead of being kept in registers all the way around a loop.
 */
__device__ __forceinline__ int this_thread() { return opaque(int(threadIdx.x)) & (kThreads - 1); }

/** A chunk is some rows of 128 bytes each: eight pieces of 16 bytes. */
constexpr int kPieces = 8;
template <typename A>
constexpr int kPieceColumns = 16 / int(sizeof(A));
template <typename A>
constexpr int kChunkColumns = kPieces* kPieceColumns<A>;

/** Pieces are swizzled by row: eight rows of one column of pieces lie in eight groups of banks. */
template <typename A>
__device__ __forceinline__ A* piece(A* chunk, int row, int i) {
  return chunk + row * kChunkColumns<A> + (i ^ (row & 7)) * kPieceColumns<A>;
}

/** Rows (rows, e) in global memory. */
template <typename A>
struct Operand {
  const A* data;
  int rows;
  int e;
  bool pieces;  // whether every piece of every row is 16-byte aligned and whole
};

template <typename A>
Operand<A> operand(const A* data, int rows, int e) {
  const bool pieces = e % kPieceColumns<A> == 0 && reinterpret_cast<uintptr_t>(data) % 16 == 0;
  return Operand<A>{data, rows, e, pieces};
}

template <typename A>
__device__ __forceinline__ void copy_piece(A* target, const A* source, int count) {
#pragma unroll
  for (int i = 0; i < kPieceColumns<A>; i++) target[i] = i < count ? source[i] : from_float<A>(0.0f);
}

/** Starts the copy of a chunk of kRows rows; what lies beyond the operand becomes zero. */
template <int kRows, typename A>
__device__ __forceinline__ void load_chunk(A* chunk, const Operand<A>& source, int row0, int column0) {
  constexpr int kStep = kThreads / kPieces;  // rows; a multiple of 8, so that the swizzle stays
  const int thread = this_thread(), row = thread / kPieces, part = thread % kPieces;
  const int column = column0 + part * kPieceColumns<A>, left = source.rows - row0 - row;
  const bool inside = column < source.e;
  const A* from = source.data + int64_t(row0 + row) * source.e + column;
  A* to = piece(chunk, row, part);
  if (source.pieces) {
#pragma unroll
    for (int i = 0; i < kRows; i += kStep) {
      const bool valid = inside && i < left;
      cp_async16(to + i * kChunkColumns<A>, valid ? from + int64_t(i) * source.e : source.data, valid);
    }
  } else {
#pragma unroll 1
    for (int i = 0; i < kRows; i += kStep) {
      const bool valid = inside && i < left;
      copy_piece(to + i * kChunkColumns<A>, from + int64_t(i) * source.e, valid ? source.e - column : 0);
    }
  }
}

/** Where the sums of a thread lie: element i of an 8-column block is row + 8 * (i / 2), column + i % 2. */
__device__ __forceinline__ int lane_row(int thread) { return thread % kWarp / 4; }
__device__ __forceinline__ int lane_column(int thread) { return thread % 4 * 2; }
__device__ __forceinline__ int band_row(int thread) { return thread / kWarp % 4 * kBand; }
__device__ __forceinline__ int warp_column(int thread) { return thread / (4 * kWarp); }

struct alignas(16) Quad {
  float v[4];
};

/** sums += a[band] · b[column0 .. column0 + 8 kBlocks - 1] over the columns of a chunk. */
template <int kBlocks>
__device__ __forceinline__ void multiply_rows(float (&sums)[2][kBlocks][4], bf16* a, bf16* b, int column0) {
  const int thread = this_thread(), lane = thread % kWarp, row0 = band_row(thread) + lane % 16;
#pragma unroll 1  // more would not fit into 128 registers beside the sums
  for (int k = 0; k < kChunkColumns<bf16> / 16; k++) {
    uint32_t left[2][4];
#pragma unroll
    for (int r = 0; r < 2; r++) ldmatrix_x4(left[r], piece(a, row0 + r * 16, k * 2 + lane / 16));
#pragma unroll
    for (int n = 0; n < kBlocks / 2; n++) {
      uint32_t right[4];
      ldmatrix_x4(right, piece(b, column0 + n * 16 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
#pragma unroll
      for (int r = 0; r < 2; r++) {
        mma_m16n8k16(sums[r][2 * n], left[r], {right[0], right[1]}, sums[r][2 * n]);
        mma_m16n8k16(sums[r][2 * n + 1], left[r], {right[2], right[3]}, sums[r][2 * n + 1]);
      }
    }
  }
}

template <int kBlocks>
__device__ __forceinline__ void multiply_rows(float (&sums)[2][kBlocks][4], float* a, float* b, int column0) {
  const int thread = this_thread(), row0 = band_row(thread) + lane_row(thread);
#pragma unroll 2
  for (int k = 0; k < kPieces; k++) {
    Quad left[4];
#pragma unroll
    for (int r = 0; r < 4; r++) left[r] = *reinterpret_cast<Quad*>(piece(a, row0 + r * 8, k));
#pragma unroll
    for (int n = 0; n < kBlocks; n++) {
#pragma unroll
      for (int j = 0; j < 2; j++) {
        const Quad right = *reinterpret_cast<Quad*>(piece(b, column0 + n * 8 + lane_column(thread) + j, k));
#pragma unroll
        for (int r = 0; r < 4; r++) {
          float& sum = sums[r / 2][n][r % 2 * 2 + j];
#pragma unroll
          for (int i = 0; i < 4; i++) sum = fmaf(left[r].v[i], right.v[i], sum);
        }
      }
    }
  }
}

/** Elements of a block of 64 columns of kRows rows: one chunk of bf16, two of float side by side. */
template <int kRows>
constexpr int kBlock64 = kRows * 64;

/**
 * sums[c] += p (128, 64) [band] · b (64, 64) of block c [:, half * 32 .. half * 32 + 31].
 */
template <int kCount>
__device__ __forceinline__ void multiply_columns(float (*sums)[2][4][4], bf16* p, bf16* b, int half) {
  const int thread = this_thread(), lane = thread % kWarp, row0 = band_row(thread) + lane % 16;
#pragma unroll 2
  for (int k = 0; k < kStreamRows / 16; k++) {
    uint32_t left[2][4];
#pragma unroll
    for (int r = 0; r < 2; r++) ldmatrix_x4(left[r], piece(p, row0 + r * 16, k * 2 + lane / 16));
#pragma unroll
    for (int c = 0; c < kCount; c++) {
#pragma unroll
      for (int n = 0; n < 2; n++) {
        uint32_t right[4];
        bf16* from = piece(b + c * kBlock64<kStreamRows>, k * 16 + lane % 16, half * 4 + n * 2 + lane / 16);
        ldmatrix_x4_trans(right, from);
#pragma unroll
        for (int r = 0; r < 2; r++) {
          mma_m16n8k16(sums[c][r][2 * n], left[r], {right[0], right[1]}, sums[c][r][2 * n]);
          mma_m16n8k16(sums[c][r][2 * n + 1], left[r], {right[2], right[3]}, sums[c][r][2 * n + 1]);
        }
      }
    }
  }
}

template <int kCount>
__device__ __forceinline__ void multiply_columns(float (*sums)[2][4][4], float* p, float* b, int half) {
  const int thread = this_thread(), row0 = band_row(thread) + lane_row(thread);
  constexpr int kChunk = kChunkColumns<float>;
#pragma unroll 2
  for (int k = 0; k < kStreamRows / 4; k++) {
    Quad left[4];
#pragma unroll
    for (int r = 0; r < 4; r++) {
      float* chunk = p + k / kPieces * kTileRows * kChunk;
      left[r] = *reinterpret_cast<Quad*>(piece(chunk, row0 + r * 8, k % kPieces));
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int c = 0; c < kCount; c++) {
        float* chunk = b + c * kBlock64<kStreamRows> + half * kStreamRows * kChunk;
#pragma unroll
        for (int n = 0; n < 4; n++) {
          const int column = n * 8 + lane_column(thread);
          const float2 right = *reinterpret_cast<float2*>(piece(chunk, k * 4 + i, column / 4) + column % 4);
#pragma unroll
          for (int r = 0; r < 4; r++) {
            float* sum = &sums[c][r / 2][n][r % 2 * 2];
            sum[0] = fmaf(left[r].v[i], right.x, sum[0]);
            sum[1] = fmaf(left[r].v[i], right.y, sum[1]);
          }
        }
      }
    }
  }
}

/** Writes two neighbours of p (128, 64); `column` is even. */
__device__ __forceinline__ void store_pair(bf16* p, int row, int column, float first, float second) {
  *reinterpret_cast<bf162*>(piece(p, row, column / 8) + column % 8) = __floats2bfloat162_rn(first, second);
}

__device__ __forceinline__ void store_pair(float* p, int row, int column, float first, float second) {
  constexpr int kChunk = kChunkColumns<float>;
  float* chunk = p + column / kChunk * kTileRows * kChunk;
  *reinterpret_cast<float2*>(piece(chunk, row, column % kChunk / 4) + column % 4) =
      make_float2(first, second);
}

/** The share of `count` things that part `index` of `parts` has. */
struct Share {
  int begin, end;
};

__device__ __forceinline__ Share share_of(int count, int index, int parts) {
  return Share{int(int64_t(count) * index / parts), int(int64_t(count) * (index + 1) / parts)};
}

}  // namespace electra::cuda::lm_head
