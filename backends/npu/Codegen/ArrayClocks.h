//===- ArrayClocks.h - How long an array takes for a tile -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_ARRAYCLOCKS_H
#define LACUNA_BACKENDS_NPU_CODEGEN_ARRAYCLOCKS_H

#include "backends/npu/Codegen/ArrayLayer.h"

#include <map>
#include <memory>

namespace lacuna::npu {

/// Asks the model of the machine's array, which the simulator uses too, as if
/// there were no zeros, and remembers what it said.
class ArrayClocks {
public:
  explicit ArrayClocks(const Machine &machine)
      : machine(machine), known(std::make_shared<Known>()) {}

  /// Lets the tiling of `layer` ask.
  void attach(ArrayLayer &layer) const;

  /// An error if the array cannot compute tiles of `layer` of this shape.
  llvm::Error check(const ArrayLayer &layer, const TileShape &tile) const;

private:
  using Known = std::map<std::vector<int64_t>, int64_t>;

  const Machine &machine;
  std::shared_ptr<Known> known;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_ARRAYCLOCKS_H
