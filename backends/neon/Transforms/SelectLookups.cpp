//===- SelectLookups.cpp - Tables of bytes in registers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Geometry.h"
#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONSELECTLOOKUPS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

/// The table whose elements `op` yields; null if it does something else.
static Value getTable(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {};
  Block *body = op.getBody();
  auto load =
      body->getTerminator()->getOperand(0).getDefiningOp<memref::LoadOp>();
  if (!load || load->getBlock() != body || load.getIndices().size() != 1)
    return {};
  auto index = load.getIndices()[0].getDefiningOp<arith::IndexCastUIOp>();
  if (!index || index.getIn() != body->getArgument(0))
    return {};
  MemRefType table = load.getMemRefType();
  bool isBytes = table.getShape() == ArrayRef<int64_t>(256) &&
                 table.getElementType().isInteger(8) &&
                 table.getLayout().isIdentity();
  return isBytes ? load.getMemRef() : Value();
}

/// Whether `value` is memory of bytes with known strides.
static bool isKnown(Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  return type && type.getElementType().isInteger(8) &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         !llvm::is_contained(strides, ShapedType::kDynamic);
}

namespace {
struct NeonSelectLookups
    : neon::impl::NeonSelectLookupsBase<NeonSelectLookups> {
  void runOnOperation() override {
    getOperation()->walk([](linalg::GenericOp op) {
      Value table = getTable(op);
      if (!table || !llvm::all_of(op->getOperands(), isKnown))
        return;
      Value input = op.getInputs()[0], init = op.getOutputs()[0];
      neon::CopyLoop inner =
          neon::getCopyLoops(
              input, init,
              llvm::to_vector(llvm::seq<int64_t>(op.getNumLoops())))
              .back();
      if (inner.in != 1 || inner.out != 1)
        return;
      OpBuilder b(op);
      neon::LookupOp::create(b, op.getLoc(), input, table, init);
      op.erase();
    });
  }
};
} // namespace
