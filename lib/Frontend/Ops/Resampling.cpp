//===- Resampling.cpp - Upsample, Resize -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"

#include "dialects/nn/IR/NNDialect.h"

#include <cmath>

using namespace mlir;
using namespace lacuna;

namespace {
/// What one `nn.resize` does; arrays have one entry a dimension, `roi` two.
struct ResizePlan {
  nn::ResizeMode mode = nn::ResizeMode::Nearest;
  nn::ResizeCoordinates coordinates = nn::ResizeCoordinates::Asymmetric;
  nn::ResizeRounding rounding = nn::ResizeRounding::Floor;
  SmallVector<double> scales, roi;
  SmallVector<int64_t> shape;
  double cubicA = -0.75, extrapolation = 0;
  bool excludeOutside = false, antialias = false;
};
} // namespace

static LogicalResult checkPlan(Node &node, const ResizePlan &plan) {
  const Operand &input = node.getInput(0);
  double count = 1;
  for (auto [size, scale, result] :
       llvm::zip(input.getShape(), plan.scales, plan.shape)) {
    if (!std::isfinite(scale) || scale <= 0)
      return node.invalid("it scales a dimension by " + std::to_string(scale));
    if (size < 1)
      return node.invalid("its input has an empty dimension");
    if (result < 1)
      return node.invalid("its result would have a dimension of " +
                          Twine(result));
    count *= result;
  }
  if (count > double(kMaxExtent))
    return node.unsupported("its result would have more than 2^31 elements");
  return success();
}

static Value createResize(Node &node, Value input, const ResizePlan &plan) {
  ImplicitLocOpBuilder &b = node.b;
  auto type = cast<RankedTensorType>(input.getType());
  nn::ResizeRoundingAttr rounding;
  if (plan.mode == nn::ResizeMode::Nearest)
    rounding = nn::ResizeRoundingAttr::get(b.getContext(), plan.rounding);
  DenseF64ArrayAttr roi;
  if (plan.coordinates == nn::ResizeCoordinates::TfCropAndResize)
    roi = b.getDenseF64ArrayAttr(plan.roi);
  return nn::ResizeOp::create(
      b, RankedTensorType::get(plan.shape, type.getElementType()), input,
      nn::ResizeModeAttr::get(b.getContext(), plan.mode),
      nn::ResizeCoordinatesAttr::get(b.getContext(), plan.coordinates),
      rounding, b.getDenseF64ArrayAttr(plan.scales), roi,
      b.getF64FloatAttr(plan.cubicA), b.getF64FloatAttr(plan.extrapolation),
      plan.excludeOutside ? b.getUnitAttr() : UnitAttr(),
      plan.antialias ? b.getUnitAttr() : UnitAttr());
}

/// Output 0 by `plan`. Integers are interpolated in floating point and rounded
/// towards zero.
static LogicalResult resizeOutput(Node &node, const ResizePlan &plan) {
  const Operand &input = node.getInput(0);
  if (failed(checkPlan(node, plan)))
    return failure();
  if (plan.mode == nn::ResizeMode::Nearest || input.isFloat()) {
    node.setOutput(createResize(node, input.value, plan));
    return success();
  }
  if (plan.mode == nn::ResizeMode::Cubic)
    return node.unsupported("cubic interpolation of integers may leave their "
                            "range",
                            "cast the input to float32 before it");
  if (input.type == DType::Bool)
    return node.unsupported("it interpolates between booleans");
  unsigned width = input.getElementType().getIntOrFloatBitWidth();
  DType wide = width > 16 ? DType::Float64 : DType::Float32;
  Operand result = castTensor(node.b, input, wide);
  result.value = createResize(node, result.value, plan);
  node.setOutput(castTensor(node.b, result, input.type).value);
  return success();
}

/// The size that ONNX gives a dimension: computed in float32, rounded down.
static int64_t scaleSize(int64_t size, double scale) {
  float scaled = std::floor(float(size) * float(scale));
  if (!(scaled >= 0))
    return 0;
  return std::min<double>(scaled, kMaxExtent);
}

//===----------------------------------------------------------------------===//
// Upsample, and Resize of opset 10
//===----------------------------------------------------------------------===//

/// Nearest elements are then found by rounding down, or up where a dimension
/// shrinks. As one operation rounds one way, that takes up to two.
static LogicalResult importSimpleResize(Node &node, ArrayRef<double> scales,
                                        bool mayShrink) {
  const Operand &input = node.getInput(0);
  StringRef mode = node.getString("mode", "nearest");
  if (int64_t(scales.size()) != input.getRank())
    return node.invalid("it has " + Twine(scales.size()) +
                        " scales for an input of rank " +
                        Twine(input.getRank()));
  ResizePlan plan;
  plan.scales.assign(scales.begin(), scales.end());
  bool shrinks = false;
  for (auto [size, scale] : llvm::zip(input.getShape(), scales)) {
    plan.shape.push_back(scaleSize(size, scale));
    shrinks |= scale < 1;
  }
  if (shrinks && !mayShrink)
    return node.invalid("it scales a dimension by less than 1");
  if (mode == "linear" || mode == "bilinear") {
    plan.mode = nn::ResizeMode::Linear;
    return resizeOutput(node, plan);
  }
  if (mode != "nearest")
    return node.invalid("attribute 'mode' is '" + mode + "'");
  if (!shrinks)
    return resizeOutput(node, plan);
  if (failed(checkPlan(node, plan)))
    return failure();
  ResizePlan shrink = plan, grow = plan;
  shrink.rounding = nn::ResizeRounding::Ceil;
  bool grows = false;
  for (size_t i = 0; i < scales.size(); ++i) {
    if (scales[i] < 1) {
      grow.scales[i] = 1;
      continue;
    }
    grows |= scales[i] > 1;
    shrink.scales[i] = 1;
    shrink.shape[i] = input.getDim(i);
  }
  Value result = createResize(node, input.value, shrink);
  node.setOutput(grows ? createResize(node, result, grow) : result);
  return success();
}

static LogicalResult importUpsample7(Node &node) {
  SmallVector<float> scales = node.getFloats("scales");
  return importSimpleResize(
      node, SmallVector<double>(scales.begin(), scales.end()), false);
}

static LogicalResult importUpsample9(Node &node) {
  FailureOr<SmallVector<double>> scales = node.getConstantFloats(1);
  if (failed(scales))
    return failure();
  return importSimpleResize(node, *scales, false);
}

static LogicalResult importResize10(Node &node) {
  FailureOr<SmallVector<double>> scales = node.getConstantFloats(1);
  if (failed(scales))
    return failure();
  return importSimpleResize(node, *scales, true);
}

//===----------------------------------------------------------------------===//
// Resize
//===----------------------------------------------------------------------===//

static LogicalResult readModes(Node &node, ResizePlan &plan) {
  auto choose = [&](StringRef name, StringRef otherwise,
                    auto &result) -> LogicalResult {
    StringRef text = node.getString(name, otherwise);
    auto value = nn::symbolizeEnum<std::decay_t<decltype(result)>>(text);
    if (!value)
      return node.invalid("attribute '" + name + "' is '" + text + "'");
    result = *value;
    return success();
  };
  if (failed(choose("mode", "nearest", plan.mode)) ||
      failed(choose("coordinate_transformation_mode", "half_pixel",
                    plan.coordinates)) ||
      failed(choose("nearest_mode", "round_prefer_floor", plan.rounding)))
    return failure();
  plan.cubicA = node.getFloat("cubic_coeff_a", -0.75);
  plan.extrapolation = node.getFloat("extrapolation_value", 0);
  plan.excludeOutside = node.getInt("exclude_outside", 0) != 0;
  plan.antialias = node.getInt("antialias", 0) != 0;
  return success();
}

/// The dimensions that scales, sizes and roi are about.
static FailureOr<SmallVector<int64_t>> readAxes(Node &node) {
  int64_t rank = node.getInput(0).getRank();
  if (!node.hasAttr("axes"))
    return llvm::to_vector(llvm::seq<int64_t>(0, rank));
  SmallVector<int64_t> axes = node.getInts("axes");
  for (int64_t &axis : axes) {
    FailureOr<int64_t> wrapped = node.wrapAxis(axis, rank);
    if (failed(wrapped))
      return failure();
    axis = *wrapped;
    if (llvm::count(axes, axis) > 1)
      return node.invalid("attribute 'axes' names a dimension twice");
  }
  return axes;
}

/// Sizes of the result, for the dimensions `axes`, and the scales they make.
static LogicalResult readSizes(Node &node, ArrayRef<int64_t> axes,
                               ResizePlan &plan) {
  FailureOr<SmallVector<int64_t>> sizes = node.getConstantInts(3);
  if (failed(sizes))
    return failure();
  if (sizes->size() != axes.size())
    return node.invalid("it has " + Twine(sizes->size()) + " sizes for " +
                        Twine(axes.size()) + " dimensions");
  const Operand &input = node.getInput(0);
  for (auto [axis, size] : llvm::zip(axes, *sizes)) {
    if (input.getDim(axis) < 1)
      return node.invalid("its input has an empty dimension");
    plan.shape[axis] = size;
    plan.scales[axis] = double(size) / input.getDim(axis);
  }
  StringRef policy = node.getString("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch" || axes.empty())
    return success();
  if (policy != "not_larger" && policy != "not_smaller")
    return node.invalid("attribute 'keep_aspect_ratio_policy' is '" + policy +
                        "'");
  double scale = plan.scales[axes[0]];
  for (int64_t axis : axes)
    scale = policy == "not_larger" ? std::min(scale, plan.scales[axis])
                                   : std::max(scale, plan.scales[axis]);
  for (int64_t axis : axes) {
    plan.scales[axis] = scale;
    plan.shape[axis] =
        std::clamp<double>(scale * input.getDim(axis) + 0.5, 0, kMaxExtent);
  }
  return success();
}

static LogicalResult readScales(Node &node, ArrayRef<int64_t> axes,
                                ResizePlan &plan) {
  FailureOr<SmallVector<double>> scales = node.getConstantFloats(2);
  if (failed(scales))
    return failure();
  if (scales->size() != axes.size())
    return node.invalid("it has " + Twine(scales->size()) + " scales for " +
                        Twine(axes.size()) + " dimensions");
  for (auto [axis, scale] : llvm::zip(axes, *scales)) {
    plan.scales[axis] = scale;
    plan.shape[axis] = scaleSize(node.getInput(0).getDim(axis), scale);
  }
  return success();
}

static LogicalResult readRoi(Node &node, ArrayRef<int64_t> axes,
                             ResizePlan &plan) {
  size_t rank = plan.shape.size();
  plan.roi.assign(rank, 0);
  plan.roi.resize(2 * rank, 1);
  if (!node.hasInput(1))
    return node.invalid("it crops, but has no region to crop");
  FailureOr<SmallVector<double>> roi = node.getConstantFloats(1);
  if (failed(roi))
    return failure();
  if (roi->size() != 2 * axes.size())
    return node.invalid("its region of interest has " + Twine(roi->size()) +
                        " entries, but needs " + Twine(2 * axes.size()));
  for (auto [i, axis] : llvm::enumerate(axes)) {
    plan.roi[axis] = (*roi)[i];
    plan.roi[axis + rank] = (*roi)[i + axes.size()];
  }
  return success();
}

static LogicalResult importResize(Node &node) {
  const Operand &input = node.getInput(0);
  ResizePlan plan;
  plan.shape.assign(input.getShape().begin(), input.getShape().end());
  plan.scales.assign(input.getRank(), 1);
  FailureOr<SmallVector<int64_t>> axes = readAxes(node);
  if (failed(axes) || failed(readModes(node, plan)))
    return failure();
  // An absent input may also be an empty one.
  auto isGiven = [&](size_t index) {
    return node.hasInput(index) && node.getInput(index).getNumElements() != 0;
  };
  if (isGiven(2) && isGiven(3))
    return node.invalid("it has both scales and sizes");
  if (!isGiven(2) && !isGiven(3) && !axes->empty())
    return node.invalid("it has neither scales nor sizes");
  if (isGiven(3) && failed(readSizes(node, *axes, plan)))
    return failure();
  if (isGiven(2) && failed(readScales(node, *axes, plan)))
    return failure();
  if (plan.coordinates == nn::ResizeCoordinates::TfCropAndResize &&
      failed(readRoi(node, *axes, plan)))
    return failure();
  return resizeOutput(node, plan);
}

void lacuna::registerResamplingOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Resize", 10, importResize10},
      {"Resize", 11, importResize},
      {"Upsample", 7, importUpsample7},
      {"Upsample", 9, importUpsample9},
      {"Upsample", 10, nullptr, "ONNX replaced it by Resize in opset 10"},
  };
  table.add(entries);
}
