// Products of bf16 on 16-bit integers, for processors whose vectors multiply those twice as fast as fp32 but
// bf16 half as fast (Intel's without tiles; family 6, model 207: 300, 160 and 80 GFLOP/s a core).
//
// A row a of the left operand becomes integers a' = round(s a), s = kIntegerNorm / |a|, a column of the right
// one likewise; the element of the product is (a'·b') / (s_a s_b). By Cauchy and Schwarz no sum leaves 32
// bits, whatever its length, so it is exact and its order does not matter. The rounding moves each number by
// at most |a| / 65520, 0.000015 of the row's norm: no more than rounding to bf16 may, a 512th of the number,
// where it is not smaller than a 128th of the norm.
#pragma once
#include <math.h>

#include "block_product.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

#ifdef __AVX512VNNI__

/** The Euclidean norm of a row of integers before they are rounded: each fits 16 bits. */
constexpr float kIntegerNorm = 32760;

/** Sums of squares that are surely neither overflown nor made of denormals. */
constexpr float kLeastSquares = 1e-30f, kMostSquares = 1e30f;

/** No factor is larger, so that what undoes it is no denormal. */
constexpr float kMostFactor = 1e37f;

/** The factor of numbers that add up to these squares; NaN for NaN. Not for squares beyond the bounds. */
inline float integer_factor(float squares) { return kIntegerNorm / sqrtf(squares); }

inline float as_float(float x) { return x; }
inline float as_float(bf16 x) { return bf16_to_float(x); }

/** The same for numbers whose squares may leave the range of fp32. */
template <typename A>
inline __attribute__((noinline)) float careful_factor(const A* x, int64_t stride, int count) {
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double value = as_float(x[i * stride]);
    squares += value * value;
  }
  const double factor = kIntegerNorm / sqrt(squares);
  return factor > kMostFactor ? kMostFactor : static_cast<float>(factor);
}

/** x times the factors, rounded to the nearest integer, in the lower 16 bits: added to this number, what is
 * left of an integer's binary places are its own. */
inline Ints scaled_integers(Floats x, Floats factors) {
  constexpr float kNoPlaces = 0x1.8p23f;
  return as_ints(multiply_add(x, factors, broadcast(kNoPlaces)));
}

/** Words of two integers: `low` and `high` times the factors, rounded to nearest. */
inline Ints integer_words(Floats low, Floats high, Floats factors) {
  return _mm512_mask_blend_epi16(0xAAAAAAAA, scaled_integers(low, factors),
                                 shift_left<16>(scaled_integers(high, factors)));
}

/** The factors of the first `lanes` columns of x (rows; ldx), whose squares add up to these. */
template <typename A>
inline Floats integer_factors(Floats squares, const A* x, int64_t ldx, int rows, int lanes) {
  const __mmask16 usual = _mm512_cmp_ps_mask(squares, broadcast(kLeastSquares), _CMP_GT_OQ) &
                          _mm512_cmp_ps_mask(squares, broadcast(kMostSquares), _CMP_LT_OQ);
  Floats factors = broadcast(kIntegerNorm) / square_root(squares);
  if (__builtin_expect(usual != 0xFFFF, 0)) {
    alignas(64) float each[kLanes];
    store(each, factors);
    for (int i = 0; i < lanes; ++i) {
      if ((usual >> i & 1) == 0) each[i] = careful_factor(x + i, ldx, rows);
    }
    factors = load(each);
  }
  return factors;
}

/** Scales numbers to integers, given the sum of their squares; whole vectors are read and written. Returns
 * what undoes the scale. */
inline float scale_floats(int16_t* y, const float* x, int count, float squares) {
  const float factor = squares > kLeastSquares && squares < kMostSquares ? integer_factor(squares)
                                                                         : careful_factor(x, 1, count);
  const Floats f = broadcast(factor);
  for (int i = 0; i < count; i += kLanes) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y + i),
                        _mm512_cvtepi32_epi16(scaled_integers(load(x + i), f)));
  }
  return 1 / factor;
}

/** Scales one row of k numbers to words; returns what undoes the scale. */
inline float scale_row(float* words, const bf16* x, int k) {
  Floats sums[4] = {zeros(), zeros(), zeros(), zeros()};
  const int whole = k / 64 * 64;
  const auto square = [&](int i, int count, int chain) {
    const Ints v = load_numbers(x + i, count);
    sums[chain] = multiply_add(even_numbers(v), even_numbers(v), sums[chain]);
    sums[chain + 1] = multiply_add(odd_numbers(v), odd_numbers(v), sums[chain + 1]);
  };
  for (int i = 0; i < whole; i += 64) {
    square(i, 32, 0);
    square(i + 32, 32, 2);
  }
  for (int i = whole; i < k; i += 32) square(i, k - i < 32 ? k - i : 32, 0);
  const float squares = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
  const float factor =
      squares > kLeastSquares && squares < kMostSquares ? integer_factor(squares) : careful_factor(x, 1, k);
  const Floats f = broadcast(factor);
  for (int i = 0; i < k; i += 32) {
    const int count = k - i < 32 ? k - i : 32;
    const Ints v = load_numbers(x + i, count);
    store_lanes(words + i / 2, as_floats(integer_words(even_numbers(v), odd_numbers(v), f)), (count + 1) / 2);
  }
  return 1 / factor;
}

/** Scales the rows of x (rows, k; ldx) to dense rows of words. */
inline void scale_rows(float* words, float* inverse, const bf16* x, int64_t ldx, int rows, int k) {
  for (int r = 0; r < rows; ++r) {
    inverse[r] = scale_row(words, x + r * ldx, k);
    words += words_for<bf16>(k);
  }
}

/** Where the words of columns go: they lie `width` columns side by side, word by word, in panels. */
struct ColumnWords {
  float* begin;
  int width;      // a multiple of kLanes
  int64_t panel;  // floats from one panel to the next
  float* of(int word, int column) const {
    return begin + column / width * panel + static_cast<int64_t>(word) * width + column % width;
  }
};

/** squares (columns, padded to whole vectors) of x (kRows rows; ldx) are added to, and its sums where wanted.
 */
template <int kRows, bool kSums>
inline void add_squares(float* squares, float* sums, const bf16* x, int64_t ldx, int columns) {
  for (int c = 0; c < columns; c += kLanes) {
    const int lanes = columns - c < kLanes ? columns - c : kLanes;
    Floats square = load(squares + c), sum = kSums ? load(sums + c) : zeros();
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      if (kRows > 1 && c % kPanel == 0) {  // the rows after these: no processor guesses them
        _mm_prefetch(reinterpret_cast<const char*>(x + (kRows + r) * ldx + c), _MM_HINT_T0);
      }
      const Floats v = load_lanes(x + r * ldx + c, lanes);
      square = multiply_add(v, v, square);
      if (kSums) sum = sum + v;
    }
    store(squares + c, square);
    if (kSums) store(sums + c, sum);
  }
}

/** Factors (columns, padded to whole vectors) of the columns of x (rows, columns; ldx), and their sums where
 * wanted. */
template <bool kSums>
inline void column_factors(float* factors, float* sums, const bf16* x, int64_t ldx, int rows, int columns) {
  const size_t bytes = sizeof(float) * round_up(columns, kLanes);
  std::memset(factors, 0, bytes);
  if (kSums) std::memset(sums, 0, bytes);
  int r = 0;
  for (; r + 8 <= rows; r += 8) add_squares<8, kSums>(factors, sums, x + r * ldx, ldx, columns);
  for (; r < rows; ++r) add_squares<1, kSums>(factors, sums, x + r * ldx, ldx, columns);
  for (int c = 0; c < columns; c += kLanes) {
    const int lanes = columns - c < kLanes ? columns - c : kLanes;
    store(factors + c, integer_factors(load(factors + c), x + c, ldx, rows, lanes));
  }
}

/**
 * Scales the columns of x (rows, columns; ldx) and pairs up its rows to words, for whole vectors of columns;
 * the first of them is column `first` of the target. `inverse` (columns, padded) gets what undoes the scales,
 * `sums`, which may be null, the sums of the columns.
 */
inline void scale_columns(const ColumnWords& target, int first, float* inverse, float* sums, const bf16* x,
                          int64_t ldx, int rows, int columns) {
  if (sums != nullptr) {
    column_factors<true>(inverse, sums, x, ldx, rows, columns);
  } else {
    column_factors<false>(inverse, sums, x, ldx, rows, columns);
  }
  for (int r = 0; r < rows; r += 2) {
    const bf16* p = x + r * ldx;
    int in_panel = first % target.width;
    float* out = target.of(r / 2, first - in_panel);
    for (int c = 0; c < columns; c += kLanes) {
      const int lanes = columns - c < kLanes ? columns - c : kLanes;
      const Floats low = load_lanes(p + c, lanes);
      const Floats high = r + 1 < rows ? load_lanes(p + ldx + c, lanes) : zeros();
      store(out + in_panel, as_floats(integer_words(low, high, load(inverse + c))));
      in_panel += kLanes;
      if (in_panel == target.width) {
        in_panel = 0;
        out += target.panel;
      }
    }
  }
  for (int c = 0; c < columns; c += kLanes) store(inverse + c, broadcast(1.0f) / load(inverse + c));
}

/** Both operands scaled: what undoes the scales of the rows of a and of the columns of b. */
struct Scales {
  const float* rows;
  const float* columns;
};

/** The 32-bit integers of c plus the products of the two 16-bit integers in each word of a and b. */
inline Floats add_integer_products(Floats a, Floats b, Floats c) {
  asm("vpdpwssd %2, %1, %0" : "+v"(c) : "v"(a), "v"(b));  // GCC 12 keeps the intrinsic's sums in memory
  return c;
}

/** What is called into the cache with each word of a panel: two lines, then those `step` floats on. */
struct Ahead {
  const float* first;
  const float* second;
  int step;
};

/** One panel times kRows rows, see multiply_panel; C is float or bf16. */
template <typename C, int kRows>
__attribute__((noinline)) void multiply_scaled_panel(C* c, int64_t ldc, const Start& start,
                                                     const LeftOperand& a, const float* panel,
                                                     const Scales& scales, Ahead ahead, int words,
                                                     int columns) {
  Floats sums[kRows][2];  // the bits of integers
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) sums[r][0] = sums[r][1] = zeros();
  const int64_t row = a.row_bytes;
  const char* group[(kRows + 2) / 3];
  for (int g = 0; g < (kRows + 2) / 3; ++g) group[g] = static_cast<const char*>(a.begin) + 3 * g * row;
  for (int w = 0; w < words; ++w) {
    const Floats b0 = load(panel), b1 = load(panel + kLanes);
    _mm_prefetch(reinterpret_cast<const char*>(ahead.first), _MM_HINT_T0);
    _mm_prefetch(reinterpret_cast<const char*>(ahead.second), _MM_HINT_T0);
    ahead.first += ahead.step;
    ahead.second += ahead.step;
    panel += kPanel;
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
      const Floats x = broadcast_word(group[r / 3] + (r % 3) * row);
      sums[r][0] = add_integer_products(x, b0, sums[r][0]);
      sums[r][1] = add_integer_products(x, b1, sums[r][1]);
    }
#pragma GCC unroll 4
    for (int g = 0; g < (kRows + 2) / 3; ++g) group[g] += a.word_bytes;
  }
  const int first = columns < kLanes ? columns : kLanes, second = columns - first;
  const Floats s0 = load(scales.columns), s1 = load(scales.columns + kLanes);
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) {
    const Floats s = broadcast(scales.rows[r]);
    Floats y0 = to_floats(as_ints(sums[r][0])) * s0, y1 = to_floats(as_ints(sums[r][1])) * s1;
    if (start.begin == nullptr) {
      y0 = y0 * s;
      y1 = y1 * s;
    } else {
      const float* from = start.begin + r * start.row;
      y0 = multiply_add(y0, s, load_lanes(from, first));
      if (second > 0) y1 = multiply_add(y1, s, load_lanes(from + kLanes, second));
    }
    if (second == kLanes) {
      store_both(c + r * ldc, y0, y1);
    } else {
      store_lanes(c + r * ldc, y0, first);
      if (second > 0) store_lanes(c + r * ldc + kLanes, y1, second);
    }
  }
}

template <typename C>
inline void multiply_scaled_rows(C* c, int64_t ldc, const Start& start, const LeftOperand& a,
                                 const float* panel, const Scales& scales, const Ahead& ahead, int rows,
                                 int words, int columns) {
  switch (rows) {
#define ELECTRA_ROWS(r) \
  case r:               \
    return multiply_scaled_panel<C, r>(c, ldc, start, a, panel, scales, ahead, words, columns)
    ELECTRA_ROWS(1);
    ELECTRA_ROWS(2);
    ELECTRA_ROWS(3);
    ELECTRA_ROWS(4);
    ELECTRA_ROWS(5);
    ELECTRA_ROWS(6);
    ELECTRA_ROWS(7);
    ELECTRA_ROWS(8);
    ELECTRA_ROWS(9);
    ELECTRA_ROWS(10);
    ELECTRA_ROWS(11);
    ELECTRA_ROWS(12);
#undef ELECTRA_ROWS
  }
}

/**
 * c (rows, columns; ldc) = start + a b for scaled operands. Many rows pass over panels that stay in the
 * second level of the cache. Two blocks of rows share a panel, and each calls half of the next one from
 * wherever it is, so that this goes on during all of the arithmetic.
 */
template <typename C>
inline void multiply_scaled(C* c, int64_t ldc, const Start& start, const LeftOperand& a, const float* packed,
                            const Scales& scales, int rows, int columns, int words) {
  const int blocks = (rows + kBlockRows - 1) / kBlockRows,
            block = blocks == 0 ? 1 : (rows + blocks - 1) / blocks;
  const bool few = blocks <= 2;
  const int outer = few ? columns : rows, outer_step = few ? kPanel : block;
  const int inner = few ? rows : columns, inner_step = few ? block : kPanel;
  for (int i = 0; i < outer; i += outer_step) {
    for (int j = 0; j < inner; j += inner_step) {
      const int r = few ? j : i, column = few ? i : j;
      const int count = rows - r < block ? rows - r : block;
      const int width = columns - column < kPanel ? columns - column : kPanel;
      const LeftOperand left{static_cast<const char*>(a.begin) + r * a.row_bytes, a.row_bytes, a.word_bytes};
      const float* panel = packed + static_cast<int64_t>(column) * words;
      const float* next = panel + static_cast<int64_t>(kPanel) * words;
      Ahead ahead{panel + kPanelsAhead * kPanel, panel + kPanelsAhead * kPanel + kLanes, kPanel};
      if (blocks == 1) ahead = Ahead{next, next + kLanes, kPanel};
      if (blocks == 2) {
        const float* half = r == 0 ? next : next + static_cast<int64_t>(kLanes) * words;
        ahead = Ahead{half, half, kLanes};
      }
      const Start here{start.begin == nullptr ? nullptr : start.begin + r * start.row + column, start.row};
      multiply_scaled_rows(c + r * ldc + column, ldc, here, left, panel,
                           Scales{scales.rows + r, scales.columns + column}, ahead, count, words, width);
    }
  }
}

#endif

}  // namespace electra::cpu::ELECTRA_ISA
