#pragma once

namespace electra {

/** Throws std::runtime_error with a message written as printf writes it. */
[[noreturn]] __attribute__((format(printf, 1, 2))) void fail(const char* format, ...);

}  // namespace electra
