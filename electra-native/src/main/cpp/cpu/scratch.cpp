#include "scratch.h"

#include <cstdlib>
#include <vector>

#include "../common/error.h"
#include "pages.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, size) (static_cast<void>(p), static_cast<void>(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size) (static_cast<void>(p), static_cast<void>(size))
#endif

namespace electra {

namespace {

constexpr size_t kAlignment = 64;
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kGap = 64;  // between pieces, so that AddressSanitizer sees one run into the next
#else
constexpr size_t kGap = 0;
#endif
constexpr size_t kFirstBlock = size_t{1} << 20;

/** Blocks of growing size; they never move, so what was handed out stays valid while more is taken. */
struct Stack {
  struct Block {
    char* begin;
    size_t size;
  };
  std::vector<Block> blocks;
  size_t block = 0;
  size_t used = 0;

  ~Stack() {
    for (const Block& b : blocks) {
      ASAN_UNPOISON_MEMORY_REGION(b.begin, b.size);
      std::free(b.begin);
    }
  }

  void* take(size_t count) {
    size_t bytes = count + kGap;
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    while (block < blocks.size() && blocks[block].size - used < bytes) {
      ++block;
      used = 0;
    }
    if (block == blocks.size()) add_block(bytes);
    char* p = blocks[block].begin + used;
    used += bytes;
    ASAN_UNPOISON_MEMORY_REGION(p, count);
    return p;
  }

  void give_back_to(size_t old_block, size_t old_used) {
    block = old_block;
    used = old_used;
    for (size_t i = block; i < blocks.size(); ++i) {
      const size_t kept = i == block ? used : 0;
      ASAN_POISON_MEMORY_REGION(blocks[i].begin + kept, blocks[i].size - kept);
    }
  }

  void add_block(size_t bytes) {
    size_t size = blocks.empty() ? kFirstBlock : blocks.back().size * 2;
    while (size < bytes) size *= 2;
    char* p = static_cast<char*>(allocate_pages(size));
    if (p == nullptr) fail("no memory for %zu bytes of scratch", size);
    ASAN_POISON_MEMORY_REGION(p, size);
    blocks.push_back(Block{p, size});
    used = 0;
  }
};

thread_local Stack stack;

}  // namespace

Scratch::Scratch() : block_(stack.block), used_(stack.used) {}

Scratch::~Scratch() { stack.give_back_to(block_, used_); }

void* Scratch::bytes(size_t count) { return stack.take(count); }

}  // namespace electra
