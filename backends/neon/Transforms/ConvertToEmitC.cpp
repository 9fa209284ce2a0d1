//===- ConvertToEmitC.cpp - Loops over memory as EmitC -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/EmitCPatterns.h"
#include "backends/neon/Transforms/Passes.h"

#include "mlir/Conversion/SCFToEmitC/SCFToEmitC.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/PassManager.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONCONVERTTOEMITC
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

namespace {
struct NeonConvertToEmitC
    : neon::impl::NeonConvertToEmitCBase<NeonConvertToEmitC> {
  void runOnOperation() override;

private:
  LogicalResult computeInFloat();
};
} // namespace

static bool isCppScalar(Type type) {
  return type.isInteger(1) || type.isInteger(8) || type.isInteger(16) ||
         type.isInteger(32) || type.isInteger(64) || type.isF32() ||
         type.isF64();
}

static void addConversions(TypeConverter &types, MLIRContext *context) {
  types.addConversion([](Type type) -> std::optional<Type> {
    if (isCppScalar(type) || isa<emitc::PointerType>(type))
      return type;
    return std::nullopt;
  });
  for (auto [type, name] :
       {std::pair<Type, StringRef>(Float16Type::get(context), "half"),
        std::pair<Type, StringRef>(BFloat16Type::get(context), "bfloat16")})
    types.addConversion(
        [type = type, cpp = emitc::OpaqueType::get(context, name)](Type from) {
          return from == type ? std::optional<Type>(cpp) : std::nullopt;
        });
  // Indices are signed: loops may count down past zero.
  types.addConversion([](IndexType type) -> Type {
    return IntegerType::get(type.getContext(), 64);
  });
  types.addConversion([&types](MemRefType type) -> Type {
    Type element = types.convertType(type.getElementType());
    return element ? emitc::PointerType::get(element) : Type();
  });
  auto materialize = [](OpBuilder &b, Type type, ValueRange inputs,
                        Location loc) -> Value {
    return UnrealizedConversionCastOp::create(b, loc, type, inputs)
        .getResult(0);
  };
  types.addSourceMaterialization(materialize);
  types.addTargetMaterialization(materialize);
}

/// Gives arithmetic on floats of 16 bits, which C++ can only store, to float32;
/// every result is rounded, as the reference does.
LogicalResult NeonConvertToEmitC::computeInFloat() {
  OpPassManager pm(ModuleOp::getOperationName());
  pm.addPass(math::createMathExtendToSupportedTypes());
  arith::ArithEmulateUnsupportedFloatsOptions emulate;
  emulate.sourceTypeStrs = {"f16", "bf16"};
  pm.addPass(arith::createArithEmulateUnsupportedFloats(emulate));
  if (failed(runPipeline(pm, getOperation())))
    return failure();
  // These passes let a rounding and the extension after it fold away.
  auto none = arith::FastMathFlags::none;
  getOperation().walk([&](arith::ExtFOp op) { op.setFastmath(none); });
  getOperation().walk([&](arith::TruncFOp op) { op.setFastmath(none); });
  return success();
}

/// Whether anything in `module` has elements of 16-bit floats.
static bool usesSmallFloats(ModuleOp module) {
  auto isSmall = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isF16() || element.isBF16();
  };
  return module
      .walk([&](Operation *op) {
        bool uses = llvm::any_of(op->getOperandTypes(), isSmall) ||
                    llvm::any_of(op->getResultTypes(), isSmall);
        return uses ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void NeonConvertToEmitC::runOnOperation() {
  if (usesSmallFloats(getOperation())) {
    if (failed(computeInFloat()))
      return signalPassFailure();
    OpBuilder b = OpBuilder::atBlockBegin(getOperation().getBody());
    emitc::IncludeOp::create(b, getOperation().getLoc(), "half.h",
                             /*is_standard_include=*/false);
  }
  if (failed(neon::checkKernels(getOperation())))
    return signalPassFailure();
  neon::nameKernels(getOperation());
  TypeConverter types;
  addConversions(types, &getContext());
  RewritePatternSet patterns(&getContext());
  neon::populateFunctionToEmitCPatterns(patterns, types);
  neon::populateKernelToEmitCPatterns(patterns, types);
  neon::populateMemoryToEmitCPatterns(patterns, types);
  neon::populateScalarToEmitCPatterns(patterns, types);
  populateSCFToEmitCConversionPatterns(patterns, types);

  ConversionTarget target(getContext());
  target.addLegalDialect<emitc::EmitCDialect>();
  // What the weights are made from; nothing refers to them any more.
  target.addLegalOp<ModuleOp, memref::GlobalOp>();
  target.markUnknownOpDynamicallyLegal([](Operation *) { return false; });
  if (failed(applyFullConversion(getOperation(), target, std::move(patterns))))
    signalPassFailure();
}
