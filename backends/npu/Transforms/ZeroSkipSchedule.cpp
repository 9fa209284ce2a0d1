//===- ZeroSkipSchedule.cpp - Kernels that take equally long together -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/IR/NpuDialect.h"
#include "backends/npu/Transforms/Passes.h"

#include "dialects/nn/IR/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include <numeric>

namespace lacuna::npu {
#define GEN_PASS_DEF_ZEROSKIPSCHEDULE
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

constexpr StringLiteral kPassName = "zero-skip-schedule";

/// Weights of each filter that are something; false if they are not known.
template <typename T>
static bool countNonzeros(ConvOp conv, std::vector<int64_t> &counts) {
  std::vector<T> weights;
  if (!nn::readConstant(conv.getWeights(), weights) || weights.empty())
    return false;
  ArrayRef<int64_t> zeros = conv.getWeightZeroPoints();
  size_t filters = cast<ShapedType>(conv.getInit().getType()).getDimSize(1);
  size_t size = weights.size() / filters;
  for (size_t filter = 0; filter < filters; ++filter) {
    T zero = zeros.empty() ? T(0) : T(zeros[zeros.size() == 1 ? 0 : filter]);
    auto own = ArrayRef(weights).slice(filter * size, size);
    counts.push_back(int64_t(size) - llvm::count(own, zero));
  }
  return true;
}

/// The filters of `constant`, which are along its first dimension, in `order`.
/// Null if its elements are not known.
template <typename T>
static Value reorder(ImplicitLocOpBuilder &builder, Value constant,
                     ArrayRef<int64_t> order) {
  std::vector<T> values;
  if (!nn::readConstant(constant, values))
    return {};
  size_t size = values.size() / order.size();
  std::vector<T> ordered;
  ordered.reserve(values.size());
  for (int64_t filter : order)
    llvm::append_range(ordered, ArrayRef(values).slice(filter * size, size));
  return nn::createConstant<T>(builder, ordered,
                               cast<ShapedType>(constant.getType()).getShape());
}

static Value reorder(ImplicitLocOpBuilder &builder, Value constant,
                     ArrayRef<int64_t> order) {
  for (auto of :
       {reorder<int8_t>, reorder<int16_t>, reorder<int32_t>, reorder<float>})
    if (Value ordered = of(builder, constant, order))
      return ordered;
  return {};
}

/// The clocks for which the longest kernels of all rounds work, if each has a
/// product for each of its weights.
static int64_t sumLongest(ArrayRef<int64_t> counts, ArrayRef<int64_t> order,
                          int64_t group, int64_t kernels) {
  int64_t sum = 0;
  for (; !order.empty(); order = order.drop_front(group)) {
    ArrayRef<int64_t> left = order.take_front(group);
    for (; !left.empty(); left = left.drop_front(
                              std::min<size_t>(size_t(kernels), left.size()))) {
      int64_t longest = 0;
      for (int64_t filter :
           left.take_front(std::min<size_t>(size_t(kernels), left.size())))
        longest = std::max(longest, counts[filter]);
      sum += longest;
    }
  }
  return sum;
}

namespace {
struct ZeroSkipSchedule : npu::impl::ZeroSkipScheduleBase<ZeroSkipSchedule> {
  using ZeroSkipScheduleBase::ZeroSkipScheduleBase;

  void runOnOperation() override {
    getOperation()->walk([&](ConvOp conv) {
      if (StringRef why = schedule(conv); !why.empty())
        remark::missed(conv.getLoc(),
                       remark::RemarkOpts::name("kernels").category(kPassName))
            << remark::reason("{0}", why.str());
    });
  }

private:
  /// Gives why the filters stay as they are; empty if they do not.
  StringRef schedule(ConvOp conv) {
    auto init = cast<ShapedType>(conv.getInit().getType());
    int64_t filters = init.getDimSize(1), group = filters / conv.getGroup();
    if (!conv.getFilterOrder().empty())
      return "the filters have an order";
    if (group <= kernels)
      return "all kernels of a group are at work at once";
    std::vector<int64_t> counts;
    if (!countNonzeros<int8_t>(conv, counts) &&
        !countNonzeros<int16_t>(conv, counts) &&
        !countNonzeros<float>(conv, counts))
      return "the weights are not known";

    SmallVector<int64_t> order(filters);
    std::iota(order.begin(), order.end(), 0);
    int64_t before = sumLongest(counts, order, group, kernels);
    for (int64_t first = 0; first < filters; first += group)
      std::stable_sort(
          order.begin() + first, order.begin() + first + group,
          [&](int64_t a, int64_t b) { return counts[a] > counts[b]; });
    int64_t after = sumLongest(counts, order, group, kernels);
    if ((before - after) * 100 < before * leastGain)
      return "kernels that work at the same time are about equally long";
    if (!apply(conv, order, init))
      return "what there is one of a filter is not known";
    ++numScheduled;
    remark::passed(conv.getLoc(),
                   remark::RemarkOpts::name("kernels").category(kPassName))
        << "the longest kernels of all rounds have"
        << remark::metric("Weights", after) << remark::metric("Before", before);
    return {};
  }

  static bool apply(ConvOp conv, ArrayRef<int64_t> order, ShapedType init) {
    ImplicitLocOpBuilder builder(conv.getLoc(), conv);
    SmallVector<std::pair<OpOperand *, Value>> changes;
    auto change = [&](OpOperand &operand) {
      Value ordered = reorder(builder, operand.get(), order);
      changes.push_back({&operand, ordered});
      return bool(ordered);
    };
    bool isKnown = change(conv.getWeightsMutable());
    for (OpOperand &bias : conv.getBiasMutable())
      isKnown = isKnown && change(bias);
    for (OpOperand &extra : conv.getExtrasMutable())
      if (*getExtraKind(cast<ShapedType>(extra.get().getType()), init,
                        getFilterDim(conv)) == ExtraKind::EachFilter)
        isKnown = isKnown && change(extra);
    if (!isKnown) {
      for (auto [operand, ordered] : changes)
        if (ordered)
          ordered.getDefiningOp()->erase();
      return false;
    }
    for (auto [operand, ordered] : changes)
      operand->set(ordered);
    ArrayRef<int64_t> zeros = conv.getWeightZeroPoints();
    if (zeros.size() > 1) {
      SmallVector<int64_t> ordered;
      for (int64_t filter : order)
        ordered.push_back(zeros[filter]);
      conv.setWeightZeroPoints(ordered);
    }
    conv.setFilterOrder(order);
    return true;
  }
};
} // namespace
