//===- ConvMethods.h - The ways in which convolutions are computed -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_CONVMETHODS_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_CONVMETHODS_H

#include "backends/npu/Simulator/ConvRunner.h"
#include "llvm/Support/Endian.h"

namespace lacuna::npu {

/// What a method keeps beside the operands, in values. With more, operands
/// overlap themselves by strides of 0, or padding is most of the work.
constexpr uint64_t kMaxPacked = uint64_t(1) << 26;

/// Product by product.
void runPlain(const ConvCommand &command, const ConvOperands &operands);
/// Integers that have 16 bits without their zero points: whole planes of the
/// output at a time, weights that are zero left out. False, with nothing done,
/// if it cannot.
bool runIntegerPlanes(const ConvCommand &command, const ConvOperands &operands);
/// Floats, some filters at a time. False, with nothing done, if it cannot.
bool runFloatFilters(const ConvCommand &command, const ConvOperands &operands);

/// Taps [begin, end) of a window lie inside of the tile along a dimension; tap
/// 0 lies at `first`, inside or not.
struct InsideTaps {
  int64_t begin, end, first;
};
inline InsideTaps getInsideTaps(const ConvCommand &command, unsigned dimension,
                                int64_t window) {
  // Registers have 32 bits, so that nothing here overflows.
  int64_t dilation = command.dilation[dimension];
  int64_t first =
      window * command.stride[dimension] - command.padBefore[dimension];
  int64_t begin = first < 0 ? (-first + dilation - 1) / dilation : 0;
  int64_t room = command.inputExtents[dimension] - first;
  int64_t end = room > 0 ? (room + dilation - 1) / dilation : 0;
  return {begin, std::min(end, command.kernel[dimension]), first};
}

/// Calls `visit` with a value of the type that `type` stands for.
template <typename Visitor>
void visitIntegerType(ArrayType type, Visitor visit) {
  switch (type) {
  case ArrayType::Int8:
    return visit(int8_t());
  case ArrayType::UInt8:
    return visit(uint8_t());
  case ArrayType::Int16:
    return visit(int16_t());
  case ArrayType::Float32:
    llvm_unreachable("not an integer");
  }
}

/// Element `index` from `base` on, which need not be aligned.
template <typename T>
T loadElement(const uint8_t *base, int64_t index) {
  return llvm::support::endian::read<T, llvm::endianness::little>(
      base + index * int64_t(sizeof(T)));
}
template <typename T>
void storeElement(uint8_t *base, int64_t index, T value) {
  llvm::support::endian::write<T, llvm::endianness::little>(
      base + index * int64_t(sizeof(T)), value);
}

/// The zero point of the weights of a filter.
inline int32_t getWeightZeroPoint(const ConvCommand &command,
                                  const ConvOperands &operands,
                                  int64_t filter) {
  return operands.weightZeroPoints
             ? loadElement<int32_t>(operands.weightZeroPoints, filter)
             : int32_t(command.weightZeroPoint);
}

/// What the sum at `index` of `filter` starts from.
template <typename T>
T getStart(const ConvCommand &command, const ConvOperands &operands,
           int64_t filter, int64_t index) {
  if (command.accumulate)
    return loadElement<T>(operands.sums, index);
  return operands.bias ? loadElement<T>(operands.bias, filter) : T(0);
}

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_CONVMETHODS_H
