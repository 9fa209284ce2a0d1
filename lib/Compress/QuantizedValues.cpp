//===- QuantizedValues.cpp - What of a float network becomes bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizedValues.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace lacuna;

static bool isConstant(Value value) {
  return value.getDefiningOp<arith::ConstantOp>() != nullptr;
}

/// The constant, one number a column, that the only user of `product` adds.
static Value getColumnBias(Value product) {
  if (!product.hasOneUse())
    return {};
  auto generic = dyn_cast<linalg::GenericOp>(*product.user_begin());
  if (!generic || generic.getNumDpsInputs() != 2 ||
      generic.getBody()->getOperations().size() != 2 ||
      !isa<arith::AddFOp>(generic.getBody()->front()))
    return {};
  int64_t columns = cast<RankedTensorType>(product.getType()).getShape().back();
  for (Value operand : generic.getDpsInputs()) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (isConstant(operand) && type.getRank() &&
        type.getNumElements() == columns && type.getShape().back() == columns)
      return operand;
  }
  return {};
}

FloatLayer lacuna::getFloatLayer(Operation *op) {
  FloatLayer layer;
  if (auto conv = dyn_cast<nn::ConvOp>(op)) {
    layer = {op, conv.getInput(), conv.getFilter(), conv.getBias()};
    if (conv.getBias() && !isConstant(conv.getBias()))
      return {};
  } else if (auto matmul = dyn_cast<nn::MatMulOp>(op)) {
    layer = {op, matmul.getLhs(), matmul.getRhs(),
             getColumnBias(matmul.getOutput())};
    auto lhs = cast<RankedTensorType>(layer.input.getType());
    if (lhs.getRank() != 2 || layer.getWeightType().getRank() != 2 ||
        matmul.getTransposeLhs())
      return {};
    layer.isTransposed = !matmul.getTransposeRhs();
  } else {
    return {};
  }
  RankedTensorType weights = layer.getWeightType();
  auto input = cast<RankedTensorType>(layer.input.getType());
  if (!weights.getElementType().isF32() || !input.getElementType().isF32() ||
      weights.getNumElements() == 0 || input.getNumElements() == 0 ||
      !isConstant(layer.weights) || isConstant(skipMoves(layer.input)))
    return {};
  layer.filters = weights.getDimSize(layer.isTransposed ? 1 : 0);
  return layer;
}

std::vector<float> lacuna::readWeights(const FloatLayer &layer) {
  std::vector<float> stored;
  if (!nn::readConstant(layer.weights, stored) || !layer.isTransposed)
    return stored;
  std::vector<float> rows(stored.size());
  size_t columns = layer.filters, depth = stored.size() / columns;
  for (size_t k = 0; k < depth; ++k)
    for (size_t n = 0; n < columns; ++n)
      rows[n * depth + k] = stored[k * columns + n];
  return rows;
}

/// How many inputs of a filter of `conv` lie side by side.
static int64_t getRun(nn::ConvOp conv) {
  ArrayRef<int64_t> filter =
      cast<RankedTensorType>(conv.getFilter().getType()).getShape();
  ArrayRef<int64_t> input =
      cast<RankedTensorType>(conv.getInput().getType()).getShape();
  int64_t run = filter[1], step = filter[1];
  if (conv.getGroup() != 1)
    return run;
  for (int64_t i = int64_t(filter.size()) - 3; i >= 0; --i) {
    int64_t taps = filter[i + 2];
    if (taps > 1 && (step != run || conv.getDilations()[i] != 1))
      return run;
    run *= taps;
    step *= input[i + 2] + conv.getPadsBegin()[i] + conv.getPadsEnd()[i];
  }
  return run;
}

std::vector<unsigned> lacuna::getGroups(const FloatLayer &layer, int64_t size) {
  // A factor takes a byte, which few weights do not make up for.
  constexpr int64_t kLeastRun = 16;
  int64_t each = layer.getWeightType().getNumElements() / layer.filters;
  int64_t run = each, taps = 1;
  if (auto conv = dyn_cast<nn::ConvOp>(layer.op)) {
    run = getRun(conv);
    taps = each / layer.getWeightType().getDimSize(1);
  }
  if (run < kLeastRun || each <= size)
    return {};
  std::vector<unsigned> groups(each);
  int64_t channels = each / taps, groupsOfRun = llvm::divideCeil(run, size);
  for (int64_t channel = 0; channel < channels; ++channel)
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t place = tap * channels + channel;
      groups[channel * taps + tap] =
          unsigned(place / run * groupsOfRun + place % run / size);
    }
  return groups;
}

bool lacuna::isResidualSum(Operation *op) {
  auto sum = dyn_cast<linalg::GenericOp>(op);
  if (!sum || sum.getNumDpsInputs() != 2 || sum->getNumResults() != 1 ||
      sum.getBody()->getOperations().size() != 2 ||
      !isa<arith::AddFOp>(sum.getBody()->front()) ||
      !llvm::all_of(sum.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return false;
  ValueRange operands = sum.getBody()->front().getOperands();
  return llvm::all_of(sum.getRegionInputArgs(), [&](BlockArgument argument) {
    return llvm::is_contained(operands, argument);
  });
}

Value lacuna::skipMoves(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    auto pool = dyn_cast<nn::MaxPoolOp>(op);
    if (!isa<linalg::TransposeOp, tensor::CollapseShapeOp,
             tensor::ExpandShapeOp>(op) &&
        !(pool && !pool.getIndices()))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// The one tensor that `op` is a function of, element by element; or null.
static Value getArgument(Operation *op) {
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic->getNumResults() != 1 ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {};
  return generic.getDpsInputOperand(0)->get();
}

/// Whether `op` is an elementwise minimum or maximum with constants.
static bool isClamp(Operation *op) {
  return getArgument(op) &&
         llvm::all_of(
             cast<linalg::GenericOp>(op).getBody()->without_terminator(),
             [](Operation &inner) {
               return isa<arith::ConstantOp, arith::MaximumFOp,
                          arith::MinimumFOp>(inner);
             });
}

/// The value that a layer ends in: after a bias and clamps that nothing else
/// reads.
static Value finish(Value value) {
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    bool isProduct = value.getDefiningOp<nn::MatMulOp>() != nullptr;
    if (!isClamp(user) && !(isProduct && getColumnBias(value)))
      break;
    value = user->getResult(0);
  }
  return value;
}

/// Whether `op` multiplies two tensors, one of them broadcast or not.
static bool isGate(Operation *op) {
  auto product = dyn_cast<linalg::GenericOp>(op);
  return product && product.getNumDpsInputs() == 2 &&
         product->getNumResults() == 1 &&
         product.getNumParallelLoops() == product.getNumLoops() &&
         product.getBody()->getOperations().size() == 2 &&
         isa<arith::MulFOp>(product.getBody()->front()) &&
         product.getMatchingIndexingMap(product.getDpsInitOperand(0))
             .isIdentity() &&
         product.getOperand(0) != product.getOperand(1);
}

QuantizedValues lacuna::findQuantizedValues(ModuleOp module) {
  QuantizedValues found;
  auto main = module.lookupSymbol<func::FuncOp>("main");
  llvm::SetVector<Value> values;
  Block &body = main.getBody().front();
  for (Operation &op : body)
    if (FloatLayer layer = getFloatLayer(&op)) {
      found.layers.push_back(layer);
      values.insert(skipMoves(layer.input));
      values.insert(finish(op.getResult(0)));
    }
  auto isQuantized = [&](Value value) {
    return values.contains(skipMoves(value));
  };
  // Of a squeeze and excitation the gate is one more layer's result, but for a
  // sigmoid; of a swish it depends on what it is multiplied with, and the
  // product is a function of that.
  auto quantizeGate = [&](Operation &op) {
    SmallVector<Value, 2> operands(op.getOperands().take_front(2));
    if (getArgument(operands[0].getDefiningOp()) == operands[1] ||
        getArgument(operands[1].getDefiningOp()) == operands[0])
      return isQuantized(operands[0]) || isQuantized(operands[1]);
    auto canBe = [&](Value operand) {
      Value argument = getArgument(operand.getDefiningOp());
      return isQuantized(operand) || (argument && isQuantized(argument));
    };
    if (!llvm::all_of(operands, canBe))
      return false;
    for (Value operand : operands)
      if (!isQuantized(operand))
        values.insert(operand);
    return true;
  };
  for (Operation &op : body)
    if (isResidualSum(&op)
            ? llvm::all_of(op.getOperands().take_front(2), isQuantized)
        : isGate(&op) ? quantizeGate(op)
                      : isa<nn::AvgPoolOp>(op) && isQuantized(op.getOperand(0)))
      values.insert(finish(op.getResult(0)));

  for (BlockArgument argument : body.getArguments())
    if (values.contains(argument))
      found.values.push_back(argument);
  for (Operation &op : body)
    for (Value result : op.getResults())
      if (values.contains(result))
        found.values.push_back(result);
  return found;
}

std::string lacuna::getLayerName(Operation *op) {
  SmallVector<NodeId> nodes = getNodes(op->getLoc());
  return nodes.empty() ? op->getName().getStringRef().str()
                       : nodes.front().name.str();
}

std::string lacuna::getValueName(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto main = cast<func::FuncOp>(argument.getOwner()->getParentOp());
    auto name = main.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                  nn::NNDialect::kNameAttr);
    return ("input '" + (name ? name.getValue() : "") + "'").str();
  }
  SmallVector<NodeId> nodes = getNodes(value.getLoc());
  return nodes.empty() ? "'" + getLayerName(value.getDefiningOp()) + "'"
                       : describeNodes(nodes);
}

//===----------------------------------------------------------------------===//
// What calibration found out
//===----------------------------------------------------------------------===//

static Attribute getAttr(Value value, StringRef name) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto main = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
    return main ? main.getArgAttr(argument.getArgNumber(), name) : Attribute();
  }
  return value.getDefiningOp()->getAttr(name);
}

static std::optional<CalibratedRange> readRange(Attribute range,
                                                Attribute bits) {
  auto numbers = dyn_cast_or_null<DenseF64ArrayAttr>(range);
  if (!numbers || numbers.size() != 2 || !(numbers[0] <= 0) ||
      !(numbers[1] >= 0) || !(numbers[0] < numbers[1]))
    return std::nullopt;
  auto width = dyn_cast_or_null<IntegerAttr>(bits);
  return CalibratedRange{{numbers[0], numbers[1]},
                         width ? unsigned(width.getInt()) : 8};
}

std::optional<CalibratedRange> lacuna::getCalibrated(Value value) {
  return readRange(getAttr(value, kRangeAttr), getAttr(value, kBitsAttr));
}

void lacuna::setCalibrated(Value value, const CalibratedRange &calibrated) {
  Builder b(value.getContext());
  auto set = [&](StringRef name, Attribute attr) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      cast<func::FuncOp>(argument.getOwner()->getParentOp())
          .setArgAttr(argument.getArgNumber(), name, attr);
    else
      value.getDefiningOp()->setAttr(name, attr);
  };
  set(kRangeAttr,
      b.getDenseF64ArrayAttr({calibrated.range.lo, calibrated.range.hi}));
  if (calibrated.bits != 8)
    set(kBitsAttr, b.getI64IntegerAttr(calibrated.bits));
}

std::optional<CalibratedRange>
lacuna::getCalibratedInput(const FloatLayer &layer) {
  if (auto own = readRange(layer.op->getAttr(kInputRangeAttr),
                           layer.op->getAttr(kInputBitsAttr)))
    return own;
  return getCalibrated(skipMoves(layer.input));
}

QuantizedWeights lacuna::quantizeLayer(const FloatLayer &layer) {
  WeightOptions options;
  if (auto bits = layer.op->getAttrOfType<IntegerAttr>(kWeightBitsAttr))
    options.bits = unsigned(bits.getInt());
  if (auto share = layer.op->getAttrOfType<FloatAttr>(kOutliersAttr))
    options.outliers = share.getValueAsDouble();
  if (auto size = layer.op->getAttrOfType<IntegerAttr>(kWeightGroupAttr))
    options.groups = getGroups(layer, size.getInt());
  // Rounding costs more than clipping where steps are few.
  options.clip = options.bits < 8;
  // Leaves as much room again for the sum.
  constexpr float kMostBias = 1 << 30;
  std::vector<float> bias, least;
  auto input = getCalibratedInput(layer);
  if (input && layer.bias && nn::readConstant(layer.bias, bias)) {
    float step = getScaling(input->range, input->bits).scale;
    for (float value : bias)
      least.push_back(std::fabs(value) / kMostBias / step);
  }
  if (int64_t(least.size()) != layer.filters)
    least.clear();
  return quantizeWeights(readWeights(layer), layer.filters, options, least);
}
