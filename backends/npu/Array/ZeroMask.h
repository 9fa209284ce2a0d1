//===- ZeroMask.h - Which values of a tensor are not zero -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bit for each value, in rows of channels that begin on a word, so that two
// tensors are intersected word by word.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_ZEROMASK_H
#define LACUNA_NPU_ARRAY_ZEROMASK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <vector>

namespace lacuna::npu {

struct ArrayTask;

class ZeroMask {
public:
  ZeroMask() = default;
  /// All zero.
  ZeroMask(int64_t rows, int64_t columns);

  int64_t getRows() const { return rows; }
  int64_t getColumns() const { return columns; }
  int64_t getWordsPerRow() const { return words; }
  const uint64_t *getRow(int64_t row) const { return &bits[row * words]; }

  bool isNonzero(int64_t row, int64_t column) const {
    return getRow(row)[column / 64] >> (column % 64) & 1;
  }
  void setNonzero(int64_t row, int64_t column) {
    bits[row * words + column / 64] |= uint64_t(1) << (column % 64);
  }
  void setWord(int64_t row, int64_t word, uint64_t value) {
    bits[row * words + word] = value;
  }
  int64_t count() const;
  int64_t countRow(int64_t row) const;
  /// Non-zero values of `row` in columns [begin, end).
  int64_t countRange(int64_t row, int64_t begin, int64_t end) const;

private:
  int64_t rows = 0, columns = 0, words = 0;
  std::vector<uint64_t> bits;
};

/// Where values lie: elements from one to the next in each dimension.
struct ActivationStrides {
  int64_t batch = 0, channel = 0, depth = 0, height = 0, width = 0;
};
struct WeightStrides {
  int64_t filter = 0, channel = 0, depth = 0, height = 0, width = 0;
};

/// Values, less their zero point, that are not in a mask: zero alone, or all
/// that are no outliers.
struct InnerRange {
  int64_t least = 0, most = 0;
};

/// The masks of real values. An error if the values do not reach as far as the
/// task. `zeroPoint` is what stands for zero.
template <typename T>
llvm::Expected<ZeroMask>
makeActivationMask(const ArrayTask &task, llvm::ArrayRef<T> values,
                   const ActivationStrides &strides, T zeroPoint = T(0),
                   const InnerRange &inner = {});
/// `zeroPoints` has one for all filters, or one for each.
template <typename T>
llvm::Expected<ZeroMask>
makeWeightMask(const ArrayTask &task, llvm::ArrayRef<T> values,
               const WeightStrides &strides, llvm::ArrayRef<T> zeroPoints,
               const InnerRange &inner = {});

/// Masks of which a share of `density` is not zero, the same everywhere for
/// the same seed.
ZeroMask makeRandomActivationMask(const ArrayTask &task, double density,
                                  uint64_t seed);
/// `variation` is the standard deviation between the densities of filters, as a
/// share of the mean: filters of real networks differ.
ZeroMask makeRandomWeightMask(const ArrayTask &task, double density,
                              uint64_t seed, double variation = 0);
/// A share of all values, each of them among those that `nonzero` has; null:
/// among all.
ZeroMask makeRandomOutlierMask(int64_t rows, int64_t columns, double share,
                               const ZeroMask *nonzero, uint64_t seed);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_ZEROMASK_H
