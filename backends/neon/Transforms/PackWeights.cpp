//===- PackWeights.cpp - Weights in the order that kernels read them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Geometry.h"
#include "backends/neon/HalideRequest.h"
#include "backends/neon/Packing.h"
#include "backends/neon/Transforms/ChannelsLast.h"
#include "backends/neon/Transforms/Passes.h"

#include "dialects/nn/IR/Constants.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include <numeric>

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONPACKWEIGHTS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

namespace {
struct NeonPackWeights : neon::impl::NeonPackWeightsBase<NeonPackWeights> {
  using NeonPackWeightsBase::NeonPackWeightsBase;
  void runOnOperation() override;

private:
  LogicalResult pack(neon::ConvOp op);
  template <typename T>
  LogicalResult packFloats(neon::ConvOp op, const Geometry &geometry);
  LogicalResult packBytes(neon::ConvOp op, const Geometry &geometry);
  template <typename T>
  LogicalResult packBlocks(neon::ConvOp op, const Geometry &geometry);
  bool prefersWinograd(neon::ConvOp op, const Geometry &geometry) const;
  bool offsetBias(neon::ConvOp op, int64_t filters);
  Form chooseForm(const Filters<int8_t> &filters, int64_t depth,
                  std::string &proof) const;

  template <typename T>
  bool read(Value value, std::vector<T> &out);
  template <typename T>
  void replace(OpOperand &operand, ArrayRef<T> values);

  SymbolTable *symbols = nullptr;
};
} // namespace

template <typename T>
bool NeonPackWeights::read(Value value, std::vector<T> &out) {
  auto get = value ? value.getDefiningOp<memref::GetGlobalOp>() : nullptr;
  auto global =
      get ? symbols->lookup<memref::GlobalOp>(get.getName()) : nullptr;
  return global && nn::readElements(global.getInitialValueAttr(), out);
}

/// Gives `operand` the constant `values` instead.
template <typename T>
void NeonPackWeights::replace(OpOperand &operand, ArrayRef<T> values) {
  Operation *op = operand.getOwner();
  OpBuilder b(op);
  auto type = cast<MemRefType>(operand.get().getType());
  auto packedType =
      MemRefType::get({int64_t(values.size())}, type.getElementType());
  TypedAttr attr =
      nn::makeElements(type.getElementType(), values, {int64_t(values.size())});
  OpBuilder atTop = OpBuilder::atBlockBegin(getOperation().getBody());
  auto global = memref::GlobalOp::create(
      atTop, op->getLoc(), "packed", b.getStringAttr("private"), packedType,
      attr, /*constant=*/true, /*alignment=*/IntegerAttr());
  symbols->insert(global);
  operand.set(memref::GetGlobalOp::create(b, op->getLoc(), packedType,
                                          global.getSymName()));
}

static OpOperand &getOperand(neon::ConvOp op, Value value) {
  return *llvm::find_if(op->getOpOperands(), [&](OpOperand &operand) {
    return operand.get() == value;
  });
}

/// T is float, or uint16_t for the bits of a half.
template <typename T>
LogicalResult NeonPackWeights::packFloats(neon::ConvOp op,
                                          const Geometry &geometry) {
  std::vector<T> values;
  if (!read(op.getWeights(), values))
    return op.emitOpError("has weights that are not constant");
  auto type = cast<MemRefType>(op.getWeights().getType());
  Filters<T> filters{values, type.getDimSize(0), type.getDimSize(1),
                     llvm::product_of(op.getKernel(), int64_t(1)),
                     int64_t(op.getGroup())};
  OpOperand &weights = getOperand(op, op.getWeights());
  if (op.getDepthwise()) {
    replace<T>(weights, packDepthwiseFloat(filters));
    return success();
  }
  Tile tile = chooseTileFloat(geometry.getProduct(), kLanes<T>);
  op.setTile(ArrayRef<int64_t>{tile.rows, tile.columns, tile.unroll});
  op->setAttr(kInstructionsAttr,
              Builder(op.getContext())
                  .getF64FloatAttr(tile.instructions * geometry.groups));
  replace<T>(weights, packConv(filters, tile.columns));
  return success();
}

/// The largest sum of magnitudes of one filter in one of the lanes of 16 bits
/// of `conv_s8`.
static int64_t getLargestLane(const Filters<int8_t> &filters, int64_t depth) {
  constexpr int64_t kLanes = 8;
  PackedDepth layout{depth, 16};
  int64_t taps = filters.channels * filters.taps / depth, most = 0;
  for (int64_t filter = 0; filter < filters.filters; ++filter) {
    std::array<int64_t, kLanes> sums = {};
    for (int64_t tap = 0; tap < taps; ++tap)
      for (int64_t p = 0; p < layout.padded(); ++p)
        if (int64_t k = layout.source(p); k >= 0) {
          int64_t step = tap * depth + k;
          sums[p % kLanes] += std::abs(int(filters.at(
              filter, step % filters.channels, step / filters.channels)));
        }
    most = std::max(most, *llvm::max_element(sums));
  }
  return most;
}

/// The form with the fewest instructions that is exact for these weights.
Form NeonPackWeights::chooseForm(const Filters<int8_t> &filters, int64_t depth,
                                 std::string &proof) const {
  constexpr int64_t kLargestInput = 128, kLargestSum = 32767;
  if (i8mm)
    return Form::Smmla;
  if (dotprod)
    return Form::Sdot;
  int64_t most = 0, each = filters.channels * filters.taps;
  for (int64_t filter = 0; filter < filters.filters; ++filter) {
    int64_t sum = 0;
    for (int8_t weight : filters.values.slice(filter * each, each))
      sum += std::abs(int(weight));
    most = std::max(most, kLargestInput * sum);
  }
  if (most <= kLargestSum) {
    proof =
        "128 x sum|w| <= " + std::to_string(most) + ": 16 bits hold all sums";
    return Form::Int16;
  }
  int64_t lane = kLargestInput * getLargestLane(filters, depth);
  if (lane > kLargestSum)
    return Form::Smull;
  proof = "128 x sum|w| <= " + std::to_string(lane) +
          " in each lane: 16 bits hold all";
  return Form::Int16Lanes;
}

static StringRef getFormName(Form form) {
  switch (form) {
  case Form::Sdot:
    return "sdot";
  case Form::Smmla:
    return "smmla";
  case Form::Smull:
    return "smull";
  case Form::Int16:
    return "int16";
  case Form::Int16Lanes:
    return "int16_lanes";
  }
  llvm_unreachable("all forms are handled");
}

/// Whether no input of bytes brings a scaled sum near the end of 16 bits.
static bool fitsInt16(ArrayRef<int8_t> weights, ArrayRef<int32_t> bias,
                      ArrayRef<float> scales) {
  // A zero point, a byte, is added after.
  constexpr double kLimit = 32000;
  int64_t each = weights.size() / bias.size();
  for (size_t filter = 0; filter < bias.size(); ++filter) {
    double sum = std::abs(double(bias[filter]));
    for (int8_t weight : weights.slice(filter * each, each))
      sum += 128.0 * std::abs(int(weight));
    if (!(sum * std::abs(scales[filter]) < kLimit))
      return false;
  }
  return true;
}

/// How many products of one filter and neighbouring taps always fit 16 bits.
static int64_t chooseRun(ArrayRef<int8_t> weights, int64_t filters) {
  int64_t taps = weights.size() / filters;
  for (int64_t run = taps; run > 2; --run) {
    bool fits = true;
    for (int64_t filter = 0; filter < filters && fits; ++filter)
      for (int64_t first = 0; first < taps && fits; first += run) {
        int64_t sum = 0;
        for (int64_t tap = first; tap < std::min(first + run, taps); ++tap)
          sum += std::abs(int(weights[filter * taps + tap]));
        fits = 128 * sum <= 32767;
      }
    if (fits)
      return run;
  }
  return std::min<int64_t>(2, taps);
}

/// Weights in the order and the bits that `conv_s8` reads. May make `tile`
/// narrower.
static StoredWeights store(const Filters<int8_t> &filters, int64_t depth,
                           int64_t together, Tile &tile) {
  // The kernel widens a tile of columns on the stack.
  constexpr int64_t kMostWidened = (1 << 16) - 128;
  for (int64_t columns = tile.columns; columns >= 4; columns /= 2) {
    std::vector<int64_t> sizes =
        getTileSizes(filters, columns, depth, together);
    if (sizes.empty() || sizes.front() > kMostWidened)
      continue;
    StoredWeights stored = storeWeights(
        packConv(filters, columns, depth, together), sizes, {depth, together},
        filters.taps * filters.channels / depth);
    if (stored.bits.bits != 8) {
      tile.columns = columns;
      return stored;
    }
    break;
  }
  StoredWeights stored;
  stored.bytes = packConv(filters, tile.columns, depth, together);
  return stored;
}

LogicalResult NeonPackWeights::packBytes(neon::ConvOp op,
                                         const Geometry &geometry) {
  std::vector<int8_t> values;
  std::vector<int32_t> bias;
  std::vector<float> scales;
  if (!read(op.getWeights(), values) || !read(op.getBias(), bias) ||
      !read(op.getScale(), scales))
    return op.emitOpError("has weights that are not constant");
  auto type = cast<MemRefType>(op.getWeights().getType());
  Filters<int8_t> filters{values, type.getDimSize(0), type.getDimSize(1),
                          llvm::product_of(op.getKernel(), int64_t(1)),
                          int64_t(op.getGroup())};
  OpBuilder b(op);
  op.setFitsInt16(fitsInt16(values, bias, scales));
  OpOperand &weights = getOperand(op, op.getWeights());
  if (op.getDepthwise()) {
    int64_t run = chooseRun(values, filters.filters);
    op.setTile(ArrayRef<int64_t>{1, run});
    if (run > 2)
      op.setFormAttr(
          b.getStringAttr("int16 sums of " + std::to_string(run) +
                          " taps, exact: 128 x sum|w| <= 32767 for each"));
    bias.resize(std::max<size_t>(bias.size(), 8));
    scales.resize(std::max<size_t>(scales.size(), 8));
    replace<int8_t>(weights, packDepthwise(filters));
  } else {
    std::string proof;
    Form form = chooseForm(filters, geometry.depth, proof);
    Tile tile = chooseTileS8(geometry.getProduct(), form);
    int64_t together = form == Form::Sdot ? 4 : form == Form::Smmla ? 8 : 16;
    StoredWeights stored = store(filters, geometry.depth, together, tile);
    op.setTile(ArrayRef<int64_t>{tile.rows, tile.columns, tile.unroll});
    op.setWeightBits(stored.bits.bits);
    op.setOutliers(stored.outliers);
    op.setFactorDepth(stored.bits.factor_depth);
    op.setFormAttr(b.getStringAttr(getFormName(form)));
    if (!proof.empty())
      op->setAttr(kProofAttr, b.getStringAttr(proof));
    replace<int8_t>(weights, stored.bytes);
    bias = fillGroups<int32_t>(bias, filters.groups);
    scales = fillGroups<float>(scales, filters.groups);
    if (form == Form::Smmla) {
      bias = doublePairs<int32_t>(bias);
      scales = doublePairs<float>(scales);
    }
  }
  replace<int32_t>(getOperand(op, op.getBias()), bias);
  replace<float>(getOperand(op, op.getScale()), scales);
  return success();
}

/// Kernels of Halide multiply bytes less -128, so that they are unsigned. False
/// if sums might leave 32 bits then.
bool NeonPackWeights::offsetBias(neon::ConvOp op, int64_t filters) {
  std::vector<int8_t> weights;
  std::vector<int32_t> bias;
  if (!read(op.getWeights(), weights) || !read(op.getBias(), bias))
    return false;
  int64_t each = weights.size() / filters;
  for (int64_t filter = 0; filter < filters; ++filter) {
    int64_t sum = 0, magnitude = 0;
    for (int64_t i = filter * each; i < (filter + 1) * each; ++i) {
      sum += weights[i];
      magnitude += std::abs(int(weights[i]));
    }
    int64_t begin = bias[filter] - 128 * sum;
    if (std::abs(begin) + 255 * magnitude > std::numeric_limits<int32_t>::max())
      return false;
    bias[filter] = int32_t(begin);
  }
  replace<int32_t>(getOperand(op, op.getBias()), bias);
  return true;
}

/// The largest power of two that is at most `most`.
static int64_t floorPowerOfTwo(int64_t most) {
  return int64_t(1) << llvm::Log2_64(most);
}

/// Filters of 3x3 as Winograd's F(2x2, 3x3) multiplies them: at 16 places.
static std::vector<float> transformFilters(ArrayRef<float> filters) {
  static constexpr double kRows[4][3] = {
      {1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  std::vector<float> places;
  for (; !filters.empty(); filters = filters.drop_front(9))
    for (int place = 0; place < 16; ++place) {
      double sum = 0;
      for (int tap = 0; tap < 9; ++tap)
        sum += kRows[place / 4][tap / 3] * kRows[place % 4][tap % 3] *
               double(filters[tap]);
      places.push_back(float(sum));
    }
  return places;
}

/// Whether the kernel of `op`, whose geometry has all its taps, should be
/// Winograd's: of two by two outputs 16 products are left of 36, and each
/// channel of inputs and outputs is transformed.
bool NeonPackWeights::prefersWinograd(neon::ConvOp op,
                                      const Geometry &geometry) const {
  // As many products as take so long.
  constexpr int64_t kTransformation = 50;
  int64_t depth = geometry.depth, channels = geometry.channels;
  if (op.getDepthwise() || op.getScale() || op.getGroup() != 1 ||
      geometry.taps != Geometry::Three{1, 3, 3} ||
      geometry.tapStep[1] != geometry.inStep[1] ||
      geometry.tapStep[2] != geometry.inStep[2] || depth < lanes ||
      channels % lanes || geometry.out[1] < 2 || geometry.out[2] < 4 ||
      16 * depth * channels * int64_t(sizeof(float)) > winogradBytes)
    return false;
  int64_t direct = 36 * depth * channels;
  int64_t ours = 16 * depth * channels + kTransformation * (depth + channels);
  return 5 * ours < 4 * direct;
}

/// T is float or int8_t.
template <typename T>
LogicalResult NeonPackWeights::packBlocks(neon::ConvOp op,
                                          const Geometry &geometry) {
  std::vector<T> values;
  if (!read(op.getWeights(), values))
    return op.emitOpError("has weights that are not constant");
  auto type = cast<MemRefType>(op.getWeights().getType());
  int64_t taps = llvm::product_of(op.getKernel(), int64_t(1));
  if constexpr (std::is_same_v<T, float>)
    if (op->hasAttr(kWinogradAttr)) {
      values = transformFilters(values);
      taps = 16;
    }
  Filters<T> filters{values, type.getDimSize(0), type.getDimSize(1), taps,
                     op.getDepthwise() ? 1 : int64_t(op.getGroup())};
  bool isBytes = bool(op.getScale());
  bool overlaps = isBytes || op.getDepthwise();
  int64_t block =
      op.getPlanar() ? 1
      : overlaps
          ? std::min<int64_t>(lanes, floorPowerOfTwo(geometry.channels))
          : std::min<int64_t>(lanes, llvm::PowerOf2Ceil(geometry.channels));
  // A residual may lie where the result goes, and is read once. A bias that is
  // computed cannot be filled up.
  std::vector<float> bias;
  bool mustFit = (op.getDepthwise() && op.getResidual()) ||
                 (!isBytes && op.getBias() && !read(op.getBias(), bias));
  while (mustFit && geometry.channels % block)
    block /= 2;
  int64_t beside = isBytes && !op.getDepthwise() ? int64_t(together) : 1;
  op->setAttr(kBlockAttr,
              Builder(op.getContext()).getDenseI64ArrayAttr({block, beside}));
  replace<T>(
      getOperand(op, op.getWeights()),
      neon::packBlocks(filters, geometry.depth, block, beside, overlaps));
  if (!overlaps && !bias.empty())
    replace<float>(getOperand(op, op.getBias()),
                   fillGroups<float>(bias, filters.groups, block));
  return success();
}

LogicalResult NeonPackWeights::pack(neon::ConvOp op) {
  if (failed(checkMemory(op)))
    return failure();
  if (lanes && winogradBytes) {
    op->setAttr(kWinogradAttr, UnitAttr::get(op.getContext()));
    if (!prefersWinograd(op, getGeometry(op)))
      op->removeAttr(kWinogradAttr);
  }
  Geometry geometry = getGeometry(op);
  if (lanes && !op.getScale())
    return packBlocks<float>(op, geometry);
  if (lanes &&
      offsetBias(op, cast<MemRefType>(op.getWeights().getType()).getDimSize(0)))
    return packBlocks<int8_t>(op, geometry);
  if (op.getScale())
    return packBytes(op, geometry);
  if (cast<MemRefType>(op.getInit().getType()).getElementType().isF16())
    return packFloats<uint16_t>(op, geometry);
  return packFloats<float>(op, geometry);
}

void NeonPackWeights::runOnOperation() {
  SymbolTable table(getOperation());
  symbols = &table;
  WalkResult result = getOperation()->walk([&](neon::ConvOp op) {
    return failed(pack(op)) ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (result.wasInterrupted())
    return signalPassFailure();
  // What was packed is read no more.
  for (auto global :
       llvm::make_early_inc_range(getOperation().getOps<memref::GlobalOp>())) {
    bool used = false;
    getOperation()->walk([&](memref::GetGlobalOp get) {
      if (get.getName() == global.getSymName())
        get->use_empty() ? get.erase() : void(used = true);
    });
    if (!used)
      global.erase();
  }
}
