#include <cstring>

#include "steps.h"

namespace electra::cuda {

namespace {

constexpr size_t kAlignment = 256;
constexpr size_t kChunk = size_t{1} << 20;

struct GraphDeleter {
  void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
};

}  // namespace

Steps::Steps(Device& device) : device_(device) {
  for (Slot& slot : slots_) {
    check(cudaEventCreateWithFlags(&slot.done, cudaEventDisableTiming), "creation of an event");
  }
}

Steps::~Steps() {
  if (capturing_) {
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(device_.stream(), &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
  }
  cudaStreamSynchronize(device_.stream());
  if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
  for (Slot& slot : slots_) {
    for (const Chunk& chunk : slot.chunks) cudaFreeHost(chunk.memory);
    cudaEventDestroy(slot.done);
  }
}

void Steps::begin() {
  if (open_) fail("a step is begun within a step");
  Slot& slot = slot_of(next_);
  check(cudaEventSynchronize(slot.done), "work on the card");
  slot.chunk = slot.used = 0;
  slot.step = next_;
  slot.fault = nullptr;
  if (device_.graphs() && next_ >= kWarmUp) {
    // Relaxed: a call that outgrows its scratch memory may allocate.
    check(cudaStreamBeginCapture(device_.stream(), cudaStreamCaptureModeRelaxed), "capture of a step");
    capturing_ = true;
  }
  open_ = true;
}

int64_t Steps::end() {
  if (!open_) fail("a step ends that was not begun");
  Slot& slot = slot_of(next_);
  if (const Fault* fault = device_.possible_fault()) {
    slot.fault = static_cast<const Fault*>(download(fault, sizeof(Fault)));
  }
  open_ = false;
  if (capturing_) launch_captured();
  check(cudaEventRecord(slot.done, device_.stream()), "mark of a step");
  return next_++;
}

void Steps::launch_captured() {
  capturing_ = false;
  cudaGraph_t captured = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(device_.stream(), &captured);
  const std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, GraphDeleter> graph(captured);
  if (ended != cudaSuccess) {
    cudaGetLastError();
    fail("the step does not fit into a CUDA graph: %s. -Delectra.cuda.graph=false does without graphs.",
         cudaGetErrorString(ended));
  }
  if (graph_ != nullptr) {
    cudaGraphExecUpdateResultInfo result;
    if (cudaGraphExecUpdate(graph_, captured, &result) != cudaSuccess) {
      cudaGetLastError();
      check(cudaStreamSynchronize(device_.stream()), "work on the card");  // it may still run
      check(cudaGraphExecDestroy(graph_), "release of a graph");
      graph_ = nullptr;
    }
  }
  if (graph_ == nullptr) check(cudaGraphInstantiate(&graph_, captured, 0), "making of a graph");
  check(cudaGraphLaunch(graph_, device_.stream()), "start of a graph");
}

void Steps::await(int64_t step) {
  Slot& slot = slot_of(step);
  if (step < 0 || slot.step != step) fail("the figures of step %lld are gone", static_cast<long long>(step));
  check(cudaEventSynchronize(slot.done), "work on the card");
  if (slot.fault == nullptr || slot.fault->kind == 0) return;
  const Fault fault = *slot.fault;
  device_.throw_fault(fault);
}

void Steps::upload(void* device, const void* host, size_t bytes) {
  char* const buffer = pinned(bytes);
  std::memcpy(buffer, host, bytes);
  check(cudaMemcpyAsync(device, buffer, bytes, cudaMemcpyHostToDevice, device_.stream()), "copy to the card");
}

const void* Steps::download(const void* device, size_t bytes) {
  char* const buffer = pinned(bytes);
  check(cudaMemcpyAsync(buffer, device, bytes, cudaMemcpyDeviceToHost, device_.stream()), "copy to the host");
  device_.counts_launch();
  return buffer;
}

char* Steps::pinned(size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  Slot& slot = slot_of(next_);
  while (slot.chunk < slot.chunks.size() && slot.used + bytes > slot.chunks[slot.chunk].size) {
    slot.chunk++;
    slot.used = 0;
  }
  if (slot.chunk == slot.chunks.size()) {
    Chunk chunk{nullptr, bytes < kChunk ? kChunk : bytes};
    if (cudaMallocHost(&chunk.memory, chunk.size) != cudaSuccess) {
      cudaGetLastError();
      fail("no pinned memory for %zu bytes", chunk.size);
    }
    slot.chunks.push_back(chunk);
  }
  char* const memory = slot.chunks[slot.chunk].memory + slot.used;
  slot.used += bytes;
  return memory;
}

}  // namespace electra::cuda
