//===- check_half.cpp - Floats of 16 bits -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/half.h"
#include "backends/neon/Kernels/scalar.h"
#include "check.h"

namespace {
using SoftHalf = SmallFloat<5, 10>;

template <class T>
T from_bits(int bits) {
  return same_bits<T>(static_cast<std::uint16_t>(bits));
}
template <class T>
int to_bits(T value) {
  return same_bits<std::uint16_t>(value);
}

/// Every number is what its neighbours round to, and halfway goes to even.
template <class T>
bool rounds(int least_infinite) {
  bool good = true;
  for (int i = 0; i + 1 < least_infinite; ++i) {
    const double here = static_cast<float>(from_bits<T>(i)),
                 next = static_cast<float>(from_bits<T>(i + 1));
    const double middle = (here + next) / 2;
    const int even = i + (i & 1);
    good &= here < next && to_bits(static_cast<T>(here)) == i &&
            to_bits(static_cast<T>(middle)) == even &&
            to_bits(static_cast<T>(std::nextafter(middle, here))) == i &&
            to_bits(static_cast<T>(std::nextafter(middle, next))) == i + 1 &&
            to_bits(static_cast<T>(-here)) == i + 0x8000;
  }
  const double most = static_cast<float>(from_bits<T>(least_infinite - 1)),
               below = static_cast<float>(from_bits<T>(least_infinite - 2));
  const double limit = most + (most - below) / 2;
  return good && to_bits(static_cast<T>(limit)) == least_infinite &&
         to_bits(static_cast<T>(std::nextafter(limit, 0.0))) ==
             least_infinite - 1 &&
         to_bits(static_cast<T>(1e300)) == least_infinite &&
         to_bits(static_cast<T>(-HUGE_VAL)) == least_infinite + 0x8000;
}

template <class T>
bool keeps_nan() {
  return std::isnan(static_cast<float>(static_cast<T>(std::nan("")))) &&
         std::isnan(static_cast<float>(from_bits<T>(0x7fff)));
}
} // namespace

int main() {
  report("half", rounds<half>(0x7c00) && keeps_nan<half>());
  report("half by integers", rounds<SoftHalf>(0x7c00) && keeps_nan<SoftHalf>());
  report("bfloat16", rounds<bfloat16>(0x7f80) && keeps_nan<bfloat16>());
  report("1", to_bits(half(1.0f)) == 0x3c00 && float(half(-0.5f)) == -0.5f);
  report("bfloat16 1", to_bits(bfloat16(1.0f)) == 0x3f80);
  return finish();
}
