#include "cudnn_graph.h"

namespace electra::cuda {

namespace {

void check_cudnn(int status, const char* what) {
  if (status == kCudnnSuccess) return;
  char detail[512] = "";
  cudnn().last_error(detail, sizeof detail);
  fail("cuDNN: %s failed: %s %s", what, cudnn().error_name(status), detail);
}

CudnnShape contiguous(const CudnnShape& size) {
  return {size[1] * size[2] * size[3], size[2] * size[3], size[3], 1};
}

}  // namespace

CudnnObject::CudnnObject(CudnnDescriptorType type) {
  check_cudnn(cudnn().create_descriptor(type, &descriptor_), "a description");
}

CudnnObject::~CudnnObject() {
  if (descriptor_ != nullptr) cudnn().destroy_descriptor(descriptor_);
}

void CudnnObject::set(CudnnAttribute attribute, CudnnValueType type, int64_t count, const void* values) {
  check_cudnn(cudnn().set_attribute(descriptor_, attribute, type, count, values), "an attribute");
}

void CudnnObject::finalize() { check_cudnn(cudnn().finalize(descriptor_), "a description"); }

bool CudnnObject::try_finalize() { return cudnn().finalize(descriptor_) == kCudnnSuccess; }

CudnnGraph::Tensor CudnnGraph::make(int64_t id, CudnnType type, const CudnnShape& size,
                                    const CudnnShape& strides, bool is_virtual, bool by_value,
                                    const Tensor* offsets) {
  auto object = std::make_shared<CudnnObject>(kCudnnTensor);
  constexpr int64_t kAlignment = 16;
  const int64_t alignment = by_value ? int64_t{sizeof(float)} : kAlignment;
  object->set(kCudnnTensorId, kCudnnInt64Value, 1, &id);
  object->set_int(kCudnnTensorDataType, kCudnnDataTypeValue, type);
  object->set(kCudnnTensorAlignment, kCudnnInt64Value, 1, &alignment);
  object->set(kCudnnTensorDimensions, kCudnnInt64Value, 4, size.data());
  object->set(kCudnnTensorStrides, kCudnnInt64Value, 4, strides.data());
  object->set(kCudnnTensorIsVirtual, kCudnnBooleanValue, 1, &is_virtual);
  object->set(kCudnnTensorIsByValue, kCudnnBooleanValue, 1, &by_value);
  if (offsets != nullptr) object->set_object(kCudnnTensorRaggedOffset, *offsets->object);
  object->finalize();
  return Tensor{id, size, strides, object};
}

CudnnGraph::Tensor CudnnGraph::memory(int64_t id, CudnnType type, const CudnnShape& size,
                                      const CudnnShape& strides) {
  return make(id, type, size, strides, false, false, nullptr);
}

CudnnGraph::Tensor CudnnGraph::packed(int64_t id, CudnnType type, const CudnnShape& size,
                                      const CudnnShape& strides, const Tensor& offsets) {
  return make(id, type, size, strides, false, false, &offsets);
}

CudnnGraph::Tensor CudnnGraph::scalar(int64_t id) {
  return make(id, kCudnnFloat, {1, 1, 1, 1}, {1, 1, 1, 1}, false, true, nullptr);
}

CudnnGraph::Tensor CudnnGraph::between(CudnnType type, const CudnnShape& size) {
  return between(type, size, contiguous(size));
}

CudnnGraph::Tensor CudnnGraph::between(CudnnType type, const CudnnShape& size, const CudnnShape& strides) {
  return make(next_between_++, type, size, strides, true, false, nullptr);
}

void CudnnGraph::add(CudnnObject operation) {
  operation.finalize();
  operations_.push_back(std::move(operation));
}

void CudnnGraph::matmul(const Tensor& c, const Tensor& a, const Tensor& b, const Counts& counts) {
  CudnnObject description(kCudnnMatmul);
  const double padding = 0;
  description.set_int(kCudnnMatmulPrecision, kCudnnDataTypeValue, kCudnnFloat);
  description.set(kCudnnMatmulPadding, kCudnnDoubleValue, 1, &padding);
  description.finalize();
  CudnnObject operation(kCudnnMatmulOperation);
  operation.set_object(kCudnnMatmulDescription, description);
  operation.set_object(kCudnnMatmulA, *a.object);
  operation.set_object(kCudnnMatmulB, *b.object);
  operation.set_object(kCudnnMatmulC, *c.object);
  if (counts.rows != nullptr) operation.set_object(kCudnnMatmulRows, *counts.rows->object);
  if (counts.columns != nullptr) operation.set_object(kCudnnMatmulColumns, *counts.columns->object);
  if (counts.terms != nullptr) operation.set_object(kCudnnMatmulTerms, *counts.terms->object);
  descriptions_.push_back(std::move(description));
  add(std::move(operation));
}

void CudnnGraph::pointwise(CudnnMode mode, const Tensor& y, const Tensor& x, const Tensor* b,
                           const Tensor* selector) {
  CudnnObject description(kCudnnPointwise);
  const bool logical = mode == kCudnnLess || mode == kCudnnAnd;
  description.set_int(kCudnnPointwiseMode, kCudnnPointwiseModeValue, mode);
  description.set_int(kCudnnPointwisePrecision, kCudnnDataTypeValue, logical ? kCudnnBoolean : kCudnnFloat);
  description.finalize();
  CudnnObject operation(kCudnnPointwiseOperation);
  operation.set_object(kCudnnPointwiseDescription, description);
  operation.set_object(kCudnnPointwiseX, *x.object);
  if (b != nullptr) operation.set_object(kCudnnPointwiseB, *b->object);
  if (selector != nullptr) operation.set_object(kCudnnPointwiseT, *selector->object);
  operation.set_object(kCudnnPointwiseY, *y.object);
  descriptions_.push_back(std::move(description));
  add(std::move(operation));
}

void CudnnGraph::index(const Tensor& y, const Tensor& x, int64_t axis) {
  CudnnObject description(kCudnnPointwise);
  description.set_int(kCudnnPointwiseMode, kCudnnPointwiseModeValue, kCudnnIndex);
  description.set_int(kCudnnPointwisePrecision, kCudnnDataTypeValue, kCudnnInt32);
  description.set(kCudnnPointwiseAxis, kCudnnInt64Value, 1, &axis);
  description.finalize();
  CudnnObject operation(kCudnnPointwiseOperation);
  operation.set_object(kCudnnPointwiseDescription, description);
  operation.set_object(kCudnnPointwiseX, *x.object);
  operation.set_object(kCudnnPointwiseY, *y.object);
  descriptions_.push_back(std::move(description));
  add(std::move(operation));
}

void CudnnGraph::reduce(CudnnReductionMode mode, const Tensor& y, const Tensor& x) {
  CudnnObject description(kCudnnReduction);
  description.set_int(kCudnnReductionOperator, kCudnnReductionValue, mode);
  description.set_int(kCudnnReductionPrecision, kCudnnDataTypeValue, kCudnnFloat);
  description.finalize();
  CudnnObject operation(kCudnnReductionOperation);
  operation.set_object(kCudnnReductionDescription, description);
  operation.set_object(kCudnnReductionX, *x.object);
  operation.set_object(kCudnnReductionY, *y.object);
  descriptions_.push_back(std::move(description));
  add(std::move(operation));
}

void CudnnGraph::reshape(const Tensor& y, const Tensor& x) {
  CudnnObject operation(kCudnnReshapeOperation);
  operation.set_object(kCudnnReshapeX, *x.object);
  operation.set_object(kCudnnReshapeY, *y.object);
  add(std::move(operation));
}

void CudnnGraph::compile(CudnnHandle handle, const char* what) {
  CudnnObject graph(kCudnnOperationGraph);
  std::vector<CudnnDescriptor> operations;
  for (const CudnnObject& operation : operations_) operations.push_back(operation.get());
  graph.set(kCudnnGraphHandle, kCudnnHandleValue, 1, &handle);
  graph.set(kCudnnGraphOperations, kCudnnDescriptorValue, int64_t(operations.size()), operations.data());
  graph.finalize();
  if (compile_by(handle, graph, kCudnnHeuristicsA) || compile_by(handle, graph, kCudnnHeuristicsFallback))
    return;
  char detail[512] = "";
  cudnn().last_error(detail, sizeof detail);
  fail("cuDNN %zu has no plan for %s: %s", cudnn().version(), what, detail);
}

/** Takes the first of the library's suggestions that it can also prepare. */
bool CudnnGraph::compile_by(CudnnHandle handle, const CudnnObject& graph, int mode) {
  CudnnObject heuristics(kCudnnEngineHeuristics);
  heuristics.set_object(kCudnnHeuristicsGraph, graph);
  heuristics.set_int(kCudnnHeuristicsMode, kCudnnHeuristicsModeValue, mode);
  if (!heuristics.try_finalize()) return false;
  constexpr int64_t kMost = 8;
  std::vector<CudnnObject> suggestions;
  CudnnDescriptor targets[kMost];
  for (CudnnDescriptor& target : targets) {
    suggestions.emplace_back(kCudnnEngineConfiguration);
    target = suggestions.back().get();
  }
  int64_t found = 0;
  check_cudnn(cudnn().get_attribute(heuristics.get(), kCudnnHeuristicsResults, kCudnnDescriptorValue, kMost,
                                    &found, targets),
              "the choice of a plan");
  for (int64_t i = 0; i < found && i < kMost; i++) {
    auto plan = std::make_unique<CudnnObject>(kCudnnExecutionPlan);
    plan->set(kCudnnPlanHandle, kCudnnHandleValue, 1, &handle);
    plan->set_object(kCudnnPlanConfiguration, suggestions[size_t(i)]);
    if (!plan->try_finalize()) continue;
    int64_t count = 0;
    check_cudnn(
        cudnn().get_attribute(plan->get(), kCudnnPlanWorkspace, kCudnnInt64Value, 1, &count, &workspace_),
        "the size of the workspace");
    plan_ = std::move(plan);
    return true;
  }
  return false;
}

void CudnnGraph::run(CudnnHandle handle, Device& device, const std::vector<Binding>& bindings) {
  Scratch scratch(device);
  void* const workspace = scratch.bytes(size_t(workspace_));
  if (!device.counts_launch()) return;
  std::vector<int64_t> ids;
  std::vector<const void*> pointers;
  for (const Binding& binding : bindings) {
    ids.push_back(binding.id);
    pointers.push_back(binding.pointer);
  }
  CudnnObject pack(kCudnnVariantPack);
  pack.set(kCudnnPackIds, kCudnnInt64Value, int64_t(ids.size()), ids.data());
  pack.set(kCudnnPackPointers, kCudnnPointerValue, int64_t(pointers.size()), pointers.data());
  pack.set(kCudnnPackWorkspace, kCudnnPointerValue, 1, &workspace);
  pack.finalize();
  check_cudnn(cudnn().set_stream(handle, device.stream()), "the choice of the stream");
  check_cudnn(cudnn().execute(handle, plan_->get(), pack.get()), "attention");
}

}  // namespace electra::cuda
