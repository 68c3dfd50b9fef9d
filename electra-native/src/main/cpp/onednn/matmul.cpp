// One tile of a product by oneDNN. The library is an OpenMP build, the loops are ours: a thread tells libgomp
// that its own team has one thread before a primitive is made or run, so no OpenMP region ever starts.
#include "../cpu/matmul.h"

#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#pragma GCC visibility push(default)
#include "../electra_onednn.h"
#pragma GCC visibility pop

extern "C" void omp_set_num_threads(int threads);  // libgomp, already a dependency of libdnnl
extern "C" int omp_get_max_threads();

namespace electra {

namespace {

using dnnl::memory;

/** The setting belongs to the calling thread; a caller's own is put back for other users in the process. */
class OneOpenMpThread {
 public:
  OneOpenMpThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneOpenMpThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }

 private:
  int before_;
};

dnnl::engine& cpu_engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

struct Key {
  int64_t words[9];
  explicit Key(const MatmulShape& s)
      : words{s.bf16_result | s.accumulate << 1 | s.bias << 2,
              s.m,
              s.n,
              s.k,
              s.a_row,
              s.a_column,
              s.b_row,
              s.b_column,
              s.c_row} {}
  bool operator==(const Key& other) const { return std::memcmp(words, other.words, sizeof words) == 0; }
};

struct KeyHash {
  size_t operator()(const Key& key) const {
    uint64_t hash = 0;
    for (int64_t word : key.words) hash = (hash ^ static_cast<uint64_t>(word)) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
  }
};

/** A primitive and the memory objects of one thread. */
class Product {
 public:
  explicit Product(const MatmulShape& s) : stream_(cpu_engine()) {
    constexpr auto operands = memory::data_type::bf16;
    const auto result = s.bf16_result ? memory::data_type::bf16 : memory::data_type::f32;
    const memory::desc a({s.m, s.k}, operands, memory::dims{s.a_row, s.a_column});
    const memory::desc b({s.k, s.n}, operands, memory::dims{s.b_row, s.b_column});
    const memory::desc c({s.m, s.n}, result, memory::dims{s.c_row, 1});
    const memory::desc bias =
        s.bias ? memory::desc({1, s.n}, memory::data_type::f32, memory::dims{s.n, 1}) : memory::desc();
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (s.accumulate) {
      dnnl::post_ops sum;
      sum.append_sum(1.0f);
      attributes.set_post_ops(sum);
    }
    const dnnl::matmul::primitive_desc description(cpu_engine(), a, b, bias, c, attributes);
    matmul_ = dnnl::matmul(description);
    scratch_bytes_ = description.scratchpad_desc().get_size();
    add(DNNL_ARG_SRC, a);
    add(DNNL_ARG_WEIGHTS, b);
    add(DNNL_ARG_DST, c);
    add(DNNL_ARG_SCRATCHPAD, description.scratchpad_desc());
    if (s.bias) add(DNNL_ARG_BIAS, bias);
  }

  void run(const void* a, const void* b, void* c, const float* bias, void* scratch,
           MatmulLibrary::TakeScratch take) {
    set(DNNL_ARG_SRC, a);
    set(DNNL_ARG_WEIGHTS, b);
    set(DNNL_ARG_DST, c);
    set(DNNL_ARG_SCRATCHPAD, take(scratch, scratch_bytes_));
    if (arguments_.count(DNNL_ARG_BIAS) != 0) set(DNNL_ARG_BIAS, bias);
    matmul_.execute(stream_, arguments_);
  }

 private:
  void add(int argument, const memory::desc& desc) {
    arguments_.emplace(argument, memory(desc, cpu_engine(), nullptr));
  }
  void set(int argument, const void* p) { arguments_.at(argument).set_data_handle(const_cast<void*>(p)); }

  dnnl::matmul matmul_;
  dnnl::stream stream_;
  size_t scratch_bytes_ = 0;
  std::unordered_map<int, memory> arguments_;
};

constexpr size_t kMostProducts = 1024;  // far above what one model needs

void multiply(const MatmulShape& shape, const void* a, const void* b, void* c, const float* bias,
              void* scratch, MatmulLibrary::TakeScratch take) {
  const OneOpenMpThread guard;
  thread_local std::unordered_map<Key, Product, KeyHash> products;
  const Key key(shape);
  auto found = products.find(key);
  if (found == products.end()) {
    if (products.size() >= kMostProducts) products.clear();
    found = products.emplace(key, Product(shape)).first;
  }
  found->second.run(a, b, c, bias, scratch, take);
}

constexpr MatmulLibrary kLibrary{multiply};

}  // namespace

const void* onednn_products() { return &kLibrary; }

}  // namespace electra
