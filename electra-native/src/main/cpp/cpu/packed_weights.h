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

  /** Fills a new copy; it may run the pool. */
  using Pack = void (*)(const void* context, float* target);

  /**
   * The packed copy of the matrix at w, or null when w is not frozen. A copy of `floats` floats is made by
   * `pack`, which gets the context.
   */
  const float* find(const void* w, int n, int k, int64_t floats, Pack pack, const void* context);

 private:
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
