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
#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

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
};
} // namespace

static bool isCppScalar(Type type) {
  return type.isInteger(1) || type.isInteger(8) || type.isInteger(16) ||
         type.isInteger(32) || type.isInteger(64) || type.isF32() ||
         type.isF64();
}

static void addConversions(TypeConverter &types) {
  types.addConversion([](Type type) -> std::optional<Type> {
    if (isCppScalar(type) || isa<emitc::PointerType>(type))
      return type;
    return std::nullopt;
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

void NeonConvertToEmitC::runOnOperation() {
  if (failed(neon::checkKernels(getOperation())))
    return signalPassFailure();
  neon::nameKernels(getOperation());
  TypeConverter types;
  addConversions(types);
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
