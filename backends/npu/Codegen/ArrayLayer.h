//===- ArrayLayer.h - What a layer of products asks of a machine -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_ARRAYLAYER_H
#define LACUNA_BACKENDS_NPU_CODEGEN_ARRAYLAYER_H

#include "backends/npu/IR/NpuDialect.h"
#include "backends/npu/Stream/Commands.h"
#include "lacuna/Schedule/Tiling.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace lacuna::npu {

/// A tensor in DRAM, or one that stays on the chip: where it begins, and the
/// distances between its elements,
/// in elements: of images, channels or filters, and of the three dimensions of
/// space.
struct DramTensor {
  Address address;
  std::array<int64_t, 5> strides = {};
  int64_t elementBytes = 1;

  Address at(std::array<int64_t, 5> position) const;
};

/// An operand of an epilogue.
struct LayerExtra {
  ExtraKind kind = ExtraKind::One;
  mlir::Type type;
  DramTensor tensor;
};

/// A convolution, or a product of matrices as one of 1x1 whose pixels are the
/// rows.
struct ArrayLayer {
  mlir::Operation *op = nullptr;
  TilingProblem problem;
  ArrayType inputType = ArrayType::Float32, weightsType = ArrayType::Float32;
  int64_t inputZeroPoint = 0;
  llvm::SmallVector<int64_t> weightZeroPoints;
  /// The channel of the output that each filter gives; empty: its own number.
  llvm::SmallVector<int64_t> filterOrder;
  DramTensor input, weights, output;
  /// Distance, in elements, between the weights of two images: 0 if all have
  /// the same.
  int64_t weightsOfImage = 0;
  /// One a filter, along the first stride; no bias: no address.
  DramTensor bias;
  llvm::SmallVector<LayerExtra> extras;
  mlir::Type sumType, outputType;
  /// What is done to each sum; empty: nothing.
  mlir::Region *epilogue = nullptr;
  /// Whether neighbours in memory are channels and filters, not pixels.
  bool filtersInner = false;
};

/// Where the first element of a buffer is; fails after a diagnostic.
using FindAddress =
    llvm::function_ref<mlir::FailureOr<Address>(mlir::Value memory)>;

mlir::FailureOr<ArrayLayer> readLayer(ConvOp op, const Machine &machine,
                                      FindAddress findAddress);
mlir::FailureOr<ArrayLayer> readLayer(MatMulOp op, const Machine &machine,
                                      FindAddress findAddress);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_ARRAYLAYER_H
