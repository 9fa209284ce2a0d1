//===- Systolic.cpp - Arrays that hand operands from PE to PE -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A convolution is a matrix product of M windows, K products in each, and N
// filters, in folds of the array. One operand stays in the PEs; the others come
// in at the edges, a clock later in each row and column, so that a fold is over
// when the last has crossed the whole array.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Models.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

namespace {

/// The matrix product of a group, as the array sees it.
struct Fold {
  /// What lies along the rows and the columns, and what flows through.
  int64_t alongRows, alongColumns, flow;
  /// Clocks besides those of the flow.
  int64_t rampClocks;
};

} // namespace

Expected<ArrayTiming> timeSystolic(const Machine &machine,
                                   const ArrayTask &task) {
  const Array &array = machine.array;
  if (array.skips != Operands::None)
    return createStringError("machine '" + machine.name +
                             "': a systolic array moves in step and cannot "
                             "skip zeros; let it gate them");
  int64_t m = task.batch * task.getWindows();
  int64_t k = task.getGroupChannels() * task.getTaps();
  int64_t n = task.getGroupFilters();
  int64_t rows = array.rows, columns = array.columns;

  Fold fold;
  switch (array.dataflow) {
  case Dataflow::OutputStationary:
    fold = {m, n, k, rows + columns - 2};
    break;
  case Dataflow::WeightStationary:
    // The rows are loaded first, one a clock.
    fold = {k, n, m, 2 * rows + columns - 2};
    break;
  default:
    fold = {k, m, n, 2 * rows + columns - 2};
    break;
  }
  int64_t rowFolds = divideCeil(fold.alongRows, rows);
  int64_t columnFolds = divideCeil(fold.alongColumns, columns);
  int64_t folds = task.groups * rowFolds * columnFolds;

  ArrayTiming timing;
  timing.macs = countMacs(task, Operands::None, array.gates);
  timing.buckets.compute = folds * fold.flow;
  timing.buckets.ramp =
      folds * (fold.rampClocks + array.passClocks) + array.pipelineClocks - 1;
  timing.cycles = timing.buckets.getSum();
  timing.activePEs =
      std::min(fold.alongRows, rows) * std::min(fold.alongColumns, columns);
  timing.averageActivePEs = double(task.groups * fold.alongRows) *
                            double(fold.alongColumns) / double(folds);

  // Zeros of padding flow like others.
  int64_t slots = task.groups * m * k * n;
  AccessCounts each;
  each.gated = timing.macs.gated;
  if (int(array.gates) & int(Operands::Activations))
    each.gated += timing.macs.padding;
  each.done = slots - each.gated;
  int64_t inputs = task.groups * m * k, weights = task.groups * k * n,
          sums = task.groups * m * n;
  switch (array.dataflow) {
  case Dataflow::OutputStationary:
    timing.sums.spadReads = timing.sums.spadWrites = each;
    timing.inputs.bufferReads.done = inputs * columnFolds;
    timing.weights.bufferReads.done = weights * rowFolds;
    timing.sums.bufferWrites.done = sums;
    // Each product but those at the edges got its operands from neighbours.
    timing.transfers.done =
        2 * slots - inputs * columnFolds - weights * rowFolds;
    break;
  case Dataflow::WeightStationary:
    timing.weights.spadReads = each;
    timing.weights.spadWrites.done = weights;
    timing.inputs.bufferReads.done = inputs * columnFolds;
    timing.weights.bufferReads.done = weights;
    timing.sums.bufferWrites.done = sums * rowFolds;
    timing.sums.bufferReads.done = sums * (rowFolds - 1);
    timing.transfers.done = 2 * slots - inputs * columnFolds - sums * rowFolds;
    break;
  default:
    timing.inputs.spadReads = each;
    timing.inputs.spadWrites.done = inputs;
    timing.inputs.bufferReads.done = inputs;
    timing.weights.bufferReads.done = weights * columnFolds;
    timing.sums.bufferWrites.done = sums * rowFolds;
    timing.sums.bufferReads.done = sums * (rowFolds - 1);
    timing.transfers.done = 2 * slots - weights * columnFolds - sums * rowFolds;
    break;
  }
  return timing;
}

} // namespace lacuna::npu
