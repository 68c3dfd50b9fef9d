// Products by oneDNN's primitives: a tile of the result for each, and a small set of shapes.
#pragma once
#include "block_gemm.h"
#include "matmul.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

/** Rows and columns of a tile of a result that has one row a token. */
struct Tiling {
  int rows, columns, down, across;

  Tiling(int t, int n, int most_columns) {
    rows = t >= 2048 ? 256 : t >= 512 ? 128 : 64;
    columns = smaller(n, most_columns);
    if (t <= 128 && columns > 128) columns = 128;  // a few rows: the columns are shared out instead
    down = divide_up(t, rows);
    across = divide_up(n, columns);
  }
};

/** Copies a few rows of a block of columns and fills up with zero rows to kRowUnit. */
template <typename A>
const A* padded_rows(Scratch& scratch, const A* x, int rows, int columns, int64_t stride) {
  A* y = static_cast<A*>(scratch.bytes(sizeof(A) * kRowUnit * columns));
  for (int i = 0; i < rows; ++i) {
    std::memcpy(y + static_cast<int64_t>(i) * columns, x + i * stride, sizeof(A) * columns);
  }
  std::memset(y + static_cast<int64_t>(rows) * columns, 0, sizeof(A) * (kRowUnit - rows) * columns);
  return y;
}

/**
 * c (m, n) = a (m, k) b, m drawn from a small set: whole units in place, the rest through zero-padded copies.
 * `finish` is called with the first row, the number of rows, and the tile of the result of those rows.
 */
template <typename A, typename C, typename Finish>
void matmul_rows(MatmulShape shape, int m, const A* a, const A* b, const float* bias, C* c, bool pad_result,
                 const Finish& finish) {
  const int whole = m / kRowUnit * kRowUnit, rest = m - whole;
  if (whole > 0) {
    shape.m = whole;
    matmul(shape, a, b, c, bias);
    finish(0, whole, c, shape.c_row);
  }
  if (rest == 0) return;
  Scratch scratch;
  const int k = shape.k;
  const A* padded = padded_rows(scratch, a + whole * shape.a_row, rest, k, shape.a_row);
  C* tile = c + whole * shape.c_row;
  const int64_t result_row = shape.c_row;
  shape.m = kRowUnit;
  shape.a_row = k;
  if (pad_result) {
    tile = static_cast<C*>(scratch.bytes(sizeof(C) * kRowUnit * shape.n));
    shape.c_row = shape.n;
    if (shape.accumulate) {
      std::memset(tile, 0, sizeof(C) * kRowUnit * shape.n);
      for (int i = 0; i < rest; ++i) {
        std::memcpy(tile + i * shape.n, c + (whole + i) * result_row, sizeof(C) * shape.n);
      }
    }
  }
  matmul(shape, padded, b, tile, bias);
  finish(whole, rest, tile, shape.c_row);
  if (pad_result) {
    for (int i = 0; i < rest; ++i) {
      std::memcpy(c + (whole + i) * result_row, tile + static_cast<int64_t>(i) * shape.n,
                  sizeof(C) * shape.n);
    }
  }
}

/** Straight into the result: bias and accumulation by oneDNN. */
template <typename A>
void matmul_into(ThreadPool& pool, MatmulShape shape, A* c, const A* a, const A* b, const float* bias, int t,
                 int n) {
  const Tiling tiling(t, n, 1024);
  pool.run(tiling.down * tiling.across, [&, shape](int chunk) {
    MatmulShape tile = shape;
    const int row = chunk % tiling.down * tiling.rows, column = chunk / tiling.down * tiling.columns;
    tile.n = smaller(tiling.columns, n - column);
    matmul_rows(tile, smaller(tiling.rows, t - row), a + row * shape.a_row, b + column * shape.b_column,
                bias == nullptr ? nullptr : bias + column, c + row * shape.c_row + column, true,
                [](int, int, A*, int64_t) {});
  });
}

/** Through a tile of floats that `finish` (row, column, columns, values) turns into the result, row by row.
 */
template <typename A, typename Finish>
void matmul_then(ThreadPool& pool, MatmulShape shape, const A* a, const A* b, int t, int n,
                 const Finish& finish) {
  const Tiling tiling(t, n, 512);
  shape.bf16_result = false;
  pool.run(tiling.down * tiling.across, [&, shape](int chunk) {
    MatmulShape tile = shape;
    const int row = chunk % tiling.down * tiling.rows, column = chunk / tiling.down * tiling.columns;
    const int rows = smaller(tiling.rows, t - row);
    tile.n = smaller(tiling.columns, n - column);
    tile.c_row = tile.n;
    Scratch scratch;
    float* values = scratch.floats(static_cast<size_t>(divide_up(rows, kRowUnit)) * kRowUnit * tile.n);
    matmul_rows(tile, rows, a + row * shape.a_row, b + column * shape.b_column, nullptr, values, false,
                [&](int first, int count, const float* done, int64_t stride) {
                  for (int i = 0; i < count; ++i) finish(row + first + i, column, tile.n, done + i * stride);
                });
  });
}

/** total[i] += the sum of column i over the rows. */
template <typename A>
void add_columns(float* total, const A* x, int rows, int columns, int64_t stride) {
  for_vectors(columns, [&](int64_t i, int lanes) {
    Floats sum = zeros();
    for (int r = 0; r < rows; ++r) sum = sum + load_lanes(x + r * stride + i, lanes);
    store_lanes(total + i, load_lanes(total + i, lanes) + sum, lanes);
  });
}

/** Tokens that one step of the gradient of the weights sums over. */
constexpr int kMatmulReductionRows = 512;

/** One tile (outputs, inputs) of the gradient of the weights; dbias may be null. */
template <typename A>
void matmul_weight_tile(float* dw, float* dbias, const A* dy, const A* x, int t, int outputs, int inputs,
                        int n, int k) {
  MatmulShape shape;
  shape.bf16_result = false;
  shape.accumulate = true;
  shape.m = outputs;
  shape.n = inputs;
  shape.a_row = 1;
  shape.c_row = k;
  for (int row = 0; row < t; row += kMatmulReductionRows) {
    const int rows = smaller(kMatmulReductionRows, t - row), whole = rows / kRowUnit * kRowUnit;
    const A* a = dy + static_cast<int64_t>(row) * n;
    const A* b = x + static_cast<int64_t>(row) * k;
    if (dbias != nullptr) add_columns(dbias, a, rows, outputs, n);
    if (whole > 0) {
      shape.k = whole;
      shape.a_column = n;
      shape.b_row = k;
      matmul(shape, a, b, dw, nullptr);
    }
    if (whole == rows) continue;
    Scratch scratch;
    a = padded_rows(scratch, a + static_cast<int64_t>(whole) * n, rows - whole, outputs, n);
    b = padded_rows(scratch, b + static_cast<int64_t>(whole) * k, rows - whole, inputs, k);
    shape.k = kRowUnit;
    shape.a_column = outputs;
    shape.b_row = inputs;
    matmul(shape, a, b, dw, nullptr);
  }
}

/** dw (n, k) += dyᵀ x and dbias (n), which may be null, += the sums of the columns of dy. */
template <typename A>
void matmul_weights(ThreadPool& pool, float* dw, float* dbias, const A* dy, const A* x, int t, int n, int k) {
  const int outputs = static_cast<int64_t>(n) * k >= 256 * 768 ? 128 : 64, inputs = 256;
  const int down = divide_up(n, outputs), across = divide_up(k, inputs);
  pool.run(down * across, [&](int chunk) {
    const int output = chunk % down * outputs, input = chunk / down * inputs;
    matmul_weight_tile(dw + static_cast<int64_t>(output) * k + input,
                       dbias == nullptr || input > 0 ? nullptr : dbias + output, dy + output, x + input, t,
                       smaller(outputs, n - output), smaller(inputs, k - input), n, k);
  });
}

}  // namespace electra::cpu::ELECTRA_ISA
