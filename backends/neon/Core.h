//===- Core.h - What a phone core can do -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_CORE_H
#define LACUNA_BACKENDS_NEON_CORE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace lacuna::neon {

/// One of `cores/*.yaml`.
struct Core {
  std::string name, summary;
  /// The architecture, as compilers call it, without features.
  std::string arch;
  /// The core whose timing compilers assume; none if empty.
  std::string tune;
  /// A core of qemu that has the same instructions.
  std::string emulator;
  /// `dotprod`, `fp16`, `i8mm`.
  std::vector<std::string> features;
  /// The target of Halide, if lacuna-halide makes its kernels and they are not
  /// those of Kernels/.
  std::string halide;
  /// Then: floats in a register, and products of bytes summed by one
  /// instruction.
  int64_t lanes = 4, together = 1;
  /// Bytes of the first, second and third cache.
  std::vector<int64_t> caches;
  /// And whether 3x3 convolutions may be Winograd's.
  bool winograd = true;

  bool has(llvm::StringRef feature) const;
  bool usesHalide() const { return !halide.empty(); }
  /// `armv8.2-a+dotprod+fp16`
  std::string getMarch() const;
};

/// All cores, sorted by name.
llvm::ArrayRef<Core> getCores();

/// The processor of a workstation `name`, or the one at hand for `native`:
/// kernels are made by lacuna-halide.
llvm::Expected<Core> getHostCore(llvm::StringRef name);

/// Whether this machine has the instructions of `core`, one of a workstation.
bool isAtHand(const Core &core);

/// The core `name` with the changes of `mattr` (`+dotprod,-fp16`).
llvm::Expected<Core> getCore(llvm::StringRef name, llvm::StringRef mattr = "");

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_CORE_H
