//===- HalideKernels.h - Kernels that lacuna-halide makes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_HALIDEKERNELS_H
#define LACUNA_LIB_DRIVER_HALIDEKERNELS_H

#include "backends/neon/Bundle/Bundle.h"

namespace lacuna {

/// An error unless lacuna-halide is on this machine.
llvm::Error findHalide(std::string &program);

/// The library and header of the kernels that `requests` asks for, called
/// `name`; objects are kept in `cacheFolder` unless it is empty.
llvm::Expected<std::vector<neon::BundleFile>>
makeHalideKernels(llvm::StringRef requests, llvm::StringRef name,
                  llvm::StringRef cacheFolder);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_HALIDEKERNELS_H
