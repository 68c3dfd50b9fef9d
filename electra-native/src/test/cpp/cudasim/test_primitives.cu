// The primitives of mma.cuh against the formulas of the PTX ISA, written here independently of the emulation.
#include "cuda/mma.cuh"
#include "harness.h"

using namespace electra::cuda;

namespace {
__global__ void ld_kernel(const uint16_t* in, uint32_t* out,
                          int trans) {  // in: 32 x 8 row-major: four stacked 8 x 8 matrices
  __shared__ __align__(16) uint16_t s[32 * 8];
  for (int i = threadIdx.x; i < 256; i += 32) s[i] = in[i];
  __syncwarp();
  uint32_t r[4];
  if (trans)
    ldmatrix_x4_trans(r, s + threadIdx.x * 8);
  else
    ldmatrix_x4(r, s + threadIdx.x * 8);
  for (int q = 0; q < 4; q++) out[threadIdx.x * 4 + q] = r[q];
}
__global__ void mov_kernel(const uint32_t* in, uint32_t* out) {
  out[threadIdx.x] = movmatrix_trans(in[threadIdx.x]);
}
__global__ void mma_kernel(const uint32_t* a, const uint32_t* b, const float* c, float* d) {
  const int l = threadIdx.x;
  const uint32_t fa[4] = {a[l * 4], a[l * 4 + 1], a[l * 4 + 2], a[l * 4 + 3]},
                 fb[2] = {b[l * 2], b[l * 2 + 1]};
  float fc[4] = {c[l * 4], c[l * 4 + 1], c[l * 4 + 2], c[l * 4 + 3]}, fd[4];
  mma_m16n8k16(fd, fa, fb, fc);
  for (int i = 0; i < 4; i++) d[l * 4 + i] = fd[i];
}
__global__ void exp2_kernel(const float* in, float* out) {
  out[blockIdx.x * 32 + threadIdx.x] = exp2_approx(in[blockIdx.x * 32 + threadIdx.x]);
}
// cp.async with both predicates, double group: thread t copies chunk t to its own slot and reads the slot of
// its neighbour
__global__ void cp_kernel(const uint32_t* in, uint32_t* out, int valid) {
  __shared__ __align__(16) uint4 s[2][64];
  const int t = threadIdx.x;
  cp_async16(&s[0][t], in + t * 4, t < valid);
  cp_async_commit();
  cp_async16(&s[1][t], in + (64 + t) * 4, t >= valid);
  cp_async_commit();
  cp_async_wait<1>();
  __syncthreads();
  uint4 v = s[0][(t + 33) % 64];
  cp_async_wait<0>();
  __syncthreads();
  uint4 w = s[1][(t + 33) % 64];
  uint32_t o[8] = {v.x, v.y, v.z, v.w, w.x, w.y, w.z, w.w};
  for (int i = 0; i < 8; i++) out[t * 8 + i] = o[i];
}
// Which (row, col) element i of lane's fragment holds: literal transcription of the ISA text
void ptx_a(int lane, int i, int& r, int& c) {
  int gid = lane >> 2, tig = lane % 4;
  r = (0 <= i && i < 2) || (4 <= i && i < 6) ? gid : gid + 8;
  c = i < 4 ? tig * 2 + (i & 1) : tig * 2 + (i & 1) + 8;
}
void ptx_b(int lane, int i, int& r, int& c) {
  int gid = lane >> 2, tig = lane % 4;
  r = i < 2 ? tig * 2 + (i & 1) : tig * 2 + (i & 1) + 8;
  c = gid;
}
void ptx_c(int lane, int i, int& r, int& c) {
  int gid = lane >> 2, tig = lane % 4;
  r = i < 2 ? gid : gid + 8;
  c = tig * 2 + (i & 1);
}
// CUTLASS MMA_Traits<SM80_16x8x16_F32BF16BF16F32_TN>: (thread, value) -> linear index, column-major (m + 16
// k), (n + 8 k), (m + 16 n)
void cute_a(int t, int v, int& r, int& c) {
  int x = t % 4 * 32 + t / 4 + v % 2 * 16 + v / 2 % 2 * 8 + v / 4 * 128;
  r = x % 16;
  c = x / 16;
}
void cute_b(int t, int v, int& r, int& c) {
  int x = t % 4 * 16 + t / 4 + v % 2 * 8 + v / 2 * 64;
  c = x % 8;
  r = x / 8;
}
void cute_c(int t, int v, int& r, int& c) {
  int x = t % 4 * 32 + t / 4 + v % 2 * 16 + v / 2 * 8;
  r = x % 16;
  c = x / 16;
}
uint16_t bits(float x) {
  bf16 h = __float2bfloat16(x);
  uint16_t u;
  memcpy(&u, &h, 2);
  return u;
}
}  // namespace

void add_primitive_cases() {
  add("layouts: PTX ISA text == CUTLASS traits", [] {
    for (int l = 0; l < 32; l++) {
      int r, c, r2, c2;
      for (int i = 0; i < 8; i++) {
        ptx_a(l, i, r, c);
        cute_a(l, i, r2, c2);
        REQUIRE(r == r2 && c == c2, "A lane %d i %d", l, i);
      }
      for (int i = 0; i < 4; i++) {
        ptx_b(l, i, r, c);
        cute_b(l, i, r2, c2);
        REQUIRE(r == r2 && c == c2, "B lane %d i %d", l, i);
      }
      for (int i = 0; i < 4; i++) {
        ptx_c(l, i, r, c);
        cute_c(l, i, r2, c2);
        REQUIRE(r == r2 && c == c2, "C lane %d i %d", l, i);
      }
    }
  });
  for (int trans : {0, 1})
    add(trans ? "ldmatrix.x4.trans" : "ldmatrix.x4", [trans] {
      std::vector<uint16_t> in(256);
      for (int i = 0; i < 256; i++) in[i] = uint16_t(i * 257);
      Dev<uint16_t> I(in);
      Dev<uint32_t> O(128);
      CUDA(start(ld_kernel, 1, 32, I.p, O.p, trans));
      auto o = O.get();
      for (int l = 0; l < 32; l++)
        for (int q = 0; q < 4; q++)
          for (int h = 0; h < 2; h++) {
            int row = l / 4,
                col = l % 4 * 2 + h;  // fragment of a row; .trans: the matrix is read in column-major
            uint16_t want = trans ? in[q * 64 + col * 8 + row] : in[q * 64 + row * 8 + col];
            REQUIRE(uint16_t(o[l * 4 + q] >> 16 * h) == want, "lane %d matrix %d half %d", l, q, h);
          }
    });
  add("movmatrix.trans", [] {
    std::vector<uint32_t> in(32);
    for (int l = 0; l < 32; l++)
      in[l] = uint32_t(l * 2 + 1) << 16 | uint32_t(l * 2);  // element (row, col) = row * 8 + col
    Dev<uint32_t> I(in), O(32);
    CUDA(start(mov_kernel, 1, 32, I.p, O.p));
    auto o = O.get();
    for (int l = 0; l < 32; l++)
      for (int h = 0; h < 2; h++)
        REQUIRE((o[l] >> 16 * h & 0xffff) == uint32_t((l % 4 * 2 + h) * 8 + l / 4), "lane %d", l);
  });
  for (int variant : {0, 1, 2})
    add("mma.m16n8k16 variant " + std::to_string(variant), [variant] {
      // 0: small integers, exact in any rounding; 1: one-hot probes; 2: random against double
      std::mt19937 g(variant);
      std::vector<float> A(256), B(128), C(128);
      auto val = [&] {
        return variant == 2 ? std::normal_distribution<float>()(g) : float(int(g() % 17) - 8);
      };
      for (auto& x : A) x = __bfloat162float(__float2bfloat16(val()));
      for (auto& x : B) x = __bfloat162float(__float2bfloat16(val()));
      for (auto& x : C) x = val();
      for (int probe = 0; probe < (variant == 1 ? 16 : 1); probe++) {
        if (variant == 1) {
          std::fill(A.begin(), A.end(), 0.f);
          for (int m = 0; m < 16; m++) A[m * 16 + probe] = float(m + 1);
        }
        std::vector<uint32_t> a(128), b(64);
        std::vector<float> c(128);
        for (int l = 0; l < 32; l++) {
          int r, k;
          for (int i = 0; i < 8; i++) {
            ptx_a(l, i, r, k);
            a[l * 4 + i / 2] |= uint32_t(bits(A[r * 16 + k])) << 16 * (i & 1);
          }
          for (int i = 0; i < 4; i++) {
            ptx_b(l, i, r, k);
            b[l * 2 + i / 2] |= uint32_t(bits(B[r * 8 + k])) << 16 * (i & 1);
          }
          for (int i = 0; i < 4; i++) {
            ptx_c(l, i, r, k);
            c[l * 4 + i] = C[r * 8 + k];
          }
        }
        Dev<uint32_t> DA(a), DB(b);
        Dev<float> DC(c), DD(128);
        CUDA(start(mma_kernel, 1, 32, DA.p, DB.p, DC.p, DD.p));
        auto d = DD.get();
        std::vector<double> want(128);
        for (int l = 0; l < 32; l++)
          for (int i = 0; i < 4; i++) {
            int r, n;
            ptx_c(l, i, r, n);
            double s = C[r * 8 + n];
            for (int k = 0; k < 16; k++) s += double(A[r * 16 + k]) * B[k * 8 + n];
            want[l * 4 + i] = s;
          }
        compare("d", d, want, variant == 2 ? 4e-6 : 0, 0);
      }
    });
  add("ex2.approx", [] {
    std::vector<float> in = {0,       -0.0f,   1,    -1,      0.5f,     127,       127.5f,   128, 1000,
                             -125.9f, -126.0f, -127, -149.0f, -1000.0f, -INFINITY, INFINITY, NAN, 1e-30f};
    std::mt19937 g(1);
    while (in.size() < 1024) in.push_back(std::uniform_real_distribution<float>(-130, 130)(g));
    Dev<float> I(in), O(in.size());
    CUDA(start(exp2_kernel, unsigned(in.size() / 32), 32, I.p, O.p));
    auto o = O.get();
    for (size_t i = 0; i < in.size(); i++) {
      const double want = in[i] < -126 ? 0 : std::exp2(double(in[i]));
      if (std::isnan(in[i])) {
        REQUIRE(std::isnan(o[i]), "NaN gave %g", double(o[i]));
      } else if (want > double(std::numeric_limits<float>::max())) {
        REQUIRE(std::isinf(o[i]) && o[i] > 0, "2^%g = %g", double(in[i]), double(o[i]));
      } else {
        REQUIRE(std::fabs(o[i] - want) <= want * 0x1p-22, "2^%.9g = %.9g", double(in[i]), double(o[i]));
      }
    }
  });
  for (int valid : {0, 1, 40, 64})
    add("cp.async valid=" + std::to_string(valid), [valid] {
      std::vector<uint32_t> in(512);
      for (int i = 0; i < 512; i++) in[i] = i + 1;
      Dev<uint32_t> I(in), O(512);
      CUDA(start(cp_kernel, 1, 64, I.p, O.p, valid));
      auto o = O.get();
      for (int t = 0; t < 64; t++)
        for (int i = 0; i < 4; i++) {
          int s = (t + 33) % 64;
          REQUIRE(o[t * 8 + i] == (s < valid ? in[s * 4 + i] : 0) &&
                      o[t * 8 + 4 + i] == (s >= valid ? in[(64 + s) * 4 + i] : 0),
                  "thread %d", t);
        }
    });
}
