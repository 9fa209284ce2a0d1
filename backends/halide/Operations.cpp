//===- Operations.cpp - What values of a map are made by -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Operations.h"

#include <limits>

using namespace lacuna::halide;
using namespace Halide;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

static Expr bits(const Expr &x) { return reinterpret(Int(32), x); }

/// Not by x != x, which Halide takes to be false.
static Expr isNaN(const Expr &x) { return (bits(x) & 0x7fffffff) > 0x7f800000; }

/// x between `lo` and `hi`, or NaN.
static Expr limit(const Expr &x, float lo, float hi) {
  Expr above = select(x < lo, lo, x);
  return select(above > hi, hi, above);
}

/// `coefficients`, the highest power first.
static Expr polynomial(const Expr &x,
                       std::initializer_list<float> coefficients) {
  Expr value;
  for (float coefficient : coefficients)
    value = value.defined() ? value * x + coefficient : Expr(coefficient);
  return value;
}

namespace {
/// e^x as 2^n (1 + rest), for an x of at most 2^21 in magnitude. A NaN is one
/// in the rest.
struct Power {
  explicit Power(const Expr &x);

  /// The bits of a number whose lowest nine are n.
  Expr n;
  Expr rest;
};
} // namespace

Power::Power(const Expr &x) {
  // The sum with 1.5 * 2^23 rounds.
  constexpr float kRound = 12582912.0f;
  Expr sum = x * 1.44269502f + kRound;
  Expr whole = sum - kRound;
  // x = n ln 2 + r; ln 2 in two parts, the first with few digits: n times it is
  // exact.
  Expr r = (x - whole * 0.693359375f) + whole * 2.12194442e-4f;
  Expr q = polynomial(
      r, {1.39262504e-3f, 8.36323295e-3f, 4.16665524e-2f, 0.166665763f, 0.5f});
  n = bits(sum);
  rest = r + r * r * q;
}

/// 2^n of a normal number; of `n` only the lowest nine bits count.
static Expr scale(const Expr &n) {
  return reinterpret(Float(32), (n << 23) + 0x3f800000);
}

Expr lacuna::halide::exponential(const Expr &x) {
  Power power(limit(x, -110, 89));
  // In two factors: one alone cannot be less than 2^-126.
  Expr half = power.n >> 1;
  return (power.rest + 1.0f) * scale(half) * scale(power.n - half);
}

/// e^x - 1 without loss near 0, for an x of at most 80 in magnitude.
static Expr exponentialLessOne(const Expr &x) {
  Power power(x);
  Expr factor = scale(power.n);
  return factor * power.rest + (factor - 1.0f);
}

Expr lacuna::halide::logarithm(const Expr &x) {
  constexpr float kLeastNormal = std::numeric_limits<float>::min();
  Expr isSmall = x < kLeastNormal;
  Expr normal = select(isSmall, x * 8388608.0f, x);
  // x = 2^n m, m between the roots of 1/2 and 2.
  constexpr int kRootOfHalf = 0x3f3504f3;
  Expr above = bits(normal) - kRootOfHalf;
  Expr n = (above >> 23) - select(isSmall, 23, 0);
  Expr m = reinterpret(Float(32), (above & 0x7fffff) + kRootOfHalf);
  Expr t = m - 1.0f;
  Expr p = polynomial(t, {0.0697161108f, -0.114797339f, 0.116854198f,
                          -0.124256872f, 0.142490581f, -0.166678026f,
                          0.200007156f, -0.249999970f, 0.333333313f});
  Expr of = cast<float>(n);
  Expr value =
      t + (t * t * (t * p - 0.5f) - of * 2.12194442e-4f) + of * 0.693359375f;
  value = select(x < kInfinity, value, x);
  value = select(x == 0.0f, -kInfinity, value);
  return select(x < 0.0f, std::numeric_limits<float>::quiet_NaN(), value);
}

static Expr larger(const Expr &a, const Expr &b) {
  return select(a > b || isNaN(a), a, b);
}

static Expr smaller(const Expr &a, const Expr &b) {
  return select(a < b || isNaN(a), a, b);
}

static Expr hyperbolicTangent(const Expr &x) {
  Expr m = exponentialLessOne(limit(x + x, -30, 30));
  return m / (m + 2.0f);
}

/// 1 - e^-t, where t = x R(x) is what makes this the error function.
static Expr errorFunction(const Expr &x) {
  Expr positive = limit(abs(x), 0, 3.9f);
  Expr r = polynomial(
      positive, {5.66642711e-7f, -1.21013563e-5f, 1.11078822e-4f,
                 -5.56391664e-4f, 1.44964317e-3f, 1.35932860e-4f,
                 -1.93603709e-2f, 0.102846958f, 0.636610806f, 1.12837934f});
  Expr value = -exponentialLessOne(-positive * r);
  return select(x < 0.0f, -value, value);
}

namespace {
struct Operation {
  const char *name;
  size_t operands;
  Expr (*make)(const std::vector<Expr> &x);
};
} // namespace

#define MAKE(EXPR) [](const std::vector<Expr> &x) -> Expr { return EXPR; }
static const Operation kOperations[] = {
    {"add", 2, MAKE(x[0] + x[1])},
    {"sub", 2, MAKE(x[0] - x[1])},
    {"mul", 2, MAKE(x[0] * x[1])},
    {"div", 2, MAKE(x[0] / x[1])},
    {"max", 2, MAKE(larger(x[0], x[1]))},
    {"min", 2, MAKE(smaller(x[0], x[1]))},
    {"neg", 1, MAKE(-x[0])},
    {"abs", 1, MAKE(abs(x[0]))},
    {"sqrt", 1, MAKE(sqrt(x[0]))},
    {"exp", 1, MAKE(exponential(x[0]))},
    {"log", 1, MAKE(logarithm(x[0]))},
    {"tanh", 1, MAKE(hyperbolicTangent(x[0]))},
    {"erf", 1, MAKE(errorFunction(x[0]))},
    // The third if the first is less than the second, else the fourth.
    {"if-less", 4, MAKE(select(x[0] < x[1], x[2], x[3]))},
    {"if-at-most", 4, MAKE(select(x[0] <= x[1], x[2], x[3]))},
};
#undef MAKE

static const Operation *find(const std::string &name) {
  for (const Operation &operation : kOperations)
    if (name == operation.name)
      return &operation;
  return nullptr;
}

std::optional<size_t> lacuna::halide::countOperands(const std::string &name) {
  if (const Operation *operation = find(name))
    return operation->operands;
  return std::nullopt;
}

std::string lacuna::halide::listOperations() {
  std::string names;
  for (const Operation &operation : kOperations)
    names += (names.empty() ? "" : ", ") + std::string(operation.name);
  return names;
}

Expr lacuna::halide::applyOperation(const std::string &name,
                                    const std::vector<Expr> &operands) {
  return find(name)->make(operands);
}
