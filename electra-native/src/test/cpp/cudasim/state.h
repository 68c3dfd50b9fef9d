// What the parts of the simulator share. One launch runs at a time, so all of it is global; threads of the
// host take turns by g_lock.
#pragma once
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cudasim.h"

namespace cudasim {
using std::string;
using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using uptr = uintptr_t;

enum class St : u8 { Ready, Block, Warp, Done };
/** A cp.async that its thread has not waited for. */
struct Copy {
  u8* dst;
  const u8* src;
  u32 valid, group;
  Loc loc;
  bool done;
};
/** A thread of the block. */
struct Fiber {
  void* sp = nullptr;
  u8* stack = nullptr;
  uint3 tid;
  u32 lin = 0, warp = 0, lane = 0;
  St st = St::Done;
  Loc loc{};
  const char* what = "";
  int pred = 0;
  u32 vc[32];  // lane clocks seen since the last block barrier
  std::vector<Copy> copies;
  u32 groups = 0;  // cp.async in flight; groups committed so far
};
/** A warp collective that some of its lanes have reached. */
struct WarpOp {
  const char* name;
  u32 mask, arrived;
  Loc loc;
  void* arg[32];
  WarpFn fn;
  bool used;
};
struct Warp {
  u32 exist = 0, exited = 0;
  WarpOp ops[4] = {};
};
/** The shadow of two bytes: who wrote and who read them last. */
struct Cell {
  u32 we;
  u16 wt, wc;
  u32 wpc;  // last write: epoch, thread, lane clock, pc | atomic | byte mask
  u32 re;
  u16 rt, rc;
  u32 rpc;
  u16 rt2, rc2;
  u32 rpc2;  // first and one further reader since the epoch
};
/** Memory that is watched: the arena of the device, and the static shared memory. */
struct Region {
  uptr lo = 0, hi = 0;
  Cell* cell = nullptr;
  u8* state = nullptr;
  bool has(uptr a) const { return a - lo < hi - lo; }
};
enum : u8 { Free = 0, Uninit = 1, Init = 2, InFlight = 3 };

constexpr size_t kArena = size_t(1) << 30, kStack = 128 << 10, kRed = 256, kSmemMax = 227 << 10,
                 kTlsMax = 1 << 20;

inline std::recursive_mutex g_lock;  // one launch or copy at a time, from whichever thread
inline Options g_opt;
inline Stats g_stats;
inline bool g_instr;
inline cudaError_t g_last = cudaSuccess;
inline std::vector<Fiber> g_fib;
inline std::vector<Warp> g_warps;
inline u32 g_ready, g_lanes[32];  // warps with ready threads; ready lanes of each warp
inline Fiber g_main;
inline Fiber* g_cur;
inline u32 g_epoch = 1, g_launch_epoch, g_block_epoch, g_alive, g_arrived, g_nexit;
inline int g_predsum;
inline Loc g_bloc;
inline u64 g_rng;
inline string g_error;
inline bool g_aborted;
inline void (*g_body)(void*);
inline void* g_ctx;
inline const void* g_fn;
inline Region g_dev, g_tls;
inline uptr g_img_lo, g_img_hi, g_bias, g_bump;
inline u8* g_smem;
inline size_t g_smem_n;
inline uptr g_stack_lo, g_stack_hi;
inline std::map<uptr, size_t> g_alloc;
inline std::map<const void*, int> g_attr;
inline std::vector<u32> g_bstart;
inline std::vector<u32> g_bid;

/** Reads the environment and reserves the arena, the first time. */
void init();
/** The next number of the generator that the order of threads comes from. */
u64 rnd();

// scheduler.cpp
/** Leaves one thread (or the launching code, g_main) for another. */
void switch_to(Fiber* from, Fiber* to);
/** Lets another thread run; this one stays ready. */
void yield();
/** Finds the image and the static shared memory of the library that holds the kernel g_fn. */
int find_module(struct dl_phdr_info* info, size_t, void*);

// report.cpp
string format(const char* format, ...) __attribute__((format(printf, 1, 2)));
/** Source lines of an address of code, innermost first; or the name of its function. */
string symbolize(uptr pc, bool function = false);
string thread_name(u32 thread);
/** What lies at an address. */
string where(uptr address);
/** The block that ran in an epoch. */
u32 block_of(u32 epoch);

// checker.cpp
/** Checks one access of the current thread and records it. */
void check(Region& region, uptr address, unsigned bytes, bool write, bool atomic, uptr pc);
/** An instrumented access anywhere, from anywhere. */
void access(uptr address, unsigned bytes, bool write, void* return_address);
/** Whether device code runs: by the stack, because host code of another thread may run at the same time. */
bool on_fiber();
void set_state(const void* p, size_t bytes, u8 state);
bool in_dev(const void* p, size_t bytes);
Region* region(const void* p);
/** Checks a copy or a fill that the host issues. */
void host_check(const void* p, size_t bytes, bool read, const char* what);

// streams.cpp
/** Whether memory may be allocated: not within a capture that is not relaxed. */
bool allocation_allowed();
}  // namespace cudasim
