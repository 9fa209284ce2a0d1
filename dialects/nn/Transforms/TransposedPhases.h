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
// inserts is ever multiplied. Some of them can be one convolution, whose
// filters are those of all: it reads the input once.
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
  /// Beside others it may compute more outputs than are its own: how many
  /// before these, and how many are wanted.
  llvm::SmallVector<int64_t> before, wanted;

  /// Whether these outputs meet no element of an input of this shape.
  bool isEmpty(llvm::ArrayRef<int64_t> input) const;
  /// `[M, C / group, taps...]`, of a filter `[C, M / group, K...]`.
  llvm::SmallVector<int64_t> getFilterShape(llvm::ArrayRef<int64_t> shape,
                                            int64_t group) const;
  /// The elements of such a filter. `zeros` says what is none: of all filters,
  /// or of each.
  template <typename T>
  std::vector<T> selectTaps(llvm::ArrayRef<T> filter,
                            llvm::ArrayRef<int64_t> shape, int64_t group,
                            llvm::ArrayRef<T> zeros = T(0)) const {
    std::vector<T> selected;
    forEachTap(shape, group, [&](int64_t at, int64_t channel) {
      selected.push_back(at == kNoTap ? zeros[channel % zeros.size()]
                                      : filter[at]);
    });
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
  /// How many inputs there are of those that the taps span.
  int64_t countInputs(size_t i, llvm::ArrayRef<int64_t> input) const {
    Span span = getSpan(i, input);
    return span.to - span.from;
  }
  /// `result` with the wanted ones of `outputs` in their places. Space begins
  /// with `firstDim`.
  mlir::Value insert(mlir::ImplicitLocOpBuilder &b, mlir::Value outputs,
                     mlir::Value result, llvm::ArrayRef<int64_t> strides,
                     size_t firstDim = 2) const;
  /// Makes `phases`, all with taps, differ in their taps alone: each meets what
  /// any of them meets.
  static void align(llvm::MutableArrayRef<TransposedPhase> phases);

  /// Stands in `taps` where the filter has none.
  static constexpr int64_t kNoTap = -1;

private:
  /// How many inputs the taps span along spatial dimension `i`, and which of
  /// them, from the first up to the end, there are.
  struct Span {
    int64_t size, from, to;
  };
  Span getSpan(size_t i, llvm::ArrayRef<int64_t> input) const;
  void forEachTap(llvm::ArrayRef<int64_t> shape, int64_t group,
                  llvm::function_ref<void(int64_t, int64_t)> visit) const;
};

/// All of them; together they make each output once.
std::vector<TransposedPhase> findPhases(ConvTransposeOp op);

/// Phases that are filters of one convolution.
using AlignedPhases = std::vector<TransposedPhase>;

/// What decides whether phases are aligned.
struct AlignmentCosts {
  /// How many products take as long as to move a byte.
  double productsPerByte = 0;
  /// Of the memory on the chip for inputs and outputs.
  int64_t memoryBytes = 0;
  /// Of an input and of an output.
  unsigned inputBits = 8, outputBits = 8;
  /// Whether products with zero are none, as those of integers.
  bool allowsZeroTaps = false;
};

/// The phases of `op`, aligned where that is cheapest. Those that differ in
/// their taps alone always are, unless there are groups.
std::vector<AlignedPhases> alignPhases(ConvTransposeOp op,
                                       llvm::ArrayRef<TransposedPhase> phases,
                                       const AlignmentCosts &costs);

/// `result` with the outputs of one convolution in their places, those of the
/// first phase first.
mlir::Value insertPhases(mlir::ImplicitLocOpBuilder &b,
                         const AlignedPhases &phases, mlir::Value outputs,
                         mlir::Value result, llvm::ArrayRef<int64_t> strides);

} // namespace lacuna::nn

#endif // LACUNA_DIALECTS_NN_TRANSFORMS_TRANSPOSEDPHASES_H
