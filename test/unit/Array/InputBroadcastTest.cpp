//===- InputBroadcastTest.cpp - One input a clock to all PEs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArrayTesting.h"

#include <set>

using namespace lacuna;
using namespace lacuna::npu;

namespace {

Machine makeMachine(int64_t pes, Operands skips) {
  Machine machine;
  machine.name = "zasca";
  machine.array.dataflow = Dataflow::InputBroadcast;
  machine.array.columns = pes;
  machine.array.skips = skips;
  return machine;
}

/// Two rows of eight inputs, a filter of three.
ArrayTask makeExample() {
  ArrayTask task;
  task.space[1] = SpatialDimension::make(2, 1);
  task.space[2] = SpatialDimension::make(8, 3);
  return task;
}

ZeroMask makeExampleMask() {
  ZeroMask mask(16, 1);
  for (int64_t x : {0, 1, 2, 3, 4, 11, 12, 13, 14, 15})
    mask.setNonzero(x, 0);
  return mask;
}

std::vector<ArrayEvent> trace(const Machine &machine, const ArrayTask &task) {
  std::vector<ArrayEvent> events;
  llvm::Expected<ArrayTiming> timing = traceArray(
      machine, task, [&](const ArrayEvent &event) { events.push_back(event); });
  EXPECT_EQ(text(timing.takeError()), "");
  return events;
}

TEST(InputBroadcast, TheExampleDense) {
  Machine machine = makeMachine(3, Operands::None);
  ArrayTask task = makeExample();
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, 16);
  EXPECT_EQ(timing.macs.done, 36);
  EXPECT_EQ(timing.activePEs, 3);
  EXPECT_DOUBLE_EQ(timing.getUtilization(machine.array), 0.75);

  // Zeros that are not skipped change nothing.
  ZeroMask mask = makeExampleMask();
  task.activations = &mask;
  EXPECT_EQ(time(machine, task).cycles, 16);
  EXPECT_EQ(time(machine, task).macs.done, 36);
}

TEST(InputBroadcast, TheExampleSkipping) {
  Machine machine = makeMachine(3, Operands::Activations);
  ArrayTask task = makeExample();
  ZeroMask mask = makeExampleMask();
  task.activations = &mask;
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, 10);
  EXPECT_EQ(timing.macs.done, 24);
  EXPECT_EQ(timing.macs.skipped, 12);
  EXPECT_DOUBLE_EQ(timing.getUtilization(machine.array), 0.8);

  std::vector<ArrayEvent> events = trace(machine, task);
  EXPECT_EQ(events.size(), 24u);
  EXPECT_EQ(events.back().clock, 9);
  std::set<int64_t> outputs;
  for (const ArrayEvent &event : events)
    outputs.insert(event.output);
  // The sixth and the seventh come without a slot.
  EXPECT_EQ(outputs, (std::set<int64_t>{0, 1, 2, 3, 4, 7, 8, 9, 10, 11}));

  // The sixth clock of the seed: X12 meets W3, W2 and W1 for outputs 8 to 10.
  std::vector<std::pair<int64_t, int64_t>> sixth;
  for (const ArrayEvent &event : events)
    if (event.clock == 5) {
      EXPECT_EQ(event.input, 11);
      sixth.push_back({event.output, event.weight});
    }
  EXPECT_EQ(sixth,
            (std::vector<std::pair<int64_t, int64_t>>{{7, 2}, {8, 1}, {9, 0}}));
}

/// Every product of the trace, once, in a PE of its own.
void checkTrace(const Machine &machine, const ArrayTask &task) {
  ArrayTiming timing = time(machine, task);
  std::vector<ArrayEvent> events = trace(machine, task);
  EXPECT_EQ(int64_t(events.size()), timing.macs.done);
  std::set<std::pair<int64_t, int64_t>> slots, products;
  int64_t last = 0;
  for (const ArrayEvent &event : events) {
    EXPECT_GE(event.clock, last);
    last = event.clock;
    EXPECT_LT(event.clock, timing.cycles);
    EXPECT_LT(event.pe, machine.array.getPEs());
    EXPECT_TRUE(slots.insert({event.clock, event.pe}).second);
    EXPECT_TRUE(products.insert({event.output, event.weight}).second);
  }
}

TEST(InputBroadcast, TraceHasEveryProductOnce) {
  ArrayTask task = makeConv(4, 6, 9, 3, 2, 1, 2, 2);
  ZeroMask mask = makeRandomActivationMask(task, 0.6, 3);
  checkTrace(makeMachine(10, Operands::None), task);
  task.activations = &mask;
  checkTrace(makeMachine(10, Operands::None), task);
  checkTrace(makeMachine(10, Operands::Activations), task);
  task.space[2].dilation = 2;
  task.space[2].output = 3;
  checkTrace(makeMachine(10, Operands::Activations), task);
}

TEST(InputBroadcast, RefusesByName) {
  ArrayTask task = makeConv(4, 6, 9, 5);
  EXPECT_EQ(explainFailure(makeMachine(4, Operands::None), task),
            "machine 'zasca' has 4 PEs; windows of this task overlap 5 times, "
            "and each needs a PE");
  EXPECT_EQ(explainFailure(makeMachine(4, Operands::Both), task),
            "machine 'zasca': an array that broadcasts inputs can skip "
            "activations only");
}

} // namespace
