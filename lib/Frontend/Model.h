//===- Model.h - Reading ONNX files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_MODEL_H
#define LACUNA_LIB_FRONTEND_MODEL_H

#include "llvm/Support/Error.h"
#include <memory>

namespace onnx {
class ModelProto;
} // namespace onnx

namespace lacuna {

/// Parses a model, protobuf or ONNX text, whichever it is.
llvm::Expected<std::shared_ptr<onnx::ModelProto>>
parseModel(llvm::StringRef buffer);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_MODEL_H
