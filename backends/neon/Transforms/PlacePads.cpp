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

/// An empty tensor like the result of `pad`, filled with `scalar` where the
/// source will not be: slabs on both sides of each dimension, which do not
/// overlap.
static Value createBorder(OpBuilder &b, tensor::PadOp pad, Value scalar) {
  Location loc = pad.getLoc();
  RankedTensorType type = pad.getResultType();
  ArrayRef<int64_t> inside = pad.getSourceType().getShape();
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape());
  SmallVector<int64_t> strides(type.getRank(), 1);
  Value border =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  auto fill = [&](int64_t dim, int64_t offset, int64_t size) {
    if (size == 0)
      return;
    offsets[dim] = offset;
    sizes[dim] = size;
    // Not a slice of the border: who gives each user of an empty tensor its own
    // would take the two apart.
    Value slab = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
    Value filled = linalg::FillOp::create(b, loc, scalar, slab).getResult(0);
    border = tensor::InsertSliceOp::create(b, loc, filled, border, ValueRange(),
                                           ValueRange(), ValueRange(), offsets,
                                           sizes, strides);
  };
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    int64_t low = pad.getStaticLow()[dim], end = low + inside[dim];
    fill(dim, 0, low);
    fill(dim, end, type.getDimSize(dim) - end);
    offsets[dim] = low;
    sizes[dim] = inside[dim];
  }
  return border;
}

void NeonPlacePads::runOnOperation() {
  SmallVector<tensor::PadOp> pads;
  getOperation()->walk([&](tensor::PadOp pad) { pads.push_back(pad); });
  for (tensor::PadOp pad : pads) {
    Value value = pad.getConstantPaddingValue();
    RankedTensorType type = pad.getResultType();
    // Dynamic sizes are negative too.
    auto isNegative = [](int64_t size) { return size < 0; };
    if (!value || !type.hasStaticShape() ||
        !pad.getSourceType().hasStaticShape() ||
        llvm::any_of(pad.getStaticLow(), isNegative) ||
        llvm::any_of(pad.getStaticHigh(), isNegative))
      continue;
    // A value that is computed may come after what makes the source.
    bool isConstant = matchPattern(value, m_Constant());
    OpBuilder b(isConstant ? findMaker(pad) : pad.getOperation());
    Location loc = pad.getLoc();
    Value scalar = value;
    if (isConstant)
      scalar = b.clone(*value.getDefiningOp())->getResult(0);
    Value border = createBorder(b, pad, scalar);
    b.setInsertionPoint(pad);
    SmallVector<OpFoldResult> sizes, strides;
    for (int64_t size : pad.getSourceType().getShape()) {
      sizes.push_back(b.getIndexAttr(size));
      strides.push_back(b.getIndexAttr(1));
    }
    Value padded = tensor::InsertSliceOp::create(
        b, loc, pad.getSource(), border, pad.getMixedLowPad(), sizes, strides);
    pad.replaceAllUsesWith(padded);
    pad.erase();
  }
}
