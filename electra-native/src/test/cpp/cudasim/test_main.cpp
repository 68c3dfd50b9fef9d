// The tests of the simulator: what its primitives compute, and which mistakes of a kernel it reports.
// Usage: cudasim_test [part of a name]
#include "harness.h"

void add_primitive_cases();
void add_report_cases();
void add_stream_cases();

int main(int argc, char** argv) {
  add_primitive_cases();
  add_report_cases();
  add_stream_cases();
  return run_all(argc, argv);
}
