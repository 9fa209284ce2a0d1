//===- Workload.h - What is computed: dimensions and tensors -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_LOOPNEST_WORKLOAD_H
#define LACUNA_SCHEDULE_LOOPNEST_WORKLOAD_H

#include "lacuna/Schedule/LoopNest/Density.h"

#include <string>

namespace lacuna::loopnest {

/// One loop of the nest, before it is tiled.
struct Dimension {
  std::string name;
  int64_t size = 1;
};

/// `factor * dimension`: factors are strides and dilations.
struct Term {
  unsigned dimension = 0;
  int64_t factor = 1;
};

/// What indexes a tensor along one axis: the sum of its terms. Without terms
/// it is always 0.
using Axis = std::vector<Term>;

struct Tensor {
  std::string name;
  std::vector<Axis> axes;
  /// Read and written: sums.
  bool isOutput = false;
  Density density;

  bool uses(unsigned dimension) const;
  /// Of the box in which everything lies that so many iterations of each
  /// dimension touch.
  std::vector<int64_t> getExtents(llvm::ArrayRef<int64_t> counts) const;
  /// The number of values in this box, however large.
  double estimateWords(llvm::ArrayRef<double> counts) const;
};

/// The product of one element of each input, added to one of the output, at
/// every point of the dimensions.
struct Workload {
  std::vector<Dimension> dimensions;
  std::vector<Tensor> tensors;

  std::vector<int64_t> getSizes() const;
};

/// The number of values in a box.
int64_t getWords(llvm::ArrayRef<int64_t> extents);

} // namespace lacuna::loopnest

#endif // LACUNA_SCHEDULE_LOOPNEST_WORKLOAD_H
