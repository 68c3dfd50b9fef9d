// What is used of cuDNN 9: its graph interface, as its documentation gives it. The library is opened at run
// time, so that neither the build nor a machine without a card needs it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "device.cuh"

namespace electra::cuda {

using CudnnHandle = struct CudnnHandleOpaque*;
using CudnnDescriptor = void*;

constexpr int kCudnnSuccess = 0;
/** The first version whose deterministic gradient of attention takes packed sequences, as its notes say. */
constexpr size_t kLeastCudnn = 90600;

enum CudnnDescriptorType : int {
  kCudnnPointwise = 0,
  kCudnnEngineConfiguration = 3,
  kCudnnEngineHeuristics = 4,
  kCudnnExecutionPlan = 5,
  kCudnnPointwiseOperation = 13,
  kCudnnOperationGraph = 15,
  kCudnnVariantPack = 16,
  kCudnnTensor = 17,
  kCudnnMatmul = 18,
  kCudnnMatmulOperation = 19,
  kCudnnReduction = 21,
  kCudnnReductionOperation = 22,
  kCudnnReshapeOperation = 31
};

/** How the values of an attribute are typed. */
enum CudnnValueType : int {
  kCudnnHandleValue = 0,
  kCudnnDataTypeValue = 1,
  kCudnnBooleanValue = 2,
  kCudnnInt64Value = 3,
  kCudnnDoubleValue = 5,
  kCudnnPointerValue = 6,
  kCudnnHeuristicsModeValue = 8,
  kCudnnPointwiseModeValue = 14,
  kCudnnDescriptorValue = 15,
  kCudnnReductionValue = 18
};

enum CudnnAttribute : int {
  kCudnnPointwiseMode = 0,
  kCudnnPointwisePrecision = 1,
  kCudnnPointwiseAxis = 9,
  kCudnnHeuristicsMode = 200,
  kCudnnHeuristicsGraph = 201,
  kCudnnHeuristicsResults = 202,
  kCudnnPlanHandle = 400,
  kCudnnPlanConfiguration = 401,
  kCudnnPlanWorkspace = 402,
  kCudnnPointwiseDescription = 750,
  kCudnnPointwiseX = 751,
  kCudnnPointwiseB = 752,
  kCudnnPointwiseY = 753,
  kCudnnPointwiseT = 758,
  kCudnnGraphHandle = 800,
  kCudnnGraphOperations = 801,
  kCudnnTensorAlignment = 900,
  kCudnnTensorDataType = 901,
  kCudnnTensorDimensions = 902,
  kCudnnTensorStrides = 903,
  kCudnnTensorId = 906,
  kCudnnTensorIsVirtual = 907,
  kCudnnTensorIsByValue = 908,
  kCudnnTensorRaggedOffset = 913,
  kCudnnPackIds = 1000,
  kCudnnPackPointers = 1001,
  kCudnnPackWorkspace = 1003,
  kCudnnMatmulPrecision = 1500,
  kCudnnMatmulPadding = 1503,
  kCudnnMatmulA = 1520,
  kCudnnMatmulB = 1521,
  kCudnnMatmulC = 1522,
  kCudnnMatmulDescription = 1523,
  kCudnnMatmulRows = 1525,  // the rows, columns and terms that a batch entry really has
  kCudnnMatmulColumns = 1526,
  kCudnnMatmulTerms = 1527,
  kCudnnReductionOperator = 1600,
  kCudnnReductionPrecision = 1601,
  kCudnnReductionX = 1610,
  kCudnnReductionY = 1611,
  kCudnnReductionDescription = 1612,
  kCudnnReshapeX = 2200,
  kCudnnReshapeY = 2201
};

enum CudnnType : int { kCudnnFloat = 0, kCudnnInt32 = 4, kCudnnBf16 = 9, kCudnnBoolean = 11 };
enum CudnnMode : int {
  kCudnnAdd = 0,
  kCudnnMultiply = 1,
  kCudnnDivide = 6,
  kCudnnSubtract = 9,
  kCudnnExp = 13,
  kCudnnLog = 15,
  kCudnnLess = 304,
  kCudnnAnd = 400,
  kCudnnIndex = 501,
  kCudnnSelect = 601
};
enum CudnnReductionMode : int { kCudnnSum = 0, kCudnnMax = 3 };
constexpr int kCudnnHeuristicsFallback = 2;
constexpr int kCudnnHeuristicsA = 3;

/** The functions of the library. */
struct Cudnn {
  int (*create)(CudnnHandle*);
  int (*destroy)(CudnnHandle);
  int (*set_stream)(CudnnHandle, cudaStream_t);
  size_t (*version)();
  const char* (*error_name)(int status);
  void (*last_error)(char* text, size_t bytes);
  int (*create_descriptor)(int type, CudnnDescriptor*);
  int (*destroy_descriptor)(CudnnDescriptor);
  int (*set_attribute)(CudnnDescriptor, int attribute, int type, int64_t count, const void* values);
  int (*get_attribute)(CudnnDescriptor, int attribute, int type, int64_t wanted, int64_t* count,
                       void* values);
  int (*finalize)(CudnnDescriptor);
  int (*execute)(CudnnHandle, CudnnDescriptor plan, CudnnDescriptor pack);
};

/** Opens the library by name or path, once; null with a sentence in `cause` when it cannot be used. */
const Cudnn* open_cudnn(const char* library, const char** cause);

/** The library that was opened. */
const Cudnn& cudnn();

}  // namespace electra::cuda
