//===- Kernels.h - The text of the kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_BUNDLE_KERNELS_H
#define LACUNA_BACKENDS_NEON_BUNDLE_KERNELS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace lacuna::neon {

/// The kernels of some headers and of those they include, as one text.
struct KernelTexts {
  /// The directives with which the headers begin: they cannot stand inside a
  /// namespace.
  std::string preamble;
  /// What comes after, without guards.
  std::string text;
};

KernelTexts getKernels(llvm::ArrayRef<llvm::StringRef> headers);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_BUNDLE_KERNELS_H
