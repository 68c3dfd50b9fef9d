#include "packed_weights.h"

#include <algorithm>
#include <cstdlib>

#include "../common/error.h"
#include "pages.h"

namespace electra {

namespace {

constexpr int64_t kLineFloats = 16;
constexpr int64_t kSlabFloats = int64_t{2} << 20;

class Lock {
 public:
  explicit Lock(pthread_mutex_t* mutex) : mutex_(mutex) { pthread_mutex_lock(mutex_); }
  ~Lock() { pthread_mutex_unlock(mutex_); }

 private:
  pthread_mutex_t* mutex_;
};

}  // namespace

PackedWeights::~PackedWeights() { free_slabs(); }

void PackedWeights::free_slabs() {
  for (const Slab& slab : slabs_) std::free(slab.begin);
  slabs_.clear();
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
  copies_.erase(
      std::remove_if(copies_.begin(), copies_.end(), [&](const Copy& copy) { return inside(copy.w); }),
      copies_.end());
  if (copies_.empty()) free_slabs();
  any_.store(!ranges_.empty(), std::memory_order_release);
}

void PackedWeights::require_writable(const void* begin, int64_t bytes) const {
  if (!any_.load(std::memory_order_acquire)) return;
  const Lock lock(&mutex_);
  if (is_frozen(begin, bytes)) fail("the memory to be written holds weights that were frozen");
}

const float* PackedWeights::find(const void* w, int n, int k, int64_t floats, Pack pack,
                                 const void* context) {
  if (!any_.load(std::memory_order_acquire)) return nullptr;
  const Lock lock(&mutex_);
  if (!is_frozen(w, 1)) return nullptr;
  for (const Copy& copy : copies_) {
    if (copy.w == w && copy.n == n && copy.k == k) return copy.packed;
  }
  float* packed = add_copy(w, n, k, floats);
  pack(context, packed);
  return packed;
}

bool PackedWeights::is_frozen(const void* begin, int64_t bytes) const {
  const char *first = static_cast<const char*>(begin), *last = first + bytes;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const Range& r) { return first < r.end && r.begin < last; });
}

float* PackedWeights::add_copy(const void* w, int n, int k, int64_t floats) {
  const int64_t size = (floats + kLineFloats - 1) / kLineFloats * kLineFloats;
  if (slabs_.empty() || slabs_.back().size - slabs_.back().used < size) {
    const int64_t slab_size = size > kSlabFloats ? size : kSlabFloats;
    const size_t bytes = static_cast<size_t>(slab_size) * sizeof(float);
    float* begin = static_cast<float*>(allocate_pages(bytes));
    if (begin == nullptr) fail("no memory for %zu bytes of packed weights", bytes);
    slabs_.push_back(Slab{begin, 0, slab_size});
  }
  float* packed = slabs_.back().begin + slabs_.back().used;
  slabs_.back().used += size;
  copies_.push_back(Copy{w, n, k, packed});
  return packed;
}

}  // namespace electra
