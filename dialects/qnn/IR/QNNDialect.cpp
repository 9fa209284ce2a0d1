//===- QNNDialect.cpp - Registration of the qnn dialect -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace lacuna::qnn;

#include "dialects/qnn/IR/QNNDialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/qnn/IR/QNNOps.cpp.inc"

void QNNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/qnn/IR/QNNOps.cpp.inc"
      >();
}
