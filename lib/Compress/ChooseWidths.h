//===- ChooseWidths.h - Widths of weights for a budget -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_COMPRESS_CHOOSEWIDTHS_H
#define LACUNA_LIB_COMPRESS_CHOOSEWIDTHS_H

#include "lacuna/Compress/Quantize.h"

namespace lacuna {

/// Chooses how many bits the weights of each layer of the float network
/// `module` get, such that they all take no more than `spec.budget`: by how
/// much noise each width of each layer alone adds to the outputs. The choice
/// goes into `spec.layers`, and a table of it to `data.table`.
llvm::LogicalResult chooseWidths(mlir::ModuleOp module, QuantizationSpec &spec,
                                 const CalibrationData &data);

} // namespace lacuna

#endif // LACUNA_LIB_COMPRESS_CHOOSEWIDTHS_H
