//===- Roofline.h - The least clocks that a machine takes for a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_ROOFLINE_H
#define LACUNA_LIB_DRIVER_ROOFLINE_H

#include "backends/npu/Array/Roofline.h"

#include "mlir/IR/BuiltinOps.h"

namespace lacuna {

/// A convolution or a product with a matrix, and the pooling behind it.
struct RooflineRow {
  std::string name;
  npu::RooflineLayer layer;
  /// Of one image.
  npu::RooflineTiming timing;
  /// Why it has no figures; empty if it has.
  std::string refusal;
};

/// Those of an imported network, in its order.
std::vector<RooflineRow> makeRoofline(mlir::ModuleOp module,
                                      const Machine &machine);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_ROOFLINE_H
