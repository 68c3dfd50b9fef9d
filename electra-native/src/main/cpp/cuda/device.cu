#include <cstdio>
#include <cstring>

#include "attention_engine.h"
#include "steps.h"

namespace electra::cuda {

namespace {

constexpr size_t kMostConstants = 8;
constexpr size_t kFirstBlock = size_t{1} << 20;

}  // namespace

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // a sticky error would be reported again by the next call
  fail("%s failed: %s", what, cudaGetErrorString(error));
}

Device::Device(int index, DeviceOptions options) : index_(index), options_(options) {
  check(cudaSetDevice(index), "choice of the card");
  cudaDeviceProp card;
  check(cudaGetDeviceProperties(&card, index), "query of the card");
  multiprocessors_ = card.multiProcessorCount;
  std::snprintf(description_, sizeof description_, "%s, sm_%d%d, %d multiprocessors, %zu MiB", card.name,
                card.major, card.minor, card.multiProcessorCount, card.totalGlobalMem >> 20);
  if (options.attention != nullptr) {
    attention_ = options.attention();
    const size_t length = std::strlen(description_);
    std::snprintf(description_ + length, sizeof description_ - length, ", attention by cuDNN");
  }
  if (options.measuring) return;
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creation of a stream");
  steps_ = std::make_unique<Steps>(*this);
}

Device::~Device() {
  if (options_.measuring) return;
  cudaSetDevice(index_);
  steps_.reset();
  cudaStreamSynchronize(stream_);
  products_.reset();
  attention_.reset();
  release_arena();
  cudaStreamDestroy(stream_);
}

void Device::reserve(size_t bytes, size_t scratch) {
  if (options_.measuring || bytes == 0) return;
  if (allocated_ > 0) fail("an arena is reserved while the one before is in use");
  check(cudaStreamSynchronize(stream_), "work on the card");
  release_arena();
  if (!arena_.open(bytes)) fail("no memory for %zu bytes", bytes);
  if (scratch > 0) blocks_.push_back(Block{static_cast<char*>(take(scratch)), scratch});
}

void* Device::alloc(size_t bytes) {
  void* const p = take(bytes);
  if (arena_.has(p)) allocated_++;
  return p;
}

void Device::release(void* p) {
  if (options_.measuring || p == nullptr) return;
  check(cudaStreamSynchronize(stream_), "work on the card");
  const bool counted = arena_.has(p);
  check(give(p), "release");
  if (counted && --allocated_ == 0) release_arena();
}

/** Memory in the arena, or of its own; null when the card has no more. */
void* Device::take(size_t bytes) {
  const size_t before = taken_;
  taken_ += Arena::rounded(bytes);
  if (options_.measuring) return reinterpret_cast<void*>(Arena::kAlignment + before);
  if (void* const part = arena_.take(bytes)) return part;
  void* own = nullptr;
  if (cudaMalloc(&own, bytes == 0 ? 1 : bytes) == cudaSuccess) return own;
  cudaGetLastError();
  return nullptr;
}

cudaError_t Device::give(void* p) { return arena_.give(p) ? cudaSuccess : cudaFree(p); }

/** Gives up the arena and what the device itself has taken; nothing runs. */
void Device::release_arena() {
  release_blocks();
  for (const Constant& constant : constants_) give(constant.copy);
  constants_.clear();
  if (fault_ != nullptr) give(fault_);
  fault_ = nullptr;
  fault_possible_ = false;
  arena_.close();
  allocated_ = 0;
}

Fault* Device::fault() {
  if (fault_ == nullptr) {
    fault_ = static_cast<Fault*>(take(sizeof(Fault)));
    if (options_.measuring) return fault_;
    if (fault_ == nullptr) fail("no memory for %zu bytes", sizeof(Fault));
    check(cudaMemsetAsync(fault_, 0, sizeof(Fault), stream_), "zeroing");
  }
  fault_possible_ = true;
  return fault_;
}

void Device::synchronize() {
  if (options_.measuring) return;
  if (steps_->open()) fail("a step does not wait for the card");
  Fault fault{};
  if (fault_possible_) {
    check(cudaMemcpyAsync(&fault, fault_, sizeof fault, cudaMemcpyDeviceToHost, stream_), "copy to the host");
  }
  check(cudaStreamSynchronize(stream_), "work on the card");
  fault_possible_ = false;
  if (fault.kind != 0) throw_fault(fault);
}

void Device::throw_fault(const Fault& fault) {
  constexpr const char* kNames[] = {"", "Token id", "Token type", "Position", "Label", "End of a span"};
  check(cudaMemsetAsync(fault_, 0, sizeof(Fault), stream_), "zeroing");
  fail("%s %d of %s %d is not in [0, %d).", kNames[fault.kind], fault.value,
       fault.kind < kLabelFault ? "token" : "row", fault.token, fault.size);
}

Device::Call::Call(Device& device) : device_(device), lock_(device.mutex_) {
  check(cudaSetDevice(device.index_), "choice of the card");
}

Device::Call::~Call() { device_.trim(); }

void* Device::scratch(size_t bytes) {
  bytes = Arena::rounded(bytes);
  call_scratch_ += bytes;
  if (call_scratch_ > most_scratch_) most_scratch_ = call_scratch_;
  if (options_.measuring) return reinterpret_cast<void*>(Arena::kAlignment);
  if (blocks_.empty() || used_ + bytes > blocks_.back().size) {
    const size_t grown = blocks_.empty() ? kFirstBlock : 2 * blocks_.back().size;
    const size_t size = bytes < grown ? grown : bytes;
    char* const memory = static_cast<char*>(take(size));
    if (memory == nullptr) fail("no memory for %zu bytes of scratch", size);
    blocks_.push_back(Block{memory, size});
    used_ = 0;
  }
  void* memory = blocks_.back().memory + used_;
  used_ += bytes;
  return memory;
}

const void* Device::constant(const void* table, size_t bytes) {
  for (const Constant& known : constants_) {
    if (known.bytes.size() == bytes && std::memcmp(known.bytes.data(), table, bytes) == 0) return known.copy;
  }
  // A step neither waits nor frees what its graph may still read.
  if (constants_.size() >= kMostConstants && !options_.measuring && !steps_->open()) {
    check(cudaStreamSynchronize(stream_), "work on the card");
    check(give(constants_.front().copy), "release");
    constants_.erase(constants_.begin());
  }
  const char* first = static_cast<const char*>(table);
  void* const copy = take(bytes);
  if (copy == nullptr) fail("no memory for %zu bytes of a table", bytes);
  constants_.push_back(Constant{std::vector<char>(first, first + bytes), copy});
  if (options_.measuring) return copy;
  launches_++;
  if (steps_->open()) {
    steps_->upload(copy, table, bytes);
  } else {
    check(cudaMemcpyAsync(copy, table, bytes, cudaMemcpyHostToDevice, stream_), "copy to the card");
  }
  return copy;
}

/** After a call that outgrew its block the largest one stays: the same call finds enough room soon. */
void Device::trim() {
  used_ = call_scratch_ = 0;
  if (blocks_.size() < 2 || steps_->open()) return;
  cudaStreamSynchronize(stream_);
  const Block last = blocks_.back();
  blocks_.pop_back();
  release_blocks();
  blocks_.push_back(last);
}

void Device::release_blocks() {
  for (const Block& block : blocks_) give(block.memory);
  blocks_.clear();
}

}  // namespace electra::cuda
