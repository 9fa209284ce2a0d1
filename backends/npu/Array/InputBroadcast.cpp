//===- InputBroadcast.cpp - One input a clock to all PEs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FEIE and ZASCA. A row of inputs is streamed, one value a clock, to as many
// PEs as windows of a row overlap. Each PE has one output at a time, and a
// shift register brings it the weight for the value. A zero that is skipped
// takes no clock. Such units of PEs work beside each other on what else needs
// the row: other filters, and other rows of the kernel.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Models.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

/// PEs that windows of a row need at a time.
static int64_t getUnitPEs(const ArrayTask &task) {
  const SpatialDimension &width = task.space[2];
  return divideCeil(width.getSpan(), width.stride);
}

/// Windows with their tap at `position`: pairs of window and tap.
static SmallVector<std::pair<int64_t, int64_t>>
getMeetings(const SpatialDimension &dimension, int64_t position) {
  SmallVector<std::pair<int64_t, int64_t>> meetings;
  for (int64_t tap = 0; tap < dimension.kernel; ++tap) {
    int64_t at = position + dimension.padBefore - tap * dimension.dilation;
    if (at >= 0 && at % dimension.stride == 0 &&
        at / dimension.stride < dimension.output)
      meetings.push_back({at / dimension.stride, tap});
  }
  // In the order of windows.
  std::reverse(meetings.begin(), meetings.end());
  return meetings;
}

/// The index of the row of channels of a position.
static int64_t getRow(const ArrayTask &task, int64_t b, int64_t d, int64_t h,
                      int64_t w, int64_t group) {
  return (((b * task.space[0].input + d) * task.space[1].input + h) *
              task.space[2].input +
          w) *
             task.groups +
         group;
}

/// Calls `visit` for each row of inputs that some output needs.
static void forEachRow(const ArrayTask &task,
                       function_ref<void(int64_t b, int64_t group,
                                         int64_t channel, int64_t d, int64_t h)>
                           visit) {
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t group = 0; group < task.groups; ++group)
      for (int64_t channel = 0; channel < task.getGroupChannels(); ++channel)
        for (int64_t d = 0; d < task.space[0].input; ++d)
          for (int64_t h = 0; h < task.space[1].input; ++h)
            visit(b, group, channel, d, h);
}

static Error checkMachine(const Machine &machine, const ArrayTask &task) {
  const Array &array = machine.array;
  if (int(array.skips) & int(Operands::Weights))
    return createStringError("machine '" + machine.name +
                             "': an array that broadcasts inputs can skip "
                             "activations only");
  if (getUnitPEs(task) > array.getPEs())
    return createStringError(
        "machine '" + machine.name + "' has " + Twine(array.getPEs()) +
        " PEs; windows of this task overlap " + Twine(getUnitPEs(task)) +
        " times, and each needs a PE");
  return Error::success();
}

Expected<ArrayTiming> timeInputBroadcast(const Machine &machine,
                                         const ArrayTask &task) {
  if (Error error = checkMachine(machine, task))
    return error;
  const Array &array = machine.array;
  bool skips = array.skips == Operands::Activations && task.activations;
  int64_t unitPEs = getUnitPEs(task), units = array.getPEs() / unitPEs;
  int64_t filters = task.getGroupFilters(), width = task.space[2].input;

  // Values of each row that are streamed: they are counted over all rows at
  // once, since masks have channels innermost.
  std::vector<int64_t> meetingsOfDepth(task.space[0].input),
      meetingsOfHeight(task.space[1].input);
  for (auto [at, count] : enumerate(meetingsOfDepth))
    count = getMeetings(task.space[0], at).size();
  for (auto [at, count] : enumerate(meetingsOfHeight))
    count = getMeetings(task.space[1], at).size();

  ArrayTiming timing;
  timing.macs = countMacs(task, array.skips, array.gates);
  int64_t slots = 0, most = 0, streamed = 0;
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t group = 0; group < task.groups; ++group)
      for (int64_t d = 0; d < task.space[0].input; ++d)
        for (int64_t h = 0; h < task.space[1].input; ++h) {
          int64_t jobs = filters * meetingsOfDepth[d] * meetingsOfHeight[h];
          if (!jobs)
            continue;
          int64_t values = width * task.getGroupChannels();
          if (skips) {
            values = 0;
            for (int64_t w = 0; w < width; ++w)
              values +=
                  task.activations->countRow(getRow(task, b, d, h, w, group));
          }
          int64_t rounds = divideCeil(jobs, units);
          timing.buckets.compute += rounds * values;
          slots += jobs * values * unitPEs;
          streamed += rounds * values;
          most = std::max(most, std::min(jobs, units) * unitPEs);
        }
  timing.buckets.ramp = array.pipelineClocks - 1;
  timing.cycles = timing.buckets.getSum();
  timing.activePEs = most;
  if (timing.buckets.compute)
    timing.averageActivePEs = double(slots) / double(timing.buckets.compute);
  timing.inputs.bufferReads.done = streamed;
  // A weight is shifted on with every product; sums are in the PE until the
  // row is over.
  timing.transfers = {timing.macs.done, timing.macs.gated, timing.macs.skipped};
  timing.sums.spadReads = timing.sums.spadWrites = timing.transfers;
  timing.weights.bufferReads.done =
      task.batch * task.filters * task.getGroupChannels() * task.getTaps();
  timing.sums.bufferWrites.done = task.getSums() * task.getGroupChannels() *
                                  task.space[0].kernel * task.space[1].kernel;
  timing.sums.bufferReads.done = timing.sums.bufferWrites.done - task.getSums();
  return timing;
}

void traceInputBroadcast(const Machine &machine, const ArrayTask &task,
                         ArrayTrace trace) {
  const Array &array = machine.array;
  bool skips = array.skips == Operands::Activations && task.activations;
  int64_t unitPEs = getUnitPEs(task), units = array.getPEs() / unitPEs;
  int64_t filters = task.getGroupFilters(), channels = task.getGroupChannels();
  const auto &[depth, height, width] = task.space;

  int64_t clock = 0;
  forEachRow(task, [&](int64_t b, int64_t group, int64_t channel, int64_t d,
                       int64_t h) {
    struct Job {
      int64_t filter, outputRow, kernelRow;
    };
    std::vector<Job> jobs;
    for (int64_t f = 0; f < filters; ++f)
      for (auto [od, kd] : getMeetings(depth, d))
        for (auto [oh, kh] : getMeetings(height, h))
          jobs.push_back({group * filters + f, od * height.output + oh,
                          kd * height.kernel + kh});
    for (size_t first = 0; first < jobs.size(); first += units)
      for (int64_t w = 0; w < width.input; ++w) {
        if (skips && !task.activations->isNonzero(
                         getRow(task, b, d, h, w, group), channel))
          continue;
        size_t last = std::min<size_t>(jobs.size(), first + units);
        for (size_t at = first; at < last; ++at)
          for (auto [ow, kw] : getMeetings(width, w)) {
            ArrayEvent event;
            event.clock = clock;
            event.pe = int64_t(at - first) * unitPEs + ow % unitPEs;
            const Job &job = jobs[at];
            event.output = ((b * task.filters + job.filter) * depth.output *
                                height.output +
                            job.outputRow) *
                               width.output +
                           ow;
            event.input = (((b * task.channels + group * channels + channel) *
                                depth.input +
                            d) *
                               height.input +
                           h) *
                              width.input +
                          w;
            event.weight = ((job.filter * channels + channel) * depth.kernel *
                                height.kernel +
                            job.kernelRow) *
                               width.kernel +
                           kw;
            trace(event);
          }
        ++clock;
      }
  });
}

} // namespace lacuna::npu
