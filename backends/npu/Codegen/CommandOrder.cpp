//===- CommandOrder.cpp - Which commands wait for which -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/CommandOrder.h"

#include "llvm/ADT/STLExtras.h"

using namespace lacuna::npu;

CommandOrder::Waits CommandOrder::add(Queue queue,
                                      llvm::ArrayRef<Access> accesses) {
  auto self = static_cast<unsigned>(queue);
  Actor actor{static_cast<uint8_t>(queue),
              static_cast<uint32_t>(clocks[self].size()), 0};
  Clock clock = clocks[self].empty() ? Clock() : clocks[self].back();
  Waits waits;
  // Scattered bytes count as all between the first and the last: that orders
  // more than it must, and never less.
  auto visit = [&](const Access &access, bool writes) {
    ByteRange hull = access.where.getHull();
    AccessHistory &history = histories[hull.region];
    while (true) {
      std::optional<Conflict> conflict =
          writes ? history.write(hull.begin, hull.end, actor, clock)
                 : history.read(hull.begin, hull.end, actor, clock,
                                /*remember=*/true);
      // What nobody wrote is the verifier's business.
      if (!conflict || !conflict->other)
        return;
      const Actor &other = *conflict->other;
      waits[other.queue] = other.index;
      for (auto [mine, theirs] :
           llvm::zip(clock, clocks[other.queue][other.index]))
        mine = std::max(mine, theirs);
    }
  };
  for (const Access &access : accesses)
    if (access.reads && !Address{access.where.region, 0}.isReadOnly())
      visit(access, /*writes=*/false);
  // A command may work in place.
  ++clock[self];
  for (const Access &access : accesses)
    if (access.writes)
      visit(access, /*writes=*/true);
  clocks[self].push_back(clock);
  return waits;
}
