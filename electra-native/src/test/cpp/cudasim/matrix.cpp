// Tensor-core products and asynchronous copies with the documented fragment layouts.
#include "state.h"

namespace cudasim {
namespace {
struct MmaArg {
  float* d;
  const u32 *a, *b;
  const float* c;
};
float bf(u32 reg, int hi) { return __uint_as_float(hi ? reg & 0xffff0000u : reg << 16); }
int expo(float x) {
  int e = int(__float_as_uint(x) >> 23 & 255);
  return e ? e - 127 : -126;
}
// Published model of NVIDIA tensor cores (arXiv 2511.10909): products and c are aligned to the largest
// exponent, cut to F fractional bits, summed exactly, and the sum is cut to f32. sm_80: two steps of k=8,
// F=24; sm_90: k=16, F=25.
float fused(const float* a, const float* b, int k, float c, int F) {
  int e = expo(c);
  double ref = c;
  if (c == 0) e = -126;
  for (int i = 0; i < k; i++) {
    ref += double(a[i]) * b[i];
    if (a[i] != 0 && b[i] != 0) e = std::max(e, expo(a[i]) + expo(b[i]));
  }
  if (!std::isfinite(ref)) return float(ref);
  double s = std::trunc(std::ldexp(double(c), F - e));
  for (int i = 0; i < k; i++) s += std::trunc(std::ldexp(double(a[i]) * b[i], F - e));
  double r = std::ldexp(s, e - F);
  float q = float(r);
  if (std::fabs(double(q)) > std::fabs(r)) q = std::nextafter(q, 0.0f);
  return q;
}
void mma_all(void** arg, unsigned) {
  alignas(64) float A[16][16], B[8][16], C[16][8];
  MmaArg* p[32];
  for (int l = 0; l < 32; l++) {
    p[l] = static_cast<MmaArg*>(arg[l]);
    int g = l >> 2, t = l & 3;
    for (int i = 0; i < 8; i++)
      A[g + (i & 2 ? 8 : 0)][t * 2 + (i & 1) + (i >= 4 ? 8 : 0)] = bf(p[l]->a[i >> 1], i & 1);
    for (int i = 0; i < 4; i++) B[g][t * 2 + (i & 1) + (i >= 2 ? 8 : 0)] = bf(p[l]->b[i >> 1], i & 1);
    for (int i = 0; i < 4; i++) C[g + (i >= 2 ? 8 : 0)][t * 2 + (i & 1)] = p[l]->c[i];
  }
  for (int m = 0; m < 16; m++)
    for (int n = 0; n < 8; n++) {
      if (g_opt.mma == MmaRound::Sm80)
        C[m][n] = fused(A[m] + 8, B[n] + 8, 8, fused(A[m], B[n], 8, C[m][n], 24), 24);
      else if (g_opt.mma == MmaRound::Sm90)
        C[m][n] = fused(A[m], B[n], 16, C[m][n], 25);
      else {
        double s = C[m][n];
        for (int k = 0; k < 16; k++) s += double(A[m][k]) * double(B[n][k]);
        C[m][n] = float(s);
      }
    }
  for (int l = 0; l < 32; l++)
    for (int i = 0; i < 4; i++) p[l]->d[i] = C[(l >> 2) + (i >= 2 ? 8 : 0)][(l & 3) * 2 + (i & 1)];
  g_stats.mmas++;
}
bool shared(const void* p) {
  uptr a = uptr(p);
  return g_tls.has(a) || (a >= uptr(g_smem) && a < uptr(g_smem) + g_smem_n);
}
struct LdArg {
  u32* r;
  const u8* row;
  int num;
  bool trans;
  void* pc;
};
void ld_all(void** arg, unsigned) {
  Fiber* me = g_cur;
  for (int q = 0; q < static_cast<LdArg*>(arg[0])->num;
       q++) {  // eight 16-byte rows are free of bank conflicts iff they hit eight bank groups
    u32 m = 0;
    for (int i = 0; i < 8; i++) m |= 1u << (uptr(static_cast<LdArg*>(arg[q * 8 + i])->row) >> 4 & 7);
    g_stats.ld_conflicts += 8 - u64(__builtin_popcount(m));
  }
  // Which lane reads a row is left open by the ISA: the lane that passes its address is charged with it, and
  // each lane with what it receives.
  for (int l = 0; l < static_cast<LdArg*>(arg[0])->num * 8; l++) {
    auto& x = *static_cast<LdArg*>(arg[l]);
    g_cur = &g_fib[me->warp * 32 + u32(l)];
    if (shared(x.row) && !(uptr(x.row) & 15)) touch(x.row, 16, false, false, x.pc);
  }
  for (int l = 0; l < 32; l++) {
    auto& x = *static_cast<LdArg*>(arg[l]);
    g_cur = &g_fib[me->warp * 32 + u32(l)];
    for (int q = 0; q < x.num; q++) {
      u32 v = 0;
      for (int h = 0; h < 2; h++) {
        int row = x.trans ? (l & 3) * 2 + h : l >> 2, col = x.trans ? l >> 2 : (l & 3) * 2 + h;
        const u8* base = static_cast<LdArg*>(arg[q * 8 + row])->row;
        if (uptr(base) & 15)
          fail("ldmatrix: row address %% 16 = %d in lane %d", int(uptr(base) & 15), q * 8 + row);
        if (!shared(base)) fail("ldmatrix: lane %d passes an address that is not shared memory", q * 8 + row);
        touch(base + col * 2, 2, false, false, x.pc);
        u16 e;
        memcpy(&e, base + col * 2, 2);
        v |= u32(e) << (16 * h);
      }
      x.r[q] = v;
    }
  }
  g_cur = me;
}
struct MovArg {
  u32 a, d;
};
}  // namespace
void mma_m16n8k16_bf16(float* d, const uint32_t* a, const uint32_t* b, const float* c, Loc loc) {
  const uint32_t swapped[4] = {a[0], a[2], a[1], a[3]};
  MmaArg x{d, faulty(Fault::Fragment, loc) ? swapped : a, b, c};
  warp_op("mma.m16n8k16", ~0u, true, &x, mma_all, loc);
}
void ldmatrix(uint32_t* r, const void* row, int num, bool trans, Loc loc) {
  if (faulty(Fault::Transpose, loc)) trans = !trans;
  LdArg x{r, static_cast<const u8*>(row), num, trans, __builtin_return_address(0)};
  warp_op(trans ? "ldmatrix.trans" : "ldmatrix", ~0u, true, &x, ld_all, loc);
}
uint32_t movmatrix_trans(uint32_t a, Loc loc) {
  MovArg x{a, 0};
  warp_op(
      "movmatrix", ~0u, true, &x,
      [](void** p, unsigned) {
        for (int l = 0; l < 32; l++) {
          u32 v = 0;
          for (int h = 0; h < 2; h++) {
            int row = (l & 3) * 2 + h, col = l >> 2;
            u32 s = static_cast<MovArg*>(p[row * 4 + col / 2])->a;
            v |= (s >> (col & 1 ? 16 : 0) & 0xffff) << (16 * h);
          }
          static_cast<MovArg*>(p[l])->d = v;
        }
      },
      loc);
  return x.d;
}
void cp_async16(void* dst, const void* src, unsigned valid, Loc loc) {
  Fiber& f = *g_cur;
  void* pc = __builtin_return_address(0);
  if (valid == 0 && faulty(Fault::ZeroFill, loc)) return;
  if (valid > 16) fail("cp.async at %s:%d: src-size %u > 16", loc.file, loc.line, valid);
  if (uptr(dst) & 15 || (valid && uptr(src) & 15))
    fail("cp.async at %s:%d: misaligned (dst %% 16 = %d, src %% 16 = %d)", loc.file, loc.line,
         int(uptr(dst) & 15), int(uptr(src) & 15));
  if (valid) touch(src, valid, false, false, pc);
  if (!shared(dst))
    fail("cp.async at %s:%d: destination is not shared memory: %s", loc.file, loc.line,
         where(uptr(dst)).c_str());
  touch(dst, 16, true, false, pc);  // the write may land any time from now on
  Region* r = region(dst);
  memset(r->state + (uptr(dst) - r->lo), InFlight, 16);
  bool early = g_opt.order == Order::Reverse || (g_opt.order == Order::Random && rnd() & 1);
  if (early) {
    memset(dst, 0, 16);
    memcpy(dst, src, valid);
  }
  f.copies.push_back({static_cast<u8*>(dst), static_cast<const u8*>(src), valid, f.groups, loc, early});
}
void cp_async_commit() { g_cur->groups++; }
void cp_async_wait(unsigned n,
                   Loc loc) {  // late copies appear only here, the latest moment the hardware allows
  if (faulty(Fault::Wait, loc)) n++;
  Fiber& f = *g_cur;
  size_t k = 0;
  for (auto& c : f.copies) {
    if (c.group + n >= f.groups) {
      f.copies[k++] = c;
      continue;
    }
    if (!c.done) {
      memset(c.dst, 0, 16);
      memcpy(c.dst, c.src, c.valid);
    }
    Region* r = region(c.dst);
    memset(r->state + (uptr(c.dst) - r->lo), Init, 16);
    touch(c.dst, 16, true, false, __builtin_return_address(0));
  }
  f.copies.resize(k);
}

}  // namespace cudasim
