//===- Models.h - The models of time, one for each dataflow -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the library. The task has been checked.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_MODELS_H
#define LACUNA_NPU_ARRAY_MODELS_H

#include "backends/npu/Array/ArrayTiming.h"

namespace lacuna::npu {

llvm::Expected<ArrayTiming> timeSystolic(const Machine &machine,
                                         const ArrayTask &task);
llvm::Expected<ArrayTiming> timeInnerProduct(const Machine &machine,
                                             const ArrayTask &task);
llvm::Expected<ArrayTiming> timeIntersection(const Machine &machine,
                                             const ArrayTask &task);
llvm::Expected<ArrayTiming> timeCartesian(const Machine &machine,
                                          const ArrayTask &task);
llvm::Expected<ArrayTiming> timeRowStationary(const Machine &machine,
                                              const ArrayTask &task);
llvm::Expected<ArrayTiming> timeInputBroadcast(const Machine &machine,
                                               const ArrayTask &task);
llvm::Expected<ArrayTiming> timeOutlierLanes(const Machine &machine,
                                             const ArrayTask &task);
/// Every product of `timeInputBroadcast`.
void traceInputBroadcast(const Machine &machine, const ArrayTask &task,
                         ArrayTrace trace);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_MODELS_H
