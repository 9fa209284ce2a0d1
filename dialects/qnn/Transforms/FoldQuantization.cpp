//===- FoldQuantization.cpp - Float layers between steps become integers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/Transforms/FoldQuantization.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/qnn/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::qnn {
#define GEN_PASS_DEF_QNNFOLDQUANTIZATION
#include "dialects/qnn/Transforms/Passes.h.inc"
} // namespace lacuna::qnn

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

/// Whether `op` computes with floats that were steps.
static bool isFloatWork(Operation *op) {
  return !isa<QuantizeOp, DequantizeOp>(op) &&
         op->hasTrait<OpTrait::IsTerminator>() == false &&
         llvm::any_of(op->getOperands(), [](Value operand) {
           auto dequantize = operand.getDefiningOp<DequantizeOp>();
           return isOfSteps(dequantize) &&
                  !dequantize.getInput().getDefiningOp<arith::ConstantOp>();
         });
}

/// Why `op` is done in floats.
static StringRef findReason(Operation *op) {
  if (!llvm::any_of(op->getUsers(),
                    [](Operation *user) { return isa<QuantizeOp>(user); }))
    return "its result is not quantized";
  if (isa<nn::ConvOp, nn::ConvTransposeOp, nn::MatMulOp>(op))
    return "its weights are not constants with known scales";
  return "there is no integer form of it";
}

namespace {
struct QNNFoldQuantization
    : qnn::impl::QNNFoldQuantizationBase<QNNFoldQuantization> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMoveSteps(patterns);
    nn::AlignmentCosts costs;
    costs.productsPerByte = productsPerByte;
    costs.memoryBytes = memoryBytes;
    populateFoldProducts(patterns, costs);
    populateFoldElementwise(patterns);
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();
    getOperation()->walk([](Operation *op) {
      if (isFloatWork(op))
        remark::missed(
            op->getLoc(),
            remark::RemarkOpts::name("FloatWork").category("quantization"))
            << remark::add("{0} computes with floats", op->getName())
            << remark::reason("{0}", findReason(op));
    });
  }
};
} // namespace
