//===- TConvDialect.cpp - Registration of the tconv dialect -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::tconv;

#include "dialects/tconv/IR/TConvDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/tconv/IR/TConvAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/tconv/IR/TConvOps.cpp.inc"

void TConvDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/tconv/IR/TConvAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/tconv/IR/TConvOps.cpp.inc"
      >();
}

LogicalResult TConvDialect::verifyOperationAttribute(Operation *op,
                                                     NamedAttribute attr) {
  if (attr.getName() != kStreamAttr)
    return op->emitOpError("has an attribute that tconv does not know: ")
           << attr.getName();
  auto stream = dyn_cast<StreamAttr>(attr.getValue());
  if (!stream || !isa<FunctionOpInterface>(op))
    return op->emitOpError("expects #tconv.stream on a function as ")
           << kStreamAttr;
  if (stream.getFrames() < 1 || stream.getClip() < 1 || stream.getAxis() < 0 ||
      stream.getStates() < 0)
    return op->emitOpError(kStreamAttr) << " has numbers that mean nothing";
  return success();
}

LogicalResult TConvDialect::verifyRegionArgAttribute(Operation *op,
                                                     unsigned region,
                                                     unsigned argument,
                                                     NamedAttribute attr) {
  auto initial = dyn_cast<ElementsAttr>(attr.getValue());
  if (attr.getName() != kInitialAttr || !initial)
    return op->emitOpError("expects the elements of ")
           << kInitialAttr << " on argument " << argument;
  return success();
}

StreamAttr tconv::getStream(ModuleOp module) {
  Operation *main = module.lookupSymbol("main");
  return main ? main->getAttrOfType<StreamAttr>(TConvDialect::kStreamAttr)
              : StreamAttr();
}
