// The host's side of a card: its stream, its scratch memory and its errors. Included by device.cuh.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "../common/error.h"
#include "../common/host_device.h"
#include "arena.h"

namespace electra::cuda {

/** Throws when a call of CUDA failed; `what` names what was attempted. */
void check(cudaError_t error, const char* what);

constexpr int kLabelFault = 4;

/** What a kernel reports about data that it cannot work with: the first report stays. */
struct Fault {
  int kind;  // 0: none, then as in throw_fault
  int value;
  int token;
  int size;
};

class AttentionEngine;
class Steps;

/** How a device works. */
struct DeviceOptions {
  bool graphs = true;      // whether steps are captured into graphs
  bool measuring = false;  // whether nothing runs: launches and memory are only counted
  std::unique_ptr<AttentionEngine> (*attention)() = nullptr;  // another engine than our own kernels
};

/** One card with one stream. Calls of the contract run one after the other, each inside a Device::Call. */
class Device {
 public:
  Device(int index, DeviceOptions options);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  cudaStream_t stream() const { return stream_; }
  int multiprocessors() const { return multiprocessors_; }
  int index() const { return index_; }
  bool graphs() const { return options_.graphs; }
  bool measuring() const { return options_.measuring; }
  const DeviceOptions& options() const { return options_; }
  const char* description() const { return description_; }
  Steps& steps() { return *steps_; }

  /** Who computes attention instead of our kernels, or null. */
  AttentionEngine* attention() { return attention_.get(); }

  /** Counts something that goes to the stream; returns whether it is to go there. */
  bool counts_launch() {
    launches_++;
    return !options_.measuring;
  }

  /** Kernels, products, copies and fills that went to the stream. */
  int64_t launches() const { return launches_; }

  /** The most scratch memory that one call took, in bytes. */
  size_t most_scratch() const { return most_scratch_; }

  /** What an arena needs that everything fits into which was taken from this device. */
  size_t taken() const { return taken_ + most_scratch_; }

  /**
   * Takes an arena of so many bytes, in which all that follows lies while there is room, and of it scratch
   * memory for one call. It goes back to the card with the last part that alloc() gave out.
   */
  void reserve(size_t bytes, size_t scratch);

  /** Memory for the caller, or null when the card has no more. */
  void* alloc(size_t bytes);
  void release(void* p);

  /** Waits for everything queued; throws what a kernel reported. */
  void synchronize();

  /** Where a kernel writes a Fault; the next synchronize() throws it. */
  Fault* fault();

  /** Where the kernels of this step may have written a Fault; null when none of them could. */
  const Fault* possible_fault() {
    const bool possible = fault_possible_;
    fault_possible_ = false;
    return possible ? fault_ : nullptr;
  }

  /** Throws a fault, and clears it on the card. */
  [[noreturn]] void throw_fault(const Fault& fault);

  /** A copy of a table of the host on the card; the same bytes give the same copy. */
  const void* constant(const void* table, size_t bytes);

  /** What a library keeps for this card; deleted before the card is left. */
  class Extension {
   public:
    virtual ~Extension() {}
  };

  /** The state of the matrix products, made by them. */
  std::unique_ptr<Extension>& products() { return products_; }

  /** Makes the card current, keeps other threads out, and takes scratch memory back at the end. */
  class Call {
   public:
    explicit Call(Device& device);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Device& device_;
    std::lock_guard<std::recursive_mutex> lock_;
  };

 private:
  friend class Scratch;

  struct Block {
    char* memory;
    size_t size;
  };

  struct Constant {
    std::vector<char> bytes;
    void* copy;
  };

  void* take(size_t bytes);
  cudaError_t give(void* p);
  void* scratch(size_t bytes);
  void trim();
  void release_blocks();
  void release_arena();

  int index_;
  DeviceOptions options_;
  int64_t launches_ = 0;
  Arena arena_;
  size_t allocated_ = 0;  // parts of the arena that callers of alloc() have
  size_t taken_ = 0;      // bytes, rounded as in an arena
  size_t call_scratch_ = 0;
  size_t most_scratch_ = 0;
  int multiprocessors_ = 0;
  cudaStream_t stream_ = nullptr;
  Fault* fault_ = nullptr;
  bool fault_possible_ = false;
  std::vector<Block> blocks_;  // of which the last is in use
  size_t used_ = 0;
  std::vector<Constant> constants_;
  std::unique_ptr<Extension> products_;
  std::unique_ptr<AttentionEngine> attention_;
  std::unique_ptr<Steps> steps_;
  std::recursive_mutex mutex_;
  char description_[320];
};

/**
 * Scratch memory on the card until the end of the call of the contract: the stream keeps the next call from
 * writing what this one still reads. 256-byte aligned, contents undefined.
 */
class Scratch {
 public:
  explicit Scratch(Device& device) : device_(device) {}
  void* bytes(size_t count) { return device_.scratch(count); }
  float* floats(size_t count) { return static_cast<float*>(bytes(count * sizeof(float))); }
  int* ints(size_t count) { return static_cast<int*>(bytes(count * sizeof(int))); }
  double* doubles(size_t count) { return static_cast<double*>(bytes(count * sizeof(double))); }

 private:
  Device& device_;
};

}  // namespace electra::cuda
