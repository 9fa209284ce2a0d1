//===- Values.cpp - Instructions on registers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Values.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"
#include <cmath>

using namespace llvm;

namespace lacuna::npu {

namespace {
/// Integers of `kBits` bits in a register.
template <int kBits>
struct IntegerTraits {
  static constexpr int kWidth = kBits;
  // Casts, where there are types, become better code than shifts.
  static int64_t sext(uint64_t value) {
    if constexpr (kBits == 64)
      return int64_t(value);
    else if constexpr (kBits == 32)
      return int32_t(value);
    else if constexpr (kBits == 16)
      return int16_t(value);
    else if constexpr (kBits == 8)
      return int8_t(value);
    else
      return -int64_t(value & 1);
  }
  static uint64_t zext(uint64_t value) {
    return value & (~uint64_t(0) >> (64 - kBits));
  }
};

struct F16Traits {
  using Type = float;
  static float get(uint64_t bits) { return float(decodeF16(uint16_t(bits))); }
  static uint64_t put(double value) { return encodeF16(value); }
  static constexpr uint64_t kSign = 0x8000;
};
struct BF16Traits {
  using Type = float;
  static float get(uint64_t bits) { return float(decodeBF16(uint16_t(bits))); }
  static uint64_t put(double value) { return encodeBF16(value); }
  static constexpr uint64_t kSign = 0x8000;
};
struct F32Traits {
  using Type = float;
  static float get(uint64_t bits) { return bit_cast<float>(uint32_t(bits)); }
  static uint64_t put(float value) { return bit_cast<uint32_t>(value); }
  static constexpr uint64_t kSign = uint64_t(1) << 31;
};
struct F64Traits {
  using Type = double;
  static double get(uint64_t bits) { return bit_cast<double>(bits); }
  static uint64_t put(double value) { return bit_cast<uint64_t>(value); }
  static constexpr uint64_t kSign = uint64_t(1) << 63;
};
} // namespace

template <typename Visitor>
static void visitInteger(ValueType type, Visitor visit) {
  switch (type) {
  case ValueType::I1:
    return visit(IntegerTraits<1>());
  case ValueType::I8:
    return visit(IntegerTraits<8>());
  case ValueType::I16:
    return visit(IntegerTraits<16>());
  case ValueType::I32:
    return visit(IntegerTraits<32>());
  case ValueType::I64:
    return visit(IntegerTraits<64>());
  default:
    llvm_unreachable("`check` wants an integer here");
  }
}

template <typename Visitor>
static void visitFloat(ValueType type, Visitor visit) {
  switch (type) {
  case ValueType::F16:
    return visit(F16Traits());
  case ValueType::BF16:
    return visit(BF16Traits());
  case ValueType::F32:
    return visit(F32Traits());
  case ValueType::F64:
    return visit(F64Traits());
  default:
    llvm_unreachable("`check` wants a float here");
  }
}

uint64_t getConstant(ValueType type, uint64_t bits) {
  if (isFloat(type)) {
    unsigned width = 8 * getBytes(type);
    return bits << (64 - width) >> (64 - width);
  }
  uint64_t value = 0;
  visitInteger(type, [&](auto traits) { value = traits.sext(bits); });
  return value;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

namespace {
/// The byte of an i1.
struct Flag {};
} // namespace

/// Calls `visit` with a value of what memory holds: signed integers, or the
/// bits of floats.
template <typename Visitor>
static void visitStored(ValueType type, Visitor visit) {
  switch (type) {
  case ValueType::I1:
    return visit(Flag());
  case ValueType::I8:
    return visit(int8_t());
  case ValueType::I16:
    return visit(int16_t());
  case ValueType::I32:
    return visit(int32_t());
  case ValueType::I64:
    return visit(int64_t());
  case ValueType::F16:
  case ValueType::BF16:
    return visit(uint16_t());
  case ValueType::F32:
    return visit(uint32_t());
  case ValueType::F64:
    return visit(uint64_t());
  }
}

template <typename T>
static uint64_t loadOne(const uint8_t *base, uint64_t index) {
  if constexpr (std::is_same_v<T, Flag>)
    return base[index] ? ~uint64_t(0) : 0;
  else
    return uint64_t(
        support::endian::read<T, endianness::little>(base + index * sizeof(T)));
}

template <typename T>
static void storeOne(uint8_t *base, uint64_t index, uint64_t value) {
  if constexpr (std::is_same_v<T, Flag>)
    base[index] = value & 1;
  else
    support::endian::write<T, endianness::little>(base + index * sizeof(T),
                                                  T(value));
}

void loadLanes(ValueType type, const uint8_t *base, const uint64_t *indices,
               uint64_t *result, size_t lanes) {
  visitStored(type, [&](auto tag) {
    for (size_t i = 0; i < lanes; ++i)
      result[i] = loadOne<decltype(tag)>(base, indices[i]);
  });
}

void storeLanes(ValueType type, uint8_t *base, const uint64_t *indices,
                const uint64_t *values, size_t lanes) {
  visitStored(type, [&](auto tag) {
    for (size_t i = 0; i < lanes; ++i)
      storeOne<decltype(tag)>(base, indices[i], values[i]);
  });
}

void loadLine(ValueType type, const uint8_t *base, Line indices,
              uint64_t *result, size_t lanes) {
  visitStored(type, [&](auto tag) {
    using T = decltype(tag);
    if (indices.step == 0)
      std::fill_n(result, lanes, loadOne<T>(base, indices.first));
    else if (indices.step == 1)
      // Neighbours, which are many at a time for the compiler.
      for (size_t i = 0; i < lanes; ++i)
        result[i] = loadOne<T>(base, indices.first + i);
    else
      for (size_t i = 0; i < lanes; ++i)
        result[i] = loadOne<T>(base, indices.at(i));
  });
}

void storeLine(ValueType type, uint8_t *base, Line indices,
               const uint64_t *values, size_t lanes) {
  visitStored(type, [&](auto tag) {
    using T = decltype(tag);
    if (indices.step == 1)
      for (size_t i = 0; i < lanes; ++i)
        storeOne<T>(base, indices.first + i, values[i]);
    else
      for (size_t i = 0; i < lanes; ++i)
        storeOne<T>(base, indices.at(i), values[i]);
  });
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

namespace {
/// The operands and the result of an instruction on some lanes.
struct Lanes {
  uint64_t *result;
  const uint64_t *a, *b, *c;
  size_t count;

  template <typename Function>
  void mapUnary(Function function) const {
    for (size_t i = 0; i < count; ++i)
      result[i] = uint64_t(function(a[i]));
  }
  template <typename Function>
  void mapBinary(Function function) const {
    for (size_t i = 0; i < count; ++i)
      result[i] = uint64_t(function(a[i], b[i]));
  }
};

/// A truth, as a register has it.
uint64_t getFlag(bool value) { return value ? ~uint64_t(0) : 0; }
} // namespace

/// Quotient towards 0, where there is none as the instructions have it. The
/// caller cuts it to its width.
static int64_t divide(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  return b == -1 ? int64_t(-uint64_t(a)) : a / b;
}
static int64_t getRemainder(int64_t a, int64_t b) {
  return b == 0 || b == -1 ? 0 : a % b;
}

static uint64_t getPower(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 1)
      return 1;
    if (base == -1)
      return exponent % 2 ? ~uint64_t(0) : 1;
    return 0;
  }
  uint64_t power = 1, factor = uint64_t(base);
  for (; exponent; exponent >>= 1, factor *= factor)
    if (exponent & 1)
      power *= factor;
  return power;
}

template <typename T>
static void evaluateInteger(InstructionCode code, T traits,
                            const Lanes &lanes) {
  using Code = InstructionCode;
  constexpr uint64_t kWidth = T::kWidth;
  // Whatever the operands hold, their low bits count.
  auto mapSigned = [&](auto function) {
    lanes.mapBinary([&](uint64_t a, uint64_t b) {
      return T::sext(uint64_t(function(T::sext(a), T::sext(b))));
    });
  };
  auto mapUnsigned = [&](auto function) {
    lanes.mapBinary([&](uint64_t a, uint64_t b) {
      return T::sext(function(T::zext(a), T::zext(b)));
    });
  };
  auto mapOne = [&](auto function) {
    lanes.mapUnary([&](uint64_t a) { return T::sext(function(a)); });
  };
  switch (code) {
  case Code::AddI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return a + b; });
  case Code::SubI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return a - b; });
  case Code::MulI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return a * b; });
  case Code::DivSI:
    return mapSigned(divide);
  case Code::DivUI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return b ? a / b : 0; });
  case Code::RemSI:
    return mapSigned(getRemainder);
  case Code::RemUI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return b ? a % b : 0; });
  case Code::FloorDivSI:
    return mapSigned([](int64_t a, int64_t b) {
      return divide(a, b) - (getRemainder(a, b) && (a < 0) != (b < 0));
    });
  case Code::CeilDivSI:
    return mapSigned([](int64_t a, int64_t b) {
      return divide(a, b) + (getRemainder(a, b) && (a < 0) == (b < 0));
    });
  case Code::CeilDivUI:
    return mapUnsigned(
        [](uint64_t a, uint64_t b) { return b && a ? (a - 1) / b + 1 : 0; });
  case Code::AndI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return a & b; });
  case Code::OrI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return a | b; });
  case Code::XOrI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return a ^ b; });
  case Code::ShlI:
    return mapUnsigned(
        [](uint64_t a, uint64_t b) { return b < kWidth ? a << b : 0; });
  case Code::ShrSI:
    return lanes.mapBinary([](uint64_t a, uint64_t b) {
      return T::sext(a) >> std::min<uint64_t>(T::zext(b), T::kWidth - 1);
    });
  case Code::ShrUI:
    return mapUnsigned(
        [](uint64_t a, uint64_t b) { return b < kWidth ? a >> b : 0; });
  case Code::MaxSI:
    return mapSigned([](int64_t a, int64_t b) { return std::max(a, b); });
  case Code::MinSI:
    return mapSigned([](int64_t a, int64_t b) { return std::min(a, b); });
  case Code::MaxUI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return std::max(a, b); });
  case Code::MinUI:
    return mapUnsigned([](uint64_t a, uint64_t b) { return std::min(a, b); });
  case Code::IPowI:
    return mapSigned(getPower);
  case Code::AbsI:
    return mapOne([](uint64_t a) {
      return T::sext(a) < 0 ? -uint64_t(T::sext(a)) : uint64_t(T::sext(a));
    });
  case Code::CtPop:
    return mapOne([](uint64_t a) { return uint64_t(popcount(T::zext(a))); });
  case Code::CtLz:
    return mapOne([](uint64_t a) {
      return uint64_t(countl_zero(T::zext(a))) - (64 - kWidth);
    });
  case Code::CtTz:
    return mapOne([](uint64_t a) {
      return std::min<uint64_t>(countr_zero(T::zext(a)), T::kWidth);
    });
  default:
    llvm_unreachable("not an instruction on integers");
  }
}

template <typename T>
static void compareIntegers(uint32_t predicate, T, const Lanes &lanes) {
  auto mapSigned = [&](auto compare) {
    lanes.mapBinary([&](uint64_t a, uint64_t b) {
      return getFlag(compare(T::sext(a), T::sext(b)));
    });
  };
  auto mapUnsigned = [&](auto compare) {
    lanes.mapBinary([&](uint64_t a, uint64_t b) {
      return getFlag(compare(T::zext(a), T::zext(b)));
    });
  };
  switch (static_cast<IntegerPredicate>(predicate)) {
  case IntegerPredicate::Eq:
    return mapUnsigned(std::equal_to<>());
  case IntegerPredicate::Ne:
    return mapUnsigned(std::not_equal_to<>());
  case IntegerPredicate::Slt:
    return mapSigned(std::less<>());
  case IntegerPredicate::Sle:
    return mapSigned(std::less_equal<>());
  case IntegerPredicate::Sgt:
    return mapSigned(std::greater<>());
  case IntegerPredicate::Sge:
    return mapSigned(std::greater_equal<>());
  case IntegerPredicate::Ult:
    return mapUnsigned(std::less<>());
  case IntegerPredicate::Ule:
    return mapUnsigned(std::less_equal<>());
  case IntegerPredicate::Ugt:
    return mapUnsigned(std::greater<>());
  case IntegerPredicate::Uge:
    return mapUnsigned(std::greater_equal<>());
  }
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

template <typename F>
static F getMaximum(F a, F b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<F>::quiet_NaN();
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
template <typename F>
static F getMinimum(F a, F b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<F>::quiet_NaN();
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <typename F>
static F getMaxNum(F a, F b) {
  if (std::isnan(a))
    return b;
  return std::isnan(b) ? a : getMaximum(a, b);
}
template <typename F>
static F getMinNum(F a, F b) {
  if (std::isnan(a))
    return b;
  return std::isnan(b) ? a : getMinimum(a, b);
}

template <typename F>
static F getFloatPower(F base, int32_t exponent) {
  F power = 1;
  for (int32_t left = exponent; left; left /= 2, base *= base)
    if (left % 2)
      power *= base;
  return exponent < 0 ? 1 / power : power;
}

template <typename T>
static void evaluateFloat(InstructionCode code, T traits, const Lanes &lanes) {
  using Code = InstructionCode;
  using F = typename T::Type;
  auto map = [&](auto function) {
    lanes.mapUnary([&](uint64_t a) { return T::put(function(T::get(a))); });
  };
  auto mapTwo = [&](auto function) {
    lanes.mapBinary([&](uint64_t a, uint64_t b) {
      return T::put(function(T::get(a), T::get(b)));
    });
  };
  auto test = [&](auto function) {
    lanes.mapUnary([&](uint64_t a) { return getFlag(function(T::get(a))); });
  };
  switch (code) {
  case Code::AddF:
    return mapTwo(std::plus<F>());
  case Code::SubF:
    return mapTwo(std::minus<F>());
  case Code::MulF:
    return mapTwo(std::multiplies<F>());
  case Code::DivF:
    return mapTwo(std::divides<F>());
  case Code::RemF:
    return mapTwo([](F a, F b) { return std::fmod(a, b); });
  case Code::MaximumF:
    return mapTwo(getMaximum<F>);
  case Code::MinimumF:
    return mapTwo(getMinimum<F>);
  case Code::MaxNumF:
    return mapTwo(getMaxNum<F>);
  case Code::MinNumF:
    return mapTwo(getMinNum<F>);
  case Code::PowF:
    return mapTwo([](F a, F b) { return std::pow(a, b); });
  case Code::Atan2:
    return mapTwo([](F a, F b) { return std::atan2(a, b); });
  case Code::CopySign:
    return lanes.mapBinary([](uint64_t a, uint64_t b) {
      return (a & ~T::kSign) | (b & T::kSign);
    });
  case Code::FPowI:
    return lanes.mapBinary([](uint64_t a, uint64_t b) {
      return T::put(getFloatPower(T::get(a), int32_t(b)));
    });
  case Code::Fma:
    for (size_t i = 0; i < lanes.count; ++i) {
      // Small floats are multiplied and added without loss in a double.
      constexpr bool kIsSmall = T::kSign == 0x8000;
      using Wide = std::conditional_t<kIsSmall, double, F>;
      lanes.result[i] =
          T::put(std::fma(Wide(T::get(lanes.a[i])), Wide(T::get(lanes.b[i])),
                          Wide(T::get(lanes.c[i]))));
    }
    return;
  case Code::NegF:
    return lanes.mapUnary([](uint64_t a) { return a ^ T::kSign; });
  case Code::AbsF:
    return lanes.mapUnary([](uint64_t a) { return a & ~T::kSign; });
  case Code::Acos:
    return map([](F a) { return std::acos(a); });
  case Code::Acosh:
    return map([](F a) { return std::acosh(a); });
  case Code::Asin:
    return map([](F a) { return std::asin(a); });
  case Code::Asinh:
    return map([](F a) { return std::asinh(a); });
  case Code::Atan:
    return map([](F a) { return std::atan(a); });
  case Code::Atanh:
    return map([](F a) { return std::atanh(a); });
  case Code::Cbrt:
    return map([](F a) { return std::cbrt(a); });
  case Code::Ceil:
    return map([](F a) { return std::ceil(a); });
  case Code::Cos:
    return map([](F a) { return std::cos(a); });
  case Code::Cosh:
    return map([](F a) { return std::cosh(a); });
  case Code::Erf:
    return map([](F a) { return std::erf(a); });
  case Code::Erfc:
    return map([](F a) { return std::erfc(a); });
  case Code::Exp:
    return map([](F a) { return std::exp(a); });
  case Code::Exp2:
    return map([](F a) { return std::exp2(a); });
  case Code::ExpM1:
    return map([](F a) { return std::expm1(a); });
  case Code::Floor:
    return map([](F a) { return std::floor(a); });
  case Code::Log:
    return map([](F a) { return std::log(a); });
  case Code::Log10:
    return map([](F a) { return std::log10(a); });
  case Code::Log1p:
    return map([](F a) { return std::log1p(a); });
  case Code::Log2:
    return map([](F a) { return std::log2(a); });
  case Code::Round:
    return map([](F a) { return std::round(a); });
  case Code::RoundEven:
    return map([](F a) { return std::nearbyint(a); });
  case Code::Rsqrt:
    return map([](F a) { return 1 / std::sqrt(a); });
  case Code::Sin:
    return map([](F a) { return std::sin(a); });
  case Code::Sinh:
    return map([](F a) { return std::sinh(a); });
  case Code::Sqrt:
    return map([](F a) { return std::sqrt(a); });
  case Code::Tan:
    return map([](F a) { return std::tan(a); });
  case Code::Tanh:
    return map([](F a) { return std::tanh(a); });
  case Code::Trunc:
    return map([](F a) { return std::trunc(a); });
  case Code::IsNaN:
    return test([](F a) { return std::isnan(a); });
  case Code::IsInf:
    return test([](F a) { return std::isinf(a); });
  case Code::IsFinite:
    return test([](F a) { return std::isfinite(a); });
  default:
    llvm_unreachable("not an instruction on floats");
  }
}

/// What a predicate says of less, equal, greater and unordered.
static bool holds(FloatPredicate predicate, double a, double b) {
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case FloatPredicate::False:
    return false;
  case FloatPredicate::OEq:
    return a == b;
  case FloatPredicate::OGt:
    return a > b;
  case FloatPredicate::OGe:
    return a >= b;
  case FloatPredicate::OLt:
    return a < b;
  case FloatPredicate::OLe:
    return a <= b;
  case FloatPredicate::ONe:
    return !unordered && a != b;
  case FloatPredicate::Ord:
    return !unordered;
  case FloatPredicate::UEq:
    return unordered || a == b;
  case FloatPredicate::UGt:
    return unordered || a > b;
  case FloatPredicate::UGe:
    return unordered || a >= b;
  case FloatPredicate::ULt:
    return unordered || a < b;
  case FloatPredicate::ULe:
    return unordered || a <= b;
  case FloatPredicate::UNe:
    return unordered || a != b;
  case FloatPredicate::Uno:
    return unordered;
  case FloatPredicate::True:
    return true;
  }
  llvm_unreachable("all predicates are handled");
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

/// A double that rounds to any smaller float as `value`, which is large, does:
/// what a double has no bits for is kept as one bit.
template <typename T>
static double roundToOdd(T value) {
  constexpr int kLow = 12;
  auto low = value & ((T(1) << kLow) - 1);
  T high = value >> kLow;
  return std::ldexp(double(low ? high | 1 : high), kLow);
}

template <typename T, typename Integer>
static uint64_t convertInteger(T traits, Integer value) {
  if constexpr (std::is_same_v<T, F64Traits>)
    return T::put(double(value));
  else if constexpr (std::is_same_v<T, F32Traits>)
    return T::put(float(value));
  else if (auto exact = double(value); std::fabs(exact) < 0x1p52)
    return T::put(exact);
  else
    return T::put(roundToOdd(value));
}

template <int kBits>
static uint64_t toSigned(double value) {
  if (std::isnan(value))
    return 0;
  double limit = std::ldexp(1.0, kBits - 1);
  if (value <= -limit)
    return ~uint64_t(0) << (kBits - 1);
  if (value >= limit)
    return (uint64_t(1) << (kBits - 1)) - 1;
  return uint64_t(int64_t(value));
}

template <int kBits>
static uint64_t toUnsigned(double value) {
  if (std::isnan(value) || value <= 0)
    return 0;
  if (value >= std::ldexp(1.0, kBits))
    return ~uint64_t(0);
  return IntegerTraits<kBits>::sext(uint64_t(value));
}

static void cast(const Instruction &it, const Lanes &lanes) {
  using Code = InstructionCode;
  switch (it.code) {
  case Code::ExtSI:
    return visitInteger(it.type, [&](auto from) {
      lanes.mapUnary([&](uint64_t a) { return from.sext(a); });
    });
  case Code::ExtUI:
    return visitInteger(it.type, [&](auto from) {
      lanes.mapUnary([&](uint64_t a) { return from.zext(a); });
    });
  case Code::TruncI:
    return visitInteger(it.to, [&](auto to) {
      lanes.mapUnary([&](uint64_t a) { return to.sext(a); });
    });
  case Code::SIToFP:
    return visitInteger(it.type, [&](auto from) {
      visitFloat(it.to, [&](auto to) {
        lanes.mapUnary(
            [&](uint64_t a) { return convertInteger(to, from.sext(a)); });
      });
    });
  case Code::UIToFP:
    return visitInteger(it.type, [&](auto from) {
      visitFloat(it.to, [&](auto to) {
        lanes.mapUnary(
            [&](uint64_t a) { return convertInteger(to, from.zext(a)); });
      });
    });
  case Code::FPToSI:
    return visitFloat(it.type, [&](auto from) {
      visitInteger(it.to, [&](auto to) {
        lanes.mapUnary([&](uint64_t a) {
          return toSigned<decltype(to)::kWidth>(from.get(a));
        });
      });
    });
  case Code::FPToUI:
    return visitFloat(it.type, [&](auto from) {
      visitInteger(it.to, [&](auto to) {
        lanes.mapUnary([&](uint64_t a) {
          return toUnsigned<decltype(to)::kWidth>(from.get(a));
        });
      });
    });
  case Code::ExtF:
  case Code::TruncF:
    return visitFloat(it.type, [&](auto from) {
      visitFloat(it.to, [&](auto to) {
        using To = decltype(to);
        lanes.mapUnary([&](uint64_t a) {
          if constexpr (std::is_same_v<To, F32Traits>)
            return To::put(float(from.get(a)));
          else
            return To::put(double(from.get(a)));
        });
      });
    });
  case Code::Bitcast:
    return lanes.mapUnary([&](uint64_t a) { return getConstant(it.to, a); });
  default:
    llvm_unreachable("not a cast");
  }
}

void evaluate(const Instruction &it, InstructionForm form, uint64_t *result,
              const uint64_t *a, const uint64_t *b, const uint64_t *c,
              size_t count) {
  Lanes lanes{result, a, b, c, count};
  switch (form) {
  case InstructionForm::Unary:
  case InstructionForm::Binary:
  case InstructionForm::Ternary:
    if (it.code == InstructionCode::Move)
      return lanes.mapUnary([](uint64_t a) { return a; });
    if (isFloat(it.type))
      return visitFloat(
          it.type, [&](auto traits) { evaluateFloat(it.code, traits, lanes); });
    return visitInteger(
        it.type, [&](auto traits) { evaluateInteger(it.code, traits, lanes); });
  case InstructionForm::CompareInteger:
    return visitInteger(it.type, [&](auto traits) {
      compareIntegers(it.index, traits, lanes);
    });
  case InstructionForm::CompareFloat:
    return visitFloat(it.type, [&](auto traits) {
      auto predicate = static_cast<FloatPredicate>(it.index);
      lanes.mapBinary([&](uint64_t a, uint64_t b) {
        return getFlag(holds(predicate, traits.get(a), traits.get(b)));
      });
    });
  case InstructionForm::Select:
    for (size_t i = 0; i < count; ++i)
      result[i] = a[i] & 1 ? b[i] : c[i];
    return;
  case InstructionForm::Cast:
    return cast(it, lanes);
  default:
    llvm_unreachable("this is not for `evaluate`");
  }
}

} // namespace lacuna::npu
