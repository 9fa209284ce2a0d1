//===- Format.h - What the words of a command stream mean -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_FORMAT_H
#define LACUNA_BACKENDS_NPU_STREAM_FORMAT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace lacuna::npu {

constexpr uint16_t kMajorVersion = 1, kMinorVersion = 2;

/// What runs beside the others; commands of one queue run in order.
enum class Queue : uint8_t { DmaIn, Array, Vector, Scalar, DmaOut };
constexpr unsigned kQueues = 5;

/// What a command is, in its first word.
enum class Opcode : uint8_t { Set = 1, Run, Wait, Signal, Mark, Halt };

/// What `run` does.
enum class Operation : uint8_t { Copy = 1, Fill, Conv, Program };

/// Element types of the array. Sums are of 32 bits: integers that wrap around,
/// or float32.
enum class ArrayType : uint8_t { Int8, UInt8, Int16, Float32 };

/// How values many of which are zero are stored; see StoredFormat.h.
enum class StoredFormat : uint8_t {
  Dense,
  BitVector,
  Brick,
  RunLength,
  Column,
  NofM
};

enum class Algorithm : uint8_t { Direct, Winograd };

/// Types of a program's values, and of what it loads and stores.
enum class ValueType : uint8_t { I1, I8, I16, I32, I64, F16, BF16, F32, F64 };

/// Types of the graph's inputs and outputs.
enum class TensorType : uint8_t {
  Bool,
  Int8,
  UInt8,
  Int16,
  UInt16,
  Int32,
  UInt32,
  Int64,
  UInt64,
  Float16,
  BFloat16,
  Float32,
  Float64
};

unsigned getBytes(ArrayType type);
unsigned getBytes(ValueType type);
unsigned getBytes(TensorType type);
inline bool isFloat(ValueType type) { return type >= ValueType::F16; }

// Names as the text form and messages have them, in the order of the values.
llvm::ArrayRef<llvm::StringLiteral> getQueueNames();
llvm::ArrayRef<llvm::StringLiteral> getArrayTypeNames();
llvm::ArrayRef<llvm::StringLiteral> getStoredFormatNames();
llvm::ArrayRef<llvm::StringLiteral> getAlgorithmNames();
llvm::ArrayRef<llvm::StringLiteral> getValueTypeNames();
llvm::ArrayRef<llvm::StringLiteral> getTensorTypeNames();

inline llvm::StringRef getName(Queue queue) {
  return getQueueNames()[static_cast<unsigned>(queue)];
}
inline llvm::StringRef getName(ValueType type) {
  return getValueTypeNames()[static_cast<unsigned>(type)];
}
inline llvm::StringRef getName(TensorType type) {
  return getTensorTypeNames()[static_cast<unsigned>(type)];
}
llvm::StringRef getName(Operation operation);

/// The index of `name`; none if it is not there.
std::optional<unsigned> findName(llvm::ArrayRef<llvm::StringLiteral> names,
                                 llvm::StringRef name);

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

constexpr uint8_t kConstants = 0, kWorkspace = 1, kFirstChip = 4,
                  kFirstInput = 16, kFirstOutput = 96, kNoRegion = 255;
constexpr unsigned kChips = 8;
constexpr unsigned kInputs = kFirstOutput - kFirstInput;
constexpr unsigned kOutputs = kNoRegion - kFirstOutput;
constexpr uint64_t kRegionBytes = uint64_t(1) << 40;

/// A region and a byte in it.
struct Address {
  uint8_t region = kNoRegion;
  uint64_t offset = 0;

  static Address none() { return {}; }
  static Address constant(uint64_t offset) { return {kConstants, offset}; }
  static Address workspace(uint64_t offset) { return {kWorkspace, offset}; }
  static Address chip(unsigned memory, uint64_t offset) {
    return {static_cast<uint8_t>(kFirstChip + memory), offset};
  }
  static Address input(unsigned index, uint64_t offset) {
    return {static_cast<uint8_t>(kFirstInput + index), offset};
  }
  static Address output(unsigned index, uint64_t offset) {
    return {static_cast<uint8_t>(kFirstOutput + index), offset};
  }

  bool isNone() const { return region == kNoRegion; }
  bool isChip() const {
    return region >= kFirstChip && region < kFirstChip + kChips;
  }
  bool isInput() const {
    return region >= kFirstInput && region < kFirstOutput;
  }
  bool isOutput() const { return region >= kFirstOutput && !isNone(); }
  /// Constants and inputs cannot be written.
  bool isReadOnly() const { return region == kConstants || isInput(); }

  /// As registers hold it: the region in the highest byte, the offset in the
  /// lowest five.
  uint64_t pack() const { return uint64_t(region) << 56 | offset; }
  /// None if bits between are not zero or no region has that number.
  static std::optional<Address> unpack(uint64_t bits);

  bool operator==(const Address &other) const {
    return region == other.region && offset == other.offset;
  }
};

/// `constants`, `workspace`, `chip0`, `input0`, `output0`, `none`.
std::string getRegionName(uint8_t region);
std::optional<uint8_t> findRegion(llvm::StringRef name);

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

/// The first word of a command: opcode (7 bits), optional (1), queue (3), a
/// reserved bit, the number of words that follow (8), parameter (12).
struct CommandHeader {
  uint8_t opcode = 0;
  /// Who does not know the opcode may skip it.
  bool optional = false;
  uint8_t queue = 0;
  bool reserved = false;
  uint8_t length = 0;
  uint16_t parameter = 0;

  static CommandHeader unpack(uint32_t word);
  uint32_t pack() const;
};

/// Words of commands that end with `halt`: those of `words` from `begin` on,
/// whose offsets count from the first of `words`.
struct CommandPart {
  llvm::ArrayRef<uint32_t> words;
  uint32_t begin = 0;
};

constexpr unsigned kMaxSetWords = 255, kSemaphores = 256;
constexpr uint32_t kMaxTokens = 65535;

//===----------------------------------------------------------------------===//
// Features
//===----------------------------------------------------------------------===//

/// Names of the bits of `Stream::features`, lowest first: array types, stored
/// formats but dense, winograd.
llvm::ArrayRef<llvm::StringLiteral> getFeatureNames();
uint64_t getFeature(ArrayType type);
/// Dense is no feature: 0.
uint64_t getFeature(StoredFormat format);
uint64_t getFeature(Algorithm algorithm);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_FORMAT_H
