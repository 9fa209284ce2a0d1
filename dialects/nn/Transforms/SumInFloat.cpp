//===- SumInFloat.cpp - Sums of products of 16-bit floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;

static bool isSmallFloat(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16();
}

/// The elements of the constant `value` in float32; null if it is none.
static TypedAttr extendConstant(Value value) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  if (!constant)
    return {};
  auto type = cast<RankedTensorType>(constant.getType());
  const llvm::fltSemantics &semantics =
      cast<FloatType>(type.getElementType()).getFloatSemantics();
  std::vector<float> floats;
  auto add = [&](APFloat element) {
    bool loses;
    element.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                    &loses);
    floats.push_back(element.convertToFloat());
  };
  if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue())) {
    for (const APFloat &element : dense.getValues<APFloat>())
      add(element);
  } else if (auto resource =
                 dyn_cast<DenseResourceElementsAttr>(constant.getValue())) {
    ArrayRef<char> data = resource.getData();
    for (size_t at = 0; at + 1 < data.size(); at += 2)
      add(APFloat(semantics,
                  APInt(16, llvm::support::endian::read16le(&data[at]))));
  }
  auto wide = RankedTensorType::get(type.getShape(),
                                    Float32Type::get(type.getContext()));
  if (int64_t(floats.size()) != wide.getNumElements())
    return {};
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocateAndCopyInferAlign(ArrayRef<float>(floats));
  return cast<TypedAttr>(Attribute(
      DenseResourceElementsAttr::get(wide, "extended", std::move(blob))));
}

/// `tensor` with elements of type `element`.
static Value convertElements(ImplicitLocOpBuilder &b, Value tensor,
                             Type element) {
  if (element.isF32())
    if (TypedAttr attr = extendConstant(tensor))
      return arith::ConstantOp::create(b, attr);
  auto type = cast<RankedTensorType>(tensor.getType());
  return createParallel(b, RankedTensorType::get(type.getShape(), element),
                        tensor, b.getMultiDimIdentityMap(type.getRank()),
                        [&](ImplicitLocOpBuilder &b, ValueRange args) {
                          return convertFloat(b, args[0], element);
                        });
}

namespace {
/// The operation in float32, between conversions.
template <typename Op>
struct SumInFloat : OpRewritePattern<Op> {
  SumInFloat(MLIRContext *context, PatternBenefit benefit)
      : OpRewritePattern<Op>(context, benefit) {}

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    if (!isSmallFloat(type))
      return rewriter.notifyMatchFailure(op, "not of 16-bit floats");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type wide = b.getF32Type();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isSmallFloat(operand.getType())
                             ? convertElements(b, operand, wide)
                             : operand);
    auto copy = cast<Op>(rewriter.clone(*op));
    copy->setOperands(operands);
    copy.getOutput().setType(RankedTensorType::get(type.getShape(), wide));
    rewriter.replaceOp(
        op, convertElements(b, copy.getOutput(), type.getElementType()));
    return success();
  }
};
} // namespace

void nn::populateSumInFloatPatterns(RewritePatternSet &patterns,
                                    PatternBenefit benefit) {
  patterns.add<SumInFloat<ConvOp>, SumInFloat<ConvTransposeOp>,
               SumInFloat<MatMulOp>, SumInFloat<AvgPoolOp>>(
      patterns.getContext(), benefit);
}
