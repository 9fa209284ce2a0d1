//===- HostTensor.cpp - Tensors in this process -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Support/HostTensor.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace lacuna {

namespace {
struct TypeInfo {
  DType type;
  llvm::StringLiteral name;
  size_t bytes;
};
} // namespace

static constexpr TypeInfo kTypes[] = {
    {DType::Float32, "float32", 4}, {DType::Float64, "float64", 8},
    {DType::Float16, "float16", 2}, {DType::BFloat16, "bfloat16", 2},
    {DType::Int8, "int8", 1},       {DType::Int16, "int16", 2},
    {DType::Int32, "int32", 4},     {DType::Int64, "int64", 8},
    {DType::UInt8, "uint8", 1},     {DType::UInt16, "uint16", 2},
    {DType::UInt32, "uint32", 4},   {DType::UInt64, "uint64", 8},
    {DType::Bool, "bool", 1},
};

llvm::StringRef getName(DType type) { return kTypes[size_t(type)].name; }

std::optional<DType> parseDType(llvm::StringRef name) {
  for (const TypeInfo &info : kTypes)
    if (info.name == name)
      return info.type;
  return std::nullopt;
}

size_t getByteSize(DType type) { return kTypes[size_t(type)].bytes; }

bool isFloat(DType type) { return type <= DType::BFloat16; }

bool isUnsigned(DType type) { return type >= DType::UInt8; }

static int64_t product(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

static std::shared_ptr<char> allocate(size_t bytes) {
  size_t rounded = llvm::alignTo(std::max<size_t>(bytes, 1), 64);
  auto *data = static_cast<char *>(std::aligned_alloc(64, rounded));
  if (!data)
    llvm::report_bad_alloc_error("tensor");
  std::memset(data, 0, rounded);
  return std::shared_ptr<char>(data, std::free);
}

HostTensor::HostTensor(DType type, llvm::ArrayRef<int64_t> shape)
    : type(type), shape(shape),
      bytes(allocate(product(shape) * lacuna::getByteSize(type))) {}

int64_t HostTensor::getNumElements() const { return product(shape); }

static double halfToDouble(const llvm::fltSemantics &semantics, uint16_t bits) {
  llvm::APFloat value(semantics, llvm::APInt(16, bits));
  bool lossy;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &lossy);
  return value.convertToDouble();
}

static uint16_t doubleToHalf(const llvm::fltSemantics &semantics, double from) {
  llvm::APFloat value(from);
  bool lossy;
  value.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &lossy);
  return value.bitcastToAPInt().getZExtValue();
}

/// Calls `visit` with a value of the C type that stores `type`; both halves are
/// uint16_t.
template <typename Visitor>
static void dispatch(DType type, Visitor visit) {
  switch (type) {
  case DType::Float32:
    return visit(float());
  case DType::Float64:
    return visit(double());
  case DType::Float16:
  case DType::BFloat16:
  case DType::UInt16:
    return visit(uint16_t());
  case DType::Int8:
    return visit(int8_t());
  case DType::Int16:
    return visit(int16_t());
  case DType::Int32:
    return visit(int32_t());
  case DType::Int64:
    return visit(int64_t());
  case DType::UInt8:
  case DType::Bool:
    return visit(uint8_t());
  case DType::UInt32:
    return visit(uint32_t());
  case DType::UInt64:
    return visit(uint64_t());
  }
}

double HostTensor::getAsDouble(int64_t index) const {
  if (type == DType::Float16)
    return halfToDouble(llvm::APFloat::IEEEhalf(), elements<uint16_t>()[index]);
  if (type == DType::BFloat16)
    return halfToDouble(llvm::APFloat::BFloat(), elements<uint16_t>()[index]);
  double value = 0;
  dispatch(type, [&](auto zero) {
    value = static_cast<double>(elements<decltype(zero)>()[index]);
  });
  return value;
}

HostTensor HostTensor::convertTo(DType to) const {
  if (to == type)
    return *this;
  HostTensor result(to, shape);
  int64_t count = getNumElements();
  auto fromFloat = [&](int64_t i) { return getAsDouble(i); };
  if (to == DType::Float16 || to == DType::BFloat16) {
    const llvm::fltSemantics &semantics = to == DType::Float16
                                              ? llvm::APFloat::IEEEhalf()
                                              : llvm::APFloat::BFloat();
    for (int64_t i = 0; i < count; ++i)
      result.elements<uint16_t>()[i] = doubleToHalf(semantics, fromFloat(i));
    return result;
  }
  dispatch(to, [&](auto zero) {
    using To = decltype(zero);
    auto out = result.elements<To>();
    if (isFloat(type)) {
      for (int64_t i = 0; i < count; ++i)
        out[i] = to == DType::Bool ? To(fromFloat(i) != 0) : To(fromFloat(i));
      return;
    }
    dispatch(type, [&](auto from) {
      auto in = elements<decltype(from)>();
      for (int64_t i = 0; i < count; ++i)
        out[i] = to == DType::Bool ? To(in[i] != 0) : To(in[i]);
    });
  });
  return result;
}

std::optional<int64_t> HostTensor::findLost(DType to) const {
  if (to == type)
    return std::nullopt;
  int64_t count = getNumElements();
  if (lacuna::isFloat(to)) {
    HostTensor converted = convertTo(to);
    for (int64_t i = 0; i < count; ++i)
      if (std::isfinite(getAsDouble(i)) &&
          !std::isfinite(converted.getAsDouble(i)))
        return i;
    return std::nullopt;
  }
  // 2^digits is the first number that is too great.
  int digits = to == DType::Bool ? 1 : 8 * int(lacuna::getByteSize(to));
  bool isSigned = !isUnsigned(to);
  double end = std::ldexp(1.0, digits - isSigned);
  double begin = isSigned ? -end : 0.0;
  for (int64_t i = 0; i < count; ++i) {
    double value = getAsDouble(i);
    // A 64-bit integer near the end is rounded up to it.
    if (type == DType::Int64 && to == DType::UInt64) {
      if (value < 0)
        return i;
    } else if (type == DType::UInt64 && to == DType::Int64) {
      if (elements<uint64_t>()[i] > uint64_t(INT64_MAX))
        return i;
    } else if (!(value >= begin && value < end) || std::trunc(value) != value) {
      return i;
    }
  }
  return std::nullopt;
}

HostTensor HostTensor::reshape(llvm::ArrayRef<int64_t> to) const {
  assert(product(to) == getNumElements() && "reshape changes the size");
  HostTensor result = *this;
  result.shape.assign(to.begin(), to.end());
  return result;
}

HostTensor HostTensor::slice(int64_t begin, int64_t end) const {
  llvm::SmallVector<int64_t> rows(shape);
  rows[0] = end - begin;
  HostTensor result(type, rows);
  size_t row = shape[0] ? getByteSize() / shape[0] : 0;
  std::memcpy(result.data(), data() + begin * row, (end - begin) * row);
  return result;
}

std::string describe(DType type, llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << getName(type) << " [";
  llvm::interleaveComma(shape, os);
  os << "]";
  return text;
}

std::optional<Difference> compare(const HostTensor &expected,
                                  const HostTensor &actual, double rtol,
                                  double atol) {
  Difference difference;
  auto note = [&](int64_t index) {
    if (difference.count++)
      return;
    difference.index = index;
    difference.expected = expected.getAsDouble(index);
    difference.actual = actual.getAsDouble(index);
  };
  int64_t count = expected.getNumElements();
  if (!isFloat(expected.getType())) {
    size_t bytes = getByteSize(expected.getType());
    for (int64_t i = 0; i < count; ++i)
      if (std::memcmp(expected.data() + i * bytes, actual.data() + i * bytes,
                      bytes))
        note(i);
  } else {
    for (int64_t i = 0; i < count; ++i) {
      double e = expected.getAsDouble(i), a = actual.getAsDouble(i);
      if (e == a || (std::isnan(e) && std::isnan(a)))
        continue;
      if (!(std::fabs(a - e) <= atol + rtol * std::fabs(e)) || std::isinf(e))
        note(i);
    }
  }
  if (!difference.count)
    return std::nullopt;
  return difference;
}

} // namespace lacuna
