// Picks the instruction set. Compiled for plain x86-64: nothing else runs before the processor is known.
#include <cstdlib>
#include <cstring>

#include "../common/error.h"
#include "matmul.h"
#pragma GCC visibility push(default)
#include "../electra_cpu.h"
#pragma GCC visibility pop
#include "cpu_kernels.h"

namespace electra {

namespace {

enum Level { kNone, kAvx2, kAvx512, kAvx512Vnni, kAvx512Bf16 };

constexpr const char* kEnvironment = "ELECTRA_CPU_ISA";
constexpr const char* kSpellings[] = {"", "avx2", "avx512", "avx512_vnni", "avx512_bf16"};
constexpr const char* kNames[] = {"none", "AVX2", "AVX-512", "AVX-512 VNNI", "AVX-512 BF16"};

struct Choice {
  Level level;
  const char* cause;
};

Level processor_level() {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  if (!avx2) return kNone;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  if (!avx512) return kAvx2;
  if (!__builtin_cpu_supports("avx512vnni")) return kAvx512;
  return __builtin_cpu_supports("avx512bf16") ? kAvx512Bf16 : kAvx512Vnni;
}

Choice choose() {
  const Level level = processor_level();
  if (level == kNone) return {kNone, "the processor lacks AVX2, FMA or BMI2, which the CPU kernels need"};
  const char* products = std::getenv(kBf16Environment);
  if (products != nullptr && *products != '\0' && std::strcmp(products, "onednn") != 0) {
    return {kNone, "ELECTRA_CPU_BF16 must be onednn"};
  }
  const char* wanted = std::getenv(kEnvironment);
  if (wanted == nullptr || *wanted == '\0') return {level, ""};
  for (int i = kAvx2; i <= kAvx512Bf16; ++i) {
    if (std::strcmp(wanted, kSpellings[i]) != 0) continue;
    if (i > level) return {kNone, "ELECTRA_CPU_ISA names an instruction set that the processor lacks"};
    return {static_cast<Level>(i), ""};
  }
  return {kNone, "ELECTRA_CPU_ISA must be avx2, avx512, avx512_vnni or avx512_bf16"};
}

const Choice& choice() {
  static const Choice made = choose();
  return made;
}

}  // namespace

const char* cpu_unavailability_cause() { return choice().cause; }

const char* cpu_instruction_set() { return kNames[choice().level]; }

bool cpu_supports_bf16() { return choice().level >= kAvx512Vnni; }

const char* cpu_bf16_products() {
  if (!cpu_supports_bf16()) return "nothing";
  if (choice().level == kAvx512Vnni) return "16-bit integers";
  return matmul_has_bf16_tiles() ? "tiles" : matmul_has_slow_bf16() ? "16-bit integers" : "vectors";
}

bool cpu_needs_onednn() { return choice().level == kAvx512Bf16 && !matmul_has_slow_bf16(); }

void cpu_install_onednn(const void* products) { install_matmul(static_cast<const MatmulLibrary*>(products)); }

Kernels* create_cpu_kernels(int threads, bool bf16) {
  if (threads < 1) fail("%d threads: at least 1 is needed", threads);
  switch (choice().level) {
    case kAvx2:
      return cpu::avx2::create_kernels(threads, bf16);
    case kAvx512:
      return cpu::avx512::create_kernels(threads, bf16);
    case kAvx512Vnni:
      return cpu::avx512_vnni::create_kernels(threads, bf16);
    case kAvx512Bf16:
      return cpu::avx512_bf16::create_kernels(threads, bf16);
    case kNone:
      break;
  }
  fail("%s", choice().cause);
}

}  // namespace electra
