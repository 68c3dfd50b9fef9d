// Products of blocks that lie in cache: c (rows, columns) = or += a b, for operands of 16-bit or 32-bit
// numbers.
//
// The inner dimension is counted in 32-bit words: a float, or a pair of bf16. b is packed into panels of
// kPanel columns, word by word, padded with zeros; a is read by strides, so that it may lie row by row or
// transposed.
#pragma once
#include "simd.h"

namespace electra::cpu::ELECTRA_ISA {

/** Columns of a panel, and rows of a that the micro-kernel holds in registers. */
constexpr int kPanel = 2 * kLanes;
#ifdef __AVX512F__
constexpr int kBlockRows = 12;
#else
constexpr int kBlockRows = 6;
#endif

/** Words of a panel that are called into the cache ahead of their use: the way from the third level. */
constexpr int kPanelsAhead = 16;

template <typename A>
constexpr int kPerWord = static_cast<int>(4 / sizeof(A));

/** Whether numbers are multiplied as scaled integers, see scaled_product.h. */
template <typename W>
constexpr bool kIsScaled = false;
template <>
constexpr bool kIsScaled<int16_t> = true;

/** Words that hold count numbers; the last one is filled up with zero. */
template <typename A>
inline int words_for(int count) {
  return (count + kPerWord<A> - 1) / kPerWord<A>;
}

inline int round_up(int count, int multiple) { return (count + multiple - 1) / multiple * multiple; }

/** Floats that `columns` packed columns of `words` words take. */
inline int64_t packed_size(int columns, int words) {
  return static_cast<int64_t>(round_up(columns, kPanel)) * words;
}

/** Left operand: where its first word lies, and how many bytes on the next row and the next word are. */
struct LeftOperand {
  const void* begin;
  int64_t row_bytes;
  int64_t word_bytes;
};

template <typename A>
inline Floats dot_add(Floats a, Floats b, Floats c);

template <>
inline Floats dot_add<float>(Floats a, Floats b, Floats c) {
  return multiply_add(a, b, c);
}

#ifdef __AVX512VNNI__
template <>
inline Floats dot_add<bf16>(Floats a, Floats b, Floats c) {
#ifdef __AVX512BF16__
  return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b);
#else
  c = multiply_add(even_numbers(as_ints(a)), even_numbers(as_ints(b)), c);
  return multiply_add(odd_numbers(as_ints(a)), odd_numbers(as_ints(b)), c);
#endif
}
#endif

inline Floats broadcast_word(const char* p) {
  float word;
  std::memcpy(&word, p, sizeof word);
  return broadcast(word);
}

/** What a product is added to: row r begins at `begin` + r * row, or is zero where that is null. */
struct Start {
  const float* begin;
  int64_t row;
};

/** One panel times kRows rows; only `columns` of the panel are read from the start and written to c. */
template <typename A, int kRows>
__attribute__((noinline)) void multiply_panel(float* c, int64_t ldc, Start start, LeftOperand a,
                                              const float* panel, int words, int columns) {
  const int first = columns < kLanes ? columns : kLanes, second = columns - first;
  Floats sums[kRows][2];
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) {
    const float* from = start.begin + r * start.row;
    sums[r][0] = start.begin != nullptr ? load_lanes(from, first) : zeros();
    sums[r][1] = start.begin != nullptr && second > 0 ? load_lanes(from + kLanes, second) : zeros();
  }
  const int64_t row = a.row_bytes;
  const char* group[(kRows + 2) / 3];
  for (int g = 0; g < (kRows + 2) / 3; ++g) group[g] = static_cast<const char*>(a.begin) + 3 * g * row;
  for (int w = 0; w < words; ++w) {
    const Floats b0 = load(panel), b1 = load(panel + kLanes);
    _mm_prefetch(reinterpret_cast<const char*>(panel + kPanelsAhead * kPanel), _MM_HINT_T0);
#ifdef __AVX512F__
    _mm_prefetch(reinterpret_cast<const char*>(panel + kPanelsAhead * kPanel + kLanes), _MM_HINT_T0);
#endif
    panel += kPanel;
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
      const Floats x = broadcast_word(group[r / 3] + (r % 3) * row);
      sums[r][0] = dot_add<A>(x, b0, sums[r][0]);
      sums[r][1] = dot_add<A>(x, b1, sums[r][1]);
    }
#pragma GCC unroll 4
    for (int g = 0; g < (kRows + 2) / 3; ++g) group[g] += a.word_bytes;
  }
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) {
    store_lanes(c + r * ldc, sums[r][0], first);
    if (second > 0) store_lanes(c + r * ldc + kLanes, sums[r][1], second);
  }
}

template <typename A>
inline void multiply_rows(float* c, int64_t ldc, const Start& start, const LeftOperand& a, const float* panel,
                          int rows, int words, int columns) {
  switch (rows) {
#define ELECTRA_ROWS(r) \
  case r:               \
    return multiply_panel<A, r>(c, ldc, start, a, panel, words, columns)
    ELECTRA_ROWS(1);
    ELECTRA_ROWS(2);
    ELECTRA_ROWS(3);
    ELECTRA_ROWS(4);
    ELECTRA_ROWS(5);
    ELECTRA_ROWS(6);
#ifdef __AVX512F__
    ELECTRA_ROWS(7);
    ELECTRA_ROWS(8);
    ELECTRA_ROWS(9);
    ELECTRA_ROWS(10);
    ELECTRA_ROWS(11);
    ELECTRA_ROWS(12);
#endif
#undef ELECTRA_ROWS
  }
}

/** c (rows, columns; ldc) = start + a b. A row's bits do not depend on the rows beside it. */
template <typename A>
inline void multiply_onto(float* c, int64_t ldc, const Start& start, const LeftOperand& a,
                          const float* packed, int rows, int columns, int words) {
  const int blocks = (rows + kBlockRows - 1) / kBlockRows,
            block = blocks == 0 ? 1 : (rows + blocks - 1) / blocks;
  for (int r = 0; r < rows; r += block) {
    const int count = rows - r < block ? rows - r : block;
    const LeftOperand left{static_cast<const char*>(a.begin) + r * a.row_bytes, a.row_bytes, a.word_bytes};
    for (int column = 0; column < columns; column += kPanel) {
      const int width = columns - column < kPanel ? columns - column : kPanel;
      const Start here{start.begin == nullptr ? nullptr : start.begin + r * start.row + column, start.row};
      multiply_rows<A>(c + r * ldc + column, ldc, here, left, packed + static_cast<int64_t>(column) * words,
                       count, words, width);
    }
  }
}

/** c (rows, columns; ldc) = a b, or += when accumulate. */
template <typename A>
inline void multiply(float* c, int64_t ldc, const LeftOperand& a, const float* packed, int rows, int columns,
                     int words, bool accumulate) {
  multiply_onto<A>(c, ldc, Start{accumulate ? c : nullptr, ldc}, a, packed, rows, columns, words);
}

/** The rows of x (rows, k; ldx) as left operand; copied to `copy` where an odd k needs a zero to fill up. */
template <typename A>
inline LeftOperand left_rows(const A* x, int64_t ldx, int rows, int k, float* copy) {
  const int words = words_for<A>(k);
  if (k % kPerWord<A> == 0) return LeftOperand{x, ldx * static_cast<int64_t>(sizeof(A)), 4};
  A* target = reinterpret_cast<A*>(copy);
  for (int r = 0; r < rows; ++r) {
    std::memcpy(target, x + r * ldx, k * sizeof(A));
    std::memset(target + k, 0, (words * kPerWord<A> - k) * sizeof(A));
    target += words * kPerWord<A>;
  }
  return LeftOperand{copy, words * int64_t{4}, 4};
}

/**
 * Packs b = x (k, columns; ldx): the inner dimension runs over the rows of x. Row by row, so
 * that memory is read in the order in which it lies.
 */
inline void pack_rows(float* packed, const float* x, int64_t ldx, int k, int columns) {
  for (int r = 0; r < k; ++r) {
    float* out = packed + static_cast<int64_t>(r) * kPanel;
    for (int column = 0; column < columns; column += kPanel, out += static_cast<int64_t>(k) * kPanel) {
      const float* p = x + r * ldx + column;
      const int width = columns - column < kPanel ? columns - column : kPanel;
      const int first = width < kLanes ? width : kLanes, second = width - first;
      store(out, load_lanes(p, first));
      store(out + kLanes, second > 0 ? load_lanes(p + kLanes, second) : zeros());
    }
  }
}

#ifdef __AVX512VNNI__
/** Words whose lower halves are numbers kFirst .. kFirst + 15 of `low` and whose upper halves are those of
 * `high`. */
template <int kFirst>
inline Ints interleave(Ints low, Ints high) {
  constexpr int f = kFirst, s = kFirst + 32;
  const Ints order =
      _mm512_set_epi16(s + 15, f + 15, s + 14, f + 14, s + 13, f + 13, s + 12, f + 12, s + 11, f + 11, s + 10,
                       f + 10, s + 9, f + 9, s + 8, f + 8, s + 7, f + 7, s + 6, f + 6, s + 5, f + 5, s + 4,
                       f + 4, s + 3, f + 3, s + 2, f + 2, s + 1, f + 1, s, f);
  return _mm512_permutex2var_epi16(low, order, high);
}

inline Ints load_numbers(const bf16* p, int count) {
  return count == 32 ? _mm512_loadu_si512(p)
                     : _mm512_maskz_loadu_epi16(static_cast<__mmask32>((uint64_t{1} << count) - 1), p);
}

inline void pack_rows(float* packed, const bf16* x, int64_t ldx, int k, int columns) {
  const int64_t panel = words_for<bf16>(k) * int64_t{kPanel};
  for (int r = 0; r < k; r += 2) {
    float* out = packed + static_cast<int64_t>(r / 2) * kPanel;
    for (int column = 0; column < columns; column += kPanel, out += panel) {
      const bf16* p = x + r * ldx + column;
      const int width = columns - column < kPanel ? columns - column : kPanel;
      const Ints low = load_numbers(p, width), high = r + 1 < k ? load_numbers(p + ldx, width) : broadcast(0);
      store(out, as_floats(interleave<0>(low, high)));
      store(out + kLanes, as_floats(interleave<16>(low, high)));
    }
  }
}
#endif

#ifdef __AVX512VNNI__
/** Pairs up two rows of 16, given one after the other: a word of the result holds one number of each. */
inline Ints pair_rows(__m512i halves) {
  return interleave<0>(halves, _mm512_shuffle_i64x2(halves, halves, 0x0E));
}
#endif

/** Writes 8 words of 8 rows as 8 rows of 8 words, kPanel floats apart; rows from `rows` on count as zero. */
inline void transpose_words(float* out, const char* x, int64_t row_bytes, int rows) {
  __m256 r[8];
  for (int i = 0; i < 8; ++i) {
    r[i] =
        i < rows ? _mm256_loadu_ps(reinterpret_cast<const float*>(x + i * row_bytes)) : _mm256_setzero_ps();
  }
  __m256 s[8];
  for (int i = 0; i < 8; i += 2) {
    s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    r[i] = _mm256_shuffle_ps(s[i], s[i + 2], 0x44);
    r[i + 1] = _mm256_shuffle_ps(s[i], s[i + 2], 0xEE);
    r[i + 2] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0x44);
    r[i + 3] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0xEE);
  }
  for (int i = 0; i < 4; ++i) {
    _mm256_storeu_ps(out + i * kPanel, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
    _mm256_storeu_ps(out + (i + 4) * kPanel, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}

/** Packs b = xᵀ for x (columns, k; ldx): the inner dimension runs along the rows of x. */
template <typename A>
inline void pack_columns(float* packed, const A* x, int64_t ldx, int columns, int k) {
  const int words = words_for<A>(k), whole = k / kPerWord<A>;
  const int64_t row_bytes = ldx * static_cast<int64_t>(sizeof(A));
  for (int column = 0; column < round_up(columns, kPanel); column += 8) {
    const int rows = columns - column < 8 ? columns - column : 8;  // may be negative
    const char* source = reinterpret_cast<const char*>(x) + (rows > 0 ? column * row_bytes : 0);
    float* out = packed + static_cast<int64_t>(column / kPanel) * kPanel * words + column % kPanel;
    int w = 0;
    for (; w + 8 <= whole; w += 8) transpose_words(out + w * kPanel, source + 4 * w, row_bytes, rows);
    for (; w < words; ++w) {
      const int bytes = w < whole ? 4 : static_cast<int>(sizeof(A));
      for (int i = 0; i < 8; ++i) {
        float word = 0;
        if (i < rows) std::memcpy(&word, source + i * row_bytes + 4 * w, bytes);
        std::memcpy(out + w * kPanel + i, &word, sizeof word);
      }
    }
  }
}

}  // namespace electra::cpu::ELECTRA_ISA
