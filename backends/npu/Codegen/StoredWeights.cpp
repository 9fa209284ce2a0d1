//===- StoredWeights.cpp - Weights that are stored without their zeros -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/StoredWeights.h"

#include "backends/npu/Stream/StoredFormat.h"

using namespace lacuna;
using namespace lacuna::npu;

static std::pair<StoredFormat, int64_t> getFormat(const Zeros &zeros,
                                                  int64_t weightsOfFilter) {
  switch (zeros.weights) {
  case ZeroFormat::Dense:
    return {StoredFormat::Dense, 0};
  case ZeroFormat::BitVector:
    return {StoredFormat::BitVector, 0};
  case ZeroFormat::Brick:
    return {StoredFormat::Brick, 0};
  case ZeroFormat::RunLength:
    return {StoredFormat::RunLength, zeros.runBits};
  case ZeroFormat::Column:
    return {StoredFormat::Column, weightsOfFilter};
  case ZeroFormat::NofM:
    return {StoredFormat::NofM, zeros.kept << 8 | zeros.of};
  }
  llvm_unreachable("all formats are handled");
}

std::optional<StoredTile> StoredWeights::store(const WeightTile &tile,
                                               llvm::ArrayRef<unsigned> order,
                                               llvm::ArrayRef<int64_t> sizes) {
  const TilingProblem &problem = layer.problem;
  const DramTensor &weights = layer.weights;
  auto [format, parameter] =
      getFormat(problem.machine->zeros, tile.channels * problem.getTaps());
  // What is left out has one value.
  if (format == StoredFormat::Dense || weights.address.region != kConstants ||
      layer.weightsOfImage || layer.weightZeroPoints.size() > 1)
    return std::nullopt;
  int64_t zero =
      layer.weightZeroPoints.empty() ? 0 : layer.weightZeroPoints.front();

  std::vector<uint8_t> dense;
  auto gather = [&](auto &self, size_t depth, int64_t element) -> void {
    if (depth == order.size()) {
      llvm::append_range(
          dense, builder.getConstant(
                     {weights.address.region,
                      weights.address.offset + element * weights.elementBytes},
                     weights.elementBytes));
      return;
    }
    for (int64_t i = 0; i < sizes[depth]; ++i)
      self(self, depth + 1, element + i * weights.strides[order[depth]]);
  };
  gather(gather, 0,
         tile.filter * weights.strides[0] + tile.channel * weights.strides[1]);
  auto stored = storeValues(format, parameter, weights.elementBytes,
                            uint64_t(zero), dense);
  if (!stored) {
    // Such as more values in a group than the format may keep.
    llvm::consumeError(stored.takeError());
    return std::nullopt;
  }
  if (stored->size() >= dense.size())
    return std::nullopt;
  StoredTile result{{}, format, parameter, int64_t(stored->size())};
  result.address = builder.addConstant(
      {reinterpret_cast<const char *>(stored->data()), stored->size()});
  return result;
}

std::optional<StoredTile> StoredWeights::find(const WeightTile &tile,
                                              llvm::ArrayRef<unsigned> order,
                                              llvm::ArrayRef<int64_t> sizes) {
  auto [it, isNew] = known.try_emplace({tile.filter, tile.channel});
  if (isNew)
    it->second = store(tile, order, sizes);
  return it->second;
}
