// The memory of the card, as host code calls for it.
#include <sys/mman.h>

#include "state.h"

using namespace cudasim;

size_t cudasim::allocated_bytes() {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  size_t bytes = 0;
  for (const auto& [address, size] : g_alloc) bytes += size;
  return bytes;
}

/** What the card has left; the arena never uses freed memory again while anything lives. */
static size_t free_bytes() {
  const size_t arena = g_dev.hi - g_bump - 2 * kRed;
  if (!g_opt.capacity) return arena;
  const size_t used = allocated_bytes();
  return used > g_opt.capacity ? 0 : std::min(arena, g_opt.capacity - used);
}

cudaError_t cudaMalloc(void** p, size_t n) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  init();
  if (!allocation_allowed()) return g_last = cudaErrorStreamCaptureUnsupported;
  if (n > free_bytes()) return g_last = cudaErrorMemoryAllocation;
  if (g_alloc.empty() && g_bump > g_dev.lo + (64 << 20)) {  // nothing live: start over
    madvise(g_dev.cell, kArena / 2 * sizeof(Cell), MADV_DONTNEED);
    g_bump = g_dev.lo + (1 << 20);
  }
  uptr a = (g_bump + kRed + 255) & ~uptr(255);
  if (a + n + kRed > g_dev.hi) return g_last = cudaErrorMemoryAllocation;
  g_bump = a + n;
  g_alloc[a] = n;
  g_stats.allocations++;
  *p = reinterpret_cast<void*>(a);
  memset(*p, 0xff, n);
  set_state(*p, n, Uninit);
  return cudaSuccess;
}
void cudasim::mark_part(void* p, size_t n, bool given_out) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  memset(p, 0xff, n);
  set_state(p, n, given_out ? Uninit : Free);
}
cudaError_t cudaFree(void* p) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (!p) return cudaSuccess;
  auto it = g_alloc.find(uptr(p));
  if (it == g_alloc.end()) fail("cudaFree: %p is not an allocation", p);
  if (cudaError_t e = cudaDeviceSynchronize()) return e;
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
  *properties = {"simulator", options().capacity ? options().capacity : kArena, 9, 0, 4};
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  init();
  *total = g_opt.capacity ? g_opt.capacity : kArena;
  *free = free_bytes();
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
  return e == cudaSuccess                         ? "no error"
         : e == cudaErrorMemoryAllocation         ? "out of memory"
         : e == cudaErrorInvalidConfiguration     ? "invalid configuration argument"
         : e == cudaErrorStreamCaptureUnsupported ? "operation not permitted when stream is capturing"
         : e == cudaErrorStreamCaptureInvalidated ? "operation failed due to a previous error during capture"
                                                  : "invalid argument";
}
