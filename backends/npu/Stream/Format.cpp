//===- Format.cpp - What the words of a command stream mean -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;

namespace lacuna::npu {

unsigned getBytes(ArrayType type) {
  switch (type) {
  case ArrayType::Int8:
  case ArrayType::UInt8:
    return 1;
  case ArrayType::Int16:
    return 2;
  case ArrayType::Float32:
    return 4;
  }
  llvm_unreachable("all types are handled");
}

unsigned getBytes(ValueType type) {
  switch (type) {
  case ValueType::I1:
  case ValueType::I8:
    return 1;
  case ValueType::I16:
  case ValueType::F16:
  case ValueType::BF16:
    return 2;
  case ValueType::I32:
  case ValueType::F32:
    return 4;
  case ValueType::I64:
  case ValueType::F64:
    return 8;
  }
  llvm_unreachable("all types are handled");
}

unsigned getBytes(TensorType type) {
  switch (type) {
  case TensorType::Bool:
  case TensorType::Int8:
  case TensorType::UInt8:
    return 1;
  case TensorType::Int16:
  case TensorType::UInt16:
  case TensorType::Float16:
  case TensorType::BFloat16:
    return 2;
  case TensorType::Int32:
  case TensorType::UInt32:
  case TensorType::Float32:
    return 4;
  case TensorType::Int64:
  case TensorType::UInt64:
  case TensorType::Float64:
    return 8;
  }
  llvm_unreachable("all types are handled");
}

ArrayRef<StringLiteral> getQueueNames() {
  static constexpr StringLiteral names[] = {"dma-in", "array", "vector",
                                            "scalar", "dma-out"};
  static_assert(std::size(names) == kQueues);
  return names;
}

ArrayRef<StringLiteral> getArrayTypeNames() {
  static constexpr StringLiteral names[] = {"int8", "uint8", "int16",
                                            "float32"};
  return names;
}

ArrayRef<StringLiteral> getStoredFormatNames() {
  static constexpr StringLiteral names[] = {
      "dense", "bit-vector", "brick", "run-length", "column", "n-of-m"};
  return names;
}

ArrayRef<StringLiteral> getAlgorithmNames() {
  static constexpr StringLiteral names[] = {"direct", "winograd"};
  return names;
}

ArrayRef<StringLiteral> getValueTypeNames() {
  static constexpr StringLiteral names[] = {"i1",  "i8",   "i16", "i32", "i64",
                                            "f16", "bf16", "f32", "f64"};
  return names;
}

ArrayRef<StringLiteral> getTensorTypeNames() {
  static constexpr StringLiteral names[] = {
      "bool",  "int8",   "uint8",   "int16",    "uint16",  "int32",  "uint32",
      "int64", "uint64", "float16", "bfloat16", "float32", "float64"};
  return names;
}

StringRef getName(Operation operation) {
  switch (operation) {
  case Operation::Copy:
    return "copy";
  case Operation::Fill:
    return "fill";
  case Operation::Conv:
    return "conv";
  case Operation::Program:
    return "program";
  }
  llvm_unreachable("all operations are handled");
}

std::optional<unsigned> findName(ArrayRef<StringLiteral> names,
                                 StringRef name) {
  const auto *found = find(names, name);
  if (found == names.end())
    return std::nullopt;
  return static_cast<unsigned>(found - names.begin());
}

static bool isRegion(uint8_t region) {
  return region == kConstants || region == kWorkspace ||
         Address{region, 0}.isChip() || region >= kFirstInput;
}

std::optional<Address> Address::unpack(uint64_t bits) {
  Address address{static_cast<uint8_t>(bits >> 56), bits & (kRegionBytes - 1)};
  if (address.pack() != bits || !isRegion(address.region) ||
      (address.isNone() && address.offset))
    return std::nullopt;
  return address;
}

std::string getRegionName(uint8_t region) {
  Address address{region, 0};
  if (address.isNone())
    return "none";
  if (region == kConstants)
    return "constants";
  if (region == kWorkspace)
    return "workspace";
  if (address.isChip())
    return "chip" + utostr(region - kFirstChip);
  if (address.isInput())
    return "input" + utostr(region - kFirstInput);
  if (address.isOutput())
    return "output" + utostr(region - kFirstOutput);
  return "region" + utostr(region);
}

std::optional<uint8_t> findRegion(StringRef name) {
  if (name == "none")
    return kNoRegion;
  if (name == "constants")
    return kConstants;
  if (name == "workspace")
    return kWorkspace;
  auto numbered = [&](StringRef prefix, unsigned first,
                      unsigned count) -> std::optional<uint8_t> {
    unsigned index;
    StringRef rest = name;
    if (!rest.consume_front(prefix) || rest.getAsInteger(10, index) ||
        index >= count)
      return std::nullopt;
    return static_cast<uint8_t>(first + index);
  };
  if (auto region = numbered("chip", kFirstChip, kChips))
    return region;
  if (auto region = numbered("input", kFirstInput, kInputs))
    return region;
  return numbered("output", kFirstOutput, kOutputs);
}

CommandHeader CommandHeader::unpack(uint32_t word) {
  CommandHeader header;
  header.opcode = word & 0x7f;
  header.optional = word >> 7 & 1;
  header.queue = word >> 8 & 7;
  header.reserved = word >> 11 & 1;
  header.length = word >> 12 & 0xff;
  header.parameter = static_cast<uint16_t>(word >> 20);
  return header;
}

uint32_t CommandHeader::pack() const {
  return uint32_t(opcode) | uint32_t(optional) << 7 | uint32_t(queue) << 8 |
         uint32_t(reserved) << 11 | uint32_t(length) << 12 |
         uint32_t(parameter) << 20;
}

ArrayRef<StringLiteral> getFeatureNames() {
  static constexpr StringLiteral names[] = {
      "int8",  "uint8",      "int16",  "float32", "bit-vector",
      "brick", "run-length", "column", "n-of-m",  "winograd"};
  return names;
}

static uint64_t getFeature(StringRef name) {
  std::optional<unsigned> bit = findName(getFeatureNames(), name);
  return bit ? uint64_t(1) << *bit : 0;
}

uint64_t getFeature(ArrayType type) {
  return getFeature(getArrayTypeNames()[static_cast<unsigned>(type)]);
}

uint64_t getFeature(StoredFormat format) {
  return getFeature(getStoredFormatNames()[static_cast<unsigned>(format)]);
}

uint64_t getFeature(Algorithm algorithm) {
  return getFeature(getAlgorithmNames()[static_cast<unsigned>(algorithm)]);
}

} // namespace lacuna::npu
