#pragma once
#include <cstdint>
#include <cstring>

namespace electra {

/** A bf16 number as its bits: the upper half of a float. */
using bf16 = uint16_t;

/** The float of a bf16 number; exact. Internal linkage, like everything here: each object has its own copy.
 */
static inline float bf16_to_float(bf16 x) {
  const uint32_t bits = static_cast<uint32_t>(x) << 16;
  float y;
  std::memcpy(&y, &bits, sizeof y);
  return y;
}

/** Rounds to nearest, ties to even; NaN stays NaN. */
static inline bf16 float_to_bf16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<bf16>((bits >> 16) | 0x40u);
  return static_cast<bf16>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace electra
