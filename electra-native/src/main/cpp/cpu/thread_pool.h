#pragma once
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <vector>

namespace electra {

/**
 * Fixed workers; chunks are handed out one by one, so a slow core takes fewer. The caller works too. One loop
 * runs at a time: a caller that finds the pool busy runs its loop alone, as does a loop inside a loop. Which
 * thread runs a chunk is open, so results must depend on the chunk only, and scratch memory comes from
 * Scratch.
 */
class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  int threads() const { return threads_; }

  /** Calls body(chunk) for chunk 0..chunks-1, on several threads at once. */
  template <typename Body>
  void run(int chunks, const Body& body) {
    run_erased(
        chunks, [](const void* b, int chunk) { (*static_cast<const Body*>(b))(chunk); }, &body);
  }

 private:
  using Erased = void (*)(const void* body, int chunk);
  void run_erased(int chunks, Erased call, const void* body);
  void work();
  void stop();
  void loop();
  void wait_for_workers();
  static void* start(void* pool);

  int threads_;
  std::vector<pthread_t> handles_;
  pthread_mutex_t caller_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wake_ = PTHREAD_COND_INITIALIZER;
  pthread_cond_t done_ = PTHREAD_COND_INITIALIZER;
  std::atomic<uint64_t> generation_{0};
  std::atomic<bool> open_{false};
  std::atomic<bool> waiting_{false};
  std::atomic<bool> stop_{false};
  std::atomic<int> active_{0};
  std::atomic<int> next_{0};
  std::atomic<int> sleepers_{0};
  int chunks_ = 0;
  Erased call_ = nullptr;
  const void* body_ = nullptr;
  std::atomic<void*> error_{nullptr};  // std::exception_ptr*, the first one wins
};

}  // namespace electra
