// Warp-level matrix primitives for sm_80 and later: inline PTX on the device, documented-layout emulation
// under cudasim. Fragment layouts: PTX ISA "Matrix Fragments for mma.m16n8k16 with floating point type" and
// "ldmatrix".
#pragma once
#include "device.cuh"

namespace electra::cuda {
#ifdef __CUDACC__
__device__ __forceinline__ unsigned smem_addr(const void* p) { return unsigned(__cvta_generic_to_shared(p)); }
// D = A(16x16, row) * B(16x8, col) + C
__device__ __forceinline__ void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                                             const float (&c)[4]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%10,%11,%12,%13};"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]), "f"(c[2]),
        "f"(c[3]));
}
// Lane l passes the address of row l % 8 of matrix l / 8; register q receives matrix q.
__device__ __forceinline__ void ldmatrix_x4(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(smem_addr(row))
               : "memory");
}
__device__ __forceinline__ void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(smem_addr(row))
               : "memory");
}
__device__ __forceinline__ uint32_t movmatrix_trans(uint32_t a) {
  uint32_t d;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(d) : "r"(a));
  return d;
}
// Copies 16 bytes, or zeros when !valid (src is then not read).
__device__ __forceinline__ void cp_async16(void* dst, const void* src, bool valid) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(smem_addr(dst)),
               "l"(__cvta_generic_to_global(src)), "r"(valid ? 16 : 0)
               : "memory");
}
__device__ __forceinline__ void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N>
__device__ __forceinline__ void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}
// 2^x to 2 units in the last place; denormals are zero.
__device__ __forceinline__ float exp2_approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
/**
 * x, of which the compiler knows nothing: what is derived from it inside a loop is not kept in registers
 * around it.
 */
__device__ __forceinline__ int opaque(int x) {
  asm volatile("" : "+r"(x));
  return x;
}
#else
inline int opaque(int x) { return x; }
inline void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const float (&c)[4],
                         CUDASIM_LOC) {
  cudasim::mma_m16n8k16_bf16(d, a, b, c, {file_, line_});
}
inline void ldmatrix_x4(uint32_t (&r)[4], const void* row, CUDASIM_LOC) {
  cudasim::ldmatrix(r, row, 4, false, {file_, line_});
}
inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row, CUDASIM_LOC) {
  cudasim::ldmatrix(r, row, 4, true, {file_, line_});
}
inline uint32_t movmatrix_trans(uint32_t a, CUDASIM_LOC) {
  return cudasim::movmatrix_trans(a, {file_, line_});
}
inline void cp_async16(void* dst, const void* src, bool valid, CUDASIM_LOC) {
  cudasim::cp_async16(dst, src, valid ? 16 : 0, {file_, line_});
}
inline void cp_async_commit() { cudasim::cp_async_commit(); }
template <int N>
void cp_async_wait(CUDASIM_LOC) {
  cudasim::cp_async_wait(N, {file_, line_});
}
inline float exp2_approx(float x) {
  const float y = std::exp2(x);
  return y < 0x1p-126f ? 0.0f : y;  // and NaN stays
}
#endif

__device__ __forceinline__ uint32_t pack(float lo, float hi) {
  bf162 v = __floats2bfloat162_rn(lo, hi);
  return *reinterpret_cast<uint32_t*>(&v);
}
}  // namespace electra::cuda
