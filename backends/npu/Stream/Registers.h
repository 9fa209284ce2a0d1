//===- Registers.h - The registers that commands are made of -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each queue has a file of registers, which `set` writes and `run` reads. All
// of them are 0 in the beginning. Registers.def is the one table: text form,
// checks and the page on streams come from it.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_REGISTERS_H
#define LACUNA_BACKENDS_NPU_STREAM_REGISTERS_H

#include "backends/npu/Stream/Format.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace lacuna::npu {

enum class DmaRegister : uint16_t {
#define DMA_REGISTER(Id, name, Kind, min, max, meaning) Id,
#include "backends/npu/Stream/Registers.def"
};
enum class ArrayRegister : uint16_t {
#define ARRAY_REGISTER(Id, name, Kind, min, max, meaning) Id,
#include "backends/npu/Stream/Registers.def"
};
enum class UnitRegister : uint16_t {
#define UNIT_REGISTER(Id, name, Kind, min, max, meaning) Id,
#include "backends/npu/Stream/Registers.def"
};

enum class RegisterKind : uint8_t {
  Number,    // a word
  Wide,      // two words, the low one first
  Address,   // two words: `Address::pack`
  Flag,      // a word, no or yes
  ArrayType, // words whose values have names
  Format,
  Algorithm
};

struct RegisterInfo {
  llvm::StringLiteral name;
  RegisterKind kind;
  int64_t min, max;
  llvm::StringLiteral meaning;

  unsigned getWords() const {
    return kind == RegisterKind::Wide || kind == RegisterKind::Address ? 2 : 1;
  }
  /// Words are sign-extended.
  bool isSigned() const { return min < 0; }
  /// Names of the values; none for numbers and addresses.
  llvm::ArrayRef<llvm::StringLiteral> getValueNames() const;
  /// The value that words hold.
  int64_t read(llvm::ArrayRef<uint32_t> words) const;
  /// An error if the register cannot have this value.
  llvm::Error check(int64_t value) const;
};

/// The registers of a queue.
struct RegisterFile {
  llvm::ArrayRef<RegisterInfo> registers;
  /// For each register, its first word in the file.
  std::vector<uint16_t> words;
  /// For each word, the register that begins there, or -1.
  std::vector<int16_t> starts;

  /// The index of the register of that name, or none.
  std::optional<unsigned> find(llvm::StringRef name) const;
};

const RegisterFile &getRegisterFile(Queue queue);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_REGISTERS_H
