// Streams, events, pinned memory and graphs. Work runs when it is put on a stream, unless the stream is being
// captured, or deferred: then it runs as late as a card might, when somebody waits for it.
#include <deque>
#include <memory>

#include "state.h"

using namespace cudasim;

namespace {
struct Node {
  Work kind;
  std::function<void()> run;
};
using Nodes = std::vector<Node>;
}  // namespace

struct CUgraph_st {
  Nodes nodes;
};
struct CUgraphExec_st {
  std::shared_ptr<const Nodes> nodes;  // a launch keeps those that it began with
};
struct CUstream_st {
  std::deque<std::function<void()>> queue;
  CUgraph_st* capture = nullptr;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  bool invalid = false;  // a forbidden call came during the capture
};
struct CUevent_st {
  CUstream_st* stream = nullptr;
  std::shared_ptr<bool> reached;
};

namespace {
std::vector<CUstream_st*> g_streams;
std::map<uptr, size_t> g_pinned;

bool pinned(const void* p, size_t n) {
  auto it = g_pinned.upper_bound(uptr(p));
  if (it == g_pinned.begin()) return false;
  --it;
  return uptr(p) + n <= it->first + it->second;
}
void run_next(CUstream_st* s) {
  auto next = std::move(s->queue.front());
  s->queue.pop_front();
  next();
}
/** Runs work that was launched before: what is wrong with it has no launch to report it to. */
void run_later(const std::function<void()>& run) {
  run();
  if (cudaError_t e = cudaGetLastError()) fail("queued work failed: %s", cudaGetErrorString(e));
}
cudaError_t invalidate(CUstream_st* s) {
  s->invalid = true;
  return g_last = cudaErrorStreamCaptureUnsupported;
}
}  // namespace

namespace cudasim {
void submit(cudaStream_t s, Work kind, std::function<void()> run) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (!s)
    run();
  else if (s->capture)
    s->capture->nodes.push_back({kind, std::move(run)});
  else if (options().deferred || !s->queue.empty())
    s->queue.push_back([run = std::move(run)] { run_later(run); });
  else
    run();
}
bool allocation_allowed() {
  for (CUstream_st* s : g_streams)
    if (s->capture && s->mode != cudaStreamCaptureModeRelaxed) {
      s->invalid = true;
      return false;
    }
  return true;
}
}  // namespace cudasim

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  g_streams.push_back(*s = new CUstream_st);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t s) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  g_streams.erase(std::find(g_streams.begin(), g_streams.end(), s));
  delete s->capture;
  delete s;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (!s) return cudaSuccess;
  if (s->capture) return invalidate(s);
  while (!s->queue.empty()) run_next(s);
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  for (CUstream_st* s : g_streams)
    if (cudaError_t e = cudaStreamSynchronize(s)) return e;
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* d, const void* s, size_t n, cudaMemcpyKind k, cudaStream_t stream) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  const bool up = k == cudaMemcpyHostToDevice, down = k == cudaMemcpyDeviceToHost;
  const bool pageable = (up && !pinned(s, n)) || (down && !pinned(d, n));
  if (stream && stream->capture && pageable) {
    fail("the captured copy of %zu bytes reads or writes host memory at %p that is not pinned", n,
         up ? s : d);
  }
  if (pageable && up) {  // taken away before the call returns
    auto taken = std::make_shared<std::vector<u8>>(static_cast<const u8*>(s), static_cast<const u8*>(s) + n);
    submit(stream, Work::Copy, [=] { cudaMemcpy(d, taken->data(), n, k); });
    return cudaGetLastError();
  }
  submit(stream, Work::Copy, [=] { cudaMemcpy(d, s, n, k); });
  return pageable ? cudaStreamSynchronize(stream) : cudaGetLastError();
}
cudaError_t cudaMemsetAsync(void* d, int v, size_t n, cudaStream_t stream, const char* file, int line) {
  if (!faulty(Fault::Zeroing, {file, line})) submit(stream, Work::Fill, [=] { cudaMemset(d, v, n); });
  return cudaGetLastError();
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) {
  *e = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t e) {
  delete e;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (s->capture) return invalidate(s);
  e->stream = s;
  e->reached = std::make_shared<bool>(s->queue.empty());
  if (!s->queue.empty()) s->queue.push_back([flag = e->reached] { *flag = true; });
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  while (e->reached && !*e->reached) run_next(e->stream);
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t e) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  return e->reached && !*e->reached ? cudaErrorNotReady : cudaSuccess;
}

cudaError_t cudaMallocHost(void** p, size_t n) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (!allocation_allowed()) return g_last = cudaErrorStreamCaptureUnsupported;
  *p = aligned_alloc(256, (n + 255) / 256 * 256);
  memset(*p, 0xff, n);
  g_pinned[uptr(*p)] = n;
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* p) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (!p) return cudaSuccess;
  if (!g_pinned.erase(uptr(p))) fail("cudaFreeHost: %p is not pinned memory", p);
  if (cudaError_t e = cudaDeviceSynchronize()) return e;
  free(p);
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t s, cudaStreamCaptureMode mode) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (s->capture) return invalidate(s);
  s->capture = new CUgraph_st;
  s->mode = mode;
  s->invalid = false;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t* g) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  *g = nullptr;
  if (!s->capture) return g_last = cudaErrorInvalidValue;
  std::unique_ptr<CUgraph_st> captured(s->capture);
  s->capture = nullptr;
  if (s->invalid) return g_last = cudaErrorStreamCaptureInvalidated;
  *g = captured.release();
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  stats().instantiations++;
  *exec = new CUgraphExec_st{std::make_shared<const Nodes>(graph->nodes)};
  return cudaSuccess;
}
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph,
                                cudaGraphExecUpdateResultInfo* info) {
  const bool same = std::equal(exec->nodes->begin(), exec->nodes->end(), graph->nodes.begin(),
                               graph->nodes.end(), [](auto& a, auto& b) { return a.kind == b.kind; });
  info->result = same ? cudaGraphExecUpdateSuccess : cudaGraphExecUpdateErrorTopologyChanged;
  if (!same) return g_last = cudaErrorGraphExecUpdateFailure;
  stats().updates++;
  auto updated = std::make_shared<Nodes>(graph->nodes);
  for (size_t i = 0; options().stale_graphs && i < updated->size(); i++)
    if ((*updated)[i].kind == Work::Kernel) (*updated)[i] = (*exec->nodes)[i];
  exec->nodes = updated;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t s) {
  std::lock_guard<std::recursive_mutex> lock(g_lock);
  if (s->capture) return invalidate(s);
  stats().graph_launches++;
  submit(s, Work::Host, [nodes = exec->nodes] {
    for (const Node& node : *nodes) run_later(node.run);
  });
  return cudaGetLastError();
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  delete exec;
  return cudaSuccess;
}
