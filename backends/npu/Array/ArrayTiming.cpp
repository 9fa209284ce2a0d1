//===- ArrayTiming.cpp - How long an array takes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/ArrayTiming.h"

#include "backends/npu/Array/Models.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;

namespace lacuna::npu {

double ArrayTiming::getUtilization(const Array &array) const {
  return cycles ? double(macs.done) /
                      (double(cycles) * double(array.getPeakMacs()))
                : 0;
}

Error ArrayTiming::verify(const ArrayTask &task) const {
  for (int64_t bucket :
       {buckets.compute, buckets.imbalance, buckets.ramp, buckets.network,
        buckets.bankConflict, buckets.synchronisation})
    if (bucket < 0)
      return createStringError("a bucket has " + Twine(bucket) + " clocks");
  if (buckets.getSum() != cycles)
    return createStringError("the buckets have " + Twine(buckets.getSum()) +
                             " clocks of " + Twine(cycles));
  for (int64_t count : {macs.done, macs.gated, macs.skipped, macs.saved})
    if (count < 0)
      return createStringError("there are " + Twine(count) + " products");
  if (macs.getSum() != task.getMacs())
    return createStringError(Twine(macs.getSum()) +
                             " products are done, gated or skipped of " +
                             Twine(task.getMacs()));
  if (macs.padding != task.getPaddingMacs())
    return createStringError(Twine(macs.padding) +
                             " products with padding of " +
                             Twine(task.getPaddingMacs()));
  return Error::success();
}

static void add(AccessCounts &to, const AccessCounts &from) {
  to.done += from.done;
  to.gated += from.gated;
  to.skipped += from.skipped;
}

static void add(OperandAccesses &to, const OperandAccesses &from) {
  add(to.spadReads, from.spadReads);
  add(to.spadWrites, from.spadWrites);
  add(to.bufferReads, from.bufferReads);
  add(to.bufferWrites, from.bufferWrites);
}

void ArrayTiming::add(const ArrayTiming &other) {
  int64_t all = cycles + other.cycles;
  if (all)
    averageActivePEs = (averageActivePEs * double(cycles) +
                        other.averageActivePEs * double(other.cycles)) /
                       double(all);
  cycles = all;
  activePEs = std::max(activePEs, other.activePEs);
  buckets.compute += other.buckets.compute;
  buckets.imbalance += other.buckets.imbalance;
  buckets.ramp += other.buckets.ramp;
  buckets.network += other.buckets.network;
  buckets.bankConflict += other.buckets.bankConflict;
  buckets.synchronisation += other.buckets.synchronisation;
  macs.done += other.macs.done;
  macs.gated += other.macs.gated;
  macs.skipped += other.macs.skipped;
  macs.saved += other.macs.saved;
  macs.padding += other.macs.padding;
  extraPasses += other.extraPasses;
  npu::add(inputs, other.inputs);
  npu::add(weights, other.weights);
  npu::add(sums, other.sums);
  npu::add(transfers, other.transfers);
  metadataWords += other.metadataWords;
}

/// By the model of the machine's dataflow, which reads no sum before it has
/// written it.
static Expected<ArrayTiming> timeDataflow(const Machine &machine,
                                          const ArrayTask &task) {
  switch (machine.array.dataflow) {
  case Dataflow::OutputStationary:
  case Dataflow::WeightStationary:
  case Dataflow::InputStationary:
    return timeSystolic(machine, task);
  case Dataflow::RowStationary:
    return timeRowStationary(machine, task);
  case Dataflow::InnerProduct:
    return timeInnerProduct(machine, task);
  case Dataflow::Intersection:
    return timeIntersection(machine, task);
  case Dataflow::Cartesian:
    return timeCartesian(machine, task);
  case Dataflow::InputBroadcast:
    return timeInputBroadcast(machine, task);
  case Dataflow::OutlierLanes:
    return timeOutlierLanes(machine, task);
  }
  llvm_unreachable("all dataflows have a model");
}

Expected<ArrayTiming> timeArray(const Machine &machine, const ArrayTask &task) {
  if (Error error = task.check())
    return error;
  const Array &array = machine.array;
  constexpr int64_t kMost = int64_t(1) << 12;
  for (int64_t number :
       {array.rows, array.columns, array.inputLanes, array.filterLanes})
    if (number < 1 || number > kMost)
      return createStringError(
          "machine '" + machine.name + "' has " + Twine(number) +
          " rows, columns or lanes; there may be 1 to " + Twine(kMost));
  constexpr int64_t kMostClocks = int64_t(1) << 20;
  for (int64_t number : {array.pipelineClocks - 1, array.passClocks})
    if (number < 0 || number > kMostClocks)
      return createStringError("machine '" + machine.name +
                               "' has a pipeline or a pass of less than no "
                               "clocks, or of too many");
  Expected<ArrayTiming> timing = timeDataflow(machine, task);
  if (timing && task.accumulates)
    timing->sums.bufferReads.done += task.getSums();
  return timing;
}

Expected<ArrayTiming> traceArray(const Machine &machine, const ArrayTask &task,
                                 ArrayTrace trace) {
  Expected<ArrayTiming> timing = timeArray(machine, task);
  if (!timing)
    return timing;
  if (machine.array.dataflow != Dataflow::InputBroadcast)
    return createStringError(
        "machine '" + machine.name +
        "' has no trace of clocks; only arrays that broadcast inputs have one");
  traceInputBroadcast(machine, task, trace);
  return timing;
}

} // namespace lacuna::npu
