//===- SchemaCheck.h - Nodes against the ONNX schemas -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_SCHEMACHECK_H
#define LACUNA_LIB_FRONTEND_SCHEMACHECK_H

#include "llvm/Support/LogicalResult.h"

namespace onnx {
class NodeProto;
} // namespace onnx

namespace lacuna {
class Node;

/// Checks the number and the types of inputs and attributes, so that handlers
/// need not. Past the newest opset that the installed library knows, operators
/// are checked as far as their newest known version tells.
llvm::LogicalResult checkAgainstSchema(Node &node,
                                       const onnx::NodeProto &proto);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_SCHEMACHECK_H
