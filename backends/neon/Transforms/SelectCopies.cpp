//===- SelectCopies.cpp - What only moves elements becomes neon.copy -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONSELECTCOPIES
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

static SmallVector<int64_t> getIdentity(int64_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(rank));
}

/// The permutation of a generic operation that yields its one operand.
static std::optional<SmallVector<int64_t>>
getPermutation(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return std::nullopt;
  Operation *yield = op.getBody()->getTerminator();
  if (yield->getOperand(0) != op.getBody()->getArgument(0))
    return std::nullopt;
  AffineMap from = op.getIndexingMapsArray()[0];
  AffineMap to = op.getIndexingMapsArray()[1];
  if (!from.isPermutation() || !to.isPermutation())
    return std::nullopt;
  SmallVector<int64_t> permutation;
  for (AffineExpr loop : to.getResults())
    permutation.push_back(*from.getResultPosition(loop));
  return permutation;
}

namespace {
struct NeonSelectCopies : neon::impl::NeonSelectCopiesBase<NeonSelectCopies> {
  void runOnOperation() override;
};
} // namespace

static void replace(Operation *op, Value from, Value to,
                    ArrayRef<int64_t> permutation) {
  if (!isa<MemRefType>(from.getType()) || !isa<MemRefType>(to.getType()))
    return;
  OpBuilder b(op);
  neon::CopyOp::create(b, op->getLoc(), from, to, permutation);
  op->erase();
}

void NeonSelectCopies::runOnOperation() {
  getOperation()->walk([](Operation *op) {
    llvm::TypeSwitch<Operation *>(op)
        .Case([](memref::CopyOp copy) {
          if (auto type = dyn_cast<MemRefType>(copy.getSource().getType()))
            replace(copy, copy.getSource(), copy.getTarget(),
                    getIdentity(type.getRank()));
        })
        .Case([](linalg::CopyOp copy) {
          Value from = copy.getInputs()[0], to = copy.getOutputs()[0];
          // linalg.copy may convert.
          auto type = dyn_cast<ShapedType>(from.getType());
          if (type && type.getElementType() ==
                          cast<ShapedType>(to.getType()).getElementType())
            replace(copy, from, to, getIdentity(type.getRank()));
        })
        .Case([](linalg::TransposeOp transpose) {
          replace(transpose, transpose.getInput(), transpose.getInit(),
                  transpose.getPermutation());
        })
        .Case([](linalg::GenericOp generic) {
          if (auto permutation = getPermutation(generic))
            replace(generic, generic.getInputs()[0], generic.getOutputs()[0],
                    *permutation);
        });
  });
}
