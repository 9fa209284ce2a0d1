//===- ChooseWidths.cpp - Widths of weights for a budget -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChooseWidths.h"

#include "QuantizedValues.h"

#include "lacuna/Compress/LayerComparison.h"

#include "dialects/nn/IR/Constants.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace lacuna;

/// What bundles store in so many bits (docs/quantization.md).
static constexpr unsigned kLeastBits = 2, kMostBits = 8;

namespace {
/// A layer and what its widths cost.
struct Candidate {
  FloatLayer layer;
  std::vector<float> weights;
  int64_t macs = 0;
  /// Noise of the outputs to their signal, by width.
  double noise[kMostBits + 1] = {};
  unsigned bits = kMostBits;

  double getBytes(unsigned width) const {
    return std::ceil(double(weights.size()) * width / 8);
  }
};
} // namespace

/// The weights of `candidate` after having been of `bits`, in groups of so many
/// if that is not 0, as they are stored.
static HostTensor makeWeights(const Candidate &candidate, unsigned bits,
                              unsigned group) {
  const FloatLayer &layer = candidate.layer;
  WeightOptions options;
  options.bits = bits;
  options.clip = bits < kMostBits;
  if (group && bits <= kMostGroupedBits)
    options.groups = getGroups(layer, group);
  QuantizedWeights quantized =
      quantizeWeights(candidate.weights, layer.filters, options);
  HostTensor tensor(DType::Float32, layer.getWeightType().getShape());
  size_t columns = layer.filters, depth = candidate.weights.size() / columns;
  for (size_t n = 0; n < columns; ++n)
    for (size_t k = 0; k < depth; ++k)
      tensor.elements<float>()[layer.isTransposed ? k * columns + n
                                                  : n * depth + k] =
          quantized.values[n * depth + k] * quantized.scales[n];
  return tensor;
}

/// Makes the weights of all layers of `module` inputs of it.
static LogicalResult exposeWeights(ModuleOp module,
                                   std::vector<HostTensor> &weights) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (const FloatLayer &layer : findQuantizedValues(module).layers) {
    unsigned index = main.getNumArguments();
    RankedTensorType type = layer.getWeightType();
    std::vector<float> stored;
    if (!nn::readConstant(layer.weights, stored) ||
        failed(main.insertArgument(index, type, {}, layer.op->getLoc())))
      return failure();
    layer.op->setOperand(1, main.getArgument(index));
    HostTensor tensor(DType::Float32, type.getShape());
    llvm::copy(stored, tensor.elements<float>().begin());
    weights.push_back(tensor);
  }
  return success();
}

/// What each width of each layer does to the outputs.
static LogicalResult measure(ModuleOp module, const CalibrationData &data,
                             unsigned group,
                             MutableArrayRef<Candidate> candidates) {
  // More would tell little that these do not.
  constexpr size_t kSamples = 8;
  std::vector<HostTensor> weights;
  OwningOpRef<ModuleOp> exposed(module.clone());
  if (failed(exposeWeights(*exposed, weights)))
    return failure();
  RunFunction run = data.compile(std::move(exposed));
  if (!run)
    return failure();
  std::vector<Tensors> expected;
  size_t count = std::min(kSamples, data.samples.size());
  auto runOne = [&](size_t i) {
    Tensors arguments = data.samples[i * data.samples.size() / count];
    arguments.insert(arguments.end(), weights.begin(), weights.end());
    return run(arguments);
  };
  for (size_t i = 0; i < count; ++i) {
    auto results = runOne(i);
    if (!results)
      return module.emitError() << llvm::toString(results.takeError());
    expected.push_back(std::move(*results));
  }
  for (auto [index, candidate] : llvm::enumerate(candidates)) {
    HostTensor original = weights[index];
    for (unsigned bits = kLeastBits; bits <= kMostBits; bits *= 2) {
      weights[index] = makeWeights(candidate, bits, group);
      Likeness likeness;
      for (size_t i = 0; i < count; ++i) {
        auto results = runOne(i);
        if (!results)
          return module.emitError() << llvm::toString(results.takeError());
        for (auto [a, b] : llvm::zip(expected[i], *results))
          likeness.add(a, b);
      }
      candidate.noise[bits] = std::pow(10, -likeness.getSqnr() / 10);
    }
    weights[index] = original;
  }
  return success();
}

static void printTable(ArrayRef<Candidate> candidates, double bytes,
                       llvm::raw_ostream &os) {
  os << llvm::formatv("{0,4} {1,9} {2,9} {3,12}  {4}\n", "bits", "SQNR dB",
                      "bytes", "MACs", "layer");
  for (const Candidate &candidate : candidates)
    os << llvm::formatv(
        "{0,4} {1,9} {2,9} {3,12}  {4}\n", candidate.bits,
        llvm::formatv("{0:f1}",
                      -10 * std::log10(candidate.noise[candidate.bits]))
            .str(),
        uint64_t(candidate.getBytes(candidate.bits)), candidate.macs,
        getLayerName(candidate.layer.op));
  os << "weights take " << uint64_t(bytes) << " bytes\n";
}

LogicalResult lacuna::chooseWidths(ModuleOp module, QuantizationSpec &spec,
                                   const CalibrationData &data) {
  std::vector<Candidate> candidates;
  double bytes = 0, least = 0;
  for (const FloatLayer &layer : findQuantizedValues(module).layers) {
    Candidate &candidate = candidates.emplace_back();
    candidate.layer = layer;
    candidate.weights = readWeights(layer);
    candidate.macs = cast<nn::MacOpInterface>(layer.op).getMacs();
    bytes += candidate.getBytes(kMostBits);
    least += candidate.getBytes(kLeastBits);
  }
  double budget = spec.budget->weightBytes;
  if (least > budget)
    return module.emitError()
           << "--quantize=auto: " << kLeastBits << " bits take "
           << uint64_t(least) << " bytes of weights, more than the "
           << uint64_t(budget) << " to be kept";
  if (failed(measure(module, data, spec.group, candidates)))
    return failure();
  // Halve a width where that costs least noise a byte.
  while (bytes > budget) {
    Candidate *best = nullptr;
    double leastCost = 0;
    for (Candidate &candidate : candidates) {
      if (candidate.bits == kLeastBits)
        continue;
      unsigned next = candidate.bits / 2;
      double cost = (candidate.noise[next] - candidate.noise[candidate.bits]) /
                    (candidate.getBytes(candidate.bits) -
                     candidate.getBytes(next) + 1e-9);
      if (!best || cost < leastCost) {
        best = &candidate;
        leastCost = cost;
      }
    }
    // All have the least bits, which the sum of roundings may miss by a hair.
    if (!best)
      break;
    bytes -= best->getBytes(best->bits) - best->getBytes(best->bits / 2);
    best->bits /= 2;
  }
  for (const Candidate &candidate : candidates) {
    auto [widths, isNew] =
        spec.layers.try_emplace(getLayerName(candidate.layer.op), spec.widths);
    if (isNew)
      widths->second.weights = candidate.bits;
  }
  if (data.table)
    printTable(candidates, bytes, *data.table);
  return success();
}
