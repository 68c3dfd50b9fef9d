// The matrix product by cuBLASLt. It counts columns first, so a row-major product d = op(a) op(b) is asked
// for as its transpose: d' = op(b)' op(a)'.
#include <map>
#include <memory>
#include <tuple>

#include "cublaslt.h"
#include "gemm.h"
#include "kernels.h"

namespace electra::cuda {

namespace {

constexpr size_t kMostPlans = 4096;
constexpr size_t kWorkspace = size_t{32} << 20;  // what the Hopper kernels of the library ask for at most

void check_lt(int status, const char* what) {
  if (status != kLtSuccess) fail("cuBLASLt: %s failed with status %d", what, status);
}

/** The largest power of two, 256 at most, that divides the address. */
uint32_t alignment_of(const void* p) {
  const uintptr_t bits = reinterpret_cast<uintptr_t>(p) | 256;
  return static_cast<uint32_t>(bits & (~bits + 1));
}

/** Everything that the choice of an algorithm depends on. */
struct Shape {
  int m, n, k;
  bool a_bf16, a_transposed, b_transposed, d_bf16, bias, accumulate;
  uint32_t a_alignment, b_alignment, d_alignment;

  auto key() const {
    return std::tie(m, n, k, a_bf16, a_transposed, b_transposed, d_bf16, bias, accumulate, a_alignment,
                    b_alignment, d_alignment);
  }
  bool operator<(const Shape& other) const { return key() < other.key(); }
};

LtType type_of(bool is_bf16) { return is_bf16 ? kLtBf16 : kLtFloat; }

/** Descriptions and the algorithm of one shape. */
class Plan {
 public:
  Plan(LtHandle handle, const Shape& s) : lt_(cublaslt()) {
    check_lt(lt_.description_create(&description_, kLtCompute32F, kLtFloat), "description");
    // Rows of d' are the columns of d: the library's first matrix is our b.
    set(kLtTransposeA, int32_t{s.b_transposed});
    set(kLtTransposeB, int32_t{s.a_transposed});
    if (s.bias) {
      set(kLtEpilogue, kLtEpilogueBias);
      set(kLtBiasType, int32_t{type_of(s.d_bf16)});
    }
    layout(&first_, s.a_bf16, s.b_transposed ? s.k : s.n, s.b_transposed ? s.n : s.k);
    layout(&second_, s.a_bf16, s.a_transposed ? s.m : s.k, s.a_transposed ? s.k : s.m);
    layout(&result_, s.d_bf16, s.n, s.m);
    choose(handle, s);
  }

  ~Plan() {
    lt_.layout_destroy(first_);
    lt_.layout_destroy(second_);
    lt_.layout_destroy(result_);
    lt_.description_destroy(description_);
  }

  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  void run(LtHandle handle, Device& device, void* d, const void* a, const void* b, const void* bias,
           bool accumulate) {
    if (bias != nullptr) set(kLtBiasPointer, bias);
    Scratch scratch(device);
    void* const workspace = scratch.bytes(workspace_);
    const float alpha = 1, beta = accumulate ? 1.0f : 0.0f;
    check_lt(lt_.matmul(handle, description_, &alpha, b, first_, a, second_, &beta, d, result_, d, result_,
                        &algorithm_, workspace, workspace_, device.stream()),
             "product");
  }

 private:
  template <typename Value>
  void set(LtDescriptionAttribute attribute, Value value) {
    check_lt(lt_.description_set(description_, attribute, &value, sizeof value), "attribute");
  }

  /** A matrix that lies in memory as `columns` runs of `rows` numbers. */
  void layout(LtLayout* layout, bool is_bf16, int rows, int columns) {
    check_lt(lt_.layout_create(layout, type_of(is_bf16), static_cast<uint64_t>(rows),
                               static_cast<uint64_t>(columns), rows),
             "layout");
  }

  void choose(LtHandle handle, const Shape& s) {
    LtPreference preference = nullptr;
    check_lt(lt_.preference_create(&preference), "preference");
    const auto prefer = [&](LtPreferenceAttribute attribute, auto value) {
      check_lt(lt_.preference_set(preference, attribute, &value, sizeof value), "preference");
    };
    prefer(kLtMostWorkspace, uint64_t{kWorkspace});
    prefer(kLtAlignmentA, s.b_alignment);
    prefer(kLtAlignmentB, s.a_alignment);
    prefer(kLtAlignmentC, s.d_alignment);
    prefer(kLtAlignmentD, s.d_alignment);
    LtHeuristic best{};
    int found = 0;
    const int status =
        lt_.heuristic(handle, description_, first_, second_, result_, result_, preference, 1, &best, &found);
    lt_.preference_destroy(preference);
    if (status != kLtSuccess || found == 0) {
      fail("cuBLASLt has no algorithm for a product of %d x %d x %d (status %d)", s.m, s.n, s.k, status);
    }
    algorithm_ = best.algorithm;
    workspace_ = best.workspace;
  }

  const CublasLt& lt_;
  LtDescription description_ = nullptr;
  LtLayout first_ = nullptr, second_ = nullptr, result_ = nullptr;
  LtAlgorithm algorithm_{};
  size_t workspace_ = 0;
};

/** The handle and the plans of a device, kept with it. */
class Plans final : public Device::Extension {
 public:
  Plans() { check_lt(cublaslt().create(&handle_), "start of the library"); }
  ~Plans() override {
    plans_.clear();
    cublaslt().destroy(handle_);
  }

  LtHandle handle() const { return handle_; }

  Plan& plan(const Shape& shape) {
    if (plans_.size() >= kMostPlans) plans_.clear();  // each number of tokens makes shapes of its own
    std::unique_ptr<Plan>& known = plans_[shape];
    if (known == nullptr) known = std::make_unique<Plan>(handle_, shape);
    return *known;
  }

 private:
  LtHandle handle_ = nullptr;
  std::map<Shape, std::unique_ptr<Plan>> plans_;
};

Plans& plans_of(Device& device) {
  if (device.products() == nullptr) device.products() = std::make_unique<Plans>();
  return static_cast<Plans&>(*device.products());
}

}  // namespace

void matrix_product(Device& device, void* d, bool d_bf16, Matrix a, Matrix b, const float* bias, int m, int n,
                    int k, bool accumulate) {
  const void* added = bias;
  if (bias != nullptr && d_bf16) {  // the library takes a bias of the type of d only
    Scratch scratch(device);
    auto* rounded = static_cast<bf16*>(scratch.bytes(sizeof(bf16) * static_cast<size_t>(n)));
    to_activation(device, rounded, bias, n);
    added = rounded;
  }
  const Shape shape{m,
                    n,
                    k,
                    a.bf16,
                    a.transposed,
                    b.transposed,
                    d_bf16,
                    bias != nullptr,
                    accumulate,
                    alignment_of(a.data),
                    alignment_of(b.data),
                    alignment_of(d)};
  if (!device.counts_launch()) {
    Scratch scratch(device);
    scratch.bytes(kWorkspace);
    return;
  }
  Plans& plans = plans_of(device);
  plans.plan(shape).run(plans.handle(), device, d, a.data, b.data, added, accumulate);
}

}  // namespace electra::cuda
