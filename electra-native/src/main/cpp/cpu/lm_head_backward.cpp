// Gradient of the output projection. dlogits = dnll (softmax - one at the label) is made tile by tile, as
// operand of two products: dx = dlogits table and dtable += dlogitsᵀ x. In BF16 the operand is rounded to
// bf16.
#include "../common/error.h"
#include "kernels.h"
#include "lm_head_tiles.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

/** Rows whose dlogits wait for the product that sums over rows; a multiple of kBlockRows. */
constexpr int kRowBlock = 96;
/**
 * The vocabulary is cut into this many shares, whatever the threads; each adds up its own part of dx, and the
 * parts are summed in order. Together they take at most kMostPartBytes: more rows than fit go through in
 * several rounds.
 */
constexpr int kShares = 24;
constexpr int64_t kMostPartBytes = int64_t{64} << 20;
constexpr int kFinishRows = 16;

int smaller(int a, int b) { return a < b ? a : b; }

int tiles_of(int count, int size) { return (count + size - 1) / size; }

/** Vocabulary entries of a tile, so that a tile in all its forms stays in a second-level cache. */
int tile_size(int e) { return e <= 256 ? 256 : 128; }

struct Problem {
  const float* bias;
  const int* labels;
  const float* lse;
  const float* dnll;
  int v, e;
};

/** dlogits of a block of rows: row by row for dx, by vocabulary entry for dtable. */
template <typename A>
class LogitGradients;

/** logits = softmax - one at the label, still without dnll. */
void probabilities(float* logits, const float* bias, int padded, float lse, int label) {
  const Floats shift = broadcast(lse);
  for (int i = 0; i < padded; i += kLanes) {
    store(logits + i, exp(load(logits + i) + load(bias + i) - shift));
  }
  if (label >= 0 && label < padded) logits[label] -= 1.0f;
}

template <>
class LogitGradients<float> {
 public:
  LogitGradients(Scratch& scratch, int columns)
      : ld_(columns + kLanes), values_(scratch.floats(static_cast<int64_t>(kRowBlock) * ld_)) {}

  void fill(int first, const float* dlogits, int64_t ld, const float* factors, int rows, int columns,
            float* dbias) {
    for (int i = 0; i < columns; i += kLanes) {
      Floats total = load(dbias + i);
      for (int r = 0; r < rows; ++r) {
        const Floats g = load(dlogits + r * ld + i) * broadcast(factors[r]);
        store(values_ + static_cast<int64_t>(first + r) * ld_ + i, g);
        total = total + g;
      }
      store(dbias + i, total);
    }
  }
  LeftOperand rows(int first) const {
    return LeftOperand{values_ + static_cast<int64_t>(first) * ld_, ld_ * int64_t{4}, 4};
  }
  LeftOperand by_entry() const { return LeftOperand{values_, 4, ld_ * int64_t{4}}; }

 private:
  int ld_;
  float* values_;
};

#ifdef __AVX512VNNI__
template <>
class LogitGradients<bf16> {
 public:
  LogitGradients(Scratch& scratch, int columns)
      : ld_(columns + kLanes),
        pairs_(scratch.floats(static_cast<int64_t>(kRowBlock / 2) * ld_)),
        rows_(scratch.halves(2 * kBlockRows * static_cast<int64_t>(ld_))) {}

  /** Also overwrites what rows() returns: it holds the rows of the last call. */
  void fill(int first, const float* dlogits, int64_t ld, const float* factors, int rows, int columns,
            float* dbias) {
    for (int i = 0; i < columns; i += kLanes) {
      Floats total = load(dbias + i);
      for (int r = 0; r < rows; r += 2) {
        const bool pair = r + 1 < rows;
        const Floats a = load(dlogits + r * ld + i) * broadcast(factors[r]);
        const Floats b = pair ? load(dlogits + (r + 1) * ld + i) * broadcast(factors[r + 1]) : zeros();
        total = total + a + b;
        const __m512i halves = narrow_both(b, a);
        store(pairs_ + static_cast<int64_t>((first + r) / 2) * ld_ + i, as_floats(pair_rows(halves)));
        bf16* row = rows_ + r * 2 * static_cast<int64_t>(ld_) + i;
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(row), _mm512_castsi512_si256(halves));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + 2 * ld_), _mm512_extracti64x4_epi64(halves, 1));
      }
      store(dbias + i, total);
    }
  }
  LeftOperand rows(int) const { return LeftOperand{rows_, ld_ * int64_t{4}, 4}; }
  LeftOperand by_entry() const { return LeftOperand{pairs_, 4, ld_ * int64_t{4}}; }

 private:
  int ld_;
  float* pairs_;
  bf16* rows_;
};
#endif

/** The rows of x in blocks of kRowBlock, packed as right operand of dtable. */
template <typename W>
struct PackedRows {
  PackedRows(Scratch& scratch, int m, int e)
      : block_size(packed_size(e, words_for<W>(kRowBlock))),
        packed(scratch.floats(block_size * tiles_of(m, kRowBlock))) {}
  float* block(int row) const { return packed + block_size * (row / kRowBlock); }

  int64_t block_size;
  float* packed;
};

/** One tile of the vocabulary against m rows; dx (m, ld_dx) f32 is overwritten, or added to. */
template <typename W, typename A>
void tile_backward(const Problem& p, float* dx, int ld_dx, bool add, float* dtable, float* dbias, const W* x,
                   const A* table, const PackedRows<W>& packed_x, const VocabularyTile<W>& tile,
                   int first_row, int m) {
  Scratch scratch;
  const int ld = tile.padded, table_words = words_for<W>(tile.count);
  float* logits = scratch.floats(kBlockRows * ld);
  float* copy = scratch.floats(kBlockRows * tile.words);
  float* dbias_tile = scratch.floats(ld);
  float* entries = scratch.floats(packed_size(p.e, table_words));
  LogitGradients<W> gradients(scratch, ld);
  const A* rows_of_tile = table + static_cast<int64_t>(tile.begin) * p.e;
  if constexpr (sizeof(W) == sizeof(A)) {
    pack_rows(entries, rows_of_tile, p.e, tile.count, p.e);
  } else {
    pack_rows_wide(entries, rows_of_tile, p.e, tile.count, p.e);
  }
  std::memset(dbias_tile, 0, ld * sizeof(float));
  for (int block = 0; block < m; block += kRowBlock) {
    const int block_rows = smaller(kRowBlock, m - block);
    for (int r0 = 0; r0 < block_rows; r0 += kBlockRows) {
      const int rows = smaller(kBlockRows, block_rows - r0), row = first_row + block + r0;
      const LeftOperand left = left_rows(x + static_cast<int64_t>(row) * p.e, p.e, rows, p.e, copy);
      multiply<W>(logits, ld, left, tile.packed, rows, ld, tile.words, false);
      for (int r = 0; r < rows; ++r) {
        probabilities(logits + r * ld, tile.bias, ld, p.lse[row + r], p.labels[row + r] - tile.begin);
      }
      gradients.fill(r0, logits, ld, p.dnll + row, rows, ld, dbias_tile);
      multiply<W>(dx + static_cast<int64_t>(block + r0) * ld_dx, ld_dx, gradients.rows(r0), entries, rows,
                  ld_dx, table_words, add);
    }
    multiply<W>(dtable + static_cast<int64_t>(tile.begin) * p.e, p.e, gradients.by_entry(),
                packed_x.block(first_row + block), tile.count, p.e, words_for<W>(block_rows), true);
  }
  for (int i = 0; i < tile.count; ++i) dbias[tile.begin + i] += dbias_tile[i];
}

/** All of it; the rows are multiplied as W. */
template <typename W, typename A>
void backward_as(ThreadPool& pool, const Problem& problem, A* dx, float* dtable, float* dbias, const A* x,
                 const A* table, int m) {
  const int v = problem.v, e = problem.e;
  const int size = tile_size(e), tiles = tiles_of(v, size), shares = smaller(kShares, tiles);
  const int ld_dx = round_up(e, kPanel);
  const int64_t row_bytes = static_cast<int64_t>(shares) * ld_dx * 4;
  const int rounds = static_cast<int>((m * row_bytes + kMostPartBytes - 1) / kMostPartBytes);
  const int round_rows = rounds == 0 ? 0 : round_up((m + rounds - 1) / rounds, kRowBlock);
  Scratch shared;
  const W* rows_of_x = rows_as<W>(pool, shared, x, m, e);
  const PackedRows<W> packed_x(shared, m, e);
  float* parts = shared.floats(static_cast<int64_t>(shares) * round_rows * ld_dx);
  pool.run(tiles_of(m, kRowBlock), [&](int chunk) {
    const int row = chunk * kRowBlock;
    pack_rows(packed_x.block(row), rows_of_x + static_cast<int64_t>(row) * e, e, smaller(kRowBlock, m - row),
              e);
  });
  for (int first = 0; first < m; first += round_rows) {
    const int rows = smaller(round_rows, m - first);
    pool.run(shares, [&](int share) {
      Scratch scratch;
      VocabularyTile<W> tile(scratch, size, e);
      const int begin = static_cast<int>(static_cast<int64_t>(tiles) * share / shares);
      const int end = static_cast<int>(static_cast<int64_t>(tiles) * (share + 1) / shares);
      for (int i = begin; i < end; ++i) {
        tile.pack(table, problem.bias, i * size, smaller(size, v - i * size), e);
        tile_backward(problem, parts + static_cast<int64_t>(share) * round_rows * ld_dx, ld_dx, i > begin,
                      dtable, dbias, rows_of_x, table, packed_x, tile, first, rows);
      }
    });
    pool.run(tiles_of(rows, kFinishRows), [&](int chunk) {
      for (int row = chunk * kFinishRows; row < smaller(rows, (chunk + 1) * kFinishRows); ++row) {
        for_vectors(e, [&](int64_t i, int lanes) {
          Floats total = zeros();
          for (int share = 0; share < shares; ++share) {
            total = total + load(parts + (static_cast<int64_t>(share) * round_rows + row) * ld_dx + i);
          }
          store_lanes(dx + static_cast<int64_t>(first + row) * e + i, total, lanes);
        });
      }
    });
  }
}

}  // namespace

template <typename A>
void lm_head_backward(ThreadPool& pool, A* dx, float* dtable, float* dbias, const A* x, const A* table,
                      const float* bias, const int* labels, const float* lse, const float* dnll, int m, int v,
                      int e) {
  if (m == 0 || e == 0) return;
  for (int row = 0; row < m; ++row) {
    if (labels[row] < 0 || labels[row] >= v) {
      fail("label %d of row %d is not in [0, %d)", labels[row], row, v);
    }
  }
  const Problem problem{bias, labels, lse, dnll, v, e};
  if (packs_wide<A>()) {
    backward_as<float>(pool, problem, dx, dtable, dbias, x, table, m);
  } else {
    backward_as<A>(pool, problem, dx, dtable, dbias, x, table, m);
  }
}

ELECTRA_INSTANTIATE(lm_head_backward);

}  // namespace electra::cpu::ELECTRA_ISA
