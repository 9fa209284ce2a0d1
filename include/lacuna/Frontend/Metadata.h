//===- Metadata.h - What a model says of itself -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_FRONTEND_METADATA_H
#define LACUNA_FRONTEND_METADATA_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace lacuna {

/// The value of `key` among the metadata properties of the ONNX model at
/// `path`; empty if there is none, or no protobuf model. The graph is not
/// parsed.
std::string readModelMetadata(llvm::StringRef path, llvm::StringRef key);

} // namespace lacuna

#endif // LACUNA_FRONTEND_METADATA_H
