//===- TensorFile.cpp - Tensors in files of any kind -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorFile.h"

#include "AudioInput.h"

#include "lacuna/Frontend/Import.h"

namespace lacuna {

llvm::Expected<HostTensor> readTensorFile(llvm::StringRef path,
                                          llvm::StringRef model) {
  if (path.ends_with(".npy"))
    return readNpy(path);
  if (path.ends_with_insensitive(".wav"))
    return readSoundFeatures(path, model);
  return readTensorProto(path);
}

bool isTensorFile(llvm::StringRef path) {
  return path.ends_with(".npy") || path.ends_with(".pb") ||
         path.ends_with_insensitive(".wav");
}

} // namespace lacuna
