//===- Workload.cpp - What is computed: dimensions and tensors -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/Workload.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::loopnest {

bool Tensor::uses(unsigned dimension) const {
  return any_of(axes, [&](const Axis &axis) {
    return any_of(
        axis, [&](const Term &term) { return term.dimension == dimension; });
  });
}

std::vector<int64_t> Tensor::getExtents(ArrayRef<int64_t> counts) const {
  std::vector<int64_t> extents;
  for (const Axis &axis : axes) {
    int64_t extent = 1;
    for (const Term &term : axis)
      extent += term.factor * (counts[term.dimension] - 1);
    extents.push_back(extent);
  }
  return extents;
}

double Tensor::estimateWords(ArrayRef<double> counts) const {
  double words = 1;
  for (const Axis &axis : axes) {
    double extent = 1;
    for (const Term &term : axis)
      extent += double(term.factor) * (counts[term.dimension] - 1);
    words *= extent;
  }
  return words;
}

std::vector<int64_t> Workload::getSizes() const {
  std::vector<int64_t> sizes;
  for (const Dimension &dimension : dimensions)
    sizes.push_back(dimension.size);
  return sizes;
}

int64_t getWords(ArrayRef<int64_t> extents) {
  int64_t words = 1;
  for (int64_t extent : extents)
    words *= extent;
  return words;
}

} // namespace lacuna::loopnest
