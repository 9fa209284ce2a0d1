//===- TransposedPhases.h - Transposed convolutions as plain ones -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transposed convolution of stride s is s plain ones in each dimension: each
// makes every s-th output of the taps that meet it. No zero that a stride
// inserts is ever multiplied.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_NN_TRANSFORMS_TRANSPOSEDPHASES_H
#define LACUNA_DIALECTS_NN_TRANSFORMS_TRANSPOSEDPHASES_H

#include "dialects/nn/IR/NNDialect.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace lacuna::nn {

/// The plain convolution, of stride 1, that makes some of the outputs.
struct TransposedPhase {
  /// In each dimension: the first output, how many there are, the taps that
  /// meet them in the order of the inputs that they meet, how far these lie
  /// apart, and the input that the first tap meets at the first output.
  llvm::SmallVector<int64_t> first, count, dilations, start;
  llvm::SmallVector<llvm::SmallVector<int64_t>> taps;

  /// Whether another one meets the same inputs, with other taps.
  bool isLike(const TransposedPhase &other) const;
  /// Whether these outputs meet no element of an input of this shape.
  bool isEmpty(llvm::ArrayRef<int64_t> input) const;
  /// `[M, C / group, taps...]`, of a filter `[C, M / group, K...]`.
  llvm::SmallVector<int64_t> getFilterShape(llvm::ArrayRef<int64_t> shape,
                                            int64_t group) const;
  template <typename T>
  std::vector<T> selectTaps(llvm::ArrayRef<T> filter,
                            llvm::ArrayRef<int64_t> shape,
                            int64_t group) const {
    std::vector<T> selected;
    forEachTap(shape, group,
               [&](int64_t at) { selected.push_back(filter[at]); });
    return selected;
  }

  /// The part of `input` that the taps meet, and what they meet before and
  /// after it. The phase is not empty.
  struct Window {
    mlir::Value input;
    llvm::SmallVector<int64_t> padsBegin, padsEnd;
  };
  Window cut(mlir::ImplicitLocOpBuilder &b, mlir::Value input) const;
  /// How many inputs the taps span along spatial dimension `i`.
  int64_t getReach(size_t i) const {
    return count[i] + (int64_t(taps[i].size()) - 1) * dilations[i];
  }
  /// `result` with `outputs` in their places. Space begins with `firstDim`.
  mlir::Value insert(mlir::ImplicitLocOpBuilder &b, mlir::Value outputs,
                     mlir::Value result, llvm::ArrayRef<int64_t> strides,
                     size_t firstDim = 2) const;

private:
  /// How many inputs the taps span along spatial dimension `i`, and which of
  /// them, from the first up to the end, there are.
  struct Span {
    int64_t size, from, to;
  };
  Span getSpan(size_t i, llvm::ArrayRef<int64_t> input) const;
  void forEachTap(llvm::ArrayRef<int64_t> shape, int64_t group,
                  llvm::function_ref<void(int64_t)> visit) const;
};

/// All of them; together they make each output once.
std::vector<TransposedPhase> findPhases(ConvTransposeOp op);

} // namespace lacuna::nn

#endif // LACUNA_DIALECTS_NN_TRANSFORMS_TRANSPOSEDPHASES_H
