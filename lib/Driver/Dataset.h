//===- Dataset.h - Labelled samples from folders -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_DATASET_H
#define LACUNA_LIB_DRIVER_DATASET_H

#include "lacuna/Support/HostTensor.h"

#include <string>

namespace lacuna {

/// Samples along the first dimension, and the class of each.
struct Dataset {
  HostTensor samples, labels;
};

/// The lines of a file that are not empty.
llvm::Expected<std::vector<std::string>> readLines(llvm::StringRef path);

/// Reads `folder/<class>/*` in the order of file names, for each of `classes`;
/// all files must hold tensors of one type and shape.
llvm::Expected<Dataset> readDatasetFolder(llvm::StringRef folder,
                                          llvm::ArrayRef<std::string> classes,
                                          llvm::StringRef model);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_DATASET_H
