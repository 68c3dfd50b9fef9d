// cudasim runtime: fibers, scheduler, device memory, shadow-memory checker. Never compiled with
// -fsanitize=thread.
#include "cudasim.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <vector>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif
#if !defined(__x86_64__) && !defined(CUDASIM_UCONTEXT)
#define CUDASIM_UCONTEXT
#endif
#ifdef CUDASIM_UCONTEXT
#include <ucontext.h>
#endif

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

extern "C" void* __tls_get_addr(size_t*);

namespace cudasim {
namespace {
using std::string;
using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using uptr = uintptr_t;

// ------------------------------------------------------------------ state
enum class St : u8 { Ready, Block, Warp, Done };
struct Copy {
  u8* dst;
  const u8* src;
  u32 valid, group;
  Loc loc;
  bool done;
};
struct Fiber {
  void* sp = nullptr;
  u8* stack = nullptr;
  uint3 tid;
  u32 lin = 0, warp = 0, lane = 0;
  St st = St::Done;
  Loc loc{};
  const char* what = "";
  int pred = 0;
  u32 vc[32];  // lane clocks seen since the last block barrier
  std::vector<Copy> copies;
  u32 groups = 0;  // cp.async in flight; groups committed so far
#ifdef CUDASIM_UCONTEXT
  ucontext_t uc;
#endif
};
struct WarpOp {
  const char* name;
  u32 mask, arrived;
  Loc loc;
  void* arg[32];
  WarpFn fn;
  bool used;
};
struct Warp {
  u32 exist = 0, exited = 0;
  WarpOp ops[4] = {};
};
struct Cell {  // shadow of two bytes
  u32 we;
  u16 wt, wc;
  u32 wpc;  // last write: epoch, thread, lane clock, pc | atomic | byte mask
  u32 re;
  u16 rt, rc;
  u32 rpc;
  u16 rt2, rc2;
  u32 rpc2;  // first and one further reader since the epoch
};
struct Region {
  uptr lo = 0, hi = 0;
  Cell* cell = nullptr;
  u8* state = nullptr;
  bool has(uptr a) const { return a - lo < hi - lo; }
};
enum : u8 { Free = 0, Uninit = 1, Init = 2, InFlight = 3 };

constexpr size_t kArena = size_t(1) << 30, kStack = 128 << 10, kRed = 256, kSmemMax = 227 << 10,
                 kTlsMax = 1 << 20;
std::recursive_mutex g_lock;  // one launch or copy at a time, from whichever thread
Options g_opt;
Stats g_stats;
bool g_instr;
cudaError_t g_last = cudaSuccess;
std::vector<Fiber> g_fib;
std::vector<Warp> g_warps;
u32 g_ready, g_lanes[32];  // warps with ready threads; ready lanes of each warp
Fiber g_main;
Fiber* g_cur;
u32 g_epoch = 1, g_launch_epoch, g_block_epoch, g_alive, g_arrived, g_nexit;
int g_predsum;
Loc g_bloc;
u64 g_rng;
string g_error;
bool g_aborted;
void (*g_body)(void*);
void* g_ctx;
const void* g_fn;
Region g_dev, g_tls;
uptr g_img_lo, g_img_hi, g_bias, g_bump;
u8* g_smem;
size_t g_smem_n;
uptr g_stack_lo, g_stack_hi;
std::map<uptr, size_t> g_alloc;
std::map<const void*, int> g_attr;
std::vector<u32> g_bstart;
std::vector<u32> g_bid;

u64 rnd() {
  g_rng ^= g_rng << 13;
  g_rng ^= g_rng >> 7;
  return g_rng ^= g_rng << 17;
}
void* map(size_t n) {
  void* p = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    perror("cudasim: mmap");
    abort();
  }
  return p;
}
void init() {
  static bool done = false;
  if (done) return;
  done = true;
  auto env = [](const char* k) {
    const char* v = getenv(k);
    return string(v ? v : "");
  };
  string o = env("CUDASIM_ORDER"), s = env("CUDASIM_SEED"), p = env("CUDASIM_PREEMPT"),
         m = env("CUDASIM_MMA");
  if (!o.empty())
    g_opt.order = o == "random" ? Order::Random : o == "reverse" ? Order::Reverse : Order::Forward;
  if (!s.empty()) g_opt.seed = std::stoull(s);
  if (!p.empty()) g_opt.preempt = unsigned(std::stoul(p));
  if (!m.empty()) g_opt.mma = m == "sm80" ? MmaRound::Sm80 : m == "sm90" ? MmaRound::Sm90 : MmaRound::Ideal;
  g_dev.lo = uptr(map(kArena));
  g_dev.hi = g_dev.lo + kArena;
  g_dev.cell = static_cast<Cell*>(map(kArena / 2 * sizeof(Cell)));
  g_dev.state = static_cast<u8*>(map(kArena));
  g_tls.cell = static_cast<Cell*>(map(kTlsMax / 2 * sizeof(Cell)));
  g_tls.state = static_cast<u8*>(map(kTlsMax));
  g_bump = g_dev.lo + (1 << 20);  // the first MiB is the dynamic shared memory window
}

// ------------------------------------------------------------------ context switch
#ifndef CUDASIM_UCONTEXT
extern "C" void cudasim_switch(void** save, void* load);
asm(".text\n.globl cudasim_switch\n.type cudasim_switch,@function\ncudasim_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\nmovq %rsp,(%rdi)\nmovq "
    "%rsi,%rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n.size "
    "cudasim_switch,.-cudasim_switch\n");
#endif
void switch_to(Fiber* from, Fiber* to) {
  g_stats.switches++;
  g_cur = to == &g_main ? nullptr : to;
  if (g_cur) threadIdx = to->tid;
#ifdef __SANITIZE_ADDRESS__
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(from->st == St::Done ? nullptr : &fake, to->stack, to->stack ? kStack : 0);
#endif
#ifndef CUDASIM_UCONTEXT
  cudasim_switch(&from->sp, to->sp);
#else
  swapcontext(&from->uc, &to->uc);
#endif
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
}
unsigned any_bit(u32 m) {
  unsigned r = rnd() & 31;
  return unsigned(__builtin_ctz(m >> r | (r ? m << (32 - r) : 0)) + r) & 31;
}
// Forward and Reverse let the first (last) warp run as far ahead as the barriers allow; Random mostly stays
// with a warp and now and then changes to another, so that warps drift apart by whole loop rounds.
Fiber* pick() {
  if (!g_ready) return nullptr;
  unsigned w, l, now = g_cur ? g_cur->warp : 0;
  if (g_opt.order == Order::Random)
    w = g_ready >> now & 1 && rnd() & 63 ? now : any_bit(g_ready);
  else
    w = g_opt.order == Order::Forward ? unsigned(__builtin_ctz(g_ready))
                                      : 31u - unsigned(__builtin_clz(g_ready));
  u32& m = g_lanes[w];
  l = g_opt.order == Order::Random    ? any_bit(m)
      : g_opt.order == Order::Forward ? unsigned(__builtin_ctz(m))
                                      : 31u - unsigned(__builtin_clz(m));
  if (!(m &= ~(1u << l))) g_ready &= ~(1u << w);
  return &g_fib[w * 32 + l];
}
void ready(Fiber& f) {
  f.st = St::Ready;
  g_ready |= 1u << f.warp;
  g_lanes[f.warp] |= 1u << f.lane;
}
void block(St st, const char* what,
           Loc loc) {  // give way to another thread until somebody makes this one ready
  Fiber* self = g_cur;
  self->st = st;
  self->what = what;
  self->loc = loc;
  Fiber* next = pick();
  if (next != self) switch_to(self, next ? next : &g_main);
}
void yield() {
  Fiber* self = g_cur;
  ready(*self);
  Fiber* n = pick();
  if (n != self) switch_to(self, n);
}
void fiber_exit() {
  Fiber& f = *g_cur;
  if (!f.copies.empty())
    fail("thread exits with %zu cp.async copies not waited for (%s:%d)", f.copies.size(),
         f.copies[0].loc.file, f.copies[0].loc.line);
  g_warps[f.warp].exited |= 1u << f.lane;
  g_nexit++;
  g_alive--;
  if (g_arrived && !g_opt.allow_exited)
    fail("thread returns while %u threads wait in __syncthreads at %s:%d", g_arrived, g_bloc.file,
         g_bloc.line);
  f.st = St::Done;
  Fiber* next = pick();
  switch_to(&f, next ? next : &g_main);
}
void fiber_main() {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
  g_body(g_ctx);
  fiber_exit();
  abort();
}
void prepare(Fiber& f) {
#ifdef __SANITIZE_ADDRESS__
  __asan_unpoison_memory_region(f.stack + 4096, kStack - 4096);
#endif
#ifndef CUDASIM_UCONTEXT
  void** sp = reinterpret_cast<void**>(f.stack + kStack - 64);
  *--sp = nullptr;  // return address of fiber_main: never used, keeps rsp % 16 == 8
  *--sp = reinterpret_cast<void*>(&fiber_main);
  for (int i = 0; i < 6; i++) *--sp = nullptr;
  f.sp = sp;
#else
  getcontext(&f.uc);
  f.uc.uc_stack.ss_sp = f.stack;
  f.uc.uc_stack.ss_size = kStack;
  f.uc.uc_link = nullptr;
  makecontext(&f.uc, fiber_main, 0);
#endif
}

// ------------------------------------------------------------------ reports
string format(const char* fmt, ...) {
  char b[512];
  va_list a;
  va_start(a, fmt);
  vsnprintf(b, sizeof b, fmt, a);
  va_end(a);
  return b;
}
string symbolize(uptr pc, bool function = false) {
  Dl_info di{};
  string r;
  if (!dladdr(reinterpret_cast<void*>(pc), &di) || !di.dli_fname) return "?";
  string cmd = format("addr2line -Csi%s -e '%s' 0x%lx 2>/dev/null", function ? "f" : "", di.dli_fname,
                      (unsigned long)(pc - g_bias));
  if (FILE* p = popen(cmd.c_str(), "r")) {  // innermost frame first; frames of the shim itself are not shown
    char l[512];
    while (fgets(l, sizeof l, p)) {
      string t = l;
      t.resize(std::min(t.find(" (discr"), t.find('\n')));
      if (t.rfind("cudasim.", 0) != 0 && !(function && !r.empty())) r += (r.empty() ? "" : " in ") + t;
    }
    pclose(p);
  }
  return r.empty() ? "?" : r;
}
string thread_name(u32 lin) {
  return format("thread (%u,%u,%u) [warp %u lane %u]", lin % blockDim.x, lin / blockDim.x % blockDim.y,
                lin / (blockDim.x * blockDim.y), lin / 32, lin % 32);
}
string where(uptr a) {
  if (a >= g_tls.lo && a < g_tls.hi)
    return format("static __shared__ memory (tls+0x%lx)", (unsigned long)(a - g_tls.lo));
  uptr s = uptr(g_smem);
  if (g_smem && a + kRed >= s && a < s + g_smem_n + kRed)
    return format("dynamic shared memory [%ld of %zu bytes]", long(a - s), g_smem_n);
  auto it = g_alloc.upper_bound(a + kRed);
  if (it != g_alloc.begin()) {
    --it;
    return format("global memory [byte %ld of an allocation of %zu]", long(a - it->first), it->second);
  }
  return format("address 0x%lx", (unsigned long)a);
}
u32 block_of(u32 epoch) {
  auto it = std::upper_bound(g_bstart.begin(), g_bstart.end(), epoch);
  return it == g_bstart.begin() ? 0 : g_bid[size_t(it - g_bstart.begin()) - 1];
}

// ------------------------------------------------------------------ shadow memory
bool ordered(u32 t, u32 c) {  // access by thread t at lane clock c, same epoch: before the current one?
  const Fiber& f = *g_cur;
  return t == f.lin || (t / 32 == f.warp && f.vc[t % 32] >= c);
}
void race(const char* kind, uptr a, unsigned n, u32 t, u32 epoch, u32 pcw, const char* now, uptr pc,
          bool other_block) {
  string s = other_block ? format("%s (block %u of the same launch)", thread_name(t).c_str(), block_of(epoch))
                         : thread_name(t);
  fail(
      "DATA RACE (%s) on %s, %u bytes\n    %s by %s at %s\n    earlier access by %s at %s\n    not ordered "
      "by %s",
      kind, where(a).c_str(), n, now, thread_name(g_cur->lin).c_str(), symbolize(pc).c_str(), s.c_str(),
      symbolize(g_img_lo + (pcw >> 3)).c_str(),
      other_block             ? "anything: blocks of one launch are concurrent"
      : t / 32 == g_cur->warp ? "__syncwarp or __syncthreads"
                              : "__syncthreads");
}
void check(Region& r, uptr a, unsigned n, bool w, bool atomic, uptr pc) {
  g_stats.checked++;
  u8* st = r.state + (a - r.lo);
  for (unsigned i = 0; i < n; i++) {
    const char* acc = w ? "write" : "read";
    if (st[i] == Free)
      fail("OUT OF BOUNDS %s of %u bytes at %s, %s", acc, n, where(a).c_str(), symbolize(pc).c_str());
    if (st[i] == InFlight)
      fail("%s of %s while a cp.async to it is in flight, %s", acc, where(a + i).c_str(),
           symbolize(pc).c_str());
    if ((!w || atomic) && st[i] == Uninit)
      fail("UNINITIALISED read (or the writer has not run yet: missing barrier) of %u bytes at %s, %s", n,
           where(a + i).c_str(), symbolize(pc).c_str());
    if (w) st[i] = Init;
  }
  const Fiber& f = *g_cur;
  u32 clk = f.vc[f.lane], base = u32((pc - g_img_lo) << 3) | u32(atomic) << 2;
  const bool global = &r == &g_dev && a >= g_dev.lo + (1 << 20);
  for (uptr b = a; b < a + n;) {
    Cell& c = r.cell[(b - r.lo) / 2];
    u32 m = n - (b - a) > 1 && !(b & 1) ? 3 : b & 1 ? 2 : 1, tag = base | m;
    if (c.wpc & m && !(atomic && c.wpc & 4)) {  // against the last write
      if (c.we == g_epoch) {
        if (!ordered(c.wt, c.wc))
          race(w ? "write after write" : "read after write", a, n, c.wt, c.we, c.wpc, w ? "write" : "read",
               pc, false);
      } else if (global && c.we >= g_launch_epoch && c.we < g_block_epoch)
        race(w ? "write after write" : "read after write", a, n, c.wt, c.we, c.wpc, w ? "write" : "read", pc,
             true);
    }
    if (w) {  // against the readers
      if (c.re == g_epoch) {
        if (c.rpc & m && !ordered(c.rt, c.rc))
          race("write after read", a, n, c.rt, c.re, c.rpc, "write", pc, false);
        if (c.rpc2 & m && !ordered(c.rt2, c.rc2))
          race("write after read", a, n, c.rt2, c.re, c.rpc2, "write", pc, false);
      } else if (global && c.rpc & m && c.re >= g_launch_epoch && c.re < g_block_epoch)
        race("write after read", a, n, c.rt, c.re, c.rpc, "write", pc, true);
      c.we = g_epoch;
      c.wt = u16(f.lin);
      c.wc = u16(clk);
      c.wpc = tag;
    } else if (c.re != g_epoch) {
      c.re = g_epoch;
      c.rt = u16(f.lin);
      c.rc = u16(clk);
      c.rpc = tag;
      c.rpc2 = 0;
    } else if (c.rt == f.lin) {
      c.rc = u16(clk);
      c.rpc |= m;
    } else if (!(c.rpc2 & m) || c.rt2 / 32 == c.rt / 32) {
      c.rt2 = u16(f.lin);
      c.rc2 = u16(clk);
      c.rpc2 = tag;
    }
    b += m == 3 ? 2 : 1;
  }
}
inline bool on_fiber() {
  uptr sp = uptr(__builtin_frame_address(0));
  return sp - g_stack_lo < g_stack_hi - g_stack_lo;
}
inline void access(uptr a, unsigned n, bool w, void* ra) {
  uptr pc = uptr(ra) - 1;          // inside the accessing instruction's line
  const bool device = on_fiber();  // not g_cur: host code of another thread may run at the same time
  if (g_dev.has(a)) {
    if (!device) {
      fprintf(stderr, "cudasim: host code dereferences device memory at %p, %s\n", reinterpret_cast<void*>(a),
              symbolize(pc).c_str());
      abort();
    }  // hooks may not throw
    if (n > 2 && n <= 16 && a & (n - 1))
      fail("MISALIGNED %u-byte access at %s, %s", n, where(a).c_str(), symbolize(pc).c_str());
    check(g_dev, a, n, w, false, pc);
  } else if (!device || a - g_stack_lo < g_stack_hi - g_stack_lo)
    return;
  else if (g_tls.has(a))
    check(g_tls, a, n, w, false, pc);
  else if (a - g_img_lo >= g_img_hi - g_img_lo && a - uptr(g_ctx) >= 4096)
    fail("device code dereferences host memory at 0x%lx, %s", (unsigned long)a, symbolize(pc).c_str());
  if (g_opt.preempt && rnd() % g_opt.preempt == 0) yield();
}
void set_state(const void* p, size_t n, u8 s) { memset(g_dev.state + (uptr(p) - g_dev.lo), s, n); }
bool in_dev(const void* p, size_t n) { return g_dev.has(uptr(p)) && uptr(p) + n <= g_dev.hi; }
Region* region(const void* p) { return g_dev.has(uptr(p)) ? &g_dev : g_tls.has(uptr(p)) ? &g_tls : nullptr; }
void host_check(const void* p, size_t n, bool read,
                const char* what) {  // a copy or memset issued by the host
  if (!in_dev(p, n)) fail("%s: %p is not device memory", what, p);
  const u8* s = g_dev.state + (uptr(p) - g_dev.lo);
  for (size_t i = 0; i < n; i++) {
    if (s[i] == Free) fail("%s: %zu bytes at %s leave the allocation", what, n, where(uptr(p)).c_str());
    if (read && g_instr && s[i] == Uninit) fail("%s: %s was never written", what, where(uptr(p) + i).c_str());
  }
}

// ------------------------------------------------------------------ module layout: image range and the TLS
// block with __shared__
int find_module(dl_phdr_info* i, size_t, void*) {
  uptr lo = ~uptr(0), hi = 0, tls = 0;
  for (int k = 0; k < i->dlpi_phnum; k++) {
    const auto& h = i->dlpi_phdr[k];
    if (h.p_type == PT_LOAD) {
      lo = std::min<uptr>(lo, i->dlpi_addr + h.p_vaddr);
      hi = std::max<uptr>(hi, i->dlpi_addr + h.p_vaddr + h.p_memsz);
    }
    if (h.p_type == PT_TLS) tls = h.p_memsz;
  }
  if (uptr(g_fn) < lo || uptr(g_fn) >= hi) return 0;
  g_img_lo = lo;
  g_img_hi = hi;
  g_bias = i->dlpi_addr;
  size_t index[2] = {i->dlpi_tls_modid,
                     0};  // allocates this thread's block if the module was loaded with dlopen
  g_tls.lo = tls ? uptr(__tls_get_addr(index)) : 0;
  g_tls.hi = g_tls.lo + tls;
  return 1;
}

void run_block(u32 nthreads) {
  g_block_epoch = ++g_epoch;
  g_bstart.push_back(g_epoch);
  g_bid.push_back((blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x);
  g_alive = nthreads;
  g_arrived = g_nexit = 0;
  g_predsum = 0;
  g_ready = 0;
  memset(g_lanes, 0, sizeof g_lanes);
  g_bloc = {};
  size_t nw = (nthreads + 31) / 32;
  g_warps.assign(nw, Warp{});
  // shared memory starts undefined: NaN pattern plus shadow state
  memset(g_smem, 0xff, g_smem_n);
  set_state(g_smem, g_smem_n, Uninit);
  if (g_tls.lo) {
    memset(reinterpret_cast<void*>(g_tls.lo), 0xff, g_tls.hi - g_tls.lo);
    memset(g_tls.state, Uninit, g_tls.hi - g_tls.lo);
  }
  for (u32 t = 0; t < nthreads; t++) {
    Fiber& f = g_fib[t];
    f.lin = t;
    f.warp = t / 32;
    f.lane = t % 32;
    f.tid = {t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y)};
    memset(f.vc, 0, sizeof f.vc);
    f.vc[f.lane] = 1;
    f.copies.clear();
    f.groups = 0;
    g_warps[f.warp].exist |= 1u << f.lane;
    prepare(f);
    ready(f);
  }
  g_stats.blocks++;
  g_stats.threads += nthreads;
  switch_to(&g_main, pick());
  if (!g_aborted && g_alive) {
    string s = format("DEADLOCK: %u of %u threads never finish", g_alive, nthreads);
    std::map<string, std::vector<u32>> by;
    for (u32 t = 0; t < nthreads; t++) {
      const Fiber& f = g_fib[t];
      if (f.st != St::Done) by[format("%s at %s:%d", f.what, f.loc.file, f.loc.line)].push_back(t);
    }
    for (auto& [k, v] : by)
      s += format("\n    %zu wait in %s, first %s", v.size(), k.c_str(), thread_name(v[0]).c_str());
    fail("%s", s.c_str());
  }
}
}  // namespace

// ------------------------------------------------------------------ public runtime
Options& options() {
  init();
  return g_opt;
}
Stats& stats() { return g_stats; }
bool instrumented() { return g_instr; }
unsigned char* dyn_smem() { return g_smem; }
unsigned lane() { return g_cur->lane; }
void touch(const void* p, unsigned n, bool w, bool atomic, void* pc) {
  if (Region* r = g_instr ? region(p) : nullptr) check(*r, uptr(p), n, w, atomic, uptr(pc) - 1);
}
void fail(const char* fmt, ...) {
  char b[2048];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(b, sizeof b, fmt, ap);
  va_end(ap);
  if (!on_fiber() && !(g_fn && !g_cur)) throw Error(string("cudasim: ") + b);  // host code
  string head = "cudasim: " + string(b);
  if (g_fn) {
    head += format("\n    in kernel %s, block (%u,%u,%u)", symbolize(uptr(g_fn), true).c_str(), blockIdx.x,
                   blockIdx.y, blockIdx.z);
    if (g_cur) head += ", " + thread_name(g_cur->lin);
  }
  g_error = head;
  g_aborted = true;
  if (!g_cur) throw Error(g_error);
  Fiber* self = g_cur;
  self->st = St::Done;
  switch_to(self, &g_main);  // the block is abandoned; run_grid throws on the host stack
  abort();
}
int block_sync(int pred, Loc loc) {
  Fiber& f = *g_cur;
  if (g_nexit && !g_opt.allow_exited)
    fail("__syncthreads at %s:%d after %u threads of the block have returned", loc.file, loc.line, g_nexit);
  if (!g_arrived) {
    g_bloc = loc;
    g_predsum = 0;
  } else if (g_bloc.line != loc.line || strcmp(g_bloc.file, loc.file))
    fail("DIVERGENT BARRIER: %u threads wait in __syncthreads at %s:%d, this one arrives at %s:%d", g_arrived,
         g_bloc.file, g_bloc.line, loc.file, loc.line);
  g_predsum += pred != 0;
  g_arrived++;
  static int result;
  if (g_arrived < g_alive) {
    block(St::Block, "__syncthreads", loc);
    return f.pred;
  }
  g_epoch++;
  g_stats.barriers++;
  g_arrived = 0;
  result = g_predsum;
  u32 n = blockDim.x * blockDim.y * blockDim.z;
  for (u32 k = 0; k < n; k++) {
    Fiber& o = g_fib[k];
    memset(o.vc, 0, sizeof o.vc);
    o.vc[o.lane] = 1;
    o.pred = result;
    if (&o != &f && o.st == St::Block) ready(o);
  }
  yield();
  return f.pred;
}
void warp_op(const char* name, unsigned mask, bool aligned, void* arg, WarpFn fn, Loc loc, bool fence) {
  Fiber& f = *g_cur;
  Warp& w = g_warps[f.warp];
  if (!(mask >> f.lane & 1))
    fail("%s at %s:%d: calling lane %u is not in mask %08x", name, loc.file, loc.line, f.lane, mask);
  if (aligned && (w.exist != ~0u || mask != ~0u))
    fail("%s at %s:%d needs a full warp (lanes present %08x)", name, loc.file, loc.line, w.exist);
  u32 live = mask & w.exist;
  if (live & w.exited)
    fail("%s at %s:%d: mask %08x names lanes that have returned (%08x)", name, loc.file, loc.line, mask,
         live & w.exited);
  WarpOp* op = nullptr;
  for (auto& o : w.ops) {
    if (!o.used) continue;
    if (o.name == name && o.mask == mask && o.loc.line == loc.line && !strcmp(o.loc.file, loc.file)) {
      op = &o;
      break;
    }
    if (o.arrived & mask)
      fail(
          "DIVERGENT WARP: lanes %08x wait in %s(mask %08x) at %s:%d, lane %u arrives in %s(mask %08x) at "
          "%s:%d",
          o.arrived, o.name, o.mask, o.loc.file, o.loc.line, f.lane, name, mask, loc.file, loc.line);
  }
  if (!op) {
    for (auto& o : w.ops)
      if (!o.used) {
        op = &o;
        break;
      }
    if (!op) fail("too many different warp collectives pending");
    *op = {name, mask, 0, loc, {}, fn, true};
  }
  op->arg[f.lane] = arg;
  op->arrived |= 1u << f.lane;
  if (op->arrived != live) {
    block(St::Warp, name, loc);
    return;
  }
  g_stats.warp_ops++;
  fn(op->arg, live);
  Fiber* lanes = &g_fib[f.warp * 32];
  if (fence) {
    u32 m[32] = {};
    for (int l = 0; l < 32; l++)
      if (live >> l & 1)
        for (int k = 0; k < 32; k++) m[k] = std::max(m[k], lanes[l].vc[k]);
    for (int l = 0; l < 32; l++)
      if (live >> l & 1) {
        memcpy(lanes[l].vc, m, sizeof m);
        lanes[l].vc[l]++;
      }
  }
  op->used = false;
  for (int l = 0; l < 32; l++)
    if (live >> l & 1 && u32(l) != f.lane) ready(lanes[l]);
  if (g_opt.order == Order::Random) yield();
}
void run_grid(const void* fn, dim3 g, dim3 b, size_t smem, void (*body)(void*), void* ctx) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  init();
  u64 nb = u64(b.x) * b.y * b.z, ng = u64(g.x) * g.y * g.z;
  auto attr = g_attr.find(fn);
  size_t limit = attr == g_attr.end() ? 48 << 10 : size_t(attr->second);
  if (!nb || nb > 1024 || b.z > 64 || !ng || g.x > 0x7fffffffu || g.y > 65535 || g.z > 65535) {
    g_last = cudaErrorInvalidConfiguration;
    return;
  }
  if (smem > limit || smem > kSmemMax) {
    g_last = cudaErrorInvalidValue;
    return;
  }
  if (g_fib.size() < nb) {
    g_fib.resize(1024);
    g_stack_lo = uptr(map(1024 * kStack));
    g_stack_hi = g_stack_lo + 1024 * kStack;
    for (u32 t = 0; t < 1024; t++) {
      g_fib[t].stack = reinterpret_cast<u8*>(g_stack_lo + t * kStack);
      mprotect(g_fib[t].stack, 4096, PROT_NONE);
    }
  }
  g_fn = fn;
  g_body = body;
  g_ctx = ctx;
  gridDim = g;
  blockDim = b;
  g_aborted = false;
  g_error.clear();
  g_rng = g_opt.seed * 0x9e3779b97f4a7c15ull | 1;
  for (int i = 0; i < 4; i++) rnd();
  dl_iterate_phdr(find_module, nullptr);
  g_smem = reinterpret_cast<u8*>(g_dev.lo + (512 << 10)) - (smem + 127) / 128 * 128;
  g_smem_n = smem;
  g_launch_epoch = ++g_epoch;
  g_bstart.clear();
  g_bid.clear();
  g_stats.launches++;
  std::vector<u32> order(ng);
  for (u32 i = 0; i < ng; i++) order[i] = g_opt.order == Order::Reverse ? u32(ng) - 1 - i : i;
  if (g_opt.order == Order::Random)
    for (u64 i = ng; i > 1; i--) std::swap(order[i - 1], order[rnd() % i]);
  string err;
  try {
    for (u32 i : order) {
      blockIdx = {i % g.x, i / g.x % g.y, i / (g.x * g.y)};
      run_block(u32(nb));
      if (g_aborted) break;
    }
  } catch (const Error&) {
  }
  set_state(g_smem, smem, Free);
  g_epoch++;
  g_fn = nullptr;
  g_smem = nullptr;
  g_cur = nullptr;
  if (g_aborted) throw Error(g_error);
}

// ------------------------------------------------------------------ tensor cores and async copies
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
  for (int l = 0; l < 32; l++) {
    auto& x = *static_cast<LdArg*>(arg[l]);
    g_cur = &g_fib[me->warp * 32 + u32(l)];  // each lane is charged with the bytes that it receives
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
  MmaArg x{d, a, b, c};
  warp_op("mma.m16n8k16", ~0u, true, &x, mma_all, loc);
}
void ldmatrix(uint32_t* r, const void* row, int num, bool trans, Loc loc) {
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
void cp_async_wait(unsigned n) {  // late copies appear only here, the latest moment the hardware allows
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

// ------------------------------------------------------------------ host API
using namespace cudasim;
cudaError_t cudaMalloc(void** p, size_t n) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  init();
  if (g_alloc.empty() && g_bump > g_dev.lo + (64 << 20)) {  // nothing live: start over
    madvise(g_dev.cell, kArena / 2 * sizeof(Cell), MADV_DONTNEED);
    g_bump = g_dev.lo + (1 << 20);
  }
  uptr a = (g_bump + kRed + 255) & ~uptr(255);
  if (a + n + kRed > g_dev.hi) return g_last = cudaErrorMemoryAllocation;
  g_bump = a + n;
  g_alloc[a] = n;
  *p = reinterpret_cast<void*>(a);
  memset(*p, 0xff, n);
  set_state(*p, n, Uninit);
  return cudaSuccess;
}
cudaError_t cudaFree(void* p) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (!p) return cudaSuccess;
  auto it = g_alloc.find(uptr(p));
  if (it == g_alloc.end()) fail("cudaFree: %p is not an allocation", p);
  set_state(p, it->second, Free);
  memset(p, 0xff, it->second);
  g_alloc.erase(it);
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* d, const void* s, size_t n, cudaMemcpyKind k) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  init();
  if (!n) return cudaSuccess;
  if (k == cudaMemcpyDefault) k = cudaMemcpyKind((in_dev(s, n) ? 2 : 0) + (in_dev(d, n) ? 1 : 0));
  if (k == cudaMemcpyDeviceToHost || k == cudaMemcpyDeviceToDevice)
    host_check(s, n, true, "cudaMemcpy source");
  if (k == cudaMemcpyHostToDevice || k == cudaMemcpyDeviceToDevice) {
    host_check(d, n, false, "cudaMemcpy destination");
    set_state(d, n, Init);
  }
  memmove(d, s, n);
  return cudaSuccess;
}
cudaError_t cudaMemset(void* d, int v, size_t n) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (!n) return cudaSuccess;
  host_check(d, n, false, "cudaMemset");
  set_state(d, n, Init);
  memset(d, v, n);
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device != 0) return g_last = cudaErrorInvalidDevice;
  *properties = {"simulator", kArena, 9, 0, 4};
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  init();
  *total = kArena;
  *free = g_dev.hi - g_bump;
  return cudaSuccess;
}
cudaError_t cudaFuncSetAttribute(const void* fn, cudaFuncAttribute, int v) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (size_t(v) > kSmemMax) return g_last = cudaErrorInvalidValue;
  g_attr[fn] = v;
  return cudaSuccess;
}
cudaError_t cudaGetLastError() {
  cudaError_t e = g_last;
  g_last = cudaSuccess;
  return e;
}
const char* cudaGetErrorString(cudaError_t e) {
  return e == cudaSuccess                     ? "no error"
         : e == cudaErrorMemoryAllocation     ? "out of memory"
         : e == cudaErrorInvalidConfiguration ? "invalid configuration argument"
                                              : "invalid argument";
}

// ------------------------------------------------------------------ hooks that g++ -fsanitize=thread calls;
// libtsan is not linked
#define RA __builtin_return_address(0)
#define HOOK(n)                                                   \
  void __tsan_read##n(void* p) { access(uptr(p), n, false, RA); } \
  void __tsan_write##n(void* p) { access(uptr(p), n, true, RA); }
extern "C" {
HOOK(1) HOOK(2) HOOK(4) HOOK(8) HOOK(16) void __tsan_unaligned_read2(void* p) {
  access(uptr(p), 2, false, RA);
}
void __tsan_unaligned_write2(void* p) { access(uptr(p), 2, true, RA); }
void __tsan_unaligned_read4(void* p) { access(uptr(p), 4, false, RA); }
void __tsan_unaligned_write4(void* p) { access(uptr(p), 4, true, RA); }
void __tsan_unaligned_read8(void* p) { access(uptr(p), 8, false, RA); }
void __tsan_unaligned_write8(void* p) { access(uptr(p), 8, true, RA); }
void __tsan_unaligned_read16(void* p) { access(uptr(p), 16, false, RA); }
void __tsan_unaligned_write16(void* p) { access(uptr(p), 16, true, RA); }
void __tsan_read_range(void* p, unsigned long n) { access(uptr(p), unsigned(n), false, RA); }
void __tsan_write_range(void* p, unsigned long n) { access(uptr(p), unsigned(n), true, RA); }
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
u8 __tsan_atomic8_load(const volatile u8* p, int) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}  // guards of function-local statics
void __tsan_init() { g_instr = true; }
}

// ------------------------------------------------------------------ g++ -fsanitize=undefined
// -fno-sanitize-recover calls these; libubsan is not linked
struct UbLoc {
  const char* file;
  unsigned line, col;
};
#define UB(name, text, ...)                                                      \
  void __ubsan_handle_##name##_abort(UbLoc* l, ##__VA_ARGS__) {                  \
    fail("UNDEFINED BEHAVIOUR: %s at %s:%u:%u", text, l->file, l->line, l->col); \
  }
extern "C" {
UB(out_of_bounds, "array index out of bounds", void*)
UB(type_mismatch_v1, "null or misaligned pointer", void*)
UB(shift_out_of_bounds, "shift out of range", void*, void*)
    UB(divrem_overflow, "division by zero or overflow", void*, void*)
        UB(add_overflow, "signed overflow", void*, void*) UB(sub_overflow, "signed overflow", void*, void*)
            UB(mul_overflow, "signed overflow", void*, void*) UB(negate_overflow, "signed overflow", void*)
                UB(float_cast_overflow, "float to integer conversion out of range", void*)
}
