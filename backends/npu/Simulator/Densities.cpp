//===- Densities.cpp - Zeros of layers that have no data -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Densities.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

Expected<DensityTable> readDensities(StringRef file) {
  auto buffer = MemoryBuffer::getFile(file, /*IsText=*/true);
  if (!buffer)
    return createStringError(
        buffer.getError(),
        file + ": error: cannot read the file: " + buffer.getError().message());
  return DensityTable::read((*buffer)->getBuffer(), file);
}

Expected<std::vector<LayerDensities>> matchDensities(const DensityTable &table,
                                                     const Stream &stream) {
  LayerDensities dense;
  dense.activationOutliers = dense.weightOutliers = dense.outliers =
      table.outliers;
  std::vector<LayerDensities> all(stream.layers.size(), dense);
  std::vector<const Densities *> given(stream.layers.size());
  for (const Densities &one : table.layers) {
    auto refuse = [&](const Twine &message) {
      return createStringError(table.file + ":" + Twine(one.line) + ":" +
                               Twine(one.column) + ": error: " + message);
    };
    bool found = false;
    for (auto [layer, its, by] : zip(stream.layers, all, given)) {
      if (one.name != layer.name && !is_contained(layer.nodes, one.name))
        continue;
      if (by)
        return refuse("the densities of layer '" + layer.name +
                      "' are given twice, as '" + by->name + "' in line " +
                      Twine(by->line) + " and as '" + one.name + "'");
      auto getOutliers = [&](double density, bool isWide) {
        return isWide ? density : std::min(density, table.outliers);
      };
      its = {one.activations,
             one.weights,
             one.variation,
             getOutliers(one.activations, one.wideActivations),
             getOutliers(one.weights, one.wideWeights),
             table.outliers};
      by = &one;
      found = true;
    }
    if (!found)
      return refuse("there are densities of '" + one.name +
                    "', which is neither a layer of the stream nor an ONNX "
                    "node in one");
  }
  return all;
}

} // namespace lacuna::npu
