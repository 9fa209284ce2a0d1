//===- Texts.h - Loops, indices and names as a file writes them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_LOOPNEST_TEXTS_H
#define LACUNA_LIB_SCHEDULE_LOOPNEST_TEXTS_H

#include "lacuna/Schedule/LoopNest/LoopNest.h"

namespace lacuna::loopnest {

// Each reads a text, or says what is wrong with it.

/// `K 32, R 3`
llvm::Expected<std::vector<Dimension>> readDimensions(llvm::StringRef text);
llvm::Expected<std::vector<Loop>> readLoops(llvm::StringRef text,
                                            const Workload &workload);
/// `C, 2 * P + R`
llvm::Expected<std::vector<Axis>> readIndex(llvm::StringRef text,
                                            const Workload &workload);
/// `Weights`
llvm::Expected<unsigned> readTensor(llvm::StringRef text,
                                    const Workload &workload);
/// `Weights, Inputs`; `all`, `none`
llvm::Expected<std::vector<unsigned>> readTensors(llvm::StringRef text,
                                                  const Workload &workload);
/// `1011 0010`
llvm::Expected<Density> readMask(llvm::StringRef text, const Tensor &tensor,
                                 const Workload &workload);

} // namespace lacuna::loopnest

#endif // LACUNA_LIB_SCHEDULE_LOOPNEST_TEXTS_H
