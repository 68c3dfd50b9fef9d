// Deliberate mistakes at a line of a kernel, chosen when the tests run: tests of the tests.
#include <set>
#include <tuple>

#include "state.h"

namespace cudasim {
namespace {
std::set<std::tuple<Fault, string, int>> g_sites;
}

bool faulty(Fault fault, Loc loc) {
  if (!g_opt.records_sites && g_opt.fault == Fault::None) return false;
  const char* slash = std::strrchr(loc.file, '/');
  const char* file = slash == nullptr ? loc.file : slash + 1;
  if (g_opt.records_sites) g_sites.emplace(fault, file, loc.line);
  return g_opt.fault == fault && g_opt.fault_line == loc.line && g_opt.fault_file == file;
}

std::vector<string> take_sites() {
  constexpr const char* kNames[] = {"none",     "barrier",   "warp barrier", "wait", "zero fill",
                                    "fragment", "transpose", "zeroing",      "tail"};
  std::vector<string> names;
  for (const auto& [fault, file, line] : g_sites) {
    names.push_back(std::to_string(int(fault)) + ":" + file + ":" + std::to_string(line) + ":" +
                    kNames[int(fault)]);
  }
  g_sites.clear();
  return names;
}
}  // namespace cudasim
