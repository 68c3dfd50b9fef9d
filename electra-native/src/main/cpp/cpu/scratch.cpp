#include "scratch.h"

#include <cstdlib>
#include <vector>

#include "../common/error.h"

namespace electra {

namespace {

constexpr size_t kAlignment = 64;
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
    for (const Block& b : blocks) std::free(b.begin);
  }

  void* take(size_t bytes) {
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    while (block < blocks.size() && blocks[block].size - used < bytes) {
      ++block;
      used = 0;
    }
    if (block == blocks.size()) add_block(bytes);
    char* p = blocks[block].begin + used;
    used += bytes;
    return p;
  }

  void add_block(size_t bytes) {
    size_t size = blocks.empty() ? kFirstBlock : blocks.back().size * 2;
    while (size < bytes) size *= 2;
    char* p = static_cast<char*>(std::aligned_alloc(kAlignment, size));
    if (p == nullptr) fail("no memory for %zu bytes of scratch", size);
    blocks.push_back(Block{p, size});
    used = 0;
  }
};

thread_local Stack stack;

}  // namespace

Scratch::Scratch() : block_(stack.block), used_(stack.used) {}

Scratch::~Scratch() {
  stack.block = block_;
  stack.used = used_;
}

void* Scratch::bytes(size_t count) { return stack.take(count); }

}  // namespace electra
