//===- ArrayTask.h - What an array is asked to do -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A convolution, a whole layer or a tile of one, as the models of time see it:
// its extents, and which of its values are zero. A matrix product is a
// convolution of 1x1.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_ARRAYTASK_H
#define LACUNA_NPU_ARRAY_ARRAYTASK_H

#include "backends/npu/Array/RowMapping.h"
#include "backends/npu/Array/ZeroMask.h"
#include "lacuna/Schedule/Machine.h"
#include "llvm/Support/Error.h"
#include <array>
#include <cstdint>
#include <optional>

namespace lacuna::npu {

/// One of the spatial dimensions. What windows meet outside of the input is
/// padding, of which no array has to do products.
struct SpatialDimension {
  int64_t input = 1, kernel = 1, stride = 1, dilation = 1;
  int64_t padBefore = 0, padAfter = 0;
  int64_t output = 1;

  /// Where tap `tap` of window `window` lies in the input; may be outside.
  int64_t getPosition(int64_t window, int64_t tap) const {
    return window * stride + tap * dilation - padBefore;
  }
  bool isInside(int64_t position) const {
    return position >= 0 && position < input;
  }
  /// Pairs of a window and a tap that meet inside of the input.
  int64_t countInside() const;
  /// What a window spans.
  int64_t getSpan() const { return (kernel - 1) * dilation + 1; }

  static SpatialDimension make(int64_t input, int64_t kernel,
                               int64_t stride = 1, int64_t pad = 0);
};

struct ArrayTask {
  int64_t batch = 1, groups = 1;
  /// Of all groups together.
  int64_t channels = 1, filters = 1;
  /// Depth, height, width.
  std::array<SpatialDimension, 3> space;
  ElementType type = ElementType::Int16;
  /// Which values are not zero; null: all may be something. Of activations, a
  /// row of channels for each [batch][d][h][w][group]; of weights, a row of
  /// the channels of a group for each [filter][d][h][w].
  const ZeroMask *activations = nullptr, *weights = nullptr;
  /// In the same rows, those that are outliers; null: none is.
  const ZeroMask *activationOutliers = nullptr, *weightOutliers = nullptr;
  std::optional<RowMapping> mapping;
  /// Whether products are added to sums that the buffer has.
  bool accumulates = false;

  int64_t getGroupChannels() const { return channels / groups; }
  int64_t getGroupFilters() const { return filters / groups; }
  int64_t getTaps() const;
  /// Positions of the input, and of the output, of one of the batch.
  int64_t getInputs() const;
  int64_t getWindows() const;
  /// Sums of products, those of all images and filters.
  int64_t getSums() const { return batch * filters * getWindows(); }
  /// Products of values that exist; and those that would be with padding.
  int64_t getMacs() const;
  int64_t getPaddingMacs() const;
  int64_t getActivationRows() const { return batch * getInputs() * groups; }
  int64_t getWeightRows() const { return filters * getTaps(); }

  /// An error that names what makes no sense or is too large to count.
  llvm::Error check() const;
};

/// Products by what becomes of them. Their sum is `ArrayTask::getMacs`.
struct MacCounts {
  int64_t done = 0;
  /// Took their time, but not their energy.
  int64_t gated = 0;
  /// Took no time.
  int64_t skipped = 0;
  /// Not needed, since a transform does with fewer products.
  int64_t saved = 0;
  /// Products with padding: not part of the sum.
  int64_t padding = 0;

  int64_t getSum() const { return done + gated + skipped + saved; }
};

/// The products of a task for a machine that skips and gates zeros.
MacCounts countMacs(const ArrayTask &task, Operands skips, Operands gates);

/// Products of which neither of the given operands is zero.
int64_t countNonzeroMacs(const ArrayTask &task, Operands operands);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_ARRAYTASK_H
