//===- Commands.cpp - Commands as structs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Commands.h"
#include "backends/npu/Stream/StoredFormat.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

/// The product, or the largest number if it is larger.
static int64_t multiply(ArrayRef<int64_t> factors) {
  int64_t product = 1;
  for (int64_t factor : factors)
    if (MulOverflow(product, factor, product))
      return INT64_MAX;
  return product;
}

int64_t CopyCommand::getElements() const { return multiply(extents); }

std::optional<Operation> getOperation(const Command &command) {
  if (std::holds_alternative<CopyCommand>(command))
    return Operation::Copy;
  if (std::holds_alternative<FillCommand>(command))
    return Operation::Fill;
  if (std::holds_alternative<ConvCommand>(command))
    return Operation::Conv;
  if (std::holds_alternative<ProgramCommand>(command))
    return Operation::Program;
  return std::nullopt;
}

std::string describePlace(uint32_t offset, Queue queue,
                          const Command &command) {
  StringRef name;
  if (std::optional<Operation> operation = getOperation(command))
    name = getName(*operation);
  else if (std::holds_alternative<WaitCommand>(command))
    name = "wait";
  else if (std::holds_alternative<SignalCommand>(command))
    name = "signal";
  else if (std::holds_alternative<MarkCommand>(command))
    name = "mark";
  else
    return "command at word " + utostr(offset) + " (halt): ";
  return "command at word " + utostr(offset) + " (" + getName(queue).str() +
         "." + name.str() + "): ";
}

static Error checkElementBytes(int64_t bytes) {
  if (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8)
    return Error::success();
  return createStringError("elements of " + Twine(bytes) +
                           " bytes; there are 1, 2, 4 and 8");
}

/// Of a side of a copy, a fill, or a command's operand that must be there.
static Error checkWritable(Address address, StringRef what) {
  if (address.isNone())
    return createStringError("no " + what);
  if (address.isReadOnly())
    return createStringError(what + " is in " + getRegionName(address.region) +
                             ", which cannot be written");
  return Error::success();
}

static Error checkCommand(const CopyCommand &command) {
  if (Error error = checkElementBytes(command.elementBytes))
    return error;
  if (command.source.isNone())
    return createStringError("no source");
  if (Error error = checkWritable(command.destination, "destination"))
    return error;
  if (command.format == StoredFormat::Dense) {
    if (command.storedBytes || command.formatParameter)
      return createStringError(
          "stored_bytes or format_parameter of a dense copy");
    return Error::success();
  }
  if (!command.storedBytes)
    return createStringError("no stored_bytes, but a format that is not dense");
  return checkFormat(command.format, command.formatParameter,
                     command.elementBytes, command.getElements());
}

static Error checkCommand(const FillCommand &command) {
  if (Error error = checkElementBytes(command.elementBytes))
    return error;
  return checkWritable(command.destination, "destination");
}

/// A zero point must be a value of its type.
static Error checkZeroPoint(int64_t zeroPoint, ArrayType type, StringRef what) {
  bool fits = false;
  switch (type) {
  case ArrayType::Int8:
    fits = isInt<8>(zeroPoint);
    break;
  case ArrayType::UInt8:
    fits = zeroPoint >= 0 && zeroPoint <= UINT8_MAX;
    break;
  case ArrayType::Int16:
    fits = isInt<16>(zeroPoint);
    break;
  case ArrayType::Float32:
    fits = zeroPoint == 0;
    break;
  }
  if (fits)
    return Error::success();
  return createStringError("the zero point " + Twine(zeroPoint) + " of the " +
                           what + " is no " +
                           getArrayTypeNames()[static_cast<unsigned>(type)]);
}

static Error checkCommand(const ConvCommand &command) {
  bool floatWeights = command.weightsType == ArrayType::Float32;
  if (command.isFloat() != floatWeights)
    return createStringError("float32 with integers");
  if (command.channels % command.groups || command.filters % command.groups)
    return createStringError(Twine(command.groups) + " groups do not divide " +
                             Twine(command.channels) + " channels and " +
                             Twine(command.filters) + " filters");
  for (auto [address, name] :
       {std::pair(command.input, "input"),
        std::pair(command.weights, "weights"), std::pair(command.sums, "sums")})
    if (!address.isChip())
      return createStringError(Twine(name) +
                               " must be in a memory on the chip, not in " +
                               getRegionName(address.region));
  for (auto [address, name] :
       {std::pair(command.bias, "bias"),
        std::pair(command.weightZeroPoints, "weight_zero_points")})
    if (!address.isNone() && !address.isChip())
      return createStringError(
          Twine(name) + " must be in a memory on the chip or none, not in " +
          getRegionName(address.region));
  if (command.isFloat() && !command.weightZeroPoints.isNone())
    return createStringError("zero points of float32");
  if (Error error =
          checkZeroPoint(command.inputZeroPoint, command.inputType, "input"))
    return error;
  if (command.weightZeroPoints.isNone())
    if (Error error = checkZeroPoint(command.weightZeroPoint,
                                     command.weightsType, "weights"))
      return error;
  if (command.algorithm == Algorithm::Winograd &&
      (command.kernel != Extents{1, 3, 3} ||
       command.stride != Extents{1, 1, 1} ||
       command.dilation != Extents{1, 1, 1}))
    return createStringError(
        "winograd wants a kernel of 1x3x3 with stride and dilation 1");
  if (command.weightsFormat == StoredFormat::Dense) {
    if (command.weightsBytes || command.weightsFormatParameter)
      return createStringError(
          "weights_bytes or weights_format_parameter of dense weights");
    return Error::success();
  }
  // What is left out is the zero point, so there can be only one.
  if (!command.weightZeroPoints.isNone())
    return createStringError(
        "weights that are not dense cannot have a zero point for each filter");
  if (!command.weightsBytes)
    return createStringError("no weights_bytes, but weights that are not "
                             "dense");
  return checkFormat(
      command.weightsFormat, command.weightsFormatParameter,
      getBytes(command.weightsType),
      multiply({command.filters, command.channels / command.groups,
                command.kernel[0], command.kernel[1], command.kernel[2]}));
}

static Error checkCommand(const ProgramCommand &) { return Error::success(); }

static Error checkTokens(uint32_t count) {
  if (count >= 1 && count <= kMaxTokens)
    return Error::success();
  return createStringError(Twine(count) + " tokens; there may be from 1 to " +
                           Twine(kMaxTokens));
}
static Error checkCommand(const WaitCommand &command) {
  return checkTokens(command.count);
}
static Error checkCommand(const SignalCommand &command) {
  return checkTokens(command.count);
}
static Error checkCommand(const MarkCommand &) { return Error::success(); }
static Error checkCommand(const HaltCommand &) { return Error::success(); }

static bool canRun(Queue queue, Operation operation) {
  switch (queue) {
  case Queue::DmaIn:
  case Queue::DmaOut:
    return operation == Operation::Copy || operation == Operation::Fill;
  case Queue::Array:
    return operation == Operation::Conv;
  case Queue::Vector:
  case Queue::Scalar:
    return operation == Operation::Program;
  }
  llvm_unreachable("all queues are handled");
}

Error check(Queue queue, const Command &command) {
  std::optional<Operation> operation = getOperation(command);
  if (operation && !canRun(queue, *operation))
    return createStringError("queue " + getName(queue) + " cannot do " +
                             getName(*operation));
  return std::visit([](const auto &it) { return checkCommand(it); }, command);
}

} // namespace lacuna::npu
