// Steps that the card runs while the host prepares the next: one graph each, with its copies from and to the
// host.
#pragma once
#include <memory>
#include <vector>

#include "device.cuh"

namespace electra::cuda {

/**
 * The steps of a device, one after the other, of which two are under way at most: the one that runs and the
 * one that is queued.
 *
 * Between begin() and end() nothing runs: the calls are captured from the stream, and end() launches them as
 * one CUDA graph. Every step is captured anew, and the executable graph of the step before is updated to it.
 * A graph that is made once and only launched again would not do: batches are packed, so the number of
 * tokens, and with it every grid and the algorithms of the products, changes from step to step, as do the
 * step of dropout and the learning rate. Those would have to be read from memory by every kernel, and every
 * grid would have to be that of the largest batch. A capture costs the host about as much as the launches
 * themselves, and it does so while the card runs the step before; what the card gains is that it goes from
 * kernel to kernel by itself. Where the sequence of calls differs, as it may when a product takes another
 * algorithm, the graph is made anew.
 *
 * Copies from and to the host go through pinned memory, two buffers of it in turn, so that the batch of a
 * step is written while the copies of the step before may still be waiting.
 */
class Steps {
 public:
  explicit Steps(Device& device);
  ~Steps();
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  /** Whether a step is between begin() and end(). */
  bool open() const { return open_; }

  void begin();
  /** Hands the step to the card; returns its number. */
  int64_t end();
  /** Waits until a step is done; throws what its kernels reported. */
  void await(int64_t step);

  /** A copy to the card within a step; the host's memory is free again at once. */
  void upload(void* device, const void* host, size_t bytes);
  /** Where a copy from the card will lie once await() of this step returns, until the step after the next. */
  const void* download(const void* device, size_t bytes);

 private:
  static constexpr int kWarmUp = 2;  // steps without a graph: they load kernels and choose algorithms

  struct Chunk {
    char* memory;
    size_t size;
  };

  /** The host's side of a step. */
  struct Slot {
    std::vector<Chunk> chunks;
    size_t chunk = 0;  // the one in use
    size_t used = 0;   // bytes of it
    cudaEvent_t done = nullptr;
    int64_t step = -1;
    const Fault* fault = nullptr;
  };

  Slot& slot_of(int64_t step) { return slots_[step % 2]; }
  char* pinned(size_t bytes);
  void launch_captured();

  Device& device_;
  Slot slots_[2];
  int64_t next_ = 0;
  bool open_ = false;
  bool capturing_ = false;
  cudaGraphExec_t graph_ = nullptr;
};

}  // namespace electra::cuda
