//===- FileLayout.h - Where things lie in the file of a stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_FILELAYOUT_H
#define LACUNA_BACKENDS_NPU_STREAM_FILELAYOUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CRC.h"
#include <cstdint>

namespace lacuna::npu {

constexpr llvm::StringLiteral kMagic = "LNPU";
constexpr size_t kMajorAt = 4, kMinorAt = 6, kHashAt = 8, kFeaturesAt = 16,
                 kWorkspaceAt = 24, kFileBytesAt = 32, kSectionsAt = 40,
                 kHeaderCrcAt = 44, kMachineAt = 48, kReservedAt = 112,
                 kHeaderBytes = 128;
constexpr size_t kMachineBytes = kReservedAt - kMachineAt;
constexpr size_t kSectionEntryBytes = 32, kSectionAlignment = 16;
/// Who does not know a section of such a kind may skip it.
constexpr uint32_t kOptionalSection = uint32_t(1) << 31;

enum class SectionKind : uint32_t {
  Commands = 1,
  Constants,
  Programs,
  Tensors,
  Layers,
  Debug,
  /// Only of streams that have steps.
  Loop,
  /// Only of streams that were planned; the stream is as good without it.
  Estimates = kOptionalSection | 1
};

constexpr size_t kInstructionBytes = 16;

/// Of the header and the section table, but the sum itself.
inline uint32_t getHeaderCrc(llvm::ArrayRef<uint8_t> headerAndTable) {
  uint32_t crc = llvm::crc32(headerAndTable.take_front(kHeaderCrcAt));
  return llvm::crc32(crc, headerAndTable.drop_front(kMachineAt));
}

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_FILELAYOUT_H
