#pragma once
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <vector>

namespace electra {

/**
 * Weights that are promised never to change, and their copies in the order in which a product reads them. A
 * copy is made when a product first asks for it, and lives until the memory of the weights is released.
 */
class PackedWeights {
 public:
  PackedWeights() = default;
  ~PackedWeights();
  PackedWeights(const PackedWeights&) = delete;
  PackedWeights& operator=(const PackedWeights&) = delete;

  void freeze(const void* begin, int64_t bytes);
  /** Forgets what lies in the range: its memory is given back. */
  void release(const void* begin, int64_t bytes);
  /** Throws when something in the range is frozen. */
  void require_writable(const void* begin, int64_t bytes) const;

  /**
   * The packed copy of the matrix at w, or null when w is not frozen. `pack(target)` fills a new copy of
   * `floats` floats; it may run the pool.
   */
  template <typename Pack>
  const float* find(const void* w, int n, int k, int64_t floats, const Pack& pack) {
    if (!any_.load(std::memory_order_acquire)) return nullptr;
    const Lock lock(&mutex_);
    if (!is_frozen(w, 1)) return nullptr;
    for (const Copy& copy : copies_) {
      if (copy.w == w && copy.n == n && copy.k == k) return copy.packed;
    }
    float* packed = add_copy(w, n, k, floats);
    pack(packed);
    return packed;
  }

 private:
  class Lock {
   public:
    explicit Lock(pthread_mutex_t* mutex) : mutex_(mutex) { pthread_mutex_lock(mutex_); }
    ~Lock() { pthread_mutex_unlock(mutex_); }

   private:
    pthread_mutex_t* mutex_;
  };
  struct Range {
    const char* begin;
    const char* end;
  };
  struct Copy {
    const void* w;
    int n, k;
    float* packed;
  };

  /** Large pieces of memory that copies are cut from. */
  struct Slab {
    float* begin;
    int64_t used, size;
  };

  bool is_frozen(const void* begin, int64_t bytes) const;
  void free_slabs();
  float* add_copy(const void* w, int n, int k, int64_t floats);

  std::vector<Range> ranges_;
  std::vector<Copy> copies_;
  std::vector<Slab> slabs_;
  std::atomic<bool> any_{false};
  mutable pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

}  // namespace electra
