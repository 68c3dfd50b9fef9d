// Gradient of the output projection. dlogits = dnll (softmax - one at the label) is made tile by tile, as
// operand of two products: dx = dlogits table and dtable += dlogitsᵀ x. In BF16 the operand is rounded to
// bf16, or becomes scaled integers.
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
  LeftFactor rows(int first) const {
    return LeftFactor{{values_ + static_cast<int64_t>(first) * ld_, ld_ * int64_t{4}, 4}, nullptr};
  }
  void finish(int, int) {}
  LeftFactor by_entry() const { return LeftFactor{{values_, 4, ld_ * int64_t{4}}, nullptr}; }

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
  LeftFactor rows(int) const { return LeftFactor{{rows_, ld_ * int64_t{4}, 4}, nullptr}; }
  void finish(int, int) {}
  LeftFactor by_entry() const { return LeftFactor{{pairs_, 4, ld_ * int64_t{4}}, nullptr}; }

 private:
  int ld_;
  float* pairs_;
  bf16* rows_;
};

template <>
class LogitGradients<int16_t> {
 public:
  LogitGradients(Scratch& scratch, int columns)
      : ld_(columns + kLanes),
        values_(scratch, kRowBlock, ld_),
        rows_(reinterpret_cast<int16_t*>(scratch.halves(kBlockRows * static_cast<int64_t>(ld_)))),
        inverse_(scratch.floats(kBlockRows)) {}

  /** Also overwrites what rows() returns: it holds the rows of the last call. */
  void fill(int first, const float* dlogits, int64_t ld, const float* factors, int rows, int columns,
            float* dbias) {
    for (int r = 0; r < rows; ++r) {
      float* values = values_.row(first + r);
      const Floats factor = broadcast(factors[r]);
      Floats squares = zeros();
      for (int i = 0; i < columns; i += kLanes) {
        const Floats g = load(dlogits + r * ld + i) * factor;
        squares = multiply_add(g, g, squares);
        store(values + i, g);
        store(dbias + i, load(dbias + i) + g);
      }
      inverse_[r] = scale_floats(rows_ + static_cast<int64_t>(r) * ld_, values, columns, sum(squares));
    }
  }
  LeftFactor rows(int) const { return LeftFactor{{rows_, ld_ * int64_t{2}, 4}, inverse_}; }
  /** Must come after the last fill of a block of rows and before by_entry(). */
  void finish(int rows, int columns) { values_.finish(rows, columns); }
  LeftFactor by_entry() const { return values_.by_column(); }

 private:
  int ld_;
  TileColumns values_;
  int16_t* rows_;
  float* inverse_;
};
#endif

/** The rows of x in blocks of kRowBlock, packed as right operands of dtable. */
template <typename W>
struct PackedRows {
  PackedRows(Scratch& scratch, int m, int e)
      : words(words_for<W>(kRowBlock)),
        size(packed_size(e, words)),
        width(round_up(e, kPanel)),
        packed(scratch.floats(size * tiles_of(m, kRowBlock))),
        inverse(scratch.floats(static_cast<int64_t>(width) * tiles_of(m, kRowBlock))) {}

  /** The block of a row, rows in all. */
  RightFactor block(int row, int rows) const {
    const int index = row / kRowBlock;
    return RightFactor{packed + size * index, inverse + static_cast<int64_t>(width) * index,
                       words_for<W>(rows)};
  }

  int words;
  int64_t size;
  int width;
  float *packed, *inverse;
};

/** One tile of the vocabulary against m rows; dx (m, ld_dx) f32 is overwritten, or added to. */
template <typename W, typename A>
void tile_backward(const Problem& p, float* dx, int ld_dx, bool add, float* dtable, float* dbias,
                   const OperandRows<W>& x, const A* table, const PackedRows<W>& packed_x,
                   const VocabularyTile<W>& tile, int first_row, int m) {
  Scratch scratch;
  const int ld = tile.padded;
  float* logits = scratch.floats(kBlockRows * ld);
  float* dbias_tile = scratch.floats(ld);
  RightFactor entries = right_factor<W>(scratch, p.e, tile.count);
  LogitGradients<W> gradients(scratch, ld);
  OperandRows<W>::pack_down(entries, table + static_cast<int64_t>(tile.begin) * p.e, p.e, tile.count, p.e);
  std::memset(dbias_tile, 0, ld * sizeof(float));
  for (int block = 0; block < m; block += kRowBlock) {
    const int block_rows = smaller(kRowBlock, m - block);
    for (int r0 = 0; r0 < block_rows; r0 += kBlockRows) {
      const int rows = smaller(kBlockRows, block_rows - r0), row = first_row + block + r0;
      multiply<W>(logits, ld, x.left(row), tile.columns, rows, ld, false);
      for (int r = 0; r < rows; ++r) {
        probabilities(logits + r * ld, tile.bias, ld, p.lse[row + r], p.labels[row + r] - tile.begin);
      }
      gradients.fill(r0, logits, ld, p.dnll + row, rows, ld, dbias_tile);
      multiply<W>(dx + static_cast<int64_t>(block + r0) * ld_dx, ld_dx, gradients.rows(r0), entries, rows,
                  p.e, add);
    }
    gradients.finish(block_rows, ld);
    multiply<W>(dtable + static_cast<int64_t>(tile.begin) * p.e, p.e, gradients.by_entry(),
                packed_x.block(first_row + block, block_rows), tile.count, p.e, true);
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
  const OperandRows<W> rows_of_x(shared, x, e, m, e);
  const PackedRows<W> packed_x(shared, m, e);
  float* parts = shared.floats(static_cast<int64_t>(shares) * round_rows * ld_dx);
  pool.run(tiles_of(m, kRowBlock), [&](int chunk) {
    const int row = chunk * kRowBlock, rows = smaller(kRowBlock, m - row);
    RightFactor target = packed_x.block(row, rows);
    OperandRows<W>::pack_down(target, x + static_cast<int64_t>(row) * e, e, rows, e);
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
  in_words_of<A>(
      [&](auto word) { backward_as<decltype(word)>(pool, problem, dx, dtable, dbias, x, table, m); });
}

ELECTRA_INSTANTIATE(lm_head_backward);

}  // namespace electra::cpu::ELECTRA_ISA
