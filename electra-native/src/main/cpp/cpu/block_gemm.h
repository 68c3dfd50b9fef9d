// The product with packed weights that do not change, by the micro-kernels of block_product.h. A tile of a
// few rows and columns is multiplied over the whole inner dimension at once, and finished (bias, GELU) while
// it is in the innermost cache: no number depends on how the rest is cut, hence none on the threads or on the
// rows beside it.
//
// The arithmetic: a block of 12 rows and a panel of 32 columns take one pass over the packed panel, 4 bytes a
// word for 48 (fp32: 24) multiply-adds. At the 230 (115) GFLOP/s of a 3.6 GHz core that is 19 GB/s, which the
// second level of the cache gives many times over.
#pragma once
#include "block_product.h"
#include "scaled_product.h"
#include "scratch.h"
#include "thread_pool.h"

namespace electra::cpu::ELECTRA_ISA {

constexpr int kTileColumns = 8 * kPanel;

/** Rows of a run at most, and so few that a run should not have less. */
constexpr int kMostRows = 8 * kBlockRows, kFewRows = 16;

/** Packed columns that stay in the second level of the cache while rows pass by. */
constexpr int64_t kGroupFloats = 64 * 1024;

inline int divide_up(int64_t a, int64_t b) { return static_cast<int>((a + b - 1) / b); }
inline int smaller(int a, int b) { return a < b ? a : b; }

/** Cuts `count` into equal parts of at most `most`, rounded up to `unit`. */
inline int equal_parts(int count, int most, int unit) {
  return count == 0 ? unit : round_up(divide_up(count, divide_up(count, most)), unit);
}

/**
 * How a product of t rows and n packed columns is cut: into runs of rows and groups of columns, of which a
 * chunk takes some side by side for the same rows.
 */
struct BlockCut {
  int rows, columns, down, across, groups;

  BlockCut(int t, int n, int words, int threads) {
    const int fitting = static_cast<int>(kGroupFloats / (words < 1 ? 1 : words)) / kPanel * kPanel;
    columns = equal_parts(n, fitting < kPanel ? kPanel : fitting, kPanel);
    down = divide_up(t, kMostRows);
    if (down < 16 * threads) {  // equal runs, as many for each thread
      const int fine = smaller(4 * threads, t / kFewRows);
      if (fine > down) {
        down = fine > threads ? fine / threads * threads : fine;
      } else if (down > threads) {
        down = round_up(down, threads);
      }
    }
    rows = divide_up(t, down);
    down = divide_up(t, rows);
    // Very few rows: the columns are shared out, a part for each thread, since each reads all the rows.
    const int panels = divide_up(n, kPanel);
    if (down < threads && down * divide_up(n, columns) < threads) {
      columns = kPanel * divide_up(panels, smaller(panels, divide_up(threads, down)));
    }
    across = divide_up(n, columns);
    groups = down < threads ? smaller(across, divide_up(down * across, threads)) : across;
  }
  int parts() const { return divide_up(across, groups); }
  int chunks() const { return down * parts(); }
  int first_row(int chunk) const { return chunk / parts() * rows; }
  int first_group(int chunk) const { return chunk % parts() * groups; }
  int last_group(int chunk) const { return smaller(across, first_group(chunk) + groups); }
};

/** Rows of a left operand in the words of their type. */
template <typename A>
struct PlainRows {
  LeftOperand left;
  const float* packed;
  int words;

  PlainRows(Scratch& scratch, const A* a, int rows, int k, const float* weights, int)
      : packed(weights), words(words_for<A>(k)) {
    left = left_rows(a, k, rows, k, k % kPerWord<A> == 0 ? nullptr : scratch.floats(int64_t{rows} * words));
  }
  void multiply_into(float* tile, int row, int rows, int column, int columns) const {
    const LeftOperand some{static_cast<const char*>(left.begin) + row * left.row_bytes, left.row_bytes, 4};
    multiply<A>(tile, kTileColumns, some, packed + static_cast<int64_t>(column) * words, rows, columns, words,
                false);
  }
};

#ifdef __AVX512VNNI__
/** Floats that `columns` packed columns of scaled numbers take: their words, then what undoes the scales. */
inline int64_t scaled_size(int columns, int words) {
  return packed_size(columns, words) + round_up(columns, kPanel);
}

/** Rows of a left operand as scaled integers; the weights are as scaled_size says. */
struct ScaledRows {
  const float* packed;
  int words;
  float *copy, *inverse;
  Scales scales;

  ScaledRows(Scratch& scratch, const bf16* a, int rows, int k, const float* weights, int columns)
      : packed(weights),
        words(words_for<bf16>(k)),
        copy(scratch.floats(static_cast<size_t>(rows) * words)),
        inverse(scratch.floats(rows)),
        scales{inverse, weights + packed_size(columns, words)} {
    scale_rows(copy, inverse, a, k, rows, k);
  }
  void multiply_into(float* tile, int row, int rows, int column, int columns) const {
    multiply_onto(tile, kTileColumns, Start{nullptr, 0}, row, rows, column, columns);
  }
  /** c (rows, columns; ldc) = start + the product of some rows and columns. */
  template <typename C>
  void multiply_onto(C* c, int64_t ldc, const Start& start, int row, int rows, int column,
                     int columns) const {
    multiply_scaled(c, ldc, start,
                    LeftOperand{copy + static_cast<int64_t>(row) * words, int64_t{4} * words, 4},
                    packed + static_cast<int64_t>(column) * words,
                    Scales{scales.rows + row, scales.columns + column}, rows, columns, words);
  }
};
#endif

/**
 * Calls finish(row, column, lanes, values) for the rows of a (t rows of k numbers) b (n columns, packed),
 * kTileColumns columns at a time.
 */
template <typename Rows, typename A, typename Finish>
void multiply_packed(ThreadPool& pool, const A* a, int k, const float* packed, int t, int n,
                     const Finish& finish) {
  const BlockCut cut(t, n, words_for<A>(k), pool.threads());
  pool.run(cut.chunks(), [&](int chunk) {
    const int first = cut.first_row(chunk), rows = smaller(cut.rows, t - first);
    Scratch scratch;
    const Rows left(scratch, a + static_cast<int64_t>(first) * k, rows, k, packed, n);
    float* tile = scratch.floats(2 * kBlockRows * kTileColumns);
    const int block = rows <= 2 * kBlockRows ? rows : equal_parts(rows, kBlockRows, 1);
    for (int group = cut.first_group(chunk); group < cut.last_group(chunk); ++group) {
      const int begin = group * cut.columns, end = smaller(n, begin + cut.columns);
      for (int r = 0; r < rows; r += block) {
        const int count = smaller(block, rows - r);
        for (int column = begin; column < end; column += kTileColumns) {
          const int width = smaller(kTileColumns, end - column);
          left.multiply_into(tile, r, count, column, width);
          for (int i = 0; i < count; ++i) finish(first + r + i, column, width, tile + i * kTileColumns);
        }
      }
    }
  });
}

/** c (t, n) = start + a b, for the same operands, straight into the result. */
inline void multiply_packed_onto(ThreadPool& pool, float* c, const Start& start, const float* a, int k,
                                 const float* packed, int t, int n) {
  const BlockCut cut(t, n, k, pool.threads());
  pool.run(cut.chunks(), [&](int chunk) {
    const int first = cut.first_row(chunk), rows = smaller(cut.rows, t - first);
    const LeftOperand left{a + static_cast<int64_t>(first) * k, int64_t{4} * k, 4};
    for (int group = cut.first_group(chunk); group < cut.last_group(chunk); ++group) {
      const int begin = group * cut.columns, columns = smaller(cut.columns, n - begin);
      const float* from = start.begin == nullptr ? nullptr : start.begin + first * start.row + begin;
      multiply_onto<float>(c + static_cast<int64_t>(first) * n + begin, n, Start{from, start.row}, left,
                           packed + static_cast<int64_t>(begin) * k, rows, columns, k);
    }
  });
}

#ifdef __AVX512VNNI__
/** c (t, n) = bias, which may be null, + a b for scaled operands, straight into the result. */
inline void multiply_scaled_onto(ThreadPool& pool, bf16* c, const float* bias, const bf16* a, int k,
                                 const float* packed, int t, int n) {
  const BlockCut cut(t, n, words_for<bf16>(k), pool.threads());
  pool.run(cut.chunks(), [&](int chunk) {
    const int first = cut.first_row(chunk), rows = smaller(cut.rows, t - first);
    Scratch scratch;
    const ScaledRows left(scratch, a + static_cast<int64_t>(first) * k, rows, k, packed, n);
    for (int group = cut.first_group(chunk); group < cut.last_group(chunk); ++group) {
      const int begin = group * cut.columns, columns = smaller(cut.columns, n - begin);
      left.multiply_onto(c + static_cast<int64_t>(first) * n + begin, n,
                         Start{bias == nullptr ? nullptr : bias + begin, 0}, 0, rows, begin, columns);
    }
  });
}
#endif

/** Columns to be packed, cut into chunks of whole panels. */
struct PanelChunks {
  int columns, size;

  PanelChunks(int all, int threads) : columns(all) {
    const int panels = divide_up(all, kPanel);
    size = kPanel * divide_up(panels, smaller(panels, 4 * threads));
  }
  int count() const { return divide_up(columns, size); }
  int begin(int chunk) const { return chunk * size; }
  int width(int chunk) const { return smaller(size, columns - begin(chunk)); }
};

/** Packs wᵀ for w (n, k): the right operand of a forward product. */
template <typename A>
void pack_transposed(ThreadPool& pool, float* packed, const A* w, int n, int k) {
  const PanelChunks chunks(n, pool.threads());
  pool.run(chunks.count(), [&](int chunk) {
    const int first = chunks.begin(chunk);
    pack_columns(packed + static_cast<int64_t>(first) * words_for<A>(k), w + static_cast<int64_t>(first) * k,
                 k, chunks.width(chunk), k);
  });
}

/** Packs w (n, k) as words of fp32: the right operand of a gradient of the input. */
inline void pack_untransposed(ThreadPool& pool, float* packed, const float* w, int n, int k) {
  const PanelChunks chunks(k, pool.threads());
  pool.run(chunks.count(), [&](int chunk) {
    const int first = chunks.begin(chunk);
    pack_rows(packed + static_cast<int64_t>(first) * n, w + first, k, n, chunks.width(chunk));
  });
}

#ifdef __AVX512VNNI__
/** The same two as scaled integers, scaled_size floats. */
inline void pack_transposed_scaled(ThreadPool& pool, float* packed, const bf16* w, int n, int k) {
  const PanelChunks chunks(n, pool.threads());
  const int words = words_for<bf16>(k);
  float* inverse = packed + packed_size(n, words);
  pool.run(chunks.count(), [&](int chunk) {
    const int first = chunks.begin(chunk), count = chunks.width(chunk);
    Scratch scratch;
    float* rows = scratch.floats(static_cast<size_t>(count) * words);
    scale_rows(rows, inverse + first, w + static_cast<int64_t>(first) * k, k, count, k);
    pack_columns(packed + static_cast<int64_t>(first) * words, rows, words, count, words);
  });
}

inline void pack_untransposed_scaled(ThreadPool& pool, float* packed, const bf16* w, int n, int k) {
  const PanelChunks chunks(k, pool.threads());
  const int words = words_for<bf16>(n);
  float* inverse = packed + packed_size(k, words);
  pool.run(chunks.count(), [&](int chunk) {
    const int first = chunks.begin(chunk);
    const ColumnWords target{packed + static_cast<int64_t>(first) * words, kPanel, int64_t{kPanel} * words};
    scale_columns(target, 0, inverse + first, nullptr, w + first, k, n, chunks.width(chunk));
  });
}
#endif

}  // namespace electra::cpu::ELECTRA_ISA
