#include "pages.h"

#include <sys/mman.h>

#include <cstdlib>

namespace electra {

namespace {

constexpr size_t kLine = 64;
constexpr size_t kLargePage = size_t{2} << 20;

}  // namespace

void* allocate_pages(size_t bytes) {
  const size_t alignment = bytes >= kLargePage ? kLargePage : kLine;
  const size_t size = (bytes == 0 ? 1 : (bytes + alignment - 1) / alignment) * alignment;
  void* p = std::aligned_alloc(alignment, size);
  if (p != nullptr && alignment == kLargePage) madvise(p, size, MADV_HUGEPAGE);  // a wish: no error matters
  return p;
}

}  // namespace electra
