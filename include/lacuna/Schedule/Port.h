//===- Port.h - What a network takes and gives -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_PORT_H
#define LACUNA_SCHEDULE_PORT_H

#include "lacuna/Support/HostTensor.h"

#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace lacuna {

/// A graph input or output of a module, in graph order.
struct Port {
  std::string name;
  DType type;
  llvm::SmallVector<int64_t> shape;
};

/// The inputs and outputs of function `main` of `module`, which has tensors.
std::vector<Port> getInputs(mlir::ModuleOp module);
std::vector<Port> getOutputs(mlir::ModuleOp module);

} // namespace lacuna

#endif // LACUNA_SCHEDULE_PORT_H
