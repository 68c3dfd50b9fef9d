// Memory, streams that wait, and graphs: what they promise, and what the simulator refuses.
#include "cuda/arena.h"
#include "harness.h"

using electra::cuda::Arena;

namespace {
/** An arena of so many bytes. */
struct Block : Arena {
  explicit Block(size_t n) { REQUIRE(open(n), "no memory for %zu bytes", n); }
  ~Block() { close(); }
  char* part(size_t n) { return static_cast<char*>(take(n)); }
};
__global__ void add_kernel(int* x, int value) { x[threadIdx.x] += value; }
__global__ void double_kernel(int* x) { x[threadIdx.x] *= 2; }

struct Stream {
  cudaStream_t s = nullptr;
  Stream() { CUDA(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking)); }
  ~Stream() { cudaStreamDestroy(s); }
};
struct Pinned {
  int* p = nullptr;
  explicit Pinned(size_t n) { CUDA(cudaMallocHost(&p, n * sizeof(int))); }
  ~Pinned() { cudaFreeHost(p); }
};
struct Deferred {
  Deferred() { cudasim::options().deferred = true; }
  ~Deferred() { cudasim::options().deferred = false; }
};

cudaGraph_t captured(cudaStream_t s, const std::function<void()>& work,
                     cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed) {
  CUDA(cudaStreamBeginCapture(s, mode));
  work();
  cudaGraph_t graph = nullptr;
  const cudaError_t e = cudaStreamEndCapture(s, &graph);
  REQUIRE((e == cudaSuccess) == (graph != nullptr), "a capture ends with a graph or an error");
  return graph;
}
}  // namespace

void add_stream_cases() {
  add("deferred work runs when it is waited for", [] {
    Dev<int> x(std::vector<int>(32, 1));
    Stream stream;
    Pinned read(32);
    const Deferred deferred;
    CUDA(cudasim::launch(add_kernel, 1, 32, 0, stream.s, x.p, 4));
    CUDA(cudaMemcpyAsync(read.p, x.p, 128, cudaMemcpyDeviceToHost, stream.s));
    cudaEvent_t event;
    CUDA(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    CUDA(cudaEventRecord(event, stream.s));
    CUDA(cudasim::launch(double_kernel, 1, 32, 0, stream.s, x.p));
    REQUIRE(read.p[7] == -1 && cudaEventQuery(event) == cudaErrorNotReady, "too early");
    CUDA(cudaEventSynchronize(event));
    REQUIRE(read.p[7] == 5 && cudaEventQuery(event) == cudaSuccess, "got %d", read.p[7]);
    int now = 0;
    CUDA(cudaMemcpy(&now, x.p, 4, cudaMemcpyDeviceToHost));
    REQUIRE(now == 5, "what lies behind the event has run");
    CUDA(cudaStreamSynchronize(stream.s));
    REQUIRE(x.get()[0] == 10, "the rest has not run");
    CUDA(cudaEventDestroy(event));
  });
  add("a graph runs what was captured, and again", [] {
    Dev<int> x(std::vector<int>(32, 1));
    Stream stream;
    cudaGraph_t graph = captured(stream.s, [&] {
      CUDA(cudasim::launch(add_kernel, 1, 32, 0, stream.s, x.p, 4));
      CUDA(cudasim::launch(double_kernel, 1, 32, 0, stream.s, x.p));
    });
    REQUIRE(x.get()[0] == 1, "captured work ran");
    cudaGraphExec_t exec;
    CUDA(cudaGraphInstantiate(&exec, graph));
    CUDA(cudaGraphDestroy(graph));
    CUDA(cudaGraphLaunch(exec, stream.s));
    CUDA(cudaGraphLaunch(exec, stream.s));
    CUDA(cudaStreamSynchronize(stream.s));
    REQUIRE(x.get()[31] == 28, "got %d", x.get()[31]);
    CUDA(cudaGraphExecDestroy(exec));
  });
  add("an update brings new values, and none to a launch before it", [] {
    Dev<int> x(std::vector<int>(32, 0));
    Stream stream;
    const Deferred deferred;
    const auto adding = [&](int value, int times) {
      return captured(stream.s, [&] {
        for (int i = 0; i < times; i++) CUDA(cudasim::launch(add_kernel, 1, 32, 0, stream.s, x.p, value));
      });
    };
    cudaGraphExec_t exec;
    CUDA(cudaGraphInstantiate(&exec, adding(1, 1)));
    CUDA(cudaGraphLaunch(exec, stream.s));
    cudaGraphExecUpdateResultInfo info;
    CUDA(cudaGraphExecUpdate(exec, adding(100, 1), &info));
    CUDA(cudaGraphLaunch(exec, stream.s));
    CUDA(cudaStreamSynchronize(stream.s));
    REQUIRE(x.get()[0] == 101, "got %d", x.get()[0]);
    REQUIRE(cudaGraphExecUpdate(exec, adding(1, 2), &info) == cudaErrorGraphExecUpdateFailure &&
                info.result == cudaGraphExecUpdateErrorTopologyChanged,
            "another topology was taken");
    cudaGetLastError();
  });
  add("waiting spoils a capture", [] {
    Stream stream;
    cudaGraph_t graph = captured(stream.s, [&] {
      REQUIRE(cudaStreamSynchronize(stream.s) == cudaErrorStreamCaptureUnsupported, "it waited");
    });
    REQUIRE(graph == nullptr, "the capture is whole");
    cudaGetLastError();
  });
  add("allocation spoils a capture that is not relaxed", [] {
    Stream stream;
    int* p = nullptr;
    REQUIRE(captured(
                stream.s, [&] { cudaMalloc(&p, 4); }, cudaStreamCaptureModeThreadLocal) == nullptr,
            "the capture is whole");
    cudaGetLastError();
    cudaGraph_t graph = captured(stream.s, [&] { CUDA(cudaMalloc(&p, 4)); });
    REQUIRE(graph != nullptr, "a relaxed capture is spoilt");
    CUDA(cudaGraphDestroy(graph));
    CUDA(cudaFree(p));
  });
  add("a captured copy needs pinned memory", [] {
    Dev<int> x(4);
    Stream stream;
    std::vector<int> pageable(4);
    std::string message;
    CUDA(cudaStreamBeginCapture(stream.s, cudaStreamCaptureModeRelaxed));
    try {
      cudaMemcpyAsync(x.p, pageable.data(), 16, cudaMemcpyHostToDevice, stream.s);
    } catch (const cudasim::Error& e) {
      message = e.what();
    }
    REQUIRE(message.find("not pinned") != std::string::npos, "'%s'", message.c_str());
  });
  add("a card of a given size", [] {
    cudasim::options().capacity = 4096;
    int* p = nullptr;
    size_t free = 0, total = 0;
    CUDA(cudaMalloc(&p, 1024));
    CUDA(cudaMemGetInfo(&free, &total));
    int* more = nullptr;
    const cudaError_t e = cudaMalloc(&more, 3073);
    cudasim::options().capacity = 0;
    cudaGetLastError();
    CUDA(cudaFree(p));
    REQUIRE(free == 3072 && total == 4096 && e == cudaErrorMemoryAllocation, "%zu of %zu free", free, total);
  });
  add("parts fill an arena, and are given out again", [] {
    const uint64_t before = cudasim::stats().allocations;
    Block arena(1024 + 256);
    char *a = arena.part(1), *b = arena.part(257), *c = arena.part(0), *d = arena.part(256);
    REQUIRE(b == a + 256 && c == b + 512 && d == c + 256, "parts lie beside each other");
    REQUIRE((uintptr_t(a) & 255) == 0 && arena.take(1) == nullptr, "parts are aligned, and there is no more");
    REQUIRE(arena.give(a) && arena.give(c) && !arena.give(c) && !arena.has(c) && arena.has(b),
            "a part is given back once");
    REQUIRE(arena.take(257) == nullptr, "two gaps are not one");
    REQUIRE(arena.give(b) && arena.part(1024) == a && arena.give(d), "gaps that meet are one");
    REQUIRE(cudasim::stats().allocations == before + 1, "one allocation");
  });
  add("the smallest gap is taken", [] {
    Block arena(1024 + 3 * 256);
    char* large = arena.part(1024);
    arena.part(256);
    char* small = arena.part(256);
    arena.part(256);
    arena.give(large);
    arena.give(small);
    REQUIRE(arena.part(200) == small && arena.part(200) == large, "not the smallest gap");
  });
  add("the end of a part is watched as that of an allocation", [] {
    if (!cudasim::instrumented()) return;
    Block arena(1024);
    int* x = reinterpret_cast<int*>(arena.part(31 * sizeof(int)));
    std::string past, after;
    CUDA(cudaMemset(x, 0, 31 * sizeof(int)));
    try {
      CUDA(cudasim::launch(add_kernel, 1, 32, 0, nullptr, x, 4));
    } catch (const cudasim::Error& e) {
      past = e.what();
    }
    arena.give(x);
    try {
      CUDA(cudasim::launch(add_kernel, 1, 8, 0, nullptr, x, 4));
    } catch (const cudasim::Error& e) {
      after = e.what();
    }
    REQUIRE(past.find("OUT OF BOUNDS") != std::string::npos, "past the end: '%s'", past.c_str());
    REQUIRE(after.find("OUT OF BOUNDS") != std::string::npos, "given back: '%s'", after.c_str());
  });
}
