//===- Window.h - The arithmetic of sliding windows -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_NN_IR_WINDOW_H
#define LACUNA_DIALECTS_NN_IR_WINDOW_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace lacuna::nn {

/// The window of a convolution or pooling over its spatial dimensions; every
/// array has one entry a dimension.
struct Window {
  llvm::SmallVector<int64_t> kernel;
  llvm::SmallVector<int64_t> strides;
  llvm::SmallVector<int64_t> dilations;
  llvm::SmallVector<int64_t> padsBegin;
  llvm::SmallVector<int64_t> padsEnd;
  bool ceilMode = false;

  size_t rank() const { return kernel.size(); }

  /// How far the window reaches in dimension `dim`, from its first element to
  /// its last.
  int64_t extent(size_t dim) const {
    return (kernel[dim] - 1) * dilations[dim] + 1;
  }

  /// The number of positions in dimension `dim` of an input of size `input`;
  /// zero or less if the window does not fit. With ceil mode a last position
  /// that starts inside the input or its leading pad counts though it ends
  /// outside.
  int64_t outputSize(size_t dim, int64_t input) const {
    int64_t room = input + padsBegin[dim] + padsEnd[dim] - extent(dim);
    if (room < 0)
      return 0;
    int64_t positions = room / strides[dim] + 1;
    if (ceilMode && room % strides[dim] != 0 &&
        positions * strides[dim] < input + padsBegin[dim])
      ++positions;
    return positions;
  }
};

/// The window of a pooling operation.
template <typename PoolOp>
Window getWindow(PoolOp op) {
  using Sizes = llvm::SmallVector<int64_t>;
  return Window{Sizes(op.getKernel()),    Sizes(op.getStrides()),
                Sizes(op.getDilations()), Sizes(op.getPadsBegin()),
                Sizes(op.getPadsEnd()),   op.getCeilMode()};
}

} // namespace lacuna::nn

#endif // LACUNA_DIALECTS_NN_IR_WINDOW_H
