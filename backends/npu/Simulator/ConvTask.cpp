//===- ConvTask.cpp - A convolution as the models of time see it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ConvTask.h"

#include "backends/npu/Simulator/ConvMethods.h"
#include "backends/npu/Simulator/Simulator.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace llvm;

namespace lacuna::npu {

static ElementType getElementType(const ConvCommand &command) {
  if (command.isFloat())
    return ElementType::Float32;
  return command.inputType == ArrayType::Int16 ||
                 command.weightsType == ArrayType::Int16
             ? ElementType::Int16
             : ElementType::Int8;
}

/// Values of masks, as words, that are kept at most.
static Error checkMaskSize(const Twine &what, int64_t rows, int64_t columns) {
  constexpr uint64_t kMostWords = uint64_t(1) << 25;
  if (SaturatingMultiply<uint64_t>(rows, divideCeil(columns, 64)) <= kMostWords)
    return Error::success();
  return createStringError("the " + what +
                           " of the tile are too many to look for zeros in");
}

Expected<ArrayTask> makeArrayTask(const Machine &machine,
                                  const ConvCommand &command) {
  ArrayTask task;
  task.batch = command.batch;
  task.groups = command.groups;
  task.channels = command.channels;
  task.filters = command.filters;
  task.accumulates = command.accumulate;
  for (unsigned i = 0; i < 3; ++i) {
    SpatialDimension &dimension = task.space[i];
    dimension.input = command.inputExtents[i];
    dimension.kernel = command.kernel[i];
    dimension.stride = command.stride[i];
    dimension.dilation = command.dilation[i];
    dimension.output = command.outputExtents[i];
    dimension.padBefore = command.padBefore[i];
    // Registers have 32 bits, so that this does not overflow.
    dimension.padAfter =
        std::max<int64_t>(0, (dimension.output - 1) * dimension.stride +
                                 (dimension.kernel - 1) * dimension.dilation +
                                 1 - dimension.padBefore - dimension.input);
  }
  task.type = machine.getProductType(getElementType(command));
  if (!machine.hasType(task.type))
    return createStringError(
        "machine '" + machine.name + "' has no array for " +
        getArrayTypeNames()[static_cast<unsigned>(command.inputType)] +
        " inputs with " +
        getArrayTypeNames()[static_cast<unsigned>(command.weightsType)] +
        " weights");
  const auto &numbers = command.mapping;
  if (any_of(numbers, [](int64_t number) { return number != 0; })) {
    RowMapping mapping;
    mapping.m = numbers[0];
    mapping.n = numbers[1];
    mapping.e = numbers[2];
    mapping.p = numbers[3];
    mapping.q = numbers[4];
    mapping.r = numbers[5];
    mapping.t = numbers[6];
    for (int64_t number : ArrayRef(numbers).take_front(7))
      if (number < 1)
        return createStringError("a mapping with 0: all of its seven numbers "
                                 "must be given, or none");
    task.mapping = mapping;
  }
  if (Error error = task.check())
    return error;
  if (Error error = checkMaskSize("inputs", task.getActivationRows(),
                                  task.getGroupChannels()))
    return error;
  if (Error error = checkMaskSize("weights", task.getWeightRows(),
                                  task.getGroupChannels()))
    return error;
  return task;
}

static bool caresFor(const Machine &machine, bool (*has)(Operands)) {
  return has(machine.array.skips) || has(machine.array.gates);
}

/// Calls `visit` with the elements that the bytes are, aligned.
template <typename T, typename Visitor>
static auto visitValues(const uint8_t *data, uint64_t bytes, Visitor visit) {
  ArrayRef<T> values(reinterpret_cast<const T *>(data), bytes / sizeof(T));
  if (reinterpret_cast<uintptr_t>(data) % alignof(T) == 0)
    return visit(values);
  std::vector<T> copy(values.size());
  std::memcpy(copy.data(), data, copy.size() * sizeof(T));
  return visit(ArrayRef<T>(copy));
}

template <typename T>
static Expected<std::vector<T>> getZeroPoints(const ConvCommand &command,
                                              const ConvOperands &operands) {
  std::vector<T> points;
  int64_t count = operands.weightZeroPoints ? command.filters : 1;
  for (int64_t f = 0; f < count; ++f) {
    int32_t point = getWeightZeroPoint(command, operands, f);
    points.push_back(T(point));
    if (int64_t(points.back()) != point)
      return createStringError(
          "the zero point " + Twine(point) + " of filter " + Twine(f) +
          " is no " +
          getArrayTypeNames()[static_cast<unsigned>(command.weightsType)]);
  }
  return points;
}

template <typename T>
static Expected<ZeroMask>
makeActivations(const ArrayTask &task, const ConvCommand &command,
                const uint8_t *data, uint64_t bytes, const InnerRange &inner) {
  const auto &in = command.inputStrides;
  return visitValues<T>(data, bytes, [&](ArrayRef<T> values) {
    return makeActivationMask<T>(task, values,
                                 {in[0], in[1], in[2], in[3], in[4]},
                                 T(command.inputZeroPoint), inner);
  });
}

template <typename T>
static Expected<ZeroMask> makeWeights(const ArrayTask &task,
                                      const ConvCommand &command,
                                      const ConvOperands &operands,
                                      uint64_t bytes, const InnerRange &inner) {
  Expected<std::vector<T>> points = getZeroPoints<T>(command, operands);
  if (!points)
    return points.takeError();
  const auto &we = command.weightStrides;
  return visitValues<T>(operands.weights, bytes, [&](ArrayRef<T> values) {
    return makeWeightMask<T>(task, values, {we[0], we[1], we[2], we[3], we[4]},
                             ArrayRef<T>(*points), inner);
  });
}

/// Calls `visit` with a value of the type that `type` stands for.
template <typename Visitor>
static auto visitType(ArrayType type, Visitor visit) {
  switch (type) {
  case ArrayType::Int8:
    return visit(int8_t());
  case ArrayType::UInt8:
    return visit(uint8_t());
  case ArrayType::Int16:
    return visit(int16_t());
  case ArrayType::Float32:
    return visit(float());
  }
  llvm_unreachable("all types are handled");
}

/// What `bits` hold: of activations that are never negative, positive numbers.
static InnerRange getNarrowRange(int64_t bits, bool isNegative) {
  int64_t numbers = int64_t(1) << bits;
  if (isNegative)
    return {-numbers / 2, numbers / 2 - 1};
  return {0, numbers - 1};
}

/// Whether an input may be less than its zero point.
static bool mayBeNegative(const ConvCommand &command) {
  return command.inputType == ArrayType::UInt8
             ? command.inputZeroPoint > 0
             : command.inputZeroPoint > std::numeric_limits<int8_t>::min();
}

Error TaskMasks::makeReal(const Machine &machine, const ArrayTask &task,
                          const ConvCommand &command,
                          const ConvOperands &operands, uint64_t inputBytes,
                          uint64_t weightBytes) {
  auto ofInput = [&](const InnerRange &inner,
                     std::optional<ZeroMask> &to) -> Error {
    Expected<ZeroMask> mask = visitType(command.inputType, [&](auto type) {
      return makeActivations<decltype(type)>(task, command, operands.input,
                                             inputBytes, inner);
    });
    if (!mask)
      return mask.takeError();
    to = std::move(*mask);
    return Error::success();
  };
  auto ofWeights = [&](const InnerRange &inner,
                       std::optional<ZeroMask> &to) -> Error {
    Expected<ZeroMask> mask = visitType(command.weightsType, [&](auto type) {
      return makeWeights<decltype(type)>(task, command, operands, weightBytes,
                                         inner);
    });
    if (!mask)
      return mask.takeError();
    to = std::move(*mask);
    return Error::success();
  };
  if (caresFor(machine, hasActivations))
    if (Error error = ofInput({}, activations))
      return error;
  if (caresFor(machine, hasWeights))
    if (Error error = ofWeights({}, weights))
      return error;
  if (!machine.values.haveOutliers())
    return Error::success();
  int64_t bits = machine.values.bits;
  if (Error error = ofInput(getNarrowRange(bits, mayBeNegative(command)),
                            activationOutliers))
    return error;
  return ofWeights(getNarrowRange(bits, true), weightOutliers);
}

void TaskMasks::makeRandom(const Machine &machine, const ArrayTask &task,
                           const LayerDensities &densities, uint64_t seed) {
  if (densities.activations < 1 && caresFor(machine, hasActivations))
    activations = makeRandomActivationMask(task, densities.activations, seed);
  if (densities.weights < 1 && caresFor(machine, hasWeights))
    weights = makeRandomWeightMask(task, densities.weights, ~seed,
                                   densities.variation);
  if (!machine.values.haveOutliers())
    return;
  // Numbers of their own, that have nothing to do with where zeros are.
  constexpr uint64_t kInputs = uint64_t(1) << 62, kWeights = uint64_t(3) << 62;
  if (densities.activationOutliers > 0)
    activationOutliers = makeRandomOutlierMask(
        task.getActivationRows(), task.getGroupChannels(),
        densities.activationOutliers, activations ? &*activations : nullptr,
        seed ^ kInputs);
  if (densities.weightOutliers > 0)
    weightOutliers = makeRandomOutlierMask(
        task.getWeightRows(), task.getGroupChannels(), densities.weightOutliers,
        weights ? &*weights : nullptr, seed ^ kWeights);
}

void TaskMasks::applyTo(ArrayTask &task) const {
  task.activations = activations ? &*activations : nullptr;
  task.weights = weights ? &*weights : nullptr;
  task.activationOutliers = activationOutliers ? &*activationOutliers : nullptr;
  task.weightOutliers = weightOutliers ? &*weightOutliers : nullptr;
}

} // namespace lacuna::npu
