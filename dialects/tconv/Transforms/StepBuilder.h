//===- StepBuilder.h - Writes a step function -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_TCONV_TRANSFORMS_STEPBUILDER_H
#define LACUNA_DIALECTS_TCONV_TRANSFORMS_STEPBUILDER_H

#include "dialects/tconv/Transforms/StreamPlan.h"

#include "dialects/nn/IR/NNDialect.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace lacuna::tconv {

/// The frames of a value, from step to step.
struct Line {
  /// What stands for frames outside of the recording, if anything does.
  mlir::TypedAttr fill;
  int64_t length = 0;
  /// The order of dimensions in which it lies in memory.
  llvm::SmallVector<int64_t> order;
  /// The row of the bounds, if there is a fill.
  int64_t row = -1;
  /// The line after the push.
  mlir::Value next;
};

/// Writes the step function of a network of clips that has a plan.
class StepBuilder {
public:
  /// Dimension `time` of the input is time.
  StepBuilder(mlir::func::FuncOp clip, int64_t time, const StreamPlan &plan)
      : clip(clip), time(time), plan(plan),
        b(clip.getLoc(), clip.getContext()) {}

  /// Replaces the network.
  void build();

  int64_t countLines() const { return lineCount; }
  int64_t getStateBytes() const { return stateBytes; }

private:
  // What is wanted of each value.
  Request getRequest(mlir::OpOperand &use) const;
  int64_t getRow(const Timed &timed);
  bool comesFromBytes(mlir::Value value, const Request &wanted) const;
  void collectRequests(mlir::Value value,
                       llvm::SmallVectorImpl<Request> &wanted,
                       bool &slides) const;
  void planLines(mlir::Value value);
  void planStates();

  // The function around the layers.
  void createFunction();
  mlir::Value addState(mlir::RankedTensorType type, mlir::ElementsAttr initial);
  mlir::Value createLength(const Rate *rate, mlir::Value recording);
  mlir::Value createBoundsWithin(mlir::ValueRange edges,
                                 llvm::ArrayRef<int64_t> most);
  void createBounds(mlir::Value clock);
  void finish();

  // Frames.
  mlir::Value reshape(mlir::Value value, mlir::RankedTensorType type);
  mlir::Value transpose(mlir::Value value, llvm::ArrayRef<int64_t> order);
  mlir::Value slice(mlir::Value value, int64_t axis, int64_t offset,
                    int64_t size);
  void push(mlir::Value value);
  mlir::Value getFrames(mlir::OpOperand &use);
  mlir::Value getFrames(mlir::Value value, const Request &wanted);

  // Layers.
  void rebuild(mlir::Operation *op);
  mlir::Operation *clone(mlir::Operation *op);
  mlir::Value extend(mlir::Value original, mlir::RankedTensorType type);
  void rebuildLinalg(mlir::linalg::LinalgOp original);
  void rebuildFrames(mlir::Operation *op);
  void rebuildWindow(mlir::Operation *op);
  void rebuildCollapse(mlir::Operation *op);
  void rebuildRecurrent(nn::RecurrentOp cell);

  mlir::func::FuncOp clip, step;
  int64_t time;
  const StreamPlan &plan;
  mlir::ImplicitLocOpBuilder b;
  mlir::IRMapping mapping;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Line, 1>> lines;
  /// The rows of the bounds: frames of which rate, with which delay.
  llvm::SmallVector<std::pair<const Rate *, int64_t>> rows;
  mlir::Value bounds, ready;
  /// The states after the step, in the order of their arguments.
  llvm::SmallVector<mlir::Value> nextStates;
  int64_t lineCount = 0, stateBytes = 0;
};

} // namespace lacuna::tconv

#endif // LACUNA_DIALECTS_TCONV_TRANSFORMS_STEPBUILDER_H
