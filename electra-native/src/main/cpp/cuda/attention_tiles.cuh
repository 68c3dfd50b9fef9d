// Tiles of bf16 rows in shared memory and the products of a warp with them.
#pragma once
#include "attention.cuh"
#include "mma.cuh"
#include "vectors.cuh"

namespace electra::cuda {

/** Four warps; each owns 16 rows of a tile. */
constexpr int kTileThreads = 128;
constexpr int kWarpRows = 16;

/**
 * kTile rows of D elements, D a power of two from 32 to 128. The 16-byte chunks of a row are permuted by an
 * XOR with the row, so that the eight rows that an ldmatrix reads lie in different banks.
 */
template <int D>
struct Tile {
  static constexpr int kChunks = D / 8;
  static constexpr int kSize = kTile * D;
  bf16* memory;  // of all tiles
  int begin;     // of this one, a multiple of kSize

  static __device__ __forceinline__ Tile number(bf16* memory, int i) { return Tile{memory, i * kSize}; }

  /** Where a chunk lies: rows eight apart have the same permutation. */
  __device__ __forceinline__ int offset(int row, int chunk) const {
    const int key = kChunks % 8 == 0 ? row & 7 : (row >> 1) & 3;
    return begin + row * D + ((chunk ^ key) * 8);
  }

  __device__ __forceinline__ bf16* at(int row, int chunk) const { return memory + offset(row, chunk); }

  /**
   * Starts copying rows first .. first + kTile - 1; what lies at or past `rows` or `d` becomes zero.
   * `vectors`: rows begin at multiples of 16 bytes and d is a multiple of 8.
   */
  __device__ __forceinline__ void load(const HeadRows<const bf16>& source, int first, int rows, int d,
                                       bool vectors) const {
    const bf16* from = source.at(first);
    if (vectors) {
      const int chunk = int(threadIdx.x % kChunks);
#pragma unroll
      for (int i = 0; i < kTile; i += kTileThreads / kChunks) {
        const int row = int(threadIdx.x / kChunks) + i;
        const bool inside = first + row < rows && chunk * 8 < d;
        cp_async16(at(row, chunk), inside ? from + int64_t(row) * source.stride + chunk * 8 : from, inside);
      }
      return;
    }
#pragma unroll 1
    for (int id = int(threadIdx.x); id < kSize; id += kTileThreads) {
      const int row = id / D, column = id % D;
      const bool inside = first + row < rows && column < d;
      at(row, column / 8)[column % 8] =
          inside ? from[int64_t(row) * source.stride + column] : __float2bfloat16(0.0f);
    }
  }

  // A lane's address for ldmatrix differs between steps along the row by an XOR of its chunk with 2 k, and
  // between multiples of eight rows by a constant: one register serves a whole tile.

  /** Rows row .. row + 15, columns 16 k .. 16 k + 15 as the left operand. */
  __device__ __forceinline__ void left(uint32_t (&a)[4], int row, int k) const {
    const int lane = int(threadIdx.x) % kWarp;
    ldmatrix_x4(a, memory + (offset(row + lane % 16, lane / 16) ^ (16 * k)));
  }

  /** Rows row .. row + 15 as columns of the right operand; b[0], b[1] are the first eight of them. */
  __device__ __forceinline__ void right_transposed(uint32_t (&b)[4], int row, int k) const {
    const int lane = int(threadIdx.x) % kWarp;
    ldmatrix_x4(b, memory + (offset(lane / 16 * 8 + lane % 8, lane / 8 % 2) ^ (16 * k)) + row * D);
  }

  /** Rows row .. row + 15, columns 16 c .. 16 c + 15 as the right operand. */
  __device__ __forceinline__ void right(uint32_t (&b)[4], int row, int c) const {
    const int lane = int(threadIdx.x) % kWarp;
    ldmatrix_x4_trans(b, memory + (offset(lane % 16, lane / 16) ^ (16 * c)) + row * D);
  }

  /** c (16, 8 N) += a · rowsᵀ of rows row .. row + 8 N - 1, for columns 16 k .. 16 k + 15. */
  template <int N>
  __device__ __forceinline__ void multiply_transposed(float (&c)[N][4], const uint32_t (&a)[4], int row,
                                                      int k) const {
#pragma unroll
    for (int i = 0; i < N / 2; ++i) {
      uint32_t b[4];
      right_transposed(b, row + 16 * i, k);
      mma_m16n8k16(c[2 * i], a, {b[0], b[1]}, c[2 * i]);
      mma_m16n8k16(c[2 * i + 1], a, {b[2], b[3]}, c[2 * i + 1]);
    }
  }

  /** c (16, D) += a · rows row .. row + 15. */
  __device__ __forceinline__ void multiply(float (&c)[D / 8][4], const uint32_t (&a)[4], int row) const {
#pragma unroll
    for (int i = 0; i < D / 16; ++i) {
      uint32_t b[4];
      right(b, row, i);
      mma_m16n8k16(c[2 * i], a, {b[0], b[1]}, c[2 * i]);
      mma_m16n8k16(c[2 * i + 1], a, {b[2], b[3]}, c[2 * i + 1]);
    }
  }

  /**
   * Writes the rows of this warp: row g of `c` times low, row g + 8 times high. They pass through the same
   * rows of this tile, which nobody but this warp may still use, so that whole rows leave.
   */
  __device__ __forceinline__ void store(const HeadRows<bf16>& target, const float (&c)[D / 8][4], float low,
                                        float high, int first, int rows, int d, bool vectors) const {
    const int lane = int(threadIdx.x) % kWarp, warp_row = int(threadIdx.x) / kWarp * kWarpRows;
    const int g = lane / 4, t = lane % 4;
    __syncwarp();
#pragma unroll
    for (int i = 0; i < D / 8; ++i) {
      *reinterpret_cast<bf162*>(at(warp_row + g, i) + 2 * t) =
          __floats2bfloat162_rn(c[i][0] * low, c[i][1] * low);
      *reinterpret_cast<bf162*>(at(warp_row + g + 8, i) + 2 * t) =
          __floats2bfloat162_rn(c[i][2] * high, c[i][3] * high);
    }
    __syncwarp();
    if (vectors) {
#pragma unroll
      for (int i = 0; i < kWarpRows * kChunks / kWarp; ++i) {
        const int id = lane + i * kWarp, row = warp_row + id / kChunks, chunk = id % kChunks;
        if (first + row < rows && chunk * 8 < d) {
          *reinterpret_cast<Bf16x8*>(target.at(first + row) + chunk * 8) =
              *reinterpret_cast<const Bf16x8*>(at(row, chunk));
        }
      }
      return;
    }
#pragma unroll 1
    for (int id = lane; id < kWarpRows * D; id += kWarp) {
      const int row = warp_row + id / D, column = id % D;
      if (first + row < rows && column < d) {
        target.at(first + row)[column] = at(row, column / 8)[column % 8];
      }
    }
  }
};

/** The left operand of which c[0] and c[1] are the two halves: a product's result has the same layout. */
__device__ __forceinline__ void pack_left(uint32_t (&a)[4], const float (&c0)[4], const float (&c1)[4]) {
  a[0] = pack(c0[0], c0[1]);
  a[1] = pack(c0[2], c0[3]);
  a[2] = pack(c1[0], c1[1]);
  a[3] = pack(c1[2], c1[3]);
}

/**
 * What dropout keeps of 16 rows of this warp times kTile columns: four octets of probabilities a lane, in the
 * layout in which `of` hands them to the fragments of a score tile.
 */
template <bool kRowsAreKeys>
struct KeptTile {
  uint32_t bits;

  /** `row`: the first row of the warp, `column`: the first column of the tile, both within the sequence. */
  static __device__ __forceinline__ KeptTile draw(const AttentionDropout& dropout,
                                                  const AttentionShape& shape, const AttentionBlock& block,
                                                  int row, int column) {
    const int lane = int(threadIdx.x) % kWarp;
    uint32_t bits = 0;
#pragma unroll 1
    for (int i = 0; i < 4; ++i) {
      // Keys in rows: a lane has queries 2 lane, 2 lane + 1 and both octets of keys. Queries in rows: it has
      // rows lane / 4, lane / 4 + 8 and octets lane % 4, lane % 4 + 4.
      const int query = kRowsAreKeys ? column + 2 * lane + i / 2 : row + lane / 4 + i / 2 * 8;
      const int octet = kRowsAreKeys ? row / 8 + i % 2 : column / 8 + lane % 4 + i % 2 * 4;
      bits |= dropout.keep_octet(dropout.row_block(shape, block, query) + octet) << (8 * i);
    }
    return KeptTile{bits};
  }

  /** Of columns 8 column .. 8 column + 7: bit `position(i)` is set where element i of the fragment is kept.
   */
  __device__ __forceinline__ uint32_t of(int column) const {
    const int lane = int(threadIdx.x) % kWarp, g = lane / 4, t = lane % 4;
    return kRowsAreKeys ? __shfl_sync(kFull, bits, column * 4 + t) >> g
                        : __shfl_sync(kFull, bits, 4 * g + column % 4) >> (2 * t + column / 4 * 8);
  }

  static __device__ __forceinline__ constexpr uint32_t position(int i) {
    return kRowsAreKeys ? 16 * (i & 1) + 8 * (i >> 1) : 16 * (i >> 1) + (i & 1);
  }
};

}  // namespace electra::cuda
