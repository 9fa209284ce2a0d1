//===- TConvOps.cpp - Verifiers of tconv -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace lacuna::tconv;

/// Whether `bounds` has two columns and row `row`.
static bool hasRow(RankedTensorType bounds, int64_t row) {
  return bounds.hasStaticShape() && bounds.getDimSize(1) == 2 && row >= 0 &&
         row < bounds.getDimSize(0);
}

LogicalResult PushOp::verify() {
  auto frames = getFrames().getType(), line = getLine().getType();
  int64_t axis = getAxis();
  if (axis < 0 || axis >= line.getRank() || frames.getRank() != line.getRank())
    return emitOpError("(C1) expects frames and a line with dimension ")
           << axis << " and equal rank";
  for (int64_t dim = 0; dim < line.getRank(); ++dim) {
    int64_t pushed = frames.getDimSize(dim), held = line.getDimSize(dim);
    if (dim == axis ? pushed > held : pushed != held)
      return emitOpError("(C1) cannot push ") << frames << " into " << line;
  }
  if (frames.getElementType() != line.getElementType())
    return emitOpError("(C1) cannot push ") << frames << " into " << line;
  if (bool(getBounds()) != getRow().has_value() ||
      bool(getBounds()) != getFill().has_value())
    return emitOpError("(C2) expects bounds, row and fill together");
  if (!getBounds())
    return success();
  if (!hasRow(cast<RankedTensorType>(getBounds().getType()), *getRow()))
    return emitOpError("(C2) expects two columns and row ")
           << *getRow() << " in " << getBounds().getType();
  if (getFill()->getType() != line.getElementType())
    return emitOpError("(C3) cannot fill with ") << *getFill();
  return success();
}

LogicalResult KeepOp::verify() {
  if (!hasRow(cast<RankedTensorType>(getBounds().getType()), getRow()))
    return emitOpError("(C1) expects two columns and row ")
           << getRow() << " in " << getBounds().getType();
  return success();
}
