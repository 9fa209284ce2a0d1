//===- WindowAttrs.h - The window attributes of convolution and pooling -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_OPS_WINDOWATTRS_H
#define LACUNA_LIB_FRONTEND_OPS_WINDOWATTRS_H

#include "Node.h"

#include "dialects/nn/IR/Window.h"

namespace lacuna {

/// Checks rank, channels, groups and `kernel_shape` of a convolution of input 0
/// by input `filterIndex`; returns the group count.
mlir::FailureOr<int64_t> checkConv(Node &node, size_t filterIndex,
                                   bool transposed = false);

/// Checks that input `index`, a bias, is missing or has one element a channel.
mlir::LogicalResult checkBias(Node &node, size_t index, int64_t channels);

/// Attribute `auto_pad`: NOTSET, VALID, SAME_UPPER or SAME_LOWER.
mlir::FailureOr<llvm::StringRef> readAutoPad(Node &node);

/// Reads `strides`, `dilations`, `pads`, `auto_pad` and `ceil_mode` for a
/// window of `kernel` over the spatial dimensions `input`, and checks that it
/// fits.
mlir::FailureOr<nn::Window> readWindow(Node &node,
                                       llvm::ArrayRef<int64_t> kernel,
                                       llvm::ArrayRef<int64_t> input);

/// An attribute with one entry a spatial dimension, `otherwise` if it is
/// absent.
mlir::FailureOr<llvm::SmallVector<int64_t>>
readSpatial(Node &node, llvm::StringRef name, size_t rank, int64_t otherwise,
            int64_t least);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_OPS_WINDOWATTRS_H
