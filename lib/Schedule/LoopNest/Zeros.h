//===- Zeros.h - Which accesses zeros leave out -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_LOOPNEST_ZEROS_H
#define LACUNA_LIB_SCHEDULE_LOOPNEST_ZEROS_H

#include "Nest.h"

namespace lacuna::loopnest {

/// Of the accesses to a tensor in a level, as parts of 1.
struct Flow {
  /// What levels further out leave.
  double reaching = 1;
  /// What the rules of this level leave too.
  double remaining = 1;
  ZeroAction action = ZeroAction::Gate;
};

/// Of every level, for those that keep the tensor.
std::vector<Flow> getFlow(const Nest &nest, unsigned tensor);

/// All computations, as parts of 1.
struct ComputeFlow {
  double done = 1, gated = 0, skipped = 0;
};

/// `flows` are those of the tensors, in their order.
ComputeFlow getComputeFlow(const Nest &nest,
                           llvm::ArrayRef<std::vector<Flow>> flows);

} // namespace lacuna::loopnest

#endif // LACUNA_LIB_SCHEDULE_LOOPNEST_ZEROS_H
