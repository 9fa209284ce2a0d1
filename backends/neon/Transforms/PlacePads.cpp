//===- PlacePads.cpp - What is padded is made inside its padding -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONPLACEPADS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

namespace {
struct NeonPlacePads : neon::impl::NeonPlacePadsBase<NeonPlacePads> {
  void runOnOperation() override;
};
} // namespace

/// The operation before which the padded tensor is filled: what makes the
/// source, by way of reshapes.
static Operation *findMaker(tensor::PadOp pad) {
  Operation *maker = pad;
  Value source = pad.getSource();
  while (Operation *def = source.getDefiningOp()) {
    if (def->getBlock() != pad->getBlock())
      break;
    maker = def;
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
      break;
    source = def->getOperand(0);
  }
  return maker;
}

void NeonPlacePads::runOnOperation() {
  SmallVector<tensor::PadOp> pads;
  getOperation()->walk([&](tensor::PadOp pad) { pads.push_back(pad); });
  for (tensor::PadOp pad : pads) {
    Value value = pad.getConstantPaddingValue();
    RankedTensorType type = pad.getResultType();
    if (!value || !type.hasStaticShape())
      continue;
    // A value that is computed may come after what makes the source.
    bool isConstant = matchPattern(value, m_Constant());
    OpBuilder b(isConstant ? findMaker(pad) : pad.getOperation());
    Location loc = pad.getLoc();
    Value scalar = value;
    if (isConstant)
      scalar = b.clone(*value.getDefiningOp())->getResult(0);
    Value empty =
        tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
    Value filled = linalg::FillOp::create(b, loc, scalar, empty).getResult(0);
    b.setInsertionPoint(pad);
    SmallVector<OpFoldResult> sizes, strides;
    for (int64_t size : pad.getSourceType().getShape()) {
      sizes.push_back(b.getIndexAttr(size));
      strides.push_back(b.getIndexAttr(1));
    }
    Value padded = tensor::InsertSliceOp::create(
        b, loc, pad.getSource(), filled, pad.getMixedLowPad(), sizes, strides);
    pad.replaceAllUsesWith(padded);
    pad.erase();
  }
}
