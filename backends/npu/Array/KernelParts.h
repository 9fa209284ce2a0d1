//===- KernelParts.h - Kernels that PEs cannot hold, in parts -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_KERNELPARTS_H
#define LACUNA_NPU_ARRAY_KERNELPARTS_H

#include "backends/npu/Array/ArrayTiming.h"

namespace lacuna::npu {

/// Depth, height and width of the largest box of a kernel, of whole rows if
/// these fit, that has no more than `taps`; 0: as many as there are.
std::array<int64_t, 3> findKernelBox(const ArrayTask &task, int64_t taps);

/// The time of `task` part by part: the kernel is cut into boxes of at most
/// `box`, each of which is a task of its own, with the inputs that it meets and
/// its share of the masks, timed by `time`. The sums of the parts before are
/// read again by the next.
llvm::Expected<ArrayTiming> timeKernelParts(
    const ArrayTask &task, const std::array<int64_t, 3> &box,
    llvm::function_ref<llvm::Expected<ArrayTiming>(const ArrayTask &part)>
        time);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_KERNELPARTS_H
