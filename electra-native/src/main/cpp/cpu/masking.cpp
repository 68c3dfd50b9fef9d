// Which tokens the generator has to fill in, and the corrupted text. Integers only: the same on every
// backend.
#include "../common/error.h"
#include "../common/philox.h"
#include "kernels.h"
#include "scratch.h"

namespace electra::cpu::ELECTRA_ISA {

namespace {

constexpr int kMaskSelect = 1, kMaskKeep = 2;  // RandomStreams.java

/** Words of consecutive elements; computes a Philox block once for its four words. */
class PhiloxSequence {
 public:
  PhiloxSequence(int64_t seed, int stream, int64_t step) : seed_(seed), stream_(stream), step_(step) {}

  uint32_t word(int64_t element) {
    if (element >> 2 != number_) {
      number_ = element >> 2;
      block_ = philox_block(seed_, stream_, step_, number_);
    }
    return block_.word[element & 3];
  }

 private:
  int64_t seed_;
  int stream_;
  int64_t step_;
  int64_t number_ = -1;
  PhiloxBlock block_ = {};
};

/** Reorders distinct numbers so that the k-th smallest (from 0) is numbers[k], and returns it. */
uint64_t select_smallest(uint64_t* numbers, int count, int k) {
  int low = 0, high = count - 1;
  while (low < high) {
    const uint64_t pivot = numbers[low + (high - low) / 2];
    int i = low, j = high;
    while (i <= j) {
      while (numbers[i] < pivot) ++i;
      while (numbers[j] > pivot) --j;
      if (i > j) break;
      const uint64_t swapped = numbers[i];
      numbers[i++] = numbers[j];
      numbers[j--] = swapped;
    }
    if (k <= j) {
      high = j;
    } else if (k >= i) {
      low = i;
    } else {
      break;
    }
  }
  return numbers[k];
}

struct Masking {
  int* positions;
  const int* ids;
  int cls;
  int sep;
  int mask;
  int64_t seed;
  int64_t step;

  bool candidate(int row) const { return ids[row] != cls && ids[row] != sep && ids[row] != mask; }

  /** Slots first_slot..end_slot-1 get the candidates with the smallest (word, row), ascending. */
  void choose(int begin, int end, int first_slot, int end_slot) const {
    Scratch scratch;
    auto* keys = static_cast<uint64_t*>(scratch.bytes(2 * sizeof(uint64_t) * (end - begin)));
    uint64_t* reordered = keys + (end - begin);
    PhiloxSequence random(seed, kMaskSelect, step);
    int candidates = 0;
    for (int row = begin; row < end; ++row) {
      if (candidate(row))
        keys[candidates++] = static_cast<uint64_t>(random.word(row)) << 32 | static_cast<uint32_t>(row);
    }
    check(candidates >= end_slot - first_slot, begin, end);
    std::memcpy(reordered, keys, sizeof(uint64_t) * candidates);
    const uint64_t last = select_smallest(reordered, candidates, end_slot - first_slot - 1);
    for (int i = 0, slot = first_slot; i < candidates; ++i) {
      if (keys[i] <= last) positions[slot++] = static_cast<int>(keys[i] & 0xFFFFFFFFu);
    }
  }

  /** Slot s gets candidate floor(uniform(s) * candidates); then ascending. */
  void draw(int begin, int end, int first_slot, int end_slot) const {
    Scratch scratch;
    int* rows = scratch.ints(end - begin);
    int candidates = 0;
    for (int row = begin; row < end; ++row) {
      if (candidate(row)) rows[candidates++] = row;
    }
    check(candidates > 0, begin, end);
    int* drawn = scratch.ints(candidates);
    for (int i = 0; i < candidates; ++i) drawn[i] = 0;
    PhiloxSequence random(seed, kMaskSelect, step);
    for (int slot = first_slot; slot < end_slot; ++slot) {
      ++drawn[static_cast<uint64_t>(random.word(slot) >> 8) * static_cast<uint64_t>(candidates) >> 24];
    }
    for (int i = 0, slot = first_slot; i < candidates; ++i) {
      for (; drawn[i] > 0; --drawn[i]) positions[slot++] = rows[i];
    }
  }

  static void check(bool enough, int begin, int end) {
    if (!enough) fail("The sequence in rows %d to %d has too few tokens to mask.", begin, end - 1);
  }
};

}  // namespace

void mask_tokens(ThreadPool& pool, int* masked_ids, int* positions, int* labels, const int* ids,
                 const int* cu_seqlens, const int* cu_masked, int b, int /*t*/, int /*m*/,
                 float mask_token_prob, bool with_replacement, int cls, int sep, int mask, int64_t seed,
                 int64_t step) {
  const Masking masking{positions, ids, cls, sep, mask, seed, step};
  pool.run(b, [&](int i) {
    const int begin = cu_seqlens[i], end = cu_seqlens[i + 1], first = cu_masked[i], last = cu_masked[i + 1];
    if (begin < end) std::memcpy(masked_ids + begin, ids + begin, sizeof(int) * (end - begin));
    if (first == last) return;
    if (with_replacement) {
      masking.draw(begin, end, first, last);
    } else {
      masking.choose(begin, end, first, last);
    }
    PhiloxSequence random(seed, kMaskKeep, step);
    for (int slot = first; slot < last; ++slot) {
      const int row = positions[slot];
      labels[slot] = ids[row];
      if (slot > first && positions[slot - 1] == row) continue;
      if (static_cast<float>(random.word(slot) >> 8) * 0x1p-24f < mask_token_prob) masked_ids[row] = mask;
    }
  });
}

void corrupt_tokens(ThreadPool& /*pool*/, int* corrupted, int* replaced, const int* ids, const int* positions,
                    const int* sampled, int t, int m) {
  if (t == 0) return;
  std::memcpy(corrupted, ids, sizeof(int) * t);
  std::memset(replaced, 0, sizeof(int) * t);
  for (int slot = m - 1; slot >= 0; --slot) {  // the first of equal positions comes last and stays
    const int row = positions[slot];
    corrupted[row] = sampled[slot];
    replaced[row] = sampled[slot] != ids[row] ? 1 : 0;
  }
}

}  // namespace electra::cpu::ELECTRA_ISA
