//===- CommandOrderTest.cpp - Tests of which commands wait for which -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/CommandOrder.h"

#include "gtest/gtest.h"

using namespace lacuna::npu;

namespace {
Access access(uint64_t begin, uint64_t bytes, bool reads, bool writes) {
  Access it;
  it.where.region = kFirstChip;
  it.where.begin = begin;
  it.where.bytes = bytes;
  it.reads = reads;
  it.writes = writes;
  return it;
}
Access read(uint64_t begin, uint64_t bytes) {
  return access(begin, bytes, true, false);
}
Access write(uint64_t begin, uint64_t bytes) {
  return access(begin, bytes, false, true);
}

/// The queues, and how many of their commands, that must be done first.
std::vector<std::pair<Queue, uint32_t>> add(CommandOrder &order, Queue queue,
                                            std::vector<Access> accesses) {
  std::vector<std::pair<Queue, uint32_t>> waits;
  CommandOrder::Waits all = order.add(queue, accesses);
  for (unsigned other = 0; other < kQueues; ++other)
    if (all[other])
      waits.push_back({static_cast<Queue>(other), *all[other] + 1});
  return waits;
}

using Waits = std::vector<std::pair<Queue, uint32_t>>;

TEST(CommandOrder, ReadsWaitForWritesOnce) {
  CommandOrder order;
  EXPECT_EQ(add(order, Queue::DmaIn, {write(0, 64)}), Waits());
  EXPECT_EQ(add(order, Queue::DmaIn, {write(64, 64)}), Waits());
  EXPECT_EQ(add(order, Queue::Array, {read(0, 128)}),
            (Waits{{Queue::DmaIn, 2}}));
  EXPECT_EQ(add(order, Queue::Array, {read(32, 64)}), Waits());
}

TEST(CommandOrder, SlotsAreFreeAfterTheirLastReader) {
  CommandOrder order;
  add(order, Queue::DmaIn, {write(0, 64)});
  add(order, Queue::DmaIn, {write(64, 64)});
  add(order, Queue::Array, {read(0, 64)});
  add(order, Queue::Array, {read(0, 64)});
  add(order, Queue::Array, {read(64, 64)});
  EXPECT_EQ(add(order, Queue::DmaIn, {write(0, 64)}),
            (Waits{{Queue::Array, 2}}));
  EXPECT_EQ(add(order, Queue::DmaIn, {write(128, 64)}), Waits());
}

TEST(CommandOrder, WhatOthersWaitedForIsKnown) {
  CommandOrder order;
  add(order, Queue::DmaIn, {write(0, 64)});
  add(order, Queue::Array, {read(0, 64), write(256, 64)});
  EXPECT_EQ(add(order, Queue::Vector, {read(256, 64), read(0, 64)}),
            (Waits{{Queue::Array, 1}}));
}

TEST(CommandOrder, OrderInAQueueIsFree) {
  CommandOrder order;
  add(order, Queue::Vector, {read(0, 64), write(0, 64)});
  EXPECT_EQ(add(order, Queue::Vector, {access(0, 64, true, true)}), Waits());
  EXPECT_EQ(add(order, Queue::Vector, {write(32, 64)}), Waits());
}
} // namespace
