// exp, log and the normal distribution on vectors, within a few units in the last place of float. The
// coefficients are minimax fits (relative error below 1e-8 before rounding).
#pragma once
#include "simd.h"

namespace electra::cpu::ELECTRA_ISA {

/** The polynomial with the given coefficients, lowest power first. */
template <int kCount>
inline Floats polynomial(Floats x, const float (&coefficients)[kCount]) {
  Floats y = broadcast(coefficients[kCount - 1]);
  for (int i = kCount - 2; i >= 0; --i) y = multiply_add(y, x, broadcast(coefficients[i]));
  return y;
}

/** x * 2^n for whole n from -252 to 254, rounded once to a denormal, zero or infinity where it has to be. */
inline Floats scale_by_power(Floats x, Floats n) {
#ifdef __AVX512F__
  return _mm512_scalef_ps(x, n);
#else
  const Ints whole = to_ints(n), half = shift_right<1>(whole), rest = subtract(whole, half);
  const Ints bias = broadcast(127);
  return x * as_floats(shift_left<23>(add(half, bias))) * as_floats(shift_left<23>(add(rest, bias)));
#endif
}

/** e^x: 0 far down, infinity far up, NaN of NaN. */
inline Floats exp(Floats x) {
  static constexpr float kCoefficients[] = {5.000000095e-01f, 1.666651890e-01f, 4.166620601e-02f,
                                            8.368882434e-03f, 1.395047682e-03f};
  x = minimum(broadcast(89.0f), maximum(broadcast(-104.5f), x));  // keeps NaN: the second operand wins
  const Floats n = round_to_nearest(x * broadcast(1.44269504f));
  Floats r = multiply_subtract_from(n, broadcast(0.693359375f), x);
  r = multiply_subtract_from(n, broadcast(-2.12194440e-4f), r);
  const Floats y = multiply_add(polynomial(r, kCoefficients), r * r, r) + broadcast(1.0f);
  return scale_by_power(y, n);
}

/** 2^x to 18 bits, for what is rounded to 8 or 15 bits before or after; NaN of NaN and of infinity. */
inline Floats power_of_two(Floats x) {
  static constexpr float kCoefficients[] = {9.999992614e-01f, 6.931218148e-01f, 2.402474496e-01f,
                                            5.591785991e-02f, 9.570096670e-03f};
  const Floats no_places = broadcast(0x1.8p23f), n = (x + no_places) - no_places;  // x, rounded
  return scale_by_power(polynomial(x - n, kCoefficients), n);
}

/** The natural logarithm: -infinity of 0, NaN below. */
inline Floats log(Floats x) {
  static constexpr float kCoefficients[] = {3.333333171e-01f,  -2.500082106e-01f, 2.000122667e-01f,
                                            -1.662335648e-01f, 1.420176247e-01f,  -1.316019505e-01f,
                                            1.276155036e-01f,  -7.634429908e-02f};
  const Floats zero = zeros(), tiny = broadcast(1.17549435e-38f);
  const Floats scaled = select_less(x, tiny, x * broadcast(0x1p23f), x);
  const Floats shift = select_less(x, tiny, broadcast(-23.0f), zero);
  // mantissa in [sqrt(1/2), sqrt(2))
  const Ints offset = subtract(as_ints(scaled), broadcast(0x3F3504F3));
  const Floats n = to_floats(shift_right<23>(offset)) + shift;
  const Floats f =
      as_floats(add(bit_and(offset, broadcast(0x007FFFFF)), broadcast(0x3F3504F3))) - broadcast(1.0f);
  const Floats square = f * f;
  Floats y = polynomial(f, kCoefficients) * f * square;
  y = multiply_add(n, broadcast(-2.12194440e-4f), y);
  y = multiply_subtract_from(broadcast(0.5f), square, y) + f;
  y = multiply_add(n, broadcast(0.693359375f), y);
  const Floats infinity = broadcast(__builtin_inff());
  y = select_less(x, infinity, y, x);  // infinity and NaN
  y = select_less(zero, x, y, select_less(x, zero, broadcast(__builtin_nanf("")), x - infinity));
  return y;
}

/** Beyond this the tail is taken for nothing: it would be a denormal number, and those are slow. */
constexpr float kFarthest = 12.95f;

/** The density of the normal distribution at 0. */
constexpr float kDensity = 0.398942280f;

/**
 * The tail of the normal distribution beyond a >= 0: its mass is exponential * rest. The exponential is
 * e^(-a^2/2), so that the density at a is exponential * kDensity; `rest` is a smooth function.
 */
struct Tail {
  Floats exponential;
  Floats rest;
};

/** The rest is a polynomial in 1 / (1 + 0.3 a); a is at most kFarthest. */
inline Tail tail(Floats a) {
  static constexpr float kCoefficients[] = {7.061037989e-07f,  1.196703334e-01f, 1.197355411e-01f,
                                            1.093020654e-01f,  8.174982061e-02f, 8.816062465e-02f,
                                            -6.665982549e-02f, 1.782618861e-01f, -2.190934314e-01f,
                                            1.088923681e-01f,  -2.002008999e-02f};
  const Floats one = broadcast(1.0f), half = broadcast(0.5f);
  const Floats square = a * a, rest = multiply_add(a, a, zeros() - square);  // a^2 to twice the precision
  return Tail{exp(zeros() - half * square) * multiply_subtract_from(half, rest, one),
              polynomial(one / multiply_add(a, broadcast(0.3f), one), kCoefficients)};
}

/**
 * The same to 15 bits in half the time, for results that are rounded to the 8 bits of bf16: what it adds to
 * their error is below a thirtieth of that rounding.
 */
inline Tail tail_15_bits(Floats a) {
  static constexpr float kTail[] = {-2.076069120e-04f, 1.037222971e-01f,  7.026989785e-02f,
                                    2.012517402e-01f,  -1.239181544e-01f, 2.488951353e-01f};
  return Tail{power_of_two(a * a * broadcast(-0.721347520f)),  // -a^2 / (2 ln 2)
              polynomial(reciprocal_14_bits(multiply_add(a, broadcast(0.25f), broadcast(1.0f))), kTail)};
}

/** The tail beyond |x|, as exact as the activation type A can show; `a` gets |x|, at most kFarthest. */
template <typename A>
inline Tail tail_beyond(Floats x, Floats* a) {
  *a = minimum(broadcast(kFarthest), absolute(x));
  Tail t = sizeof(A) == sizeof(bf16) ? tail_15_bits(*a) : tail(*a);
  t.exponential = select_less(broadcast(kFarthest), absolute(x), zeros(), t.exponential);
  return t;
}

/** x Phi(x), the exact GELU: what is above 0 of x, less |x| times the tail beyond |x|. */
template <typename A>
inline Floats gelu(Floats x) {
  Floats a;
  const Tail t = tail_beyond<A>(x, &a);
  return multiply_subtract_from(a * t.exponential, t.rest, maximum(zeros(), x));
}

/** The derivative of GELU, Phi(x) + x phi(x): below 0 it is the tail less |x| times the density. */
template <typename A>
inline Floats gelu_derivative(Floats x) {
  Floats a;
  const Tail t = tail_beyond<A>(x, &a);
  const Floats below = t.exponential * multiply_subtract_from(broadcast(kDensity), a, t.rest);
  return select_less(x, zeros(), below, broadcast(1.0f) - below);
}

}  // namespace electra::cpu::ELECTRA_ISA
