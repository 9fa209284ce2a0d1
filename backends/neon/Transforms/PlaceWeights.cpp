//===- PlaceWeights.cpp - Every constant in one block of bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/Passes.h"
#include "lacuna/Schedule/Buffers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONPLACEWEIGHTS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

namespace {
struct NeonPlaceWeights : neon::impl::NeonPlaceWeightsBase<NeonPlaceWeights> {
  using NeonPlaceWeightsBase::NeonPlaceWeightsBase;
  void runOnOperation() override;
};
} // namespace

void NeonPlaceWeights::runOnOperation() {
  ModuleOp module = getOperation();
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main) {
    module.emitError("has no function 'main'");
    return signalPassFailure();
  }
  OpBuilder b(module.getContext());
  llvm::StringMap<int64_t> offsets;
  int64_t bytes = 0;
  for (auto global : module.getOps<memref::GlobalOp>()) {
    global->setAttr(neon::kOffsetAttr, b.getI64IntegerAttr(bytes));
    offsets[global.getSymName()] = bytes;
    bytes = llvm::alignTo(bytes + getDenseBytes(global.getType()), alignment);
  }
  main->setAttr(neon::kWeightBytesAttr, b.getI64IntegerAttr(bytes));

  unsigned index = main.getNumArguments();
  if (failed(main.insertArgument(index, MemRefType::get({bytes}, b.getI8Type()),
                                 {}, main.getLoc())))
    return signalPassFailure();
  main.walk([&](memref::GetGlobalOp get) {
    b.setInsertionPoint(get);
    Value offset =
        arith::ConstantIndexOp::create(b, get.getLoc(), offsets[get.getName()]);
    Value view =
        memref::ViewOp::create(b, get.getLoc(), get.getType(),
                               main.getArgument(index), offset, ValueRange());
    get.replaceAllUsesWith(view);
    get.erase();
  });
}
