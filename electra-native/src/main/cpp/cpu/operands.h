// Operands of the products of attention in words of W: fp32 and bf16 as they lie in memory, and bf16 scaled
// to 16-bit integers (int16_t, see scaled_product.h).
#pragma once
#include "block_product.h"
#include "scaled_product.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

/** Left operand; `inverse` undoes the scales of its rows, for integers only. */
struct LeftFactor {
  LeftOperand words;
  const float* inverse;
};

/** Right operand of some columns, packed; `inverse` undoes the scales of the columns, for integers only. */
struct RightFactor {
  float* packed;
  float* inverse;
  int words;
};

/** Room for a right operand of that many columns, over an inner dimension of at most `inner`. */
template <typename W>
RightFactor right_factor(Scratch& scratch, int columns, int inner) {
  const int words = words_for<W>(inner);
  return RightFactor{scratch.floats(packed_size(columns, words)), scratch.floats(round_up(columns, kPanel)),
                     words};
}

/** c (rows, columns; ldc) = a b, or += when accumulate. */
template <typename W>
inline void multiply(float* c, int64_t ldc, const LeftFactor& a, const RightFactor& b, int rows, int columns,
                     bool accumulate) {
  multiply<W>(c, ldc, a.words, b.packed, rows, columns, b.words, accumulate);
}

/** y (rows, columns; ldy) = a b, row r times factors[r]; at most kBlockRows rows. */
template <typename W, typename A>
inline void multiply_scaling_rows(A* y, int64_t ldy, const float* factors, const LeftFactor& a,
                                  const RightFactor& b, int rows, int columns) {
  Scratch scratch;
  const int ld = round_up(columns, kPanel);
  float* product = scratch.floats(kBlockRows * ld);
  multiply<W>(product, ld, a, b, rows, columns, false);
  for (int r = 0; r < rows; ++r) {
    const Floats factor = broadcast(factors[r]);
    for_vectors(columns, [&](int64_t i, int lanes) {
      store_lanes(y + r * ldy + i, load(product + r * ld + i) * factor, lanes);
    });
  }
}

/** Rows of x (rows, columns; stride), in turn left operand and right operand. */
template <typename W>
class OperandRows {
 public:
  OperandRows(Scratch& scratch, const W* x, int64_t stride, int rows, int columns)
      : x_(x), stride_(stride), rows_(rows), columns_(columns) {
    const bool fills = columns % kPerWord<W> != 0;
    float* copy = fills ? scratch.floats(static_cast<int64_t>(rows) * words_for<W>(columns)) : nullptr;
    left_ = left_rows(x, stride, rows, columns, copy);
  }

  /** The rows from `first` on. */
  LeftFactor left(int first) const {
    return LeftFactor{{static_cast<const char*>(left_.begin) + first * left_.row_bytes, left_.row_bytes, 4},
                      nullptr};
  }
  /** All rows as the columns of a right operand. */
  void pack_across(const RightFactor& target) const {
    pack_columns(target.packed, x_, stride_, rows_, columns_);
  }
  /** Rows as the inner dimension of a right operand. */
  static void pack_down(RightFactor& target, const W* x, int64_t stride, int rows, int columns) {
    target.words = words_for<W>(rows);
    pack_rows(target.packed, x, stride, rows, columns);
  }

 private:
  const W* x_;
  int64_t stride_;
  int rows_, columns_;
  LeftOperand left_;
};

#ifdef __AVX512VNNI__
template <>
inline void multiply<int16_t>(float* c, int64_t ldc, const LeftFactor& a, const RightFactor& b, int rows,
                              int columns, bool accumulate) {
  multiply_scaled(c, ldc, Start{accumulate ? c : nullptr, ldc}, a.words, b.packed,
                  Scales{a.inverse, b.inverse}, rows, columns, b.words);
}

/** Straight into the result: what undoes the scales of the rows takes the factors along. */
template <>
inline void multiply_scaling_rows<int16_t, bf16>(bf16* y, int64_t ldy, const float* factors,
                                                 const LeftFactor& a, const RightFactor& b, int rows,
                                                 int columns) {
  float inverse[kBlockRows];
  for (int r = 0; r < rows; ++r) inverse[r] = a.inverse[r] * factors[r];
  multiply_scaled(y, ldy, Start{nullptr, 0}, a.words, b.packed, Scales{inverse, b.inverse}, rows, columns,
                  b.words);
}

template <>
class OperandRows<int16_t> {
 public:
  OperandRows(Scratch& scratch, const bf16* x, int64_t stride, int rows, int columns)
      : rows_(rows),
        words_(words_for<int16_t>(columns)),
        scaled_(scratch.floats(static_cast<int64_t>(rows) * words_)),
        inverse_(scratch.floats(rows)) {
    scale_rows(scaled_, inverse_, x, stride, rows, columns);
  }

  LeftFactor left(int first) const {
    return LeftFactor{LeftOperand{scaled_ + static_cast<int64_t>(first) * words_, int64_t{4} * words_, 4},
                      inverse_ + first};
  }
  void pack_across(const RightFactor& target) const {
    pack_columns(target.packed, scaled_, words_, rows_, words_);
    std::memcpy(target.inverse, inverse_, rows_ * sizeof(float));
    for (int i = rows_; i < round_up(rows_, kPanel); ++i) target.inverse[i] = 0;
  }
  static void pack_down(RightFactor& target, const bf16* x, int64_t stride, int rows, int columns) {
    target.words = words_for<int16_t>(rows);
    scale_columns(ColumnWords{target.packed, kPanel, int64_t{kPanel} * target.words}, 0, target.inverse,
                  nullptr, x, stride, rows, columns);
  }

 private:
  int rows_, words_;
  float *scaled_, *inverse_;
};

/** Rows of numbers that become words of integers by columns once all of them are known. */
class TileColumns {
 public:
  TileColumns(Scratch& scratch, int rows, int ld)
      : ld_(ld),
        values_(scratch.floats(static_cast<int64_t>(rows) * ld)),
        words_(scratch.floats(static_cast<int64_t>(words_for<int16_t>(rows)) * ld)),
        inverse_(scratch.floats(ld)) {}

  float* row(int r) { return values_ + static_cast<int64_t>(r) * ld_; }

  void finish(int rows, int columns) {
    for (int i = 0; i < columns; i += kLanes) {
      Floats squares = zeros();
      for (int r = 0; r < rows; ++r) squares = multiply_add(load(row(r) + i), load(row(r) + i), squares);
      const Floats factors =
          integer_factors(squares, values_ + i, ld_, rows, columns - i < kLanes ? columns - i : kLanes);
      for (int r = 0; r < rows; r += 2) {
        const Floats high = r + 1 < rows ? load(row(r + 1) + i) : zeros();
        store(words_ + static_cast<int64_t>(r / 2) * ld_ + i,
              as_floats(integer_words(load(row(r) + i), high, factors)));
      }
      store(inverse_ + i, broadcast(1.0f) / factors);
    }
  }
  LeftFactor by_column() const { return LeftFactor{LeftOperand{words_, 4, ld_ * int64_t{4}}, inverse_}; }

 private:
  int ld_;
  float *values_, *words_, *inverse_;
};
#endif

}  // namespace electra::cpu::ELECTRA_ISA
