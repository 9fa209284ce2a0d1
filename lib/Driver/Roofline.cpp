//===- Roofline.cpp - The least clocks that a machine takes for a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Roofline.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/NodeLocation.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// The pooling that takes what `value` becomes element by element.
static Value findPooled(Value value) {
  for (Value next = value; next.hasOneUse();) {
    Operation *user = *next.user_begin();
    if (isa<nn::MaxPoolOp, nn::AvgPoolOp>(user))
      return user->getResult(0);
    if (user->getNumResults() != 1 ||
        user->getResult(0).getType() != next.getType())
      break;
    next = user->getResult(0);
  }
  return nullptr;
}

static std::string readConv(nn::ConvOp op, RooflineLayer &layer) {
  ArrayRef<int64_t> input = getShape(op.getInput()),
                    filter = getShape(op.getFilter()),
                    output = getShape(op.getOutput());
  size_t rank = op.getStrides().size();
  if (rank > 2)
    return "it has three dimensions of space";
  ArrayTask &task = layer.task;
  layer.frames = input[0];
  task.groups = op.getGroup();
  task.channels = input[1];
  task.filters = filter[0];
  for (size_t i = 0; i < rank; ++i) {
    SpatialDimension &space = task.space[3 - rank + i];
    space.input = input[i + 2];
    space.kernel = filter[i + 2];
    space.stride = op.getStrides()[i];
    space.dilation = op.getDilations()[i];
    space.padBefore = op.getPadsBegin()[i];
    space.padAfter = op.getPadsEnd()[i];
    space.output = output[i + 2];
  }
  if (Value pooled = findPooled(op.getOutput())) {
    ArrayRef<int64_t> sizes = getShape(pooled).drop_front(2);
    layer.pooledHeight = rank == 2 ? sizes.front() : 1;
    layer.pooledWidth = sizes.back();
  }
  return "";
}

static std::string readMatMul(nn::MatMulOp op, RooflineLayer &layer) {
  ArrayRef<int64_t> lhs = getShape(op.getLhs()), rhs = getShape(op.getRhs());
  if (op.getTransposeLhs() || rhs.size() != 2)
    return "it is no product with one matrix";
  layer.frames = llvm::product_of(lhs.drop_back(), int64_t(1));
  layer.task.channels = lhs.back();
  layer.task.filters = rhs[op.getTransposeRhs() ? 0 : 1];
  return "";
}

std::vector<RooflineRow> lacuna::makeRoofline(ModuleOp module,
                                              const Machine &machine) {
  std::vector<RooflineRow> rows;
  auto add = [&](auto op, auto read) {
    RooflineRow row;
    SmallVector<NodeId> nodes = getNodes(op->getLoc());
    row.name = nodes.empty() ? "" : nodes.front().name.str();
    row.refusal = read(op, row.layer);
    row.layer.task.type = machine.types.front();
    if (row.refusal.empty()) {
      if (llvm::Expected<RooflineTiming> timing =
              timeRoofline(machine, row.layer))
        row.timing = *timing;
      else
        row.refusal = llvm::toString(timing.takeError());
    }
    rows.push_back(std::move(row));
  };
  module.walk([&](Operation *op) {
    if (auto conv = dyn_cast<nn::ConvOp>(op))
      add(conv, readConv);
    else if (auto product = dyn_cast<nn::MatMulOp>(op))
      add(product, readMatMul);
  });
  return rows;
}
