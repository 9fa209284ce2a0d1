//===- EqualizeLayers.cpp - Channels get like ranges -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../QuantizedValues.h"

#include "lacuna/Compress/Passes.h"

#include "dialects/nn/IR/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

namespace lacuna {
#define GEN_PASS_DEF_COMPRESSEQUALIZELAYERS
#include "lib/Compress/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;
using namespace lacuna;

/// Whether `op` is max(x, 0), which scaled inputs scale.
static bool isRelu(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || generic.getNumDpsInputs() != 1 ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return false;
  auto most = generic.getBody()
                  ->getTerminator()
                  ->getOperand(0)
                  .getDefiningOp<arith::MaximumFOp>();
  return most && most.getLhs() == generic.getBody()->getArgument(0) &&
         matchPattern(most.getRhs(), m_AnyZeroFloat());
}

/// The convolution that alone reads what `conv` gives, perhaps rectified.
static nn::ConvOp getNext(nn::ConvOp conv) {
  Value value = conv.getOutput();
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (auto next = dyn_cast<nn::ConvOp>(user))
      return next.getInput() == value ? next : nn::ConvOp();
    if (!isRelu(user))
      break;
    value = user->getResult(0);
  }
  return {};
}

/// The input channel that weight `i` of `conv` multiplies.
static size_t getChannel(nn::ConvOp conv, size_t i) {
  auto type = conv.getFilter().getType();
  size_t each = type.getNumElements() / type.getDimSize(0);
  size_t inside = type.getDimSize(1);
  size_t group = i / each / (type.getDimSize(0) / conv.getGroup());
  return group * inside + i % each / (each / inside);
}

namespace {
struct CompressEqualizeLayers
    : lacuna::impl::CompressEqualizeLayersBase<CompressEqualizeLayers> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main)
      return;
    SmallVector<std::pair<nn::ConvOp, nn::ConvOp>> pairs;
    for (auto conv : main.getBody().front().getOps<nn::ConvOp>())
      if (nn::ConvOp next = getNext(conv);
          next && getFloatLayer(conv) && getFloatLayer(next))
        pairs.push_back({conv, next});
    // What one pair changes, its neighbours share.
    constexpr int kRounds = 4;
    for (int round = 0; round < kRounds; ++round)
      for (auto [conv, next] : pairs)
        numEqualized += equalize(conv, next) && round == 0;
  }

  bool equalize(nn::ConvOp conv, nn::ConvOp next) {
    std::vector<float> first, second, bias;
    if (!nn::readConstant(conv.getFilter(), first) ||
        !nn::readConstant(next.getFilter(), second) ||
        (conv.getBias() && !nn::readConstant(conv.getBias(), bias)))
      return false;
    size_t channels = conv.getFilter().getType().getDimSize(0);
    size_t each = first.size() / channels;
    std::vector<double> made(channels), read(channels);
    for (size_t i = 0; i < first.size(); ++i)
      made[i / each] = std::max<double>(made[i / each], std::fabs(first[i]));
    for (size_t i = 0; i < second.size(); ++i) {
      double &most = read[getChannel(next, i)];
      most = std::max<double>(most, std::fabs(second[i]));
    }
    // Channel i is divided by factors[i] where it is made; then both sides
    // have the same range.
    std::vector<double> factors(channels, 1);
    for (size_t i = 0; i < channels; ++i)
      if (double factor = std::sqrt(made[i] / read[i]);
          std::isfinite(factor) && factor > 0)
        factors[i] = factor;
    for (size_t i = 0; i < first.size(); ++i)
      first[i] = float(first[i] / factors[i / each]);
    for (size_t i = 0; i < bias.size(); ++i)
      bias[i] = float(bias[i] / factors[i]);
    for (size_t i = 0; i < second.size(); ++i)
      second[i] = float(second[i] * factors[getChannel(next, i)]);
    setConstant(conv, 1, first);
    setConstant(next, 1, second);
    if (conv.getBias())
      setConstant(conv, 2, bias);
    return true;
  }

  /// Gives `op` a constant of other numbers.
  static void setConstant(Operation *op, unsigned operand,
                          ArrayRef<float> values) {
    OpBuilder builder(op);
    ImplicitLocOpBuilder b(op->getLoc(), builder);
    Value old = op->getOperand(operand);
    auto type = cast<RankedTensorType>(old.getType());
    op->setOperand(operand,
                   nn::createConstant<float>(b, values, type.getShape()));
    if (old.use_empty())
      old.getDefiningOp()->erase();
  }
};
} // namespace
