//===- CommandRegisters.h - Which register holds which field -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_COMMANDREGISTERS_H
#define LACUNA_BACKENDS_NPU_STREAM_COMMANDREGISTERS_H

#include "backends/npu/Stream/Commands.h"

namespace lacuna::npu {

/// Registers of an array, which follow each other.
template <typename Id, typename Array, typename Map>
void mapRow(Id first, Array &fields, Map &&map) {
  for (size_t i = 0; i < fields.size(); ++i)
    map(static_cast<unsigned>(first) + static_cast<unsigned>(i), fields[i]);
}

// mapRegisters calls `map` with each register that the command needs and the
// field that it goes to or comes from.

template <typename Map>
void mapRegisters(CopyCommand &command, Map &&map) {
  auto one = [&](DmaRegister id, auto &field) {
    map(static_cast<unsigned>(id), field);
  };
  one(DmaRegister::Source, command.source);
  one(DmaRegister::Destination, command.destination);
  mapRow(DmaRegister::Extent0, command.extents, map);
  mapRow(DmaRegister::SourceStride0, command.sourceStrides, map);
  mapRow(DmaRegister::DestinationStride0, command.destinationStrides, map);
  one(DmaRegister::ElementBytes, command.elementBytes);
  one(DmaRegister::Format, command.format);
  one(DmaRegister::FormatParameter, command.formatParameter);
  one(DmaRegister::Absent, command.absent);
  one(DmaRegister::StoredBytes, command.storedBytes);
}

template <typename Map>
void mapRegisters(FillCommand &command, Map &&map) {
  auto one = [&](DmaRegister id, auto &field) {
    map(static_cast<unsigned>(id), field);
  };
  one(DmaRegister::Destination, command.destination);
  mapRow(DmaRegister::Extent0, command.extents, map);
  mapRow(DmaRegister::DestinationStride0, command.strides, map);
  one(DmaRegister::ElementBytes, command.elementBytes);
  one(DmaRegister::Value, command.value);
}

template <typename Map>
void mapRegisters(ConvCommand &command, Map &&map) {
  auto one = [&](ArrayRegister id, auto &field) {
    map(static_cast<unsigned>(id), field);
  };
  one(ArrayRegister::Input, command.input);
  one(ArrayRegister::Weights, command.weights);
  one(ArrayRegister::Bias, command.bias);
  one(ArrayRegister::Sums, command.sums);
  one(ArrayRegister::ZeroPoints, command.weightZeroPoints);
  one(ArrayRegister::InputType, command.inputType);
  one(ArrayRegister::WeightsType, command.weightsType);
  one(ArrayRegister::Batch, command.batch);
  one(ArrayRegister::Groups, command.groups);
  one(ArrayRegister::Channels, command.channels);
  one(ArrayRegister::Filters, command.filters);
  mapRow(ArrayRegister::InputD, command.inputExtents, map);
  mapRow(ArrayRegister::OutputD, command.outputExtents, map);
  mapRow(ArrayRegister::KernelD, command.kernel, map);
  mapRow(ArrayRegister::StrideD, command.stride, map);
  mapRow(ArrayRegister::DilationD, command.dilation, map);
  mapRow(ArrayRegister::PadD, command.padBefore, map);
  mapRow(ArrayRegister::InputStrideN, command.inputStrides, map);
  mapRow(ArrayRegister::WeightStrideF, command.weightStrides, map);
  mapRow(ArrayRegister::SumStrideN, command.sumStrides, map);
  one(ArrayRegister::InputZeroPoint, command.inputZeroPoint);
  one(ArrayRegister::WeightZeroPoint, command.weightZeroPoint);
  one(ArrayRegister::Accumulate, command.accumulate);
  one(ArrayRegister::WeightsFormat, command.weightsFormat);
  one(ArrayRegister::WeightsFormatParameter, command.weightsFormatParameter);
  one(ArrayRegister::WeightsBytes, command.weightsBytes);
  one(ArrayRegister::Algorithm, command.algorithm);
  mapRow(ArrayRegister::Mapping0, command.mapping, map);
}

template <typename Map>
void mapRegisters(ProgramCommand &command, Map &&map) {
  map(static_cast<unsigned>(UnitRegister::Id), command.program);
  mapRow(UnitRegister::Operand0, command.operands, map);
  mapRow(UnitRegister::Bytes0, command.bytes, map);
  mapRow(UnitRegister::Argument0, command.arguments, map);
}

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_COMMANDREGISTERS_H
