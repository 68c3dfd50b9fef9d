// cudasim: compile .cu kernel sources as plain C++17 with g++ and execute their grids on the CPU.
// Test only. Every CUDA thread is a fiber; blocks run one after the other on the launching OS thread.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#define CUDASIM 1
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __shared__ static thread_local  // lands in PT_TLS: the runtime finds, poisons and shadows it
#define __constant__ static const
#define DYN_SMEM(name) unsigned char* const name = ::cudasim::dyn_smem()
#define CUDASIM_RAW __attribute__((no_sanitize("thread")))  // runtime code in this header is not checked
#define CUDASIM_LOC const char *file_ = __builtin_FILE(), int line_ = __builtin_LINE()

// ---- built-in types and variables
struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

// ---- runtime interface (cudasim.cpp)
namespace cudasim {
struct Loc {
  const char* file;
  int line;
};
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
enum class Order { Forward, Reverse, Random };
enum class MmaRound { Ideal, Sm80, Sm90 };
/** A deliberate mistake at one line of a kernel. */
enum class Fault {
  None,
  Barrier,      // __syncthreads is passed by
  WarpBarrier,  // __syncwarp is passed by
  Wait,         // the wait for cp.async leaves one group more in flight
  ZeroFill,     // cp.async of a row past the end leaves the destination as it is
  Fragment,     // two registers of the first operand of mma are exchanged
  Transpose,    // ldmatrix with .trans reads without, and the reverse
  Zeroing,      // cudaMemsetAsync does nothing
  Tail          // the last vector of a row is taken for whole: accesses past the end
};
struct Options {
  Order order = Order::Forward;  // order in which ready threads (and blocks) run
  uint64_t seed = 1;             // for Order::Random
  unsigned preempt = 0;          // instrumented build: switch threads at every n-th memory access on average
  MmaRound mma = MmaRound::Ideal;  // Sm80/Sm90: published truncation model of the tensor cores
  bool allow_exited = false;       // permit __syncthreads after some threads returned
  Fault fault = Fault::None;
  std::string fault_file;
  int fault_line = 0;
  bool records_sites = false;  // where faults could be
  bool deferred = false;       // work of a stream waits until somebody waits for it
  bool stale_graphs = false;   // a deliberate mistake: updated graphs keep the arguments of kernels
  size_t capacity = 0;         // bytes of the card, 0: those of the arena
};
struct Stats {
  uint64_t launches, blocks, threads, switches, barriers, warp_ops, mmas, ld_conflicts, checked;
  uint64_t instantiations, updates, graph_launches, allocations;
};
/** Notes that the site was reached, and says whether it is to misbehave. */
bool faulty(Fault fault, Loc loc);
/** The recorded sites as fault:file:line:name, and forgets them. */
std::vector<std::string> take_sites();
/** Bytes of the card's memory that are allocated now. */
size_t allocated_bytes();
/** Memory within an allocation is given out as if it were one, or may no longer be touched. */
void mark_part(void* p, size_t bytes, bool given_out);
Options& options();  // initialised from CUDASIM_ORDER / _SEED / _PREEMPT / _MMA
Stats& stats();
bool instrumented();  // kernels were compiled with -fsanitize=thread (hooks in cudasim.cpp)
unsigned char* dyn_smem();
unsigned lane();
int block_sync(int pred, Loc);
using WarpFn = void (*)(void** arg, unsigned mask);
void warp_op(const char* name, unsigned mask, bool aligned, void* arg, WarpFn fn, Loc, bool fence = false);
[[noreturn]] void fail(const char* fmt, ...) __attribute__((format(printf, 1, 2)));
void touch(const void* p, unsigned n, bool write, bool atomic, void* pc);
void run_grid(const void* fn, dim3 g, dim3 b, size_t smem, void (*body)(void*), void* ctx);
// tensor-core and async-copy emulation, used by mma.cuh
void mma_m16n8k16_bf16(float* d, const uint32_t* a, const uint32_t* b, const float* c, Loc);
void ldmatrix(uint32_t* r, const void* row, int num, bool trans, Loc);
uint32_t movmatrix_trans(uint32_t a, Loc);
void cp_async16(void* dst, const void* src, unsigned src_bytes, Loc);
void cp_async_commit();
void cp_async_wait(unsigned n, Loc);
}  // namespace cudasim

// ---- barriers and warp collectives
inline void __syncthreads(CUDASIM_LOC) { cudasim::block_sync(0, {file_, line_}); }
inline int __syncthreads_count(int p, CUDASIM_LOC) { return cudasim::block_sync(p, {file_, line_}); }
inline int __syncthreads_or(int p, CUDASIM_LOC) { return cudasim::block_sync(p, {file_, line_}) != 0; }
inline int __syncthreads_and(int p, CUDASIM_LOC) { return cudasim::block_sync(!p, {file_, line_}) == 0; }
inline void __syncwarp(unsigned mask = ~0u, CUDASIM_LOC) {
  cudasim::warp_op(
      "__syncwarp", mask, false, nullptr, [](void**, unsigned) {}, {file_, line_}, true);
}
inline void __threadfence() {}
inline void __threadfence_block() {}

namespace cudasim {
template <class T>
struct ShflArg {
  T in, out;
  int src;
};
template <class T>
T shfl(const char* name, unsigned mask, T v, int src, bool own, Loc loc) {
  ShflArg<T> a{v, v, own ? int(lane()) : src};
  warp_op(
      name, mask, false, &a,
      [](void** p, unsigned m) CUDASIM_RAW {
        for (int l = 0; l < 32; l++)
          if (m >> l & 1) {
            auto* x = static_cast<ShflArg<T>*>(p[l]);
            if (!(m >> x->src & 1))
              fail("shuffle: lane %d reads lane %d, which does not take part (mask %08x)", l, x->src, m);
            x->out = static_cast<ShflArg<T>*>(p[x->src])->in;
          }
      },
      loc);
  return a.out;
}
struct VoteArg {
  bool in;
  unsigned out;
};
inline unsigned vote(const char* name, unsigned mask, bool p, Loc loc) {
  VoteArg a{p, 0};
  warp_op(
      name, mask, false, &a,
      [](void** v, unsigned m) CUDASIM_RAW {
        unsigned r = 0;
        for (int l = 0; l < 32; l++)
          if (m >> l & 1) r |= unsigned(static_cast<VoteArg*>(v[l])->in) << l;
        for (int l = 0; l < 32; l++)
          if (m >> l & 1) static_cast<VoteArg*>(v[l])->out = r;
      },
      loc);
  return a.out;
}
}  // namespace cudasim
template <class T>
T __shfl_sync(unsigned mask, T v, int src, int width = 32, CUDASIM_LOC) {
  int l = cudasim::lane(), base = l & ~(width - 1);
  return cudasim::shfl("__shfl_sync", mask, v, base | (src & (width - 1)), false, {file_, line_});
}
template <class T>
T __shfl_xor_sync(unsigned mask, T v, int m, int width = 32, CUDASIM_LOC) {
  int l = cudasim::lane(), s = l ^ m;
  return cudasim::shfl("__shfl_xor_sync", mask, v, s, s >= (l & ~(width - 1)) + width, {file_, line_});
}
template <class T>
T __shfl_down_sync(unsigned mask, T v, unsigned d, int width = 32, CUDASIM_LOC) {
  int l = cudasim::lane(), s = l + int(d);
  return cudasim::shfl("__shfl_down_sync", mask, v, s, s >= (l & ~(width - 1)) + width, {file_, line_});
}
template <class T>
T __shfl_up_sync(unsigned mask, T v, unsigned d, int width = 32, CUDASIM_LOC) {
  int l = cudasim::lane(), s = l - int(d);
  return cudasim::shfl("__shfl_up_sync", mask, v, s, s < (l & ~(width - 1)), {file_, line_});
}
inline unsigned __ballot_sync(unsigned mask, int p, CUDASIM_LOC) {
  return cudasim::vote("__ballot_sync", mask, p, {file_, line_});
}
inline int __any_sync(unsigned mask, int p, CUDASIM_LOC) {
  return cudasim::vote("__any_sync", mask, p, {file_, line_}) != 0;
}
inline int __all_sync(unsigned mask, int p, CUDASIM_LOC) {
  return cudasim::vote("__all_sync", mask, !p, {file_, line_}) == 0;
}

// ---- atomics (fibers never interleave inside
// one)
namespace cudasim {
template <class T, class F>
CUDASIM_RAW __attribute__((noinline)) T atomic(T* p, F f) {
  touch(p, sizeof(T), true, true, __builtin_return_address(0));
  T old = *p;
  *p = f(old);
  return old;
}
}  // namespace cudasim
template <class T>
__forceinline__ T atomicAdd(T* p, std::common_type_t<T> v) {
  return cudasim::atomic(p, [=](T o) { return T(o + v); });
}
template <class T>
__forceinline__ T atomicMax(T* p, std::common_type_t<T> v) {
  return cudasim::atomic(p, [=](T o) { return std::max(o, v); });
}
template <class T>
__forceinline__ T atomicMin(T* p, std::common_type_t<T> v) {
  return cudasim::atomic(p, [=](T o) { return std::min(o, v); });
}
template <class T>
__forceinline__ T atomicExch(T* p, std::common_type_t<T> v) {
  return cudasim::atomic(p, [=](T) { return v; });
}
template <class T>
__forceinline__ T atomicCAS(T* p, std::common_type_t<T> c, std::common_type_t<T> v) {
  return cudasim::atomic(p, [=](T o) { return o == c ? v : o; });
}

// ---- maths and bit intrinsics
using std::max;
using std::min;
inline unsigned __float_as_uint(float f) {
  unsigned u;
  std::memcpy(&u, &f, 4);
  return u;
}
inline float __uint_as_float(unsigned u) {
  float f;
  std::memcpy(&f, &u, 4);
  return f;
}
inline int __float_as_int(float f) { return int(__float_as_uint(f)); }
inline float __int_as_float(int i) { return __uint_as_float(unsigned(i)); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
template <class T>
T __ldg(const T* p) {
  return *p;
}

// ---- bf16 (same names as cuda_bf16.h)
struct alignas(2)
    __nv_bfloat16 {  // an aggregate: a user-declared constructor would give __shared__ arrays an init guard
  unsigned short x_;
  operator float() const { return __uint_as_float(unsigned(x_) << 16); }
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
inline __nv_bfloat16 __float2bfloat16(float f) {  // round to nearest even, canonical NaN
  unsigned u = __float_as_uint(f);
  return {(u & 0x7fffffff) > 0x7f800000 ? (unsigned short)0x7fff
                                        : (unsigned short)((u + 0x7fff + (u >> 16 & 1)) >> 16)};
}
inline __nv_bfloat16 __float2bfloat16_rn(float f) { return __float2bfloat16(f); }
inline float __bfloat162float(__nv_bfloat16 h) { return h; }
inline __nv_bfloat162 __floats2bfloat162_rn(float a, float b) {
  return {__float2bfloat16(a), __float2bfloat16(b)};
}
inline __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 a, __nv_bfloat16 b) { return {a, b}; }
inline float2 __bfloat1622float2(__nv_bfloat162 v) { return {v.x, v.y}; }
inline float __low2float(__nv_bfloat162 v) { return v.x; }
inline float __high2float(__nv_bfloat162 v) { return v.y; }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 h) { return h.x_; }

// ---- host API
enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidDevice = 101,
  cudaErrorNotReady = 600,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901,
  cudaErrorGraphExecUpdateFailure = 910
};
enum cudaMemcpyKind {
  cudaMemcpyHostToHost,
  cudaMemcpyHostToDevice,
  cudaMemcpyDeviceToHost,
  cudaMemcpyDeviceToDevice,
  cudaMemcpyDefault
};
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
using cudaStream_t = struct CUstream_st*;
cudaError_t cudaMalloc(void** p, size_t n);
template <class T>
cudaError_t cudaMalloc(T** p, size_t n) {
  return cudaMalloc(reinterpret_cast<void**>(p), n);
}
cudaError_t cudaFree(void* p);
cudaError_t cudaMemcpy(void* d, const void* s, size_t n, cudaMemcpyKind k);
cudaError_t cudaMemset(void* d, int v, size_t n);
cudaError_t cudaMemcpyAsync(void* d, const void* s, size_t n, cudaMemcpyKind k, cudaStream_t = nullptr);
cudaError_t cudaMemsetAsync(void* d, int v, size_t n, cudaStream_t = nullptr, CUDASIM_LOC);
cudaError_t cudaFuncSetAttribute(const void* fn, cudaFuncAttribute, int v);
cudaError_t cudaGetLastError();
const char* cudaGetErrorString(cudaError_t);
cudaError_t cudaDeviceSynchronize();
struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem;
  int major, minor, multiProcessorCount;
};
constexpr unsigned cudaStreamNonBlocking = 1;
inline cudaError_t cudaSetDevice(int device) { return device == 0 ? cudaSuccess : cudaErrorInvalidDevice; }
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaMemGetInfo(size_t* free, size_t* total);

// ---- streams, events, pinned memory and graphs (streams.cpp)
using cudaEvent_t = struct CUevent_st*;
using cudaGraph_t = struct CUgraph_st*;
using cudaGraphExec_t = struct CUgraphExec_st*;
enum cudaStreamCaptureMode {
  cudaStreamCaptureModeGlobal,
  cudaStreamCaptureModeThreadLocal,
  cudaStreamCaptureModeRelaxed
};
enum cudaGraphExecUpdateResult { cudaGraphExecUpdateSuccess, cudaGraphExecUpdateErrorTopologyChanged = 2 };
struct cudaGraphExecUpdateResultInfo {
  cudaGraphExecUpdateResult result;
};
constexpr unsigned cudaEventDisableTiming = 2;
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventQuery(cudaEvent_t event);
cudaError_t cudaMallocHost(void** p, size_t n);
template <class T>
cudaError_t cudaMallocHost(T** p, size_t n) {
  return cudaMallocHost(reinterpret_cast<void**>(p), n);
}
cudaError_t cudaFreeHost(void* p);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long flags = 0);
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph, cudaGraphExecUpdateResultInfo* info);
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);

namespace cudasim {
enum class Work { Kernel, Copy, Fill, Host };
/** Puts work on a stream: it runs now, or later where the stream is captured or deferred. */
void submit(cudaStream_t stream, Work kind, std::function<void()> run);

template <class... P, class... A>
cudaError_t launch(void (*k)(P...), dim3 g, dim3 b, size_t smem, cudaStream_t stream, A&&... a) {
  struct Call {
    void (*k)(P...);
    std::tuple<std::decay_t<P>...> args;
  };
  if (smem > 48 * 1024)
    cudaFuncSetAttribute(reinterpret_cast<const void*>(k), cudaFuncAttributeMaxDynamicSharedMemorySize,
                         int(smem));
  // The arguments are copied here, as a launch does.
  submit(stream, Work::Kernel, [call = Call{k, {static_cast<P>(a)...}}, g, b, smem]() mutable {
    cudasim::run_grid(
        reinterpret_cast<const void*>(call.k), g, b, smem,
        [](void* p) {
          auto* c = static_cast<Call*>(p);
          std::apply(c->k, c->args);
        },
        &call);
  });
  return cudaGetLastError();
}
}  // namespace cudasim
