// The squared norm of the gradient and the AdamW step of ELECTRA over a table of segments.
#include "kernels.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

constexpr int64_t kNormChunk = 1 << 16;
constexpr int64_t kStepChunk = 1 << 14;

/**
 * Sums squares in double: a float sum over millions of elements would lose half its digits. As many sums side
 * by side as keep the additions from waiting for each other.
 */
double sum_of_squares(const float* x, int64_t count) {
  constexpr int kStreams = 64;
  double sums[kStreams] = {};
  int64_t i = 0;
  for (; i + kStreams <= count; i += kStreams) {
#pragma GCC unroll 8
    for (int j = 0; j < kStreams; j += 8) {
#pragma omp simd
      for (int l = j; l < j + 8; ++l) sums[l] += static_cast<double>(x[i + l]) * x[i + l];
    }
  }
  for (int j = 0; i + j < count; ++j) sums[j] += static_cast<double>(x[i + j]) * x[i + j];
  double total = 0;
  for (double sum : sums) total += sum;
  return total;
}

struct Step {
  Floats clip, beta1, rest1, beta2, rest2, m_scale, v_scale, eps;
};

/** One vector of one segment; the rate and the decay are those of the segment. */
template <typename A>
inline void update(const Step& s, Floats rate, Floats decay, float* w, A* working, float* m, float* v,
                   float* grad, int lanes) {
  const Floats g = load_lanes(grad, lanes) * s.clip;
  const Floats before = load_lanes(w, lanes);
  const Floats first = multiply_add(s.beta1, load_lanes(m, lanes), s.rest1 * g);
  const Floats second = multiply_add(s.beta2, load_lanes(v, lanes), s.rest2 * g * g);
  Floats u = first * s.m_scale / (square_root(second * s.v_scale) + s.eps);
  u = multiply_add(decay, before, u);
  const Floats after = multiply_subtract_from(rate, u, before);
  store_lanes(m, first, lanes);
  store_lanes(v, second, lanes);
  store_lanes(w, after, lanes);
  store_lanes(working, after, lanes);
  store_lanes(grad, zeros(), lanes);
}

/** A part of a segment: what one chunk updates. */
struct Piece {
  int64_t begin, end;
  int segment;
};

int64_t pieces_of(const int64_t* begins, const int64_t* ends, int segments) {
  int64_t count = 0;
  for (int s = 0; s < segments; ++s) count += (ends[s] - begins[s] + kStepChunk - 1) / kStepChunk;
  return count;
}

void cut(Piece* pieces, const int64_t* begins, const int64_t* ends, int segments) {
  for (int s = 0; s < segments; ++s) {
    for (int64_t i = begins[s]; i < ends[s]; i += kStepChunk) {
      *pieces++ = Piece{i, ends[s] - i < kStepChunk ? ends[s] : i + kStepChunk, s};
    }
  }
}

}  // namespace

void squared_norm(ThreadPool& pool, double* sum, const float* x, int64_t count) {
  const int chunks = static_cast<int>((count + kNormChunk - 1) / kNormChunk);
  Scratch scratch;
  double* parts = scratch.doubles(static_cast<size_t>(chunks));
  pool.run(chunks, [&](int chunk) {
    const int64_t begin = chunk * kNormChunk;
    parts[chunk] = sum_of_squares(x + begin, count - begin < kNormChunk ? count - begin : kNormChunk);
  });
  double total = 0;
  for (int chunk = 0; chunk < chunks; ++chunk) total += parts[chunk];
  *sum = total;
}

template <typename A>
void adamw(ThreadPool& pool, float* w, A* working, float* m, float* v, float* grad, const int64_t* begins,
           const int64_t* ends, const float* multipliers, const float* decays, int segments,
           const double* squared_norm, float max_grad_norm, float learning_rate, float beta1, float beta2,
           float eps, float m_scale, float v_scale) {
  const bool finite = *squared_norm - *squared_norm == 0;
  const double norm = __builtin_sqrt(*squared_norm);
  const double clip = max_grad_norm > 0 && norm > max_grad_norm ? max_grad_norm / norm : 1.0;
  const Step step{broadcast(static_cast<float>(clip)),
                  broadcast(beta1),
                  broadcast(1.0f - beta1),
                  broadcast(beta2),
                  broadcast(1.0f - beta2),
                  broadcast(m_scale),
                  broadcast(v_scale),
                  broadcast(eps)};
  Scratch scratch;
  const int64_t count = pieces_of(begins, ends, segments);
  Piece* pieces = static_cast<Piece*>(scratch.bytes(sizeof(Piece) * static_cast<size_t>(count)));
  cut(pieces, begins, ends, segments);
  pool.run(static_cast<int>(count), [&](int chunk) {
    const Piece p = pieces[chunk];
    if (!finite) {
      std::memset(grad + p.begin, 0, sizeof(float) * static_cast<size_t>(p.end - p.begin));
      for_vectors(p.end - p.begin, [&](int64_t i, int lanes) {
        store_lanes(working + p.begin + i, load_lanes(w + p.begin + i, lanes), lanes);
      });
      return;
    }
    const Floats rate = broadcast(learning_rate * multipliers[p.segment]),
                 decay = broadcast(decays[p.segment]);
    for_vectors(p.end - p.begin, [&](int64_t i, int lanes) {
      const int64_t at = p.begin + i;
      update(step, rate, decay, w + at, working + at, m + at, v + at, grad + at, lanes);
    });
  });
}

ELECTRA_INSTANTIATE(adamw);

}  // namespace electra::cpu::ELECTRA_ISA
