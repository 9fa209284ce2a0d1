//===- Quantize.cpp - Post-training quantization -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Compress/Quantize.h"

#include "ChooseWidths.h"
#include "QuantizedValues.h"

#include "lacuna/Compress/Passes.h"
#include "lacuna/Compress/TensorStatistics.h"

#include "dialects/qnn/IR/QNNDialect.h"
#include "dialects/qnn/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace lacuna;

/// Makes `values` outputs of `main`.
static LogicalResult addOutputs(ModuleOp module, ValueRange values) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  Operation *terminator = main.getBody().front().getTerminator();
  for (Value value : values) {
    if (failed(main.insertResult(main.getNumResults(), value.getType(), {})))
      return failure();
    terminator->insertOperands(terminator->getNumOperands(), value);
  }
  return success();
}

std::vector<std::string> lacuna::addQuantizedProbes(ModuleOp module) {
  SmallVector<Value> values = findQuantizedValues(module).values;
  std::vector<std::string> names;
  for (Value value : values)
    names.push_back(getValueName(value));
  if (failed(addOutputs(module, values)))
    return {};
  return names;
}

/// Runs the module with its quantized values as outputs.
static LogicalResult measure(ModuleOp module, const CalibrationData &data,
                             std::vector<TensorStatistics> &statistics) {
  OwningOpRef<ModuleOp> probed(module.clone());
  size_t given = module.lookupSymbol<func::FuncOp>("main").getNumResults();
  statistics.resize(addQuantizedProbes(*probed).size());
  RunFunction run = data.compile(std::move(probed));
  if (!run)
    return failure();
  for (const Tensors &sample : data.samples) {
    auto results = run(sample);
    if (!results)
      return module.emitError() << llvm::toString(results.takeError());
    for (auto [i, one] : llvm::enumerate(statistics))
      one.add((*results)[given + i]);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Widths
//===----------------------------------------------------------------------===//

namespace {
/// Decides ranges and widths from statistics.
class Calibrator {
public:
  Calibrator(ModuleOp module, const QuantizationSpec &spec,
             ArrayRef<TensorStatistics> statistics)
      : module(module), spec(spec), found(findQuantizedValues(module)),
        statistics(statistics) {}

  LogicalResult run();

private:
  LogicalResult checkLayerNames();
  LogicalResult checkStatistics();
  LayerWidths getWidths(Operation *layer) const;
  unsigned getWidth(Value value) const;
  void findInner();
  void findHighway();
  CalibratedRange choose(const TensorStatistics &one, unsigned bits) const;
  void annotateLayer(const FloatLayer &layer);

  ModuleOp module;
  const QuantizationSpec &spec;
  QuantizedValues found;
  ArrayRef<TensorStatistics> statistics;
  /// What integers are computed from.
  llvm::DenseSet<Value> inner;
  /// What residual paths carry.
  llvm::DenseSet<Value> highway;
};
} // namespace

LogicalResult Calibrator::checkLayerNames() {
  llvm::StringMap<bool> known;
  for (const FloatLayer &layer : found.layers)
    known[getLayerName(layer.op)] = true;
  SmallVector<StringRef> unknown;
  for (const auto &entry : spec.layers)
    if (!known.contains(entry.getKey()))
      unknown.push_back(entry.getKey());
  llvm::sort(unknown);
  for (StringRef name : unknown)
    module.emitError() << "there is no layer '" << name
                       << "' to be quantized, which --quantize names";
  return success(unknown.empty());
}

/// What a range cannot be made of.
LogicalResult Calibrator::checkStatistics() {
  for (auto [value, one] : llvm::zip(found.values, statistics)) {
    std::string name = getValueName(value);
    bool isInput = isa<BlockArgument>(value);
    if (!one.isFinite()) {
      module.emitError() << name << (isInput ? " holds" : ": the result holds")
                         << " NaN or infinity in the calibration data";
      return failure();
    }
    if (isInput && one.getLeast() == one.getMost()) {
      module.emitError() << name << " is " << one.getLeast()
                         << " throughout the calibration data: its range "
                            "cannot be told from that";
      return failure();
    }
  }
  return success();
}

LayerWidths Calibrator::getWidths(Operation *layer) const {
  auto own = spec.layers.find(getLayerName(layer));
  return own == spec.layers.end() ? spec.widths : own->second;
}

/// The sums of residual paths, what they add, and what they are made of.
void Calibrator::findHighway() {
  if (!spec.highway)
    return;
  for (Operation &op :
       module.lookupSymbol<func::FuncOp>("main").getBody().front()) {
    if (!isResidualSum(&op))
      continue;
    for (Value operand : op.getOperands().take_front(2))
      highway.insert(skipMoves(operand));
    // Up to the value that is quantized, through clamps.
    Value sum = op.getResult(0);
    while (!llvm::is_contained(found.values, sum) && sum.hasOneUse())
      sum = sum.user_begin()->getResult(0);
    highway.insert(sum);
  }
}

/// What layers, residual sums and averages read. The rest is read by floats, or
/// given away.
void Calibrator::findInner() {
  for (const FloatLayer &layer : found.layers)
    inner.insert(skipMoves(layer.input));
  for (Operation &op :
       module.lookupSymbol<func::FuncOp>("main").getBody().front())
    if (isResidualSum(&op) || isa<nn::AvgPoolOp>(op))
      for (Value operand : op.getOperands())
        inner.insert(skipMoves(operand));
}

/// The bits of a value: those that the layer wants most that reads it. Inputs
/// and outputs of the network have at least 8.
unsigned Calibrator::getWidth(Value value) const {
  if (isa<BlockArgument>(value) || !inner.contains(value) ||
      highway.contains(value))
    return std::max(8u, spec.widths.activations);
  unsigned most = 0;
  for (const FloatLayer &layer : found.layers)
    if (skipMoves(layer.input) == value)
      most = std::max(most, getWidths(layer.op).activations);
  return most ? most : spec.widths.activations;
}

/// The range of a value in so many bits. With outliers, that is the range that
/// all 256 steps reach, of the size that makes `bits` hold all but the
/// outliers.
CalibratedRange Calibrator::choose(const TensorStatistics &one,
                                   unsigned bits) const {
  if (bits >= 8 || spec.outliers == 0)
    return {chooseRange(one, bits, spec.calibration), bits};
  FloatRange whole = chooseRange(one, 8, CalibrationOptions());
  CalibrationOptions options;
  options.calibration = Calibration::Percentile;
  bool isOneSided = whole.lo == 0 || whole.hi == 0;
  options.percentile = 100 * (1 - spec.outliers * (isOneSided ? 2 : 1));
  FloatRange dense = chooseRange(one, bits, options);
  // As many steps of the same size as bytes have.
  double width = (dense.hi - dense.lo) / ((1 << bits) - 1) * 255;
  if (width >= whole.hi - whole.lo)
    return {whole, 8};
  double share = -whole.lo / (whole.hi - whole.lo);
  return {{-width * share, width * (1 - share)}, 8};
}

void Calibrator::annotateLayer(const FloatLayer &layer) {
  Builder b(module.getContext());
  LayerWidths widths = getWidths(layer.op);
  if (widths.weights != 8) {
    layer.op->setAttr(kWeightBitsAttr, b.getI64IntegerAttr(widths.weights));
    if (spec.outliers > 0)
      layer.op->setAttr(kOutliersAttr, b.getF64FloatAttr(spec.outliers));
    if (spec.group && widths.weights <= kMostGroupedBits)
      layer.op->setAttr(kWeightGroupAttr, b.getI64IntegerAttr(spec.group));
  }
  Value source = skipMoves(layer.input);
  size_t index = llvm::find(found.values, source) - found.values.begin();
  const TensorStatistics &one = statistics[index];
  if (source == layer.input)
    layer.op->setAttr(kInputMeansAttr,
                      b.getDenseF64ArrayAttr(one.getChannelMeans()));
  if (highway.contains(source) && widths.activations < 8) {
    CalibratedRange own = choose(one, widths.activations);
    layer.op->setAttr(kInputRangeAttr,
                      b.getDenseF64ArrayAttr({own.range.lo, own.range.hi}));
    layer.op->setAttr(kInputBitsAttr, b.getI64IntegerAttr(own.bits));
  }
}

LogicalResult Calibrator::run() {
  if (failed(checkLayerNames()) || failed(checkStatistics()))
    return failure();
  findInner();
  findHighway();
  for (auto [value, one] : llvm::zip(found.values, statistics)) {
    CalibratedRange calibrated = choose(one, getWidth(value));
    if (calibrated.range.lo == calibrated.range.hi) {
      // Nothing is lost of what was seen, and little of what may come.
      calibrated.range = {0, 1};
      emitWarning(value.getLoc())
          << "the result is always 0 in the calibration data; it is quantized "
             "as if it were 0 to 1";
    }
    setCalibrated(value, calibrated);
  }
  for (const FloatLayer &layer : found.layers)
    annotateLayer(layer);
  return success();
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

LogicalResult lacuna::calibrate(ModuleOp module, const QuantizationSpec &spec,
                                const CalibrationData &data) {
  bool isQuantized =
      module
          ->walk([](Operation *op) {
            return isa<qnn::DequantizeOp, qnn::ConvOp, qnn::MatMulOp>(op)
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          })
          .wasInterrupted();
  if (isQuantized)
    return module.emitError() << "the model is quantized already; --quantize "
                                 "is for float models";
  PassManager pm(module.getContext());
  pm.addPass(createCompressFoldScales());
  if (spec.equalize)
    pm.addPass(createCompressEqualizeLayers());
  if (failed(pm.run(module)))
    return failure();
  if (findQuantizedValues(module).layers.empty())
    return module.emitError() << "the model has no convolution and no product "
                                 "with a constant matrix of float32 to "
                                 "quantize";
  QuantizationSpec chosen = spec;
  if (spec.budget && failed(chooseWidths(module, chosen, data)))
    return failure();
  std::vector<TensorStatistics> statistics;
  if (failed(measure(module, data, statistics)))
    return failure();
  return Calibrator(module, chosen, statistics).run();
}

void lacuna::buildQuantizePipeline(OpPassManager &pm,
                                   const QuantizationSpec &spec) {
  if (spec.correctBias)
    pm.addPass(createCompressCorrectBias());
  pm.addPass(createCompressInsertQuantization());
  pm.addPass(qnn::createQNNFoldQuantization());
}

LogicalResult lacuna::quantize(ModuleOp module, const QuantizationSpec &spec,
                               const CalibrationData &data) {
  if (failed(calibrate(module, spec, data)))
    return failure();
  PassManager pm(module.getContext());
  buildQuantizePipeline(pm, spec);
  return pm.run(module);
}
