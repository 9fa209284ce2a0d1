//===- CommandOrder.h - Which commands wait for which -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Commands come in an order in which they could be done one after the other.
// Their queues run beside each other; what a command reads must have been
// written, and what it writes must be of no more use to those before it. Finds
// the fewest commands of other queues that it has to wait for.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_COMMANDORDER_H
#define LACUNA_BACKENDS_NPU_CODEGEN_COMMANDORDER_H

#include "backends/npu/Stream/AccessHistory.h"
#include "backends/npu/Stream/Accesses.h"

namespace lacuna::npu {

class CommandOrder {
public:
  /// For each queue, the command (counted from 0) that must be done first.
  using Waits = std::array<std::optional<uint32_t>, kQueues>;

  /// The next command of `queue`. Its waits for a queue ascend.
  Waits add(Queue queue, llvm::ArrayRef<Access> accesses);

private:
  std::array<AccessHistory, 256> histories;
  /// For each command of each queue, what is done when it is.
  std::array<std::vector<Clock>, kQueues> clocks;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_COMMANDORDER_H
