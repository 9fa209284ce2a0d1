//===- Dataset.h - Labelled samples from folders -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_DATASET_H
#define LACUNA_LIB_DRIVER_DATASET_H

#include "lacuna/Schedule/Port.h"

#include <string>

namespace lacuna {

/// Samples along the first dimension, and the class of each.
struct Dataset {
  HostTensor samples, labels;
};

/// The lines of a file that are not empty.
llvm::Expected<std::vector<std::string>> readLines(llvm::StringRef path);

/// Reads `folder/<class>/*` in the order of file names, for each of `classes`;
/// all files must hold tensors of one type and shape; sound becomes the
/// features that `model` wants.
llvm::Expected<Dataset> readDatasetFolder(llvm::StringRef folder,
                                          llvm::ArrayRef<std::string> classes,
                                          llvm::StringRef model);

/// What `labels`, which count the lines of the file `from`, are among the lines
/// of the file `to`.
llvm::Expected<HostTensor> renumberLabels(const HostTensor &labels,
                                          llvm::StringRef from,
                                          llvm::StringRef to);

/// Reads samples along the first dimension: those of a file, or all files in a
/// folder and the folders in it, in the order of their paths.
llvm::Expected<HostTensor> readSamples(llvm::StringRef path,
                                       llvm::StringRef model);

/// How many of `samples`, which lie along the first dimension, `port` takes at
/// once; none if they do not fit.
std::optional<int64_t> getBatch(const HostTensor &samples, const Port &port);

/// What samples are multiplied by, and what is then added.
struct SampleScale {
  double scale = 1, offset = 0;
};

/// Rows [begin, begin + batch) in the type and shape of `port`; the last row
/// stands in for those past the end.
HostTensor cutBatch(const HostTensor &samples, const Port &port, int64_t begin,
                    int64_t batch, SampleScale scale);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_DATASET_H
