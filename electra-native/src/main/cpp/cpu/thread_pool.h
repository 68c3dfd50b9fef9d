#pragma once
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <vector>

namespace electra {

/**
 * Fixed workers. Each begins with the same share of the chunks in every loop, so that it finds in its cache
 * what it wrote in the last one; chunks are taken one by one, and who has none left takes those of others, so
 * a slow core takes fewer. The caller works too. One loop runs at a time: a caller that finds the pool busy
 * runs its loop alone, as does a loop inside a loop. Which thread runs a chunk is open, so results must
 * depend on the chunk only, and scratch memory comes from Scratch.
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
  void work(int thread);
  void share_out(int chunks);
  void stop();
  void loop(int thread);
  void wait_for_workers();
  static void* start(void* worker);

  /** The chunks that a thread begins with; lines of a cache of their own. */
  struct alignas(128) Share {
    std::atomic<int> next{0};
    int end = 0;
  };
  struct Worker {
    ThreadPool* pool;
    int thread;
  };

  int threads_;
  std::vector<Share> shares_;
  std::vector<Worker> workers_;
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
  std::atomic<int> sleepers_{0};
  Erased call_ = nullptr;
  const void* body_ = nullptr;
  std::atomic<void*> error_{nullptr};  // std::exception_ptr*, the first one wins
};

}  // namespace electra
