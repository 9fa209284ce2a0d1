//===- FunctionToEmitC.cpp - Functions and calls as C++ -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/EmitCPatterns.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace lacuna;

namespace {
struct FuncToEmitC : OpConversionPattern<func::FuncOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(func::FuncOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (op.getNumResults() || op.isExternal())
      return rewriter.notifyMatchFailure(op, "has results or no body");
    TypeConverter::SignatureConversion signature(op.getNumArguments());
    if (failed(getTypeConverter()->convertSignatureArgs(op.getArgumentTypes(),
                                                        signature)))
      return rewriter.notifyMatchFailure(op, "an argument has no C++ type");
    auto type =
        rewriter.getFunctionType(signature.getConvertedTypes(), TypeRange());
    auto func =
        emitc::FuncOp::create(rewriter, op.getLoc(), op.getName(), type);
    rewriter.inlineRegionBefore(op.getBody(), func.getBody(), func.end());
    if (failed(rewriter.convertRegionTypes(&func.getBody(), *getTypeConverter(),
                                           &signature)))
      return failure();
    for (NamedAttribute attr : op->getDiscardableAttrs())
      func->setAttr(attr.getName(), attr.getValue());
    rewriter.eraseOp(op);
    return success();
  }
};

struct CallToEmitC : OpConversionPattern<func::CallOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(func::CallOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<emitc::CallOp>(op, op.getCallee(), TypeRange(),
                                               adaptor.getOperands());
    return success();
  }
};

struct ReturnToEmitC : OpConversionPattern<func::ReturnOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(func::ReturnOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<emitc::ReturnOp>(op, Value());
    return success();
  }
};
} // namespace

void neon::populateFunctionToEmitCPatterns(RewritePatternSet &patterns,
                                           const TypeConverter &types) {
  patterns.add<FuncToEmitC, CallToEmitC, ReturnToEmitC>(types,
                                                        patterns.getContext());
}
