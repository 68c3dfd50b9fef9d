#pragma once
#include <cstddef>

namespace electra {

/**
 * Memory for std::free, 64-byte aligned, or null. What is large lies on large pages where the system has
 * them: a kernel that walks down a column touches a page a row, more than the processor can keep translations
 * of.
 */
void* allocate_pages(size_t bytes);

}  // namespace electra
