#include <cstdio>
#include <cstring>

#include "device.cuh"

namespace electra::cuda {

namespace {

constexpr size_t kAlignment = 256;
constexpr size_t kMostConstants = 8;
constexpr size_t kFirstBlock = size_t{1} << 20;

void throw_fault(const Fault& fault) {
  constexpr const char* kNames[] = {"", "Token id", "Token type", "Position", "Label"};
  fail("%s %d of token %d is not in [0, %d).", kNames[fault.kind], fault.value, fault.token, fault.size);
}

}  // namespace

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // a sticky error would be reported again by the next call
  fail("%s failed: %s", what, cudaGetErrorString(error));
}

Device::Device(int index) : index_(index) {
  check(cudaSetDevice(index), "choice of the card");
  cudaDeviceProp card;
  check(cudaGetDeviceProperties(&card, index), "query of the card");
  multiprocessors_ = card.multiProcessorCount;
  std::snprintf(description_, sizeof description_, "%s, sm_%d%d, %d multiprocessors, %zu MiB", card.name,
                card.major, card.minor, card.multiProcessorCount, card.totalGlobalMem >> 20);
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creation of a stream");
  check(cudaMalloc(&fault_, sizeof(Fault)), "allocation");
  check(cudaMemsetAsync(fault_, 0, sizeof(Fault), stream_), "zeroing");
}

Device::~Device() {
  cudaSetDevice(index_);
  cudaStreamSynchronize(stream_);
  products_.reset();
  release_blocks();
  for (const Constant& constant : constants_) cudaFree(constant.copy);
  cudaFree(fault_);
  cudaStreamDestroy(stream_);
}

void Device::synchronize() {
  Fault fault{};
  if (fault_possible_) {
    check(cudaMemcpyAsync(&fault, fault_, sizeof fault, cudaMemcpyDeviceToHost, stream_), "copy to the host");
  }
  check(cudaStreamSynchronize(stream_), "work on the card");
  fault_possible_ = false;
  if (fault.kind == 0) return;
  check(cudaMemsetAsync(fault_, 0, sizeof(Fault), stream_), "zeroing");
  throw_fault(fault);
}

Device::Call::Call(Device& device) : device_(device), lock_(device.mutex_) {
  check(cudaSetDevice(device.index_), "choice of the card");
}

Device::Call::~Call() { device_.trim(); }

void* Device::scratch(size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
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

const void* Device::constant(const void* table, size_t bytes) {
  for (const Constant& known : constants_) {
    if (known.bytes.size() == bytes && std::memcmp(known.bytes.data(), table, bytes) == 0) return known.copy;
  }
  if (constants_.size() == kMostConstants) {
    check(cudaStreamSynchronize(stream_), "work on the card");
    check(cudaFree(constants_.front().copy), "release");
    constants_.erase(constants_.begin());
  }
  const char* first = static_cast<const char*>(table);
  Constant added{std::vector<char>(first, first + bytes), nullptr};
  check(cudaMalloc(&added.copy, bytes), "allocation");
  check(cudaMemcpyAsync(added.copy, table, bytes, cudaMemcpyHostToDevice, stream_), "copy to the card");
  constants_.push_back(added);
  return added.copy;
}

/** After a call that outgrew its block the largest one stays: the same call finds enough room soon. */
void Device::trim() {
  used_ = 0;
  if (blocks_.size() < 2) return;
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
