#pragma once
#include <cstddef>
#include <cstdint>

namespace electra {

/**
 * Scratch memory of the calling thread, a stack: what a Scratch gave is taken back when it is destroyed, and
 * the memory stays with the thread for the next one. Other threads may use it while the Scratch lives.
 */
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /** 64-byte aligned, contents undefined. */
  void* bytes(size_t count);

  float* floats(size_t count) { return static_cast<float*>(bytes(count * sizeof(float))); }
  int* ints(size_t count) { return static_cast<int*>(bytes(count * sizeof(int))); }
  double* doubles(size_t count) { return static_cast<double*>(bytes(count * sizeof(double))); }
  uint16_t* halves(size_t count) { return static_cast<uint16_t*>(bytes(count * sizeof(uint16_t))); }

 private:
  size_t block_;
  size_t used_;
};

}  // namespace electra
