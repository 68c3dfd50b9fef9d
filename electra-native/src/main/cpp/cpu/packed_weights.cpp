#include "packed_weights.h"

#include <algorithm>
#include <cstdlib>

#include "../common/error.h"

namespace electra {

PackedWeights::~PackedWeights() {
  for (const Copy& copy : copies_) std::free(copy.packed);
}

void PackedWeights::freeze(const void* begin, int64_t bytes) {
  const Lock lock(&mutex_);
  const char* first = static_cast<const char*>(begin);
  ranges_.push_back(Range{first, first + bytes});
  any_.store(true, std::memory_order_release);
}

void PackedWeights::release(const void* begin, int64_t bytes) {
  if (!any_.load(std::memory_order_acquire)) return;
  const Lock lock(&mutex_);
  const char *first = static_cast<const char*>(begin), *last = first + bytes;
  const auto inside = [&](const void* p) { return p >= first && p < last; };
  ranges_.erase(
      std::remove_if(ranges_.begin(), ranges_.end(), [&](const Range& r) { return inside(r.begin); }),
      ranges_.end());
  const auto kept =
      std::partition(copies_.begin(), copies_.end(), [&](const Copy& copy) { return !inside(copy.w); });
  for (auto copy = kept; copy != copies_.end(); ++copy) std::free(copy->packed);
  copies_.erase(kept, copies_.end());
  any_.store(!ranges_.empty(), std::memory_order_release);
}

void PackedWeights::require_writable(const void* begin, int64_t bytes) const {
  if (!any_.load(std::memory_order_acquire)) return;
  const Lock lock(&mutex_);
  if (is_frozen(begin, bytes)) fail("the memory to be written holds weights that were frozen");
}

bool PackedWeights::is_frozen(const void* begin, int64_t bytes) const {
  const char *first = static_cast<const char*>(begin), *last = first + bytes;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const Range& r) { return first < r.end && r.begin < last; });
}

float* PackedWeights::add_copy(const void* w, int n, int k, int64_t floats) {
  const size_t bytes = (static_cast<size_t>(floats) * sizeof(float) + 63) / 64 * 64;
  float* packed = static_cast<float*>(std::aligned_alloc(64, bytes));
  if (packed == nullptr) fail("no memory for %zu bytes of packed weights", bytes);
  copies_.push_back(Copy{w, n, k, packed});
  return packed;
}

}  // namespace electra
