// The output projection tied to the word table, tile by tile over the vocabulary: cross-entropy, arg max and
// exact samples in one pass; logits again in the other direction. A vocabulary tile is packed once and meets
// all rows.
#include "../common/error.h"
#include "../common/philox.h"
#include "kernels.h"
#include "lm_head_tiles.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

constexpr int kTile = 256;
/** Rows that one chunk finishes. */
constexpr int kFinishRows = 16;

int smaller(int a, int b) { return a < b ? a : b; }

int tiles_of(int count, int size) { return (count + size - 1) / size; }

void check_labels(const int* labels, int m, int v) {
  for (int row = 0; row < m; ++row) {
    if (labels[row] < 0 || labels[row] >= v) {
      fail("label %d of row %d is not in [0, %d)", labels[row], row, v);
    }
  }
}

/** Calls body(first row, rows, logits without bias, distance of rows) for kBlockRows of m rows at a time. */
template <typename W, typename Body>
void for_logits(const OperandRows<W>& x, int m, const VocabularyTile<W>& tile, const Body& body) {
  Scratch scratch;
  const int ld = tile.padded;
  float* logits = scratch.floats(kBlockRows * ld);
  for (int row = 0; row < m; row += kBlockRows) {
    const int rows = smaller(kBlockRows, m - row);
    multiply<W>(logits, ld, x.left(row), tile.columns, rows, tile.padded, false);
    body(row, rows, logits, ld);
  }
}

/** What the tiles of the vocabulary know of each row: (tiles, m) each. */
struct RowStatistics {
  RowStatistics(Scratch& scratch, int tiles, int m)
      : m(m),
        tiles(tiles),
        max(scratch.floats(static_cast<int64_t>(tiles) * m)),
        sum(scratch.floats(static_cast<int64_t>(tiles) * m)),
        tempered_sum(scratch.floats(static_cast<int64_t>(tiles) * m)),
        arg_max(scratch.ints(static_cast<int64_t>(tiles) * m)),
        label_logit(scratch.floats(m)) {}

  int m, tiles;
  float *max, *sum, *tempered_sum;
  int* arg_max;
  float* label_logit;
};

template <typename W>
void tile_forward(RowStatistics& statistics, int index, const OperandRows<W>& x,
                  const VocabularyTile<W>& tile, const int* labels, bool find_arg_max,
                  float inverse_temperature) {
  for_logits(x, statistics.m, tile, [&](int first, int rows, float* logits, int ld) {
    for (int r = 0; r < rows; ++r) {
      const int row = first + r;
      const TileSums s =
          tile_sums(logits + r * ld, tile.bias, tile.padded, find_arg_max, inverse_temperature);
      const int64_t at = static_cast<int64_t>(index) * statistics.m + row;
      statistics.max[at] = s.max;
      statistics.sum[at] = s.sum;
      statistics.tempered_sum[at] = s.tempered_sum;
      statistics.arg_max[at] = tile.begin + s.arg_max;
      const int label = labels[row] - tile.begin;
      if (label >= 0 && label < tile.count) statistics.label_logit[row] = logits[r * ld + label];
    }
  });
}

/** One row of all tiles side by side; weights are relative to the largest logit, `best`. */
class RowOfTiles {
 public:
  RowOfTiles(Scratch& scratch, const RowStatistics& statistics)
      : s_(statistics), powers_(scratch.floats(round_up(statistics.tiles, kLanes))) {}

  void load_row(int row) {
    row_ = row;
    best_tile_ = 0;
    for (int i = 1; i < s_.tiles; ++i) {
      if (s_.max[at(i)] > s_.max[at(best_tile_)]) best_tile_ = i;
    }
  }
  float best() const { return s_.max[at(best_tile_)]; }
  int arg_max() const { return s_.arg_max[at(best_tile_)]; }

  float log_sum() {
    set_powers(1.0f);
    double total = 0;
    for (int i = 0; i < s_.tiles; ++i) total += static_cast<double>(s_.sum[at(i)]) * powers_[i];
    return static_cast<float>(best() + ::log(total));
  }

  /** The tile in which the cumulative weight passes uniform times the total, and what is left to pass there.
   */
  int sampled_tile(float uniform, float inverse_temperature, double* rest) {
    set_powers(inverse_temperature);
    double total = 0;
    for (int i = 0; i < s_.tiles; ++i) total += weight(i);
    const double target = uniform * total;
    double passed = 0;
    int last = 0;
    for (int i = 0; i < s_.tiles; ++i) {
      const double w = weight(i);
      *rest = target - passed;
      if (w > *rest) return i;
      if (w > 0) last = i;
      passed += w;
    }
    *rest = weight(last);
    return last;
  }

 private:
  int64_t at(int tile) const { return static_cast<int64_t>(tile) * s_.m + row_; }
  double weight(int tile) const { return static_cast<double>(s_.tempered_sum[at(tile)]) * powers_[tile]; }
  void set_powers(float inverse_temperature) {
    for (int i = 0; i < s_.tiles; ++i) powers_[i] = (s_.max[at(i)] - best()) * inverse_temperature;
    for (int i = 0; i < s_.tiles; i += kLanes) store(powers_ + i, exp(load(powers_ + i)));
  }

  const RowStatistics& s_;
  float* powers_;
  int row_ = 0, best_tile_ = 0;
};

/** The first id of the tile at which the cumulative weight passes `rest`, computed from its logits again. */
template <typename A>
int sample_in_tile(const A* x, const A* table, const float* bias, int begin, int count, int e, float best,
                   float inverse_temperature, double rest) {
  alignas(64) float weights[kTile];
  for (int i = 0; i < count; ++i) {
    const float logit = dot(x, table + static_cast<int64_t>(begin + i) * e, e) + bias[begin + i];
    weights[i] = (logit - best) * inverse_temperature;
  }
  for_vectors(count, [&](int64_t i, int lanes) {
    store_lanes(weights + i, exp(load_lanes(weights + i, lanes)), lanes);
  });
  double passed = 0;
  int last = 0;
  for (int i = 0; i < count; ++i) {
    passed += weights[i];
    if (passed > rest) return begin + i;
    if (weights[i] > 0) last = i;
  }
  return begin + last;
}

/** The rows are multiplied as W. */
template <typename W, typename A>
void all_logits(ThreadPool& pool, float* logits, const A* x, const A* table, const float* bias, int m, int v,
                int e) {
  Scratch shared;
  const OperandRows<W> rows(shared, x, e, m, e);
  pool.run(tiles_of(v, kTile), [&](int chunk) {
    Scratch scratch;
    VocabularyTile<W> tile(scratch, kTile, e);
    tile.pack(table, bias, chunk * kTile, smaller(kTile, v - chunk * kTile), e);
    for_logits(rows, m, tile, [&](int first, int count, float* block, int ld) {
      for (int r = 0; r < count; ++r) {
        float* target = logits + static_cast<int64_t>(first + r) * v + tile.begin;
        for_vectors(tile.count, [&](int64_t i, int lanes) {
          store_lanes(target + i, load(block + r * ld + i) + load(tile.bias + i), lanes);
        });
      }
    });
  });
}

/** What each tile of the vocabulary knows of each row; the rows are multiplied as W. */
template <typename W, typename A>
void fill_statistics(ThreadPool& pool, RowStatistics& statistics, const A* x, const A* table,
                     const float* bias, const int* labels, int m, int v, int e, bool find_arg_max,
                     float inverse_temperature) {
  Scratch shared;
  const OperandRows<W> rows(shared, x, e, m, e);
  pool.run(statistics.tiles, [&](int chunk) {
    Scratch scratch;
    VocabularyTile<W> tile(scratch, kTile, e);
    tile.pack(table, bias, chunk * kTile, smaller(kTile, v - chunk * kTile), e);
    tile_forward(statistics, chunk, rows, tile, labels, find_arg_max, inverse_temperature);
  });
}

}  // namespace

template <typename A>
void lm_head_forward(ThreadPool& pool, float* nll, float* lse, int* sampled, int* predicted, const A* x,
                     const A* table, const float* bias, const int* labels, int m, int v, int e,
                     float temperature, int64_t seed, int64_t step, int stream) {
  check_labels(labels, m, v);
  const float inverse_temperature = sampled != nullptr ? 1.0f / temperature : 1.0f;
  Scratch shared;
  RowStatistics statistics(shared, tiles_of(v, kTile), m);
  in_words_of<A>([&](auto word) {
    fill_statistics<decltype(word)>(pool, statistics, x, table, bias, labels, m, v, e, predicted != nullptr,
                                    inverse_temperature);
  });
  pool.run(tiles_of(m, kFinishRows), [&](int chunk) {
    Scratch scratch;
    RowOfTiles tiles(scratch, statistics);
    for (int row = chunk * kFinishRows; row < smaller(m, (chunk + 1) * kFinishRows); ++row) {
      tiles.load_row(row);
      lse[row] = tiles.log_sum();
      nll[row] = lse[row] - statistics.label_logit[row];
      if (predicted != nullptr) predicted[row] = tiles.arg_max();
      if (sampled == nullptr) continue;
      double rest = 0;
      const int tile =
          tiles.sampled_tile(philox_uniform(seed, stream, step, row), inverse_temperature, &rest);
      sampled[row] =
          sample_in_tile(x + static_cast<int64_t>(row) * e, table, bias, tile * kTile,
                         smaller(kTile, v - tile * kTile), e, tiles.best(), inverse_temperature, rest);
    }
  });
}

template <typename A>
void lm_head_logits(ThreadPool& pool, float* logits, const A* x, const A* table, const float* bias, int m,
                    int v, int e) {
  in_words_of<A>([&](auto word) { all_logits<decltype(word)>(pool, logits, x, table, bias, m, v, e); });
}

ELECTRA_INSTANTIATE(lm_head_forward);
ELECTRA_INSTANTIATE(lm_head_logits);

}  // namespace electra::cpu::ELECTRA_ISA
