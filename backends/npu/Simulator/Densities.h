//===- Densities.h - Zeros of layers that have no data -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_DENSITIES_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_DENSITIES_H

#include "backends/npu/Simulator/Simulator.h"
#include "lacuna/Schedule/DensityTable.h"

namespace lacuna::npu {

llvm::Expected<DensityTable> readDensities(llvm::StringRef file);

/// One for each layer of the stream; those that the table does not name are
/// dense. An error, with the line of the table, if it names what the stream has
/// not, or a layer twice.
llvm::Expected<std::vector<LayerDensities>>
matchDensities(const DensityTable &table, const Stream &stream);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_DENSITIES_H
