// What is used of cuBLASLt 13, as its documentation gives it. The library is opened at run time, so that
// neither the build nor a machine without a card needs it.
#pragma once
#include <cstddef>
#include <cstdint>

namespace electra::cuda {

using LtHandle = struct LtHandleOpaque*;
using LtDescription = struct LtDescriptionOpaque*;
using LtLayout = struct LtLayoutOpaque*;
using LtPreference = struct LtPreferenceOpaque*;

constexpr int kLtSuccess = 0;
constexpr int kLtNotSupported = 15;
constexpr int kLtCompute32F = 68;
enum LtType : int { kLtFloat = 0, kLtBf16 = 14 };
enum LtDescriptionAttribute : int {
  kLtTransposeA = 3,
  kLtTransposeB = 4,
  kLtEpilogue = 7,
  kLtBiasPointer = 8,
  kLtBiasType = 26
};
enum LtPreferenceAttribute : int {
  kLtMostWorkspace = 1,
  kLtAlignmentA = 5,
  kLtAlignmentB,
  kLtAlignmentC,
  kLtAlignmentD
};
constexpr uint32_t kLtEpilogueBias = 4;

struct LtAlgorithm {
  uint64_t data[8];
};

struct LtHeuristic {
  LtAlgorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

/** The functions of the library. */
struct CublasLt {
  int (*create)(LtHandle*);
  int (*destroy)(LtHandle);
  size_t (*version)();
  int (*description_create)(LtDescription*, int compute_type, int scale_type);
  int (*description_destroy)(LtDescription);
  int (*description_set)(LtDescription, int attribute, const void* value, size_t bytes);
  int (*layout_create)(LtLayout*, int type, uint64_t rows, uint64_t columns, int64_t leading);
  int (*layout_destroy)(LtLayout);
  int (*preference_create)(LtPreference*);
  int (*preference_destroy)(LtPreference);
  int (*preference_set)(LtPreference, int attribute, const void* value, size_t bytes);
  int (*heuristic)(LtHandle, LtDescription, LtLayout a, LtLayout b, LtLayout c, LtLayout d, LtPreference,
                   int wanted, LtHeuristic* results, int* found);
  int (*matmul)(LtHandle, LtDescription, const void* alpha, const void* a, LtLayout, const void* b, LtLayout,
                const void* beta, const void* c, LtLayout, void* d, LtLayout, const LtAlgorithm*,
                void* workspace, size_t workspace_bytes, cudaStream_t);
};

/** Opens a library by name or path, once; null with a sentence in `cause` when it cannot be used. */
const CublasLt* open_cublaslt(const char* library, const char** cause);

/** The library that was opened. */
const CublasLt& cublaslt();

}  // namespace electra::cuda
