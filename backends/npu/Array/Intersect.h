//===- Intersect.h - Values that two masks have in common -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How many products of each window and filter have two non-zero operands: the
// inner loop of the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_INTERSECT_H
#define LACUNA_NPU_ARRAY_INTERSECT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstdint>

namespace lacuna::npu {

class ZeroMask;
struct ArrayTask;

/// Calls `visit(window, group, counts)` for the windows of the whole batch in
/// order, and for each group; `counts` has one number for each filter of the
/// group. Only channels [firstChannel, lastChannel) of a group count.
void forEachWindowCount(const ArrayTask &task, const ZeroMask &activations,
                        const ZeroMask &weights, int64_t firstChannel,
                        int64_t lastChannel,
                        llvm::function_ref<void(int64_t window, int64_t group,
                                                llvm::ArrayRef<int32_t> counts)>
                            visit);
void forEachWindowCount(const ArrayTask &task, const ZeroMask &activations,
                        const ZeroMask &weights,
                        llvm::function_ref<void(int64_t window, int64_t group,
                                                llvm::ArrayRef<int32_t> counts)>
                            visit);

/// Adds to `clocks` of each filter its count, but at least 1; gives the sum of
/// the counts.
int64_t addClocks(llvm::ArrayRef<int32_t> counts,
                  llvm::MutableArrayRef<int64_t> clocks);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_INTERSECT_H
