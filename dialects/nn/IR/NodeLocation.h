//===- NodeLocation.h - How locations name ONNX nodes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// One place decides how the IR remembers which ONNX node an operation came from
// and how messages name it. The location of node `conv_3` (a Conv of opset 13)
// is `loc("conv_3"("Conv-13"))`: plain upstream locations that print, parse and
// survive fusion.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_NN_IR_NODELOCATION_H
#define LACUNA_DIALECTS_NN_IR_NODELOCATION_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace lacuna {

/// An ONNX node as a location knows it.
struct NodeId {
  llvm::StringRef name;
  llvm::StringRef opType;
  int64_t opset = 0;
};

/// The location of everything that is made from one ONNX node.
mlir::Location getNodeLocation(mlir::MLIRContext *context, const NodeId &node);

/// The ONNX nodes behind `loc`, in order, each once; empty for other locations.
llvm::SmallVector<NodeId> getNodes(mlir::Location loc);

/// `node 'conv_3' (Conv, opset 13)`, with fused nodes joined by " + ".
std::string describeNodes(llvm::ArrayRef<NodeId> nodes);

} // namespace lacuna

#endif // LACUNA_DIALECTS_NN_IR_NODELOCATION_H
