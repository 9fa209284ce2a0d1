//===- ProfileLayers.cpp - Tell the app before and after each layer -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Interface.h"
#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONPROFILELAYERS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

namespace {
struct NeonProfileLayers
    : neon::impl::NeonProfileLayersBase<NeonProfileLayers> {
  void runOnOperation() override;
};
} // namespace

void NeonProfileLayers::runOnOperation() {
  auto main = getOperation().lookupSymbol<emitc::FuncOp>("main");
  if (!main)
    return;
  OpBuilder b(main);
  SmallVector<emitc::CallOp> calls(main.getOps<emitc::CallOp>());
  main->setAttr(neon::kProfiledLayersAttr, b.getI64IntegerAttr(calls.size()));
  if (calls.empty())
    return;
  auto type =
      emitc::PointerType::get(b.getType<emitc::OpaqueType>("const Profile"));
  unsigned index = main.getNumArguments();
  (void)main.insertArgument(index, type, {}, main.getLoc());
  for (auto [layer, call] : llvm::enumerate(calls)) {
    ArrayAttr arguments = b.getArrayAttr(
        {b.getIndexAttr(0), b.getI32IntegerAttr(layer),
         b.getAttr<emitc::OpaqueAttr>(("\"" + call.getCallee() + "\"").str())});
    auto tell = [&](StringRef function) {
      emitc::CallOpaqueOp::create(b, call.getLoc(), TypeRange(), function,
                                  main.getArgument(index), arguments);
    };
    b.setInsertionPoint(call);
    tell("layer_begins");
    b.setInsertionPointAfter(call);
    tell("layer_ends");
  }
}
