// Threads of a block are fibers; a block runs until its last thread returns. Threads change at barriers and
// warp collectives.
#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

#include "state.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

extern "C" void* __tls_get_addr(size_t*);

namespace cudasim {
namespace {
void* map(size_t n) {
  void* p = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    perror("cudasim: mmap");
    abort();
  }
  return p;
}
}  // namespace

u64 rnd() {
  g_rng ^= g_rng << 13;
  g_rng ^= g_rng >> 7;
  return g_rng ^= g_rng << 17;
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

namespace {
extern "C" void cudasim_switch(void** save, void* load);
asm(".text\n.globl cudasim_switch\n.hidden cudasim_switch\n.type cudasim_switch,@function\ncudasim_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\nmovq %rsp,(%rdi)\nmovq "
    "%rsi,%rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n.size "
    "cudasim_switch,.-cudasim_switch\n");
}  // namespace

void switch_to(Fiber* from, Fiber* to) {
  g_stats.switches++;
  g_cur = to == &g_main ? nullptr : to;
  if (g_cur) threadIdx = to->tid;
  cudasim_switch(&from->sp, to->sp);
}

namespace {
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
}  // namespace

void yield() {
  Fiber* self = g_cur;
  ready(*self);
  Fiber* n = pick();
  if (n != self) switch_to(self, n);
}

namespace {
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
  g_body(g_ctx);
  fiber_exit();
  abort();
}
void prepare(Fiber& f) {
  void** sp = reinterpret_cast<void**>(f.stack + kStack - 64);
  *--sp = nullptr;  // return address of fiber_main: never used, keeps rsp % 16 == 8
  *--sp = reinterpret_cast<void*>(&fiber_main);
  for (int i = 0; i < 6; i++) *--sp = nullptr;
  f.sp = sp;
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

Options& options() {
  init();
  return g_opt;
}
Stats& stats() { return g_stats; }
bool instrumented() { return g_instr; }
unsigned char* dyn_smem() { return g_smem; }
unsigned lane() { return g_cur->lane; }

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

int block_sync(int pred, Loc loc) {
  if (faulty(Fault::Barrier, loc)) return pred;
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
  if (fence && faulty(Fault::WarpBarrier, loc)) return;
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

}  // namespace cudasim
