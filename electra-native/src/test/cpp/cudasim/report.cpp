// Errors of a kernel: what, where in the source, and by which thread.
#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "state.h"

namespace cudasim {
string format(const char* fmt, ...) {
  char b[512];
  va_list a;
  va_start(a, fmt);
  vsnprintf(b, sizeof b, fmt, a);
  va_end(a);
  return b;
}
string symbolize(uptr pc, bool function) {
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
}  // namespace cudasim
