//===- TensorFile.h - Tensors in files of any kind -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_TENSORFILE_H
#define LACUNA_LIB_DRIVER_TENSORFILE_H

#include "lacuna/Support/HostTensor.h"

namespace lacuna {

/// Reads a `.npy` file, or a `.wav` file as the features that `model` wants, or
/// any other as an ONNX TensorProto.
llvm::Expected<HostTensor> readTensorFile(llvm::StringRef path,
                                          llvm::StringRef model = "");

/// Whether `path` is named as a file of tensors is.
bool isTensorFile(llvm::StringRef path);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_TENSORFILE_H
