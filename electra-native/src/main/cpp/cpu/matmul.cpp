// What the processor multiplies bf16 with, and the way to oneDNN, which is loaded only where it is needed.
#include "matmul.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "../common/error.h"
#include "scratch.h"

namespace electra {

namespace {

std::atomic<const MatmulLibrary*> installed{nullptr};

/** The registers of the tiles have to be enabled by the system, and Linux wants to be asked for them. */
bool processor_has_bf16_tiles() {
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24;  // EDX of leaf 7
  constexpr unsigned kTileState = 3u << 17;               // XCR0
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  unsigned a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return false;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kBf16) == 0 || (d & kTile) == 0) return false;
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & kTileState) != kTileState) return false;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool onednn_is_wanted() {
  const char* wanted = std::getenv(kBf16Environment);
  return wanted != nullptr && *wanted != '\0';
}

}  // namespace

bool matmul_has_bf16_tiles() {
  static const bool tiles = processor_has_bf16_tiles();
  return tiles;
}

bool matmul_has_slow_bf16() {
  static const bool slow = __builtin_cpu_is("intel") != 0 && !matmul_has_bf16_tiles() && !onednn_is_wanted();
  return slow;
}

void install_matmul(const MatmulLibrary* library) { installed.store(library, std::memory_order_release); }

void matmul(const MatmulShape& shape, const void* a, const void* b, void* c, const float* bias) {
  const MatmulLibrary* library = installed.load(std::memory_order_acquire);
  if (library == nullptr) fail("a product of bf16 needs libelectra_onednn.so, which was not loaded");
  Scratch scratch;
  library->multiply(shape, a, b, c, bias, &scratch,
                    [](void* stack, size_t bytes) { return static_cast<Scratch*>(stack)->bytes(bytes); });
}

}  // namespace electra
