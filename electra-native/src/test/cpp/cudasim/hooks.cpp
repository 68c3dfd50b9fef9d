// What g++ calls with -fsanitize=thread at every memory access, and with -fsanitize=undefined where something
// is undefined. libtsan and libubsan are not linked.
#include "state.h"

using namespace cudasim;

#define RA __builtin_return_address(0)
#define HOOK(n)                                                   \
  void __tsan_read##n(void* p) { access(uptr(p), n, false, RA); } \
  void __tsan_write##n(void* p) { access(uptr(p), n, true, RA); }
extern "C" {
HOOK(1) HOOK(2) HOOK(4) HOOK(8) HOOK(16) void __tsan_unaligned_read2(void* p) {
  access(uptr(p), 2, false, RA);
}
void __tsan_unaligned_write2(void* p) { access(uptr(p), 2, true, RA); }
void __tsan_unaligned_read4(void* p) { access(uptr(p), 4, false, RA); }
void __tsan_unaligned_write4(void* p) { access(uptr(p), 4, true, RA); }
void __tsan_unaligned_read8(void* p) { access(uptr(p), 8, false, RA); }
void __tsan_unaligned_write8(void* p) { access(uptr(p), 8, true, RA); }
void __tsan_unaligned_read16(void* p) { access(uptr(p), 16, false, RA); }
void __tsan_unaligned_write16(void* p) { access(uptr(p), 16, true, RA); }
void __tsan_read_range(void* p, unsigned long n) { access(uptr(p), unsigned(n), false, RA); }
void __tsan_write_range(void* p, unsigned long n) { access(uptr(p), unsigned(n), true, RA); }
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
u8 __tsan_atomic8_load(const volatile u8* p, int) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}  // guards of function-local statics
void __tsan_init() { g_instr = true; }
}

// ------------------------------------------------------------------ g++ -fsanitize=undefined
// -fno-sanitize-recover calls these; libubsan is not linked
struct UbLoc {
  const char* file;
  unsigned line, col;
};
#define UB(name, text, ...)                                                      \
  void __ubsan_handle_##name##_abort(UbLoc* l, ##__VA_ARGS__) {                  \
    fail("UNDEFINED BEHAVIOUR: %s at %s:%u:%u", text, l->file, l->line, l->col); \
  }
extern "C" {
// clang-format off
UB(out_of_bounds, "array index out of bounds", void*)
UB(type_mismatch_v1, "null or misaligned pointer", void*)
UB(shift_out_of_bounds, "shift out of range", void*, void*)
UB(divrem_overflow, "division by zero or overflow", void*, void*)
UB(add_overflow, "signed overflow", void*, void*)
UB(sub_overflow, "signed overflow", void*, void*)
UB(mul_overflow, "signed overflow", void*, void*)
UB(negate_overflow, "signed overflow", void*)
UB(float_cast_overflow, "float to integer conversion out of range", void*)
// clang-format on
}
