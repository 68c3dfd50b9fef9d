// A graph of operations that cuDNN runs as one kernel.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "cudnn.h"

namespace electra::cuda {

/** A descriptor of the library, destroyed with its owner. */
class CudnnObject {
 public:
  explicit CudnnObject(CudnnDescriptorType type);
  ~CudnnObject();
  CudnnObject(CudnnObject&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = nullptr; }
  CudnnObject(const CudnnObject&) = delete;
  CudnnObject& operator=(const CudnnObject&) = delete;

  CudnnDescriptor get() const { return descriptor_; }
  void set(CudnnAttribute attribute, CudnnValueType type, int64_t count, const void* values);
  void set_int(CudnnAttribute attribute, CudnnValueType type, int value) { set(attribute, type, 1, &value); }
  void set_object(CudnnAttribute attribute, const CudnnObject& value) {
    set(attribute, kCudnnDescriptorValue, 1, &value.descriptor_);
  }
  void finalize();
  /** Whether the library accepts it. */
  bool try_finalize();

 private:
  CudnnDescriptor descriptor_ = nullptr;
};

using CudnnShape = std::array<int64_t, 4>;

class CudnnGraph {
 public:
  struct Tensor {
    int64_t id;
    CudnnShape size, strides;
    std::shared_ptr<CudnnObject> object;
  };

  /** A tensor in memory, bound to a pointer by its id when the graph runs. */
  Tensor memory(int64_t id, CudnnType type, const CudnnShape& size, const CudnnShape& strides);
  /** The same, whose batch entry i starts at element offsets[i]. */
  Tensor packed(int64_t id, CudnnType type, const CudnnShape& size, const CudnnShape& strides,
                const Tensor& offsets);
  /** One number in the memory of the host. */
  Tensor scalar(int64_t id);
  /** A result that no memory holds; contiguous. */
  Tensor between(CudnnType type, const CudnnShape& size);
  Tensor between(CudnnType type, const CudnnShape& size, const CudnnShape& strides);

  /** Counts that a batch entry really has of the rows, columns and terms of a product, or null. */
  struct Counts {
    const Tensor *rows, *columns, *terms;
  };
  void matmul(const Tensor& c, const Tensor& a, const Tensor& b, const Counts& counts);
  void pointwise(CudnnMode mode, const Tensor& y, const Tensor& x, const Tensor* b = nullptr,
                 const Tensor* selector = nullptr);
  /** y = the index along an axis, of the shape of x. */
  void index(const Tensor& y, const Tensor& x, int64_t axis);
  void reduce(CudnnReductionMode mode, const Tensor& y, const Tensor& x);
  void reshape(const Tensor& y, const Tensor& x);

  /** Chooses a plan; throws when the library has none for this graph. */
  void compile(CudnnHandle handle, const char* what);

  struct Binding {
    int64_t id;
    const void* pointer;
  };
  void run(CudnnHandle handle, Device& device, const std::vector<Binding>& bindings);

 private:
  Tensor make(int64_t id, CudnnType type, const CudnnShape& size, const CudnnShape& strides, bool is_virtual,
              bool by_value, const Tensor* offsets);
  void add(CudnnObject operation);
  bool compile_by(CudnnHandle handle, const CudnnObject& graph, int heuristics);

  int64_t next_between_ = 1000;
  std::vector<CudnnObject> descriptions_;
  std::vector<CudnnObject> operations_;
  std::unique_ptr<CudnnObject> plan_;
  int64_t workspace_ = 0;
};

}  // namespace electra::cuda
