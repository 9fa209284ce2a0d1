//===- Stream.cpp - From networks of clips to step functions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/IR/TConvDialect.h"
#include "dialects/tconv/Transforms/Passes.h"
#include "dialects/tconv/Transforms/StepBuilder.h"

#include "dialects/nn/IR/NNDialect.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace lacuna::tconv {
#define GEN_PASS_DEF_TCONVSTREAM
#include "dialects/tconv/Transforms/Passes.h.inc"
} // namespace lacuna::tconv

using namespace mlir;
using namespace lacuna;
using namespace lacuna::tconv;

namespace {
struct TConvStream : lacuna::tconv::impl::TConvStreamBase<TConvStream> {
  using TConvStreamBase::TConvStreamBase;
  void runOnOperation() override;

private:
  LogicalResult checkInput(func::FuncOp func);
  FailureOr<int64_t> findTime(func::FuncOp func);
};
} // namespace

/// The last state is the one after the last frame: so a cell has one result.
static void useStates(nn::RecurrentOp cell) {
  if (cell.getDirection() != nn::Direction::Forward || cell.getLengths() ||
      cell.getLastH().use_empty())
    return;
  OpBuilder b(cell->getContext());
  b.setInsertionPointAfter(cell);
  auto states = cast<RankedTensorType>(cell.getStates().getType());
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0)), sizes,
      strides(4, b.getIndexAttr(1));
  for (int64_t size : states.getShape())
    sizes.push_back(b.getIndexAttr(size));
  offsets[0] = b.getIndexAttr(states.getDimSize(0) - 1);
  sizes[0] = b.getIndexAttr(1);
  Value last = tensor::ExtractSliceOp::create(
      b, cell.getLoc(), cast<RankedTensorType>(cell.getLastH().getType()),
      cell.getStates(), offsets, sizes, strides);
  cell.getLastH().replaceAllUsesWith(last);
}

LogicalResult TConvStream::checkInput(func::FuncOp func) {
  if (func.getNumArguments() != 1) {
    InFlightDiagnostic diag = emitError(func.getLoc())
                              << "a network with " << func.getNumArguments()
                              << " inputs cannot go step by step";
    diag.attachNote() << "give all but one a value with --bind";
    return diag;
  }
  auto name = func.getArgAttrOfType<StringAttr>(0, nn::NNDialect::kNameAttr);
  if (!input.empty() && (!name || name.getValue() != input.getValue()))
    return emitError(func.getLoc())
           << "there is no input '" << input << "'; there is " << name;
  auto type = dyn_cast<RankedTensorType>(func.getArgument(0).getType());
  if (!type || axis >= type.getRank())
    return emitError(func.getLoc())
           << "its input, " << func.getArgumentTypes()[0]
           << ", has no dimension " << axis.getValue();
  return success();
}

/// The longest dimension of the input that layers walk along.
FailureOr<int64_t> TConvStream::findTime(func::FuncOp func) {
  if (axis >= 0)
    return int64_t(axis);
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(func.getArgument(0).getType()).getShape();
  SmallVector<int64_t> longest;
  size_t progress = 0;
  int64_t furthest = 0;
  struct Obstacle {
    int64_t dim;
    Location place;
    std::string reason;
  };
  SmallVector<Obstacle> obstacles;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (size < 2)
      continue;
    StreamPlan plan;
    auto note = [&, dim = dim](Location at, const Twine &reason,
                               const Twine &) {
      obstacles.push_back({int64_t(dim), at, reason.str()});
    };
    if (failed(plan.analyze(func, 0, dim, note))) {
      if (plan.countTemporal() && plan.getProgress() > progress) {
        progress = plan.getProgress();
        furthest = dim;
      }
      continue;
    }
    if (!plan.countTemporal() ||
        (!longest.empty() && shape[longest.front()] > size))
      continue;
    if (!longest.empty() && shape[longest.front()] < size)
      longest.clear();
    longest.push_back(dim);
  }
  if (longest.size() == 1)
    return longest.front();
  // The dimension that goes furthest tells what is in the way.
  if (longest.empty() && progress)
    return furthest;
  InFlightDiagnostic diag = emitError(func.getLoc());
  if (longest.empty())
    diag << "no layer walks along a dimension of its input";
  else
    diag << "time may be dimension " << longest[0] << " or " << longest[1]
         << " of its input";
  if (longest.empty())
    for (const Obstacle &obstacle : obstacles)
      diag.attachNote(obstacle.place)
          << "dimension " << obstacle.dim << ": " << obstacle.reason;
  diag.attachNote() << "name the dimension: --stream=axis=N";
  return failure();
}

void TConvStream::runOnOperation() {
  auto func = getOperation().lookupSymbol<func::FuncOp>("main");
  if (!func || func.isExternal() || !func.getBody().hasOneBlock()) {
    getOperation().emitError("has no function 'main' of one block");
    return signalPassFailure();
  }
  if (failed(checkInput(func)))
    return signalPassFailure();
  func.walk(useStates);
  auto report = [](Location loc, const Twine &reason, const Twine &remedy) {
    InFlightDiagnostic diag = emitError(loc)
                              << "cannot go step by step: " << reason;
    diag.attachNote() << remedy;
  };
  FailureOr<int64_t> time = findTime(func);
  StreamPlan plan;
  if (failed(time) || failed(plan.analyze(func, 0, *time, report)) ||
      failed(plan.schedule(hop, report)))
    return signalPassFailure();
  StepBuilder builder(func, *time, plan);
  builder.build();
  lines = builder.countLines();
  stateBytes = builder.getStateBytes();
}
