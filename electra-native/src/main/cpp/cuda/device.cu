#include <cstdio>
#include <cstring>

#include "attention_engine.h"
#include "steps.h"

namespace electra::cuda {

namespace {

constexpr size_t kAlignment = 256;
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
  check(cudaMalloc(&fault_, sizeof(Fault)), "allocation");
  check(cudaMemsetAsync(fault_, 0, sizeof(Fault), stream_), "zeroing");
  steps_ = std::make_unique<Steps>(*this);
}

Device::~Device() {
  if (options_.measuring) return;
  cudaSetDevice(index_);
  steps_.reset();
  cudaStreamSynchronize(stream_);
  products_.reset();
  attention_.reset();
  release_blocks();
  for (const Constant& constant : constants_) cudaFree(constant.copy);
  cudaFree(fault_);
  cudaStreamDestroy(stream_);
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
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  call_scratch_ += bytes;
  if (call_scratch_ > most_scratch_) most_scratch_ = call_scratch_;
  if (options_.measuring) return reinterpret_cast<void*>(kAlignment);
  if (blocks_.empty() || used_ + bytes > blocks_.back().size) {
    const size_t grown = blocks_.empty() ? kFirstBlock : 2 * blocks_.back().size;
    Block block{nullptr, bytes < grown ? grown : bytes};
    const cudaError_t error = cudaMalloc(&block.memory, block.size);
    if (error != cudaSuccess) fail("no memory for %zu bytes of scratch", block.size);
    blocks_.push_back(block);
    used_ = 0;
  }
  void* memory = blocks_.back().memory + used_;
  used_ += bytes;
  return memory;
}

void Device::reserve_scratch(size_t bytes) {
  if (options_.measuring || bytes == 0 || (!blocks_.empty() && blocks_.back().size >= bytes)) return;
  check(cudaStreamSynchronize(stream_), "work on the card");
  release_blocks();
  Block block{nullptr, bytes};
  if (cudaMalloc(&block.memory, bytes) != cudaSuccess) {
    cudaGetLastError();
    fail("no memory for %zu bytes of scratch", bytes);
  }
  blocks_.push_back(block);
}

const void* Device::constant(const void* table, size_t bytes) {
  if (options_.measuring) return nullptr;
  for (const Constant& known : constants_) {
    if (known.bytes.size() == bytes && std::memcmp(known.bytes.data(), table, bytes) == 0) return known.copy;
  }
  // A step neither waits nor frees what its graph may still read.
  if (constants_.size() >= kMostConstants && !steps_->open()) {
    check(cudaStreamSynchronize(stream_), "work on the card");
    check(cudaFree(constants_.front().copy), "release");
    constants_.erase(constants_.begin());
  }
  const char* first = static_cast<const char*>(table);
  Constant added{std::vector<char>(first, first + bytes), nullptr};
  check(cudaMalloc(&added.copy, bytes), "allocation");
  launches_++;
  if (steps_->open()) {
    steps_->upload(added.copy, table, bytes);
  } else {
    check(cudaMemcpyAsync(added.copy, table, bytes, cudaMemcpyHostToDevice, stream_), "copy to the card");
  }
  constants_.push_back(added);
  return added.copy;
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
  for (const Block& block : blocks_) cudaFree(block.memory);
  blocks_.clear();
}

}  // namespace electra::cuda
