// One block of the card's memory and the parts it is given out in. Included by device.h.
#pragma once
#include <cstddef>
#include <map>

namespace electra::cuda {

/**
 * A block that is taken from the card at once; its parts begin at multiples of 256 bytes. The smallest gap
 * that is large enough is given out first, so parts that together have the size of the block fill it.
 */
class Arena {
 public:
  static constexpr size_t kAlignment = 256;

  /** What a part takes of the block; one of no bytes still has an address of its own. */
  static size_t rounded(size_t bytes) {
    return (bytes == 0 ? 1 : (bytes + kAlignment - 1) / kAlignment) * kAlignment;
  }

  /** Takes the block; returns whether the card had room. There is none before, or it was given up. */
  bool open(size_t bytes);
  /** Gives the block back to the card, and with it all parts. */
  void close();
  /** A part, or null when there is no room for it. */
  void* take(size_t bytes);
  /** Makes room where a part was; returns false for what is none. */
  bool give(void* part);
  /** Whether this is one of the parts. */
  bool has(void* part) const { return parts_.count(static_cast<char*>(part)) != 0; }

 private:
  struct Part {
    size_t bytes, rounded;
  };

  char* base_ = nullptr;
  std::map<char*, size_t> gaps_;
  std::map<char*, Part> parts_;
};

}  // namespace electra::cuda
