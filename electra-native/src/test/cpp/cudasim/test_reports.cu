// The simulator must report these broken kernels. Built with the instrumented flags.
#include "cuda/mma.cuh"
#include "harness.h"

using namespace electra::cuda;

namespace {
__global__ void divergent_barrier(int* x) {
  if (threadIdx.x < 32)
    __syncthreads();
  else {
    x[threadIdx.x] = 1;
    __syncthreads();
  }
}
__global__ void early_return(int* x) {
  if (threadIdx.x == 7) return;
  __syncthreads();
  x[threadIdx.x] = 1;
}
__global__ void missing_arrival(int* x) {
  if (threadIdx.x >= 32)
    __syncthreads();
  else
    x[threadIdx.x] = __shfl_sync(0xffffu, 1, 0);
}
__global__ void divergent_shuffle(int* x) {
  int v;
  if (threadIdx.x < 16)
    v = __shfl_xor_sync(kFull, 1, 1);
  else
    v = __shfl_xor_sync(kFull, 2, 1);
  x[threadIdx.x] = v;
}
__global__ void shuffle_from_absent(int* x) {
  x[threadIdx.x] = __shfl_down_sync(kFull, 1, 16);
}  // 48 threads: lanes 16.. of warp 1 are absent
__global__ void mma_partial_warp(float* x) {
  float d[4] = {};
  uint32_t a[4] = {}, b[2] = {};
  if (threadIdx.x < 32) return;
  mma_m16n8k16(d, a, b, d);
  x[0] = d[0];
}
__global__ void raw_race(int* x) {
  __shared__ int s[64];
  s[threadIdx.x] = 0;
  __syncthreads();
  s[threadIdx.x] = threadIdx.x;
  x[threadIdx.x] = s[63 - threadIdx.x];
}
__global__ void war_race(int* x) {
  __shared__ int s[64];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  int v = threadIdx.x < 32 ? s[63 - threadIdx.x] : 0;
  if (threadIdx.x >= 32) s[threadIdx.x] = v;
  x[threadIdx.x] = v;
}
__global__ void waw_race(int* x) {
  __shared__ int s;
  s = threadIdx.x;
  __syncthreads();
  x[threadIdx.x] = s;
}
__global__ void warp_race(int* x) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  x[threadIdx.x] = s[31 - threadIdx.x];
}
__global__ void shuffle_is_no_fence(int* x) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  int v = __shfl_xor_sync(kFull, 1, 1);
  x[threadIdx.x] = v + s[31 - threadIdx.x];
}
__global__ void warp_fence_ok(int* x) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  __syncwarp();
  x[threadIdx.x] = s[31 - threadIdx.x];
}
__global__ void half_fence(int* x) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  __syncwarp(threadIdx.x < 16 ? 0xffffu : 0xffff0000u);
  x[threadIdx.x] = s[31 - threadIdx.x];
}
__global__ void half_fence_ok(int* x) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  __syncwarp(threadIdx.x < 16 ? 0xffffu : 0xffff0000u);
  x[threadIdx.x] = s[threadIdx.x ^ 15];
}
__global__ void bf16_neighbours_ok(bf16* x) {
  __shared__ bf16 s[64];
  s[threadIdx.x] = __float2bfloat16(float(threadIdx.x));
  __syncthreads();
  x[threadIdx.x] = s[63 - threadIdx.x];
}
__global__ void bytes_neighbours_ok(unsigned char* x) {
  __shared__ unsigned char s[64];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  x[threadIdx.x] = s[63 - threadIdx.x];
}
__global__ void block_race(int* x) {
  if (threadIdx.x == 0) x[0] = blockIdx.x;
}
__global__ void block_race_rw(int* x) {
  if (threadIdx.x == 0) x[blockIdx.x] = blockIdx.x ? x[blockIdx.x - 1] : 0;
}
__global__ void lost_update(int* x) { x[0] += 1; }
__global__ void atomic_ok(int* x) { atomicAdd(x, 1); }
__global__ void atomic_and_plain(int* x) {
  if (threadIdx.x)
    atomicAdd(x, 1);
  else
    x[0] = 5;
}
__global__ void smem_overrun(int* x) {
  DYN_SMEM(raw);
  int* s = reinterpret_cast<int*>(raw);
  s[threadIdx.x + 1] = 1;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x + 1];
}
__global__ void uninit_smem(int* x) {
  __shared__ int s[64];
  if (threadIdx.x < 63) s[threadIdx.x] = 1;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}
__global__ void uninit_global(int* x, const int* y) { x[threadIdx.x] = y[threadIdx.x]; }
__global__ void global_overrun(int* x) { x[threadIdx.x + 1] = 1; }
__global__ void host_pointer(int* x, const int* h) { x[threadIdx.x] = h[0]; }
__global__ void forgets_last(int* x) {
  if (threadIdx.x < 63) x[threadIdx.x] = 1;
}
__global__ void misaligned(float4* x, const float* y) {
  x[threadIdx.x] = *reinterpret_cast<const float4*>(y + threadIdx.x);
}
__global__ void async_no_wait(int* x, const int* y) {
  __shared__ __align__(16) int s[256];
  cp_async16(s + threadIdx.x * 4, y + threadIdx.x * 4, true);
  cp_async_commit();
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
  cp_async_wait<0>();
}
__global__ void async_no_barrier(int* x, const int* y) {
  __shared__ __align__(16) int s[256];
  cp_async16(s + threadIdx.x * 4, y + threadIdx.x * 4, true);
  cp_async_commit();
  cp_async_wait<0>();
  x[threadIdx.x] = s[threadIdx.x];
}
__global__ void async_abandoned(int* x, const int* y) {
  __shared__ __align__(16) int s[256];
  cp_async16(s + threadIdx.x * 4, y + threadIdx.x * 4, true);
  cp_async_commit();
  x[threadIdx.x] = 1;
}
/** Each lane overwrites what it alone received, while the lane that passed the row's address may still read.
 */
template <bool kFence>
__global__ void row_reuse(int* x) {
  __shared__ __align__(16) uint16_t s[32 * 8];
  for (int i = 0; i < 8; i++) s[threadIdx.x * 8 + i] = uint16_t(i);
  __syncwarp();
  uint32_t r[4];
  ldmatrix_x4(r, s + threadIdx.x * 8);
  if (kFence) __syncwarp();
  s[threadIdx.x / 4 * 8 + threadIdx.x % 4 * 2] = uint16_t(r[0]);
  x[threadIdx.x] = int(r[0]);
}
__global__ void deadlock(int* x) {
  if (threadIdx.x == 40) {
    x[0] = __shfl_sync(kFull, 1, 0);
  }
  __syncthreads();
}
__global__ void local_overrun(int* x, int n) {
  int a[4] = {1, 2, 3, 4};
  x[threadIdx.x] = a[n & 7];
}

template <class... P, class... A>
void expect(const char* name, const char* message, void (*k)(P...), dim3 g, dim3 b, size_t smem, A... a) {
  add(std::string("sim ") + name, [=] {
    if (!cudasim::instrumented()) return;
    std::vector<int> y(512, 1);
    Dev<int> X(512), Y(y), U(512);
    CUDA(cudaMemset(X.p, 0, 2048));
    std::string got = "no error";
    auto saved = cudasim::options();
    cudasim::options() = {};  // the wording depends on the order
    try {
      CUDA(cudasim::launch(k, g, b, smem, nullptr,
                           reinterpret_cast<std::tuple_element_t<0, std::tuple<P...>>>(X.p), a(Y, U)...));
    } catch (const cudasim::Error& e) {
      got = e.what();
    }
    cudasim::options() = saved;
    REQUIRE(got.find(message) != std::string::npos, "expected '%s', got: %s", message, got.c_str());
  });
}
}  // namespace

void add_report_cases() {
  auto y = [](const Dev<int>& Y, const Dev<int>&) { return static_cast<const int*>(Y.p); };
  auto u = [](const Dev<int>&, const Dev<int>& U) { return static_cast<const int*>(U.p); };
  auto yf = [](const Dev<int>& Y, const Dev<int>&) { return reinterpret_cast<const float*>(Y.p); };
  auto h = [](const Dev<int>&, const Dev<int>&) {
    static std::vector<int> v(4);
    return static_cast<const int*>(v.data());
  };
  expect("divergent barrier", "DIVERGENT BARRIER", divergent_barrier, 1, 64, 0);
  expect("early return", "thread returns while", early_return, 1, 64, 0);
  expect("lane outside its mask", "is not in mask", missing_arrival, 1, 64, 0);
  expect("divergent shuffle", "DIVERGENT WARP", divergent_shuffle, 1, 32, 0);
  expect("shuffle from absent lane", "does not take part", shuffle_from_absent, 1, 48, 0);
  expect("mma in a partial warp", "needs a full warp", mma_partial_warp, 1, 48, 0);
  expect("read after write", "DATA RACE", raw_race, 1, 64, 0);
  expect("write after read", "DATA RACE (write after read)", war_race, 1, 64, 0);
  expect("write after write", "DATA RACE (write after write)", waw_race, 1, 64, 0);
  expect("race within a warp", "missing barrier", warp_race, 1, 32, 0);
  expect("shuffle is no fence", "not ordered by __syncwarp", shuffle_is_no_fence, 1, 32, 0);
  expect("syncwarp is a fence", "no error", warp_fence_ok, 1, 32, 0);
  expect("fence over half a warp", "missing barrier", half_fence, 1, 32, 0);
  expect("fence over half a warp is enough", "no error", half_fence_ok, 1, 32, 0);
  expect("neighbouring bf16", "no error", bf16_neighbours_ok, 1, 64, 0);
  expect("neighbouring bytes", "no error", bytes_neighbours_ok, 1, 64, 0);
  expect("race between blocks", "blocks of one launch are concurrent", block_race, 2, 32, 0);
  expect("read of another block's result", "blocks of one launch are concurrent", block_race_rw, 2, 32, 0);
  expect("lost update", "DATA RACE", lost_update, 1, 32, 0);
  expect("atomics", "no error", atomic_ok, 4, 64, 0);
  expect("atomic against plain write", "DATA RACE", atomic_and_plain, 1, 64, 0);
  expect("dynamic shared memory overrun", "OUT OF BOUNDS", smem_overrun, 1, 64, 256);
  expect("uninitialised shared memory", "UNINITIALISED", uninit_smem, 1, 64, 0);
  expect("uninitialised global memory", "UNINITIALISED", uninit_global, 1, 64, 0, u);
  expect("global overrun", "OUT OF BOUNDS", global_overrun, 1, 512, 0);
  expect("host pointer", "dereferences host memory", host_pointer, 1, 32, 0, h);
  expect("misaligned vector", "misaligned pointer", misaligned, 1, 2, 0, yf);
  expect("cp.async without wait", "in flight", async_no_wait, 1, 64, 0, y);
  expect("cp.async without barrier", "DATA RACE", async_no_barrier, 1, 64, 0, y);
  expect("cp.async abandoned", "not waited for", async_abandoned, 1, 64, 0, y);
  expect("row of ldmatrix overwritten", "DATA RACE (write after read)", row_reuse<false>, 1, 32, 0);
  expect("row of ldmatrix overwritten after a fence", "no error", row_reuse<true>, 1, 32, 0);
  auto six = [](const Dev<int>&, const Dev<int>&) { return 6; };
  expect("local array overrun", "array index out of bounds", local_overrun, 1, 32, 0, six);
  expect("deadlock between barriers", "DEADLOCK", deadlock, 1, 64, 0);
  add("sim incomplete output", [] {
    if (!cudasim::instrumented()) return;
    Dev<int> X(64);
    CUDA(cudasim::launch(forgets_last, 1, 64, 0, nullptr, X.p));
    std::string got;
    try {
      X.get();
    } catch (const cudasim::Error& e) {
      got = e.what();
    }
    REQUIRE(got.find("was never written") != std::string::npos, "got %s", got.c_str());
  });
  add("sim launch limits", [] {
    Dev<int> X(64);
    REQUIRE(cudasim::launch(forgets_last, dim3(0), 64, 0, nullptr, X.p) == cudaErrorInvalidConfiguration,
            "empty grid");
    REQUIRE(cudasim::launch(forgets_last, 1, 1025, 0, nullptr, X.p) == cudaErrorInvalidConfiguration,
            "block size");
    REQUIRE(cudasim::launch(forgets_last, 1, 64, 300 << 10, nullptr, X.p) == cudaErrorInvalidValue,
            "shared memory");
  });
}
