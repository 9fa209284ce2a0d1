//===- StoredWeights.h - Weights that are stored without their zeros -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_STOREDWEIGHTS_H
#define LACUNA_BACKENDS_NPU_CODEGEN_STOREDWEIGHTS_H

#include "backends/npu/Codegen/ArrayLayer.h"
#include "backends/npu/Codegen/StreamBuilder.h"

#include <map>

namespace lacuna::npu {

/// The tile of weights that a step multiplies with: where it begins, and how
/// many filters and channels it has.
struct WeightTile {
  int64_t filter = 0, filters = 1, channel = 0, channels = 1;
};

/// A tile as a constant of its own.
struct StoredTile {
  Address address;
  StoredFormat format = StoredFormat::Dense;
  int64_t parameter = 0, bytes = 0;
};

/// The weights of a layer, tile by tile, in the format of the machine.
class StoredWeights {
public:
  StoredWeights(StreamBuilder &builder, const ArrayLayer &layer)
      : builder(builder), layer(layer) {}

  /// None if the tile is not known when compiling, or no shorter than dense.
  /// `order` is that in which dimensions of `DramTensor` lie on the chip, of
  /// which the last are neighbours; `sizes` are their extents.
  std::optional<StoredTile> find(const WeightTile &tile,
                                 llvm::ArrayRef<unsigned> order,
                                 llvm::ArrayRef<int64_t> sizes);

private:
  std::optional<StoredTile> store(const WeightTile &tile,
                                  llvm::ArrayRef<unsigned> order,
                                  llvm::ArrayRef<int64_t> sizes);

  StreamBuilder &builder;
  const ArrayLayer &layer;
  /// By the first filter and channel.
  std::map<std::pair<int64_t, int64_t>, std::optional<StoredTile>> known;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_STOREDWEIGHTS_H
