// Shadow memory: races, bounds, reads of what was never written, copies in flight.
#include <cstdio>
#include <cstdlib>

#include "state.h"

namespace cudasim {
namespace {
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
template <class Word>
bool all_init(const u8* state) {
  Word word;
  memcpy(&word, state, sizeof word);
  return word == Word(0x0202020202020202);
}
/** Whether nothing is wrong with the states of a few bytes: the usual case, a word at a time. */
bool all_init(const u8* state, unsigned n) {
  static_assert(Init == 2, "the words of all_init");
  return n == 4    ? all_init<u32>(state)
         : n == 2  ? all_init<u16>(state)
         : n == 8  ? all_init<u64>(state)
         : n == 16 ? all_init<u64>(state) && all_init<u64>(state + 8)
                   : false;
}
}  // namespace

void check(Region& r, uptr a, unsigned n, bool w, bool atomic, uptr pc) {
  g_stats.checked++;
  u8* st = r.state + (a - r.lo);
  for (unsigned i = all_init(st, n) ? n : 0; i < n; i++) {
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
bool on_fiber() {
  uptr sp = uptr(__builtin_frame_address(0));
  return sp - g_stack_lo < g_stack_hi - g_stack_lo;
}
void access(uptr a, unsigned n, bool w, void* ra) {
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

void touch(const void* p, unsigned n, bool w, bool atomic, void* pc) {
  if (Region* r = g_instr ? region(p) : nullptr) check(*r, uptr(p), n, w, atomic, uptr(pc) - 1);
}
}  // namespace cudasim
