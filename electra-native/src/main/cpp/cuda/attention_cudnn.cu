// Self-attention by cuDNN, as a yardstick: the graphs that its documentation gives for scaled dot-product
// attention over packed sequences, and for its gradient without atomics. This file has not run on a card yet.
//
// A graph is compiled once for each number of sequences, heads and head size, and longest sequence, rounded
// up to 64. The library keeps the logarithms of the sums padded, (b, n, s); two small kernels carry them to
// and from lse (n, t). Its dropout is not a function of seed, step and element as ours is, so dropout is
// refused.
#include <climits>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "attention_engine.h"
#include "cudnn_graph.h"
#include "vectors.cuh"

namespace electra::cuda {

namespace {

using Tensor = CudnnGraph::Tensor;

constexpr int kThreads = 256;
constexpr int kLongestStep = 64;
constexpr int kMostHeadSize = 128;

enum Id : int64_t {
  kQuery = 1,
  kKey,
  kValue,
  kContext,
  kStatistics,
  kScale,
  kMinus,
  kOne,
  kLengths,
  kQkvOffsets,
  kContextOffsets,
  kDquery,
  kDkey,
  kDvalue,
  kDcontext,
  kRowSums
};

/** What a graph is compiled for. */
struct Shape {
  int b, n, d, s;

  bool operator<(const Shape& other) const {
    return std::tie(b, n, d, s) < std::tie(other.b, other.n, other.d, other.s);
  }
};

/** Lengths (b), and where each sequence and the end (b + 1) lie in rows of qkv and of context, in elements.
 */
struct Layout {
  int *lengths, *qkv_offsets, *context_offsets;
};

__global__ void __launch_bounds__(kThreads)
    layout_kernel(Layout layout, const int* __restrict__ cu_seqlens, int b, int width) {
  const int i = int(blockIdx.x) * kThreads + int(threadIdx.x);
  if (i > b) return;
  const int first = cu_seqlens[i];
  layout.qkv_offsets[i] = 3 * width * first;
  layout.context_offsets[i] = width * first;
  if (i < b) layout.lengths[i] = cu_seqlens[i + 1] - first;
}

/** Copies between lse (n, t) and padded (b, n, s), a block for kThreads queries of one head of one sequence.
 */
template <bool kToPadded>
__global__ void __launch_bounds__(kThreads)
    statistics_kernel(float* padded, float* lse, const int* __restrict__ cu_seqlens, int n, int t, int s) {
  const int tiles = int(divide_up(s, kThreads));
  const int tile = int(blockIdx.x) % tiles, head = int(blockIdx.x) / tiles % n;
  const int sequence = int(blockIdx.x) / tiles / n, i = tile * kThreads + int(threadIdx.x);
  if (i >= s) return;
  const int first = cu_seqlens[sequence];
  const bool inside = i < cu_seqlens[sequence + 1] - first;
  float* const there = padded + (int64_t(sequence) * n + head) * s + i;
  float* const here = lse + int64_t(head) * t + first + i;
  if (kToPadded) {
    *there = inside ? *here : 0.0f;
  } else if (inside) {
    *here = *there;
  }
}

/** Both graphs of a shape have these. */
struct Operands {
  CudnnGraph& graph;
  const Shape& shape;
  CudnnShape rows{shape.b, shape.n, shape.s, shape.d}, columns{shape.b, shape.n, shape.d, shape.s};
  CudnnShape scores{shape.b, shape.n, shape.s, shape.s}, row{shape.b, shape.n, shape.s, 1};
  int64_t width = int64_t{shape.n} * shape.d;
  Tensor lengths = graph.memory(kLengths, kCudnnInt32, {shape.b, 1, 1, 1}, {1, 1, 1, 1});
  Tensor qkv_offsets = graph.memory(kQkvOffsets, kCudnnInt32, {shape.b + 1, 1, 1, 1}, {1, 1, 1, 1});
  Tensor context_offsets = graph.memory(kContextOffsets, kCudnnInt32, {shape.b + 1, 1, 1, 1}, {1, 1, 1, 1});
  Tensor scale = graph.scalar(kScale), minus = graph.scalar(kMinus);
  Tensor query = of_qkv(kQuery), key_columns = of_qkv_columns(kKey);
  Tensor statistics = graph.memory(kStatistics, kCudnnFloat, row, {row[1] * row[2], row[2], 1, 1});

  Tensor of_qkv(Id id) const {
    return graph.packed(id, kCudnnBf16, rows, {3 * width * shape.s, shape.d, 3 * width, 1}, qkv_offsets);
  }
  /** The same transposed. */
  Tensor of_qkv_columns(Id id) const {
    return graph.packed(id, kCudnnBf16, columns, {3 * width * shape.s, shape.d, 1, 3 * width}, qkv_offsets);
  }
  Tensor of_context(Id id) const {
    return graph.packed(id, kCudnnBf16, rows, {width * shape.s, shape.d, width, 1}, context_offsets);
  }

  /** A result of the shape of the scores. */
  Tensor score(CudnnMode mode, const Tensor& x, const Tensor& b) const {
    const Tensor y = graph.between(kCudnnFloat, scores);
    graph.pointwise(mode, y, x, &b);
    return y;
  }

  /** scale · query · keyᵀ. */
  Tensor scaled_scores() const {
    const Tensor s = graph.between(kCudnnFloat, scores);
    graph.matmul(s, query, key_columns, {&lengths, &lengths, nullptr});
    return score(kCudnnMultiply, s, scale);
  }

  /** The most negative number where the query or the key is past the end of its sequence. */
  Tensor masked(const Tensor& x) const {
    const auto within = [&](int64_t axis) {
      const Tensor index = graph.between(kCudnnInt32, scores), less = graph.between(kCudnnBoolean, scores);
      graph.index(index, x, axis);
      graph.pointwise(kCudnnLess, less, index, &lengths);
      return less;
    };
    const Tensor row_within = within(2), column_within = within(3),
                 both = graph.between(kCudnnBoolean, scores);
    graph.pointwise(kCudnnAnd, both, row_within, &column_within);
    const Tensor y = graph.between(kCudnnFloat, scores);
    graph.pointwise(kCudnnSelect, y, x, &minus, &both);
    return y;
  }

  /** (b, n, keys, queries) of bf16 from (b, n, queries, keys). */
  Tensor transposed(const Tensor& x) const {
    const Tensor y = graph.between(kCudnnBf16, scores,
                                   {scores[1] * scores[2] * scores[3], scores[2] * scores[3], 1, scores[2]});
    graph.reshape(y, x);
    return y;
  }
};

/** context = softmax(scores) value; statistics = log Σ exp(scores). */
void build_forward(CudnnGraph& graph, const Shape& shape) {
  const Operands o{graph, shape};
  const Tensor scores = o.masked(o.scaled_scores());
  const Tensor max = graph.between(kCudnnFloat, o.row), sum = graph.between(kCudnnFloat, o.row);
  graph.reduce(kCudnnMax, max, scores);
  const Tensor shifted = o.score(kCudnnSubtract, scores, max);
  const Tensor weights = graph.between(kCudnnFloat, o.scores);
  graph.pointwise(kCudnnExp, weights, shifted);
  graph.reduce(kCudnnSum, sum, weights);
  const Tensor log = graph.between(kCudnnFloat, o.row);
  graph.pointwise(kCudnnLog, log, sum);
  graph.pointwise(kCudnnAdd, o.statistics, max, &log);
  const Tensor probabilities = graph.between(kCudnnBf16, o.scores);
  graph.pointwise(kCudnnDivide, probabilities, weights, &sum);
  graph.matmul(o.of_context(kContext), probabilities, o.of_qkv(kValue), {&o.lengths, nullptr, &o.lengths});
}

/**
 * P = exp(scores - statistics), dvalue = Pᵀ dcontext, dS = scale P (dcontext valueᵀ - Σ dcontext context),
 * dkey = dSᵀ query, dquery = dS key.
 */
void build_backward(CudnnGraph& graph, const Shape& shape) {
  const Operands o{graph, shape};
  const CudnnGraph::Counts products{&o.lengths, nullptr, &o.lengths};
  const Tensor one = graph.scalar(kOne), dcontext = o.of_context(kDcontext), context = o.of_context(kContext);
  const Tensor both =
      graph.between(kCudnnFloat, o.rows, {o.width * shape.s, int64_t{shape.s} * shape.d, o.width, 1});
  graph.pointwise(kCudnnMultiply, both, dcontext, &context);
  const Tensor sum = graph.between(kCudnnFloat, o.row);
  graph.reduce(kCudnnSum, sum, both);
  const Tensor row_sums = graph.memory(kRowSums, kCudnnFloat, o.row, {o.row[1] * o.row[2], o.row[2], 1, 1});
  graph.pointwise(kCudnnMultiply, row_sums, sum, &one);

  const Tensor shifted = o.masked(o.score(kCudnnSubtract, o.scaled_scores(), o.statistics));
  const Tensor probabilities = graph.between(kCudnnFloat, o.scores);
  graph.pointwise(kCudnnExp, probabilities, shifted);
  graph.matmul(o.of_qkv(kDvalue), o.transposed(probabilities), dcontext, products);

  const Tensor dprobabilities = graph.between(kCudnnFloat, o.scores);
  graph.matmul(dprobabilities, dcontext, o.of_qkv_columns(kValue), {&o.lengths, &o.lengths, nullptr});
  const Tensor centred = o.score(kCudnnSubtract, dprobabilities, row_sums);
  const Tensor dscores = o.score(kCudnnMultiply, o.score(kCudnnMultiply, centred, probabilities), o.scale);
  graph.matmul(o.of_qkv(kDkey), o.transposed(dscores), o.query, products);

  const Tensor key = graph.between(kCudnnBf16, o.rows, {3 * o.width * shape.s, shape.d, 3 * o.width, 1});
  graph.reshape(key, o.key_columns);
  graph.matmul(o.of_qkv(kDquery), dscores, key, products);
}

/** The graphs of one card. */
class CudnnAttention final : public AttentionEngine {
 public:
  CudnnAttention() {
    if (cudnn().create(&handle_) != kCudnnSuccess) fail("cuDNN does not start on this card");
  }
  ~CudnnAttention() override {
    forward_.clear();
    backward_.clear();
    cudnn().destroy(handle_);
  }

  void forward(Device& device, bf16* context, float* lse, const bf16* qkv, const int* cu_seqlens, int b,
               int t, int n, int d, int max_seqlen, float p) override {
    require(t, n, d, p, is_aligned(context) && is_aligned(qkv));
    const Shape shape = shape_of(b, n, d, max_seqlen);
    Scratch scratch(device);
    const Layout layout = layout_of(device, scratch, cu_seqlens, b, n * d);
    float* const padded = scratch.floats(size_t(b) * n * shape.s);
    auto bindings = common(layout, padded, qkv, n, d);
    bindings.push_back({kValue, qkv + 2 * n * d});
    bindings.push_back({kContext, context});
    graph_of(forward_, shape, build_forward, "attention").run(handle_, device, bindings);
    if (lse != nullptr) statistics<false>(device, padded, lse, cu_seqlens, shape, t);
  }

  void backward(Device& device, bf16* dqkv, const bf16* dcontext, const bf16* qkv, const bf16* context,
                const float* lse, const int* cu_seqlens, int b, int t, int n, int d, int max_seqlen,
                float p) override {
    require(t, n, d, p, is_aligned(dqkv) && is_aligned(dcontext) && is_aligned(qkv) && is_aligned(context));
    const Shape shape = shape_of(b, n, d, max_seqlen);
    Scratch scratch(device);
    const Layout layout = layout_of(device, scratch, cu_seqlens, b, n * d);
    float* const padded = scratch.floats(size_t(b) * n * shape.s);
    statistics<true>(device, padded, const_cast<float*>(lse), cu_seqlens, shape, t);
    auto bindings = common(layout, padded, qkv, n, d);
    const int width = n * d;
    bindings.push_back({kValue, qkv + 2 * width});
    bindings.push_back({kContext, context});
    bindings.push_back({kDcontext, dcontext});
    bindings.push_back({kDquery, dqkv});
    bindings.push_back({kDkey, dqkv + width});
    bindings.push_back({kDvalue, dqkv + 2 * width});
    bindings.push_back({kOne, &one_});
    bindings.push_back({kRowSums, scratch.floats(size_t(b) * n * shape.s)});
    graph_of(backward_, shape, build_backward, "the gradient of attention").run(handle_, device, bindings);
  }

 private:
  using Graphs = std::map<Shape, CudnnGraph>;

  static void require(int t, int n, int d, float p, bool aligned) {
    if (p > 0) {
      fail(
          "cuDNN's attention cannot drop the probabilities that this library drops, a function of seed, step "
          "and "
          "element: set attention_probs_dropout_prob to 0, or electra.cuda.attention to own");
    }
    if (d % kVector != 0 || d > kMostHeadSize || !aligned) {
      fail(
          "cuDNN's attention takes head sizes that are multiples of 8 up to %d, 16-byte aligned, not %d: set "
          "electra.cuda.attention to own",
          kMostHeadSize, d);
    }
    if (int64_t{3} * t * n * d > INT_MAX) fail("%d tokens are too many for cuDNN's attention", t);
  }

  static Shape shape_of(int b, int n, int d, int max_seqlen) {
    return {b, n, d, int(divide_up(max_seqlen, kLongestStep)) * kLongestStep};
  }

  static Layout layout_of(Device& device, Scratch& scratch, const int* cu_seqlens, int b, int width) {
    const Layout layout{scratch.ints(size_t(b)), scratch.ints(size_t(b) + 1), scratch.ints(size_t(b) + 1)};
    launch(device, layout_kernel, unsigned(divide_up(b + 1, kThreads)), kThreads, 0, layout, cu_seqlens, b,
           width);
    return layout;
  }

  template <bool kToPadded>
  static void statistics(Device& device, float* padded, float* lse, const int* cu_seqlens, const Shape& shape,
                         int t) {
    const int64_t blocks = divide_up(shape.s, kThreads) * shape.n * shape.b;
    if (blocks > INT_MAX) fail("attention over %d sequences is too much for one launch", shape.b);
    launch(device, statistics_kernel<kToPadded>, unsigned(blocks), kThreads, 0, padded, lse, cu_seqlens,
           shape.n, t, shape.s);
  }

  /** Numbers of the host stay where they are until the graph has been started. */
  std::vector<CudnnGraph::Binding> common(const Layout& layout, float* padded, const bf16* qkv, int n,
                                          int d) {
    scale_ = 1.0f / sqrtf(float(d));
    return {{kQuery, qkv},
            {kKey, qkv + n * d},
            {kStatistics, padded},
            {kScale, &scale_},
            {kMinus, &minus_},
            {kLengths, layout.lengths},
            {kQkvOffsets, layout.qkv_offsets},
            {kContextOffsets, layout.context_offsets}};
  }

  CudnnGraph& graph_of(Graphs& graphs, const Shape& shape, void (*build)(CudnnGraph&, const Shape&),
                       const char* what) {
    const auto known = graphs.find(shape);
    if (known != graphs.end()) return known->second;
    CudnnGraph graph;
    build(graph, shape);
    graph.compile(handle_, what);
    return graphs.emplace(shape, std::move(graph)).first->second;
  }

  CudnnHandle handle_ = nullptr;
  Graphs forward_, backward_;
  float scale_ = 0, minus_ = std::numeric_limits<float>::lowest(), one_ = 1;
};

}  // namespace

std::unique_ptr<AttentionEngine> cudnn_attention() { return std::make_unique<CudnnAttention>(); }

}  // namespace electra::cuda
