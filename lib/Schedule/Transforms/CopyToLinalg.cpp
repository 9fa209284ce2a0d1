//===- CopyToLinalg.cpp - memref.copy to linalg.copy -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace lacuna {
#define GEN_PASS_DEF_SCHEDULECOPYTOLINALG
#include "lib/Schedule/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;

namespace {
struct ScheduleCopyToLinalg
    : lacuna::impl::ScheduleCopyToLinalgBase<ScheduleCopyToLinalg> {
  void runOnOperation() override {
    getOperation().walk([](memref::CopyOp copy) {
      OpBuilder b(copy);
      linalg::CopyOp::create(b, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
      copy.erase();
    });
  }
};
} // namespace
