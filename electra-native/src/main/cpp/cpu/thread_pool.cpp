// pthread primitives rather than std::condition_variable, whose wait() needs GLIBCXX_3.4.30 (GCC 12).
// A loop ends when its chunks are done, not when every worker has woken: a worker held up by another process
// costs at most the chunk it holds.
#include "thread_pool.h"

#include <immintrin.h>

#include <chrono>
#include <cstring>
#include <exception>

#include "../common/error.h"

namespace electra {

namespace {

// Measured: with 40 microseconds to 2 milliseconds of spinning, one niced process burning a core cost a fifth
// of the speed in the median and half in some samples; 4 milliseconds and more cost nothing.
constexpr int64_t kSpinNanos = 5000000;

template <typename Condition>
void spin_until(const Condition& condition) {
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    for (int i = 0; i < 64; ++i) {  // looked at after every pause: those take up to 140 cycles each
      if (condition()) return;
      _mm_pause();
    }
    if ((std::chrono::steady_clock::now() - begin).count() > kSpinNanos) return;
  }
}

thread_local bool inside_loop = false;

/** Marks the thread as working on chunks, and unmarks it on every way out. */
class InsideLoop {
 public:
  InsideLoop() : before_(inside_loop) { inside_loop = true; }
  ~InsideLoop() { inside_loop = before_; }

 private:
  bool before_;
};

}  // namespace

ThreadPool::ThreadPool(int threads) : threads_(threads < 1 ? 1 : threads), shares_(threads_) {
  handles_.reserve(threads_ - 1);
  workers_.reserve(threads_);
  for (int thread = 0; thread < threads_; ++thread) workers_.push_back(Worker{this, thread});
  for (int thread = 1; thread < threads_; ++thread) {
    pthread_t handle;
    const int error = pthread_create(&handle, nullptr, &ThreadPool::start, &workers_[thread]);
    if (error != 0) {
      stop();
      fail("cannot start thread %d of %d: %s", thread + 1, threads_, std::strerror(error));
    }
    handles_.push_back(handle);
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  pthread_mutex_lock(&mutex_);
  stop_ = true;
  generation_.fetch_add(1);
  pthread_cond_broadcast(&wake_);
  pthread_mutex_unlock(&mutex_);
  for (pthread_t handle : handles_) pthread_join(handle, nullptr);
}

void* ThreadPool::start(void* worker) {
  const auto* w = static_cast<const Worker*>(worker);
  w->pool->loop(w->thread);
  return nullptr;
}

void ThreadPool::loop(int thread) {
  uint64_t seen = 0;
  for (;;) {
    spin_until([&] { return generation_.load(std::memory_order_acquire) != seen; });
    if (generation_.load(std::memory_order_acquire) == seen) {
      pthread_mutex_lock(&mutex_);
      sleepers_.fetch_add(1);
      while (generation_.load() == seen) pthread_cond_wait(&wake_, &mutex_);
      sleepers_.fetch_sub(1);
      pthread_mutex_unlock(&mutex_);
    }
    if (stop_) return;
    seen = generation_.load();
    active_.fetch_add(
        1);  // then look at open_: either this worker sees it closed or the caller sees it active
    if (open_.load()) work(thread);
    if (active_.fetch_sub(1) == 1 && waiting_.load()) {
      pthread_mutex_lock(&mutex_);
      pthread_cond_signal(&done_);
      pthread_mutex_unlock(&mutex_);
    }
  }
}

void ThreadPool::share_out(int chunks) {
  for (int thread = 0; thread < threads_; ++thread) {
    shares_[thread].next.store(static_cast<int>(int64_t{chunks} * thread / threads_));
    shares_[thread].end = static_cast<int>(int64_t{chunks} * (thread + 1) / threads_);
  }
}

void ThreadPool::work(int thread) {
  const InsideLoop mark;
  for (int i = 0; i < threads_; ++i) {
    Share& share = shares_[(thread + i) % threads_];
    for (;;) {
      if (share.next.load(std::memory_order_relaxed) >= share.end) break;
      const int chunk = share.next.fetch_add(1, std::memory_order_relaxed);
      if (chunk >= share.end) break;
      try {
        call_(body_, chunk);
      } catch (...) {
        auto* e = new std::exception_ptr(std::current_exception());
        void* none = nullptr;
        if (!error_.compare_exchange_strong(none, e)) delete e;
        for (Share& other : shares_) other.next.store(other.end);
      }
    }
  }
}

void ThreadPool::wait_for_workers() {
  spin_until([&] { return active_.load() == 0; });
  if (active_.load() == 0) return;
  pthread_mutex_lock(&mutex_);
  waiting_.store(true);
  while (active_.load() != 0) pthread_cond_wait(&done_, &mutex_);
  waiting_.store(false);
  pthread_mutex_unlock(&mutex_);
}

void ThreadPool::run_erased(int chunks, Erased call, const void* body) {
  if (threads_ == 1 || chunks <= 1 || inside_loop || pthread_mutex_trylock(&caller_) != 0) {
    for (int chunk = 0; chunk < chunks; ++chunk) call(body, chunk);
    return;
  }
  call_ = call;
  body_ = body;
  share_out(chunks);
  open_.store(true);
  generation_.fetch_add(1);
  if (sleepers_.load() > 0) {
    pthread_mutex_lock(&mutex_);
    pthread_cond_broadcast(&wake_);
    pthread_mutex_unlock(&mutex_);
  }
  work(0);
  open_.store(false);
  wait_for_workers();
  auto* e = static_cast<std::exception_ptr*>(error_.exchange(nullptr));
  pthread_mutex_unlock(&caller_);
  if (e != nullptr) {
    const std::exception_ptr copy = *e;
    delete e;
    std::rethrow_exception(copy);
  }
}

}  // namespace electra
