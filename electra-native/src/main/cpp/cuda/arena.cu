#include "arena.h"
#include "device.cuh"

namespace electra::cuda {

namespace {

/** The simulator watches the ends of parts as it watches those of allocations. */
void mark([[maybe_unused]] char* part, [[maybe_unused]] size_t bytes, [[maybe_unused]] bool taken) {
#ifndef __CUDACC__
  cudasim::mark_part(part, bytes, taken);
#endif
}

}  // namespace

bool Arena::open(size_t bytes) {
  bytes = rounded(bytes);
  if (cudaMalloc(&base_, bytes) != cudaSuccess) {
    cudaGetLastError();
    base_ = nullptr;
    return false;
  }
  gaps_[base_] = bytes;
  mark(base_, bytes, false);
  return true;
}

void Arena::close() {
  gaps_.clear();
  parts_.clear();
  cudaFree(base_);
  base_ = nullptr;
}

void* Arena::take(size_t bytes) {
  const size_t size = rounded(bytes);
  auto best = gaps_.end();
  for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
    if (gap->second >= size && (best == gaps_.end() || gap->second < best->second)) best = gap;
  }
  if (best == gaps_.end()) return nullptr;
  char* const part = best->first;
  if (best->second > size) gaps_[part + size] = best->second - size;
  gaps_.erase(best);
  parts_[part] = Part{bytes, size};
  mark(part, bytes, true);
  return part;
}

bool Arena::give(void* p) {
  const auto found = parts_.find(static_cast<char*>(p));
  if (found == parts_.end()) return false;
  mark(found->first, found->second.bytes, false);
  auto gap = gaps_.emplace(found->first, found->second.rounded).first;
  parts_.erase(found);
  const auto after = std::next(gap);
  if (after != gaps_.end() && gap->first + gap->second == after->first) {
    gap->second += after->second;
    gaps_.erase(after);
  }
  if (gap == gaps_.begin()) return true;
  const auto before = std::prev(gap);
  if (before->first + before->second == gap->first) {
    before->second += gap->second;
    gaps_.erase(gap);
  }
  return true;
}

}  // namespace electra::cuda
