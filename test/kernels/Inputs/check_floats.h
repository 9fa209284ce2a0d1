//===- check_floats.h - What tests of float kernels share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TEST_KERNELS_CHECK_FLOATS_H
#define LACUNA_TEST_KERNELS_CHECK_FLOATS_H

#include "backends/neon/Kernels/floats.h"
#include "check.h"
#include <cmath>

#if !defined(ELEMENT)
#define ELEMENT float
#endif

using E = ELEMENT;
constexpr std::ptrdiff_t lanes = Floats<E>::lanes;

/// As large as E has room for in a register.
constexpr std::ptrdiff_t whole(std::ptrdiff_t count) {
  return (count + lanes - 1) / lanes * lanes;
}

/// What outputs hold before.
constexpr float untouched = 60000;

/// Sums of products of a few bits are exact even in halves.
inline E make_value() {
  return sizeof(E) == 2 ? E(std::nearbyint(uniform() * 4) / 4) : E(uniform());
}

/// Bias, residual, bounds, and an output that is part of a wider one.
enum { B = 1, R = 2, LO = 4, HI = 8, SLICE = 16 };

#endif // LACUNA_TEST_KERNELS_CHECK_FLOATS_H
