//===- check_scalar.cpp - Arithmetic as ONNX and MLIR mean it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/scalar.h"
#include "check.h"

namespace {

#define CHECK(condition) report(#condition, condition)

/// All pairs of bytes, against arithmetic that is wide enough.
void check_bytes() {
  using B = std::int8_t;
  bool sums = true, quotients = true, orders = true, shifts = true;
  for (int x = -128; x < 128; ++x)
    for (int y = -128; y < 128; ++y) {
      const B a = B(x), b = B(y);
      sums &= wrap_add(a, b) == B(x + y) && wrap_sub(a, b) == B(x - y) &&
              wrap_mul(a, b) == B(x * y);
      orders &= larger(a, b) == (x > y ? x : y) &&
                smaller(a, b) == (x < y ? x : y) &&
                less_unsigned(a, b) == ((x & 255) < (y & 255)) &&
                larger_unsigned(a, b) == ((x & 255) < (y & 255) ? b : a) &&
                smaller_unsigned(a, b) == ((x & 255) < (y & 255) ? a : b);
      if (y != 0) {
        const double exact = double(x) / y;
        quotients &= divide(a, b) == B(x / y) && remainder(a, b) == x % y &&
                     floor_divide(a, b) == B(int(std::floor(exact))) &&
                     ceil_divide(a, b) == B(int(std::ceil(exact))) &&
                     divide_unsigned(a, b) == B((x & 255) / (y & 255)) &&
                     remainder_unsigned(a, b) == B((x & 255) % (y & 255));
      }
      const int by = y & 255;
      shifts &= shift_left(a, b) == (by < 8 ? B(x << by) : 0) &&
                shift_right(a, b) == (x >> (by < 8 ? by : 7)) &&
                shift_right_unsigned(a, b) == (by < 8 ? B((x & 255) >> by) : 0);
    }
  CHECK(sums);
  CHECK(quotients);
  CHECK(orders);
  CHECK(shifts);
}

void check_edges() {
  constexpr std::int32_t least = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t least64 = std::numeric_limits<std::int64_t>::min();
  CHECK(divide(5, 0) == 0 && remainder(5, 0) == 0);
  CHECK(divide(least, -1) == least && remainder(least, -1) == 0);
  CHECK(divide(least64, std::int64_t(-1)) == least64);
  CHECK(divide_unsigned(5, 0) == 0 && remainder_unsigned(5, 0) == 0);
  CHECK(wrap_mul(least64, std::int64_t(-1)) == least64);
  CHECK(absolute(least) == least && absolute(-3) == 3);
  CHECK(count_ones(-1) == 32 && count_ones(std::int8_t(-128)) == 1);
  CHECK(shift_left(1, 32) == 0 && shift_right(-1, 40) == -1);
  CHECK(power_of_integer(3, 4) == 81 && power_of_integer(2, -1) == 0);
  CHECK(power_of_integer(-1, -3) == -1 && power_of_integer(1, -3) == 1);
  CHECK(power_int(2.0f, -2) == 0.25f && power_int(3.0f, 0) == 1.0f);
  CHECK(zero_extend<std::int32_t>(std::int8_t(-1)) == 255);
  CHECK(sign_extend_bool<std::int32_t>(true) == -1);
  CHECK(from_unsigned<float>(std::int8_t(-1)) == 255.0f);
  CHECK(to_unsigned<std::int8_t>(200.0f) == std::int8_t(-56));
  CHECK(same_bits<std::int32_t>(1.0f) == 0x3f800000);
  CHECK(low_bit(3) && !low_bit(std::int8_t(-2)));
  CHECK(less_unsigned(false, true) && !less_unsigned(true, true));
}

void check_floats() {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(maximum(nan, 1.0f)) && std::isnan(maximum(1.0f, nan)));
  CHECK(std::isnan(minimum(nan, 1.0f)) && std::isnan(minimum(1.0f, nan)));
  CHECK(maxnum(nan, 1.0f) == 1 && maxnum(1.0f, nan) == 1);
  CHECK(minnum(nan, 1.0f) == 1 && minnum(1.0f, nan) == 1);
  CHECK(std::isnan(maxnum(nan, nan)));
  CHECK(maximum(1.0f, 2.0f) == 2 && minimum(1.0f, 2.0f) == 1);
  CHECK(round_even(0.5f) == 0 && round_even(1.5f) == 2 &&
        round_even(-2.5f) == -2);
  CHECK(reciprocal_sqrt(4.0f) == 0.5f);
}

} // namespace

int main() {
  check_bytes();
  check_edges();
  check_floats();
  return finish();
}
