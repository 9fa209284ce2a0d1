//===- Registers.cpp - The registers that commands are made of -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Registers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lacuna::npu {

static constexpr RegisterInfo kDma[] = {
#define DMA_REGISTER(Id, name, Kind, min, max, meaning)                        \
  {name, RegisterKind::Kind, min, max, meaning},
#include "backends/npu/Stream/Registers.def"
};
static constexpr RegisterInfo kArray[] = {
#define ARRAY_REGISTER(Id, name, Kind, min, max, meaning)                      \
  {name, RegisterKind::Kind, min, max, meaning},
#include "backends/npu/Stream/Registers.def"
};
static constexpr RegisterInfo kUnit[] = {
#define UNIT_REGISTER(Id, name, Kind, min, max, meaning)                       \
  {name, RegisterKind::Kind, min, max, meaning},
#include "backends/npu/Stream/Registers.def"
};

static RegisterFile makeFile(ArrayRef<RegisterInfo> registers) {
  RegisterFile file;
  file.registers = registers;
  for (auto [index, info] : enumerate(registers)) {
    file.words.push_back(static_cast<uint16_t>(file.starts.size()));
    file.starts.push_back(static_cast<int16_t>(index));
    file.starts.resize(file.words.back() + info.getWords(), -1);
  }
  return file;
}

const RegisterFile &getRegisterFile(Queue queue) {
  static const RegisterFile dma = makeFile(kDma), array = makeFile(kArray),
                            unit = makeFile(kUnit);
  switch (queue) {
  case Queue::DmaIn:
  case Queue::DmaOut:
    return dma;
  case Queue::Array:
    return array;
  case Queue::Vector:
  case Queue::Scalar:
    return unit;
  }
  llvm_unreachable("all queues are handled");
}

std::optional<unsigned> RegisterFile::find(StringRef name) const {
  for (auto [index, info] : enumerate(registers))
    if (info.name == name)
      return static_cast<unsigned>(index);
  return std::nullopt;
}

ArrayRef<StringLiteral> RegisterInfo::getValueNames() const {
  static constexpr StringLiteral flags[] = {"no", "yes"};
  switch (kind) {
  case RegisterKind::Number:
  case RegisterKind::Wide:
  case RegisterKind::Address:
    return {};
  case RegisterKind::Flag:
    return flags;
  case RegisterKind::ArrayType:
    return getArrayTypeNames();
  case RegisterKind::Format:
    return getStoredFormatNames();
  case RegisterKind::Algorithm:
    return getAlgorithmNames();
  }
  llvm_unreachable("all kinds are handled");
}

int64_t RegisterInfo::read(ArrayRef<uint32_t> words) const {
  if (getWords() == 2)
    return static_cast<int64_t>(uint64_t(words[1]) << 32 | words[0]);
  return isSigned() ? int64_t(static_cast<int32_t>(words[0]))
                    : int64_t(words[0]);
}

Error RegisterInfo::check(int64_t value) const {
  if (kind == RegisterKind::Address) {
    if (Address::unpack(static_cast<uint64_t>(value)))
      return Error::success();
    return createStringError("register '" + name + "' holds 0x" +
                             utohexstr(static_cast<uint64_t>(value)) +
                             ", which is no address");
  }
  if (value >= min && value <= max)
    return Error::success();
  return createStringError("register '" + name + "' holds " + itostr(value) +
                           "; it may be from " + itostr(min) + " to " +
                           itostr(max));
}

} // namespace lacuna::npu
