//===- scalar.h - Arithmetic as ONNX and MLIR mean it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_SCALAR_H
#define LACUNA_NEON_SCALAR_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

template <class T>
using Unsigned = std::make_unsigned_t<T>;

// Integers wrap around, where C++ leaves the result of signed ones open.
template <class T>
inline T wrap_add(T a, T b) {
  return static_cast<T>(static_cast<Unsigned<T>>(a) +
                        static_cast<Unsigned<T>>(b));
}
template <class T>
inline T wrap_sub(T a, T b) {
  return static_cast<T>(static_cast<Unsigned<T>>(a) -
                        static_cast<Unsigned<T>>(b));
}
template <class T>
inline T wrap_mul(T a, T b) {
  return static_cast<T>(static_cast<std::uint64_t>(a) *
                        static_cast<std::uint64_t>(b));
}
// A division by zero and the one quotient that overflows must not trap.
template <class T>
inline T divide(T a, T b) {
  return b == 0 ? T(0) : b == -1 ? wrap_sub(T(0), a) : static_cast<T>(a / b);
}
template <class T>
inline T remainder(T a, T b) {
  return b == 0 || b == -1 ? T(0) : static_cast<T>(a % b);
}
template <class T>
inline T divide_unsigned(T a, T b) {
  return b == 0 ? T(0)
                : static_cast<T>(static_cast<Unsigned<T>>(a) /
                                 static_cast<Unsigned<T>>(b));
}
template <class T>
inline T remainder_unsigned(T a, T b) {
  return b == 0 ? T(0)
                : static_cast<T>(static_cast<Unsigned<T>>(a) %
                                 static_cast<Unsigned<T>>(b));
}
template <class T>
inline T floor_divide(T a, T b) {
  T rest = remainder(a, b);
  return static_cast<T>(divide(a, b) - ((rest != 0 && (rest < 0) != (b < 0))));
}
template <class T>
inline T ceil_divide(T a, T b) {
  T rest = remainder(a, b);
  return static_cast<T>(divide(a, b) + ((rest != 0 && (rest < 0) == (b < 0))));
}

inline bool bits_and(bool a, bool b) { return a && b; }
inline bool bits_or(bool a, bool b) { return a || b; }
inline bool bits_xor(bool a, bool b) { return a != b; }
template <class T>
inline T bits_and(T a, T b) {
  return static_cast<T>(a & b);
}
template <class T>
inline T bits_or(T a, T b) {
  return static_cast<T>(a | b);
}
template <class T>
inline T bits_xor(T a, T b) {
  return static_cast<T>(a ^ b);
}
// Shifting out everything leaves nothing.
template <class T>
inline bool shifts_out(T by) {
  return static_cast<Unsigned<T>>(by) >= sizeof(T) * 8;
}
template <class T>
inline T shift_left(T a, T by) {
  return shifts_out(by) ? T(0)
                        : static_cast<T>(static_cast<std::uint64_t>(a) << by);
}
template <class T>
inline T shift_right(T a, T by) {
  return static_cast<T>(a >> (shifts_out(by) ? T(sizeof(T) * 8 - 1) : by));
}
template <class T>
inline T shift_right_unsigned(T a, T by) {
  return shifts_out(by) ? T(0)
                        : static_cast<T>(static_cast<Unsigned<T>>(a) >> by);
}

template <class T>
inline T larger(T a, T b) {
  return a > b ? a : b;
}
template <class T>
inline T smaller(T a, T b) {
  return a < b ? a : b;
}
template <class T>
inline bool less_unsigned(T a, T b) {
  return static_cast<Unsigned<T>>(a) < static_cast<Unsigned<T>>(b);
}
inline bool less_unsigned(bool a, bool b) { return !a && b; }
template <class T>
inline T larger_unsigned(T a, T b) {
  return less_unsigned(a, b) ? b : a;
}
template <class T>
inline T smaller_unsigned(T a, T b) {
  return less_unsigned(a, b) ? a : b;
}
template <class T>
inline T absolute(T a) {
  return a < 0 ? wrap_sub(T(0), a) : a;
}
template <class T>
inline T count_ones(T a) {
  T count = 0;
  for (Unsigned<T> bits = static_cast<Unsigned<T>>(a); bits;
       bits = static_cast<Unsigned<T>>(bits & (bits - 1)))
    ++count;
  return count;
}

// NaN wins.
template <class T>
inline T maximum(T a, T b) {
  return a != a || a > b ? a : b;
}
template <class T>
inline T minimum(T a, T b) {
  return a != a || a < b ? a : b;
}
// A number wins over NaN.
template <class T>
inline T maxnum(T a, T b) {
  return b != b || a > b ? a : b;
}
template <class T>
inline T minnum(T a, T b) {
  return b != b || a < b ? a : b;
}
/// Half to even.
template <class T>
inline T round_even(T a) {
  return std::nearbyint(a);
}
template <class T>
inline T reciprocal_sqrt(T a) {
  return T(1) / std::sqrt(a);
}
template <class T, class I>
inline T power_int(T base, I exponent) {
  bool inverted = exponent < 0;
  T result = T(1);
  for (Unsigned<I> rest = static_cast<Unsigned<I>>(absolute(exponent)); rest;
       rest = static_cast<Unsigned<I>>(rest >> 1)) {
    if (rest & 1)
      result = static_cast<T>(result * base);
    base = static_cast<T>(base * base);
  }
  return inverted ? static_cast<T>(T(1) / result) : result;
}
template <class T>
inline T power_of_integer(T base, T exponent) {
  if (exponent < 0)
    return base == 1 ? T(1) : base == -1 ? (exponent & 1 ? T(-1) : T(1)) : T(0);
  T result = 1;
  for (; exponent; exponent = static_cast<T>(exponent >> 1)) {
    if (exponent & 1)
      result = wrap_mul(result, base);
    base = wrap_mul(base, base);
  }
  return result;
}

template <class To, class From>
inline To zero_extend(From a) {
  return static_cast<To>(static_cast<Unsigned<From>>(a));
}
template <class To>
inline To sign_extend_bool(bool a) {
  return static_cast<To>(-static_cast<int>(a));
}
template <class T>
inline bool low_bit(T a) {
  return (a & 1) != 0;
}
template <class To, class From>
inline To from_unsigned(From a) {
  return static_cast<To>(static_cast<Unsigned<From>>(a));
}
template <class To, class From>
inline To to_unsigned(From a) {
  return static_cast<To>(static_cast<Unsigned<To>>(a));
}
template <class To, class From>
inline To same_bits(From a) {
  static_assert(sizeof(To) == sizeof(From), "only sizes that agree");
  To to;
  std::memcpy(&to, &a, sizeof(To));
  return to;
}

#endif // LACUNA_NEON_SCALAR_H
