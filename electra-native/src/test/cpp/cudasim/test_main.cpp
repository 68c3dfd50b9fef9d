// The tests of the simulator: what its primitives compute, and which mistakes of a kernel it reports. nvcc
// makes of the former a test of the primitives on a card. Usage: cudasim_test [part of a name]
#include "harness.h"

void add_primitive_cases();
#ifndef __CUDACC__
void add_report_cases();
void add_stream_cases();
#endif

int main(int argc, char** argv) {
  add_primitive_cases();
#ifndef __CUDACC__
  add_report_cases();
  add_stream_cases();
#endif
  return run_all(argc, argv);
}
