//===- StreamRoles.cpp - How each operation sees time -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/Transforms/StreamPlan.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/Window.h"
#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::tconv;

namespace lacuna::tconv {

/// Finds the role of one operation that sees frames, and the way of its
/// results through time.
class RoleFinder {
public:
  RoleFinder(StreamPlan &plan, Operation *op, ReportFn report)
      : plan(plan), op(op), report(report) {}

  LogicalResult find();

private:
  LogicalResult fail(const Twine &reason, const Twine &remedy) {
    report(op->getLoc(), reason, remedy);
    return failure();
  }
  LogicalResult failMixed() {
    return fail("it mixes the frames of a clip, which a step has not all of",
                "compile the network without --stream, or cut it before this "
                "layer");
  }
  const Timed *get(Value value) const {
    return value ? plan.getTimed(value) : nullptr;
  }
  Role &setRole(Role::Kind kind, unsigned operand = 0) {
    Role &role = plan.roles[op];
    role.kind = kind;
    role.operand = operand;
    return role;
  }
  /// The result has the frames of `operand`, at `axis`.
  LogicalResult keepFrames(const Timed &operand, int64_t axis,
                           unsigned result = 0) {
    setRole(Role::Frames);
    plan.timed[op->getResult(result)] =
        Timed{axis, operand.outer, operand.inner, operand.rate, 0};
    return success();
  }
  LogicalResult collapse(int64_t from = 0, int64_t count = 0);
  LogicalResult slide(unsigned operand, int64_t axis, int64_t extent,
                      int64_t step, int64_t padBegin, int64_t padEnd,
                      TypedAttr fill);

  LogicalResult findLinalg(linalg::LinalgOp generic);
  template <typename ConvOp>
  LogicalResult findConv(ConvOp conv, TypedAttr fill);
  template <typename PoolOp>
  LogicalResult findPool(PoolOp pool, TypedAttr fill);
  template <typename MatMulOp>
  LogicalResult findMatMul(MatMulOp product, bool transposeLhs,
                           bool transposeRhs);
  LogicalResult findReshape();
  LogicalResult findSlice(tensor::ExtractSliceOp slice);
  LogicalResult findPad(tensor::PadOp pad);
  LogicalResult findConcat(tensor::ConcatOp concat);
  LogicalResult findSum(qnn::AddOp sum);
  LogicalResult findRecurrent(nn::RecurrentOp cell);
  LogicalResult findAlongOthers(int64_t axis);

  StreamPlan &plan;
  Operation *op;
  ReportFn report;
};

} // namespace lacuna::tconv

static RankedTensorType getType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Whether frames of two values belong to each other, one by one.
static bool isAlike(const Timed &a, const Timed &b) {
  return a.outer == b.outer && a.inner == b.inner &&
         a.rate->length == b.rate->length && a.rate->stride == b.rate->stride;
}

LogicalResult RoleFinder::collapse(int64_t from, int64_t count) {
  Role &role = setRole(Role::Collapse);
  role.from = from;
  for (Value operand : op->getOperands())
    if (const Timed *frames = get(operand))
      role.count = count ? count : frames->rate->length;
  plan.clips.insert_range(op->getResults());
  return success();
}

LogicalResult RoleFinder::slide(unsigned operand, int64_t axis, int64_t extent,
                                int64_t step, int64_t padBegin, int64_t padEnd,
                                TypedAttr fill) {
  const Timed frames = *get(op->getOperand(operand));
  int64_t room = frames.rate->length + padBegin + padEnd - extent;
  int64_t length = room / step + 1;
  if (length == 1)
    return padBegin == 0 && padEnd == 0
               ? collapse()
               : fail("its only window reaches beyond the clip",
                      "give a longer clip with --shape");
  plan.rates.push_back(Rate{length, frames.rate->stride * step, frames.rate,
                            padBegin, padEnd, extent, step});
  setRole(Role::Window, operand).fill = fill;
  plan.timed[op->getResult(0)] = Timed{axis, 1, 1, &plan.rates.back(), 0};
  plan.temporal += extent > 1 || step > 1;
  return success();
}

LogicalResult RoleFinder::findLinalg(linalg::LinalgOp generic) {
  std::optional<unsigned> loop;
  const Timed *first = nullptr;
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  for (OpOperand &operand : op->getOpOperands()) {
    const Timed *frames = get(operand.get());
    if (!frames || operand.getOperandNumber() >= maps.size())
      continue;
    auto expr = dyn_cast<AffineDimExpr>(
        maps[operand.getOperandNumber()].getResult(frames->axis));
    if (!expr)
      return failMixed();
    if (!first) {
      first = frames;
      loop = expr.getPosition();
    }
    if (expr.getPosition() != *loop || !isAlike(*frames, *first))
      return failMixed();
  }
  if (!first)
    return failMixed();
  if (generic.getIteratorTypesArray()[*loop] == utils::IteratorType::reduction)
    return collapse();
  Timed frames = *first;
  AffineExpr dim = getAffineDimExpr(*loop, op->getContext());
  WalkResult reads = op->walk([&](linalg::IndexOp index) {
    return index.getDim() == *loop ? WalkResult::interrupt()
                                   : WalkResult::advance();
  });
  if (reads.wasInterrupted())
    return fail("it depends on where in the clip a frame is",
                "a step knows no clip; compile the network without --stream");
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    for (auto [position, expr] : llvm::enumerate(map.getResults())) {
      if (!expr.isFunctionOfDim(*loop))
        continue;
      if (expr != dim)
        return failMixed();
      if (plan.isClip(operand))
        return failMixed();
      if (!get(operand) && !operand.getDefiningOp<tensor::EmptyOp>() &&
          !operand.getDefiningOp<linalg::FillOp>()) {
        DenseElementsAttr constant;
        if (!matchPattern(operand, m_Constant(&constant)) ||
            !constant.isSplat())
          return fail("a constant differs from frame to frame",
                      "compile the network without --stream");
      }
    }
  for (Value operand : op->getOperands())
    if (plan.isClip(operand))
      return fail("it combines frames with what sums up the whole clip",
                  "compile the network without --stream, or cut it before "
                  "this layer");
  setRole(Role::Frames);
  for (auto [result, init] :
       llvm::zip(op->getResults(), generic.getDpsInitsMutable())) {
    auto exprs = generic.getMatchingIndexingMap(&init).getResults();
    const auto *at = llvm::find(exprs, dim);
    if (at == exprs.end())
      return failMixed();
    plan.timed[result] =
        Timed{at - exprs.begin(), frames.outer, frames.inner, frames.rate, 0};
  }
  return success();
}

template <typename ConvOp>
LogicalResult RoleFinder::findConv(ConvOp conv, TypedAttr fill) {
  const Timed *frames = get(conv.getInput());
  if (!frames || get(conv.getFilter()) || plan.isClip(conv.getFilter()))
    return failMixed();
  if (!frames->isPlain() || frames->axis == 0)
    return failMixed();
  int64_t dim = frames->axis - 2;
  // Time as channels: a filter sees all of it.
  if (dim < 0)
    return conv.getGroup() == 1 ? collapse() : failMixed();
  if (!fill)
    return fail("its zero point is computed as the network runs",
                "quantize it with constant zero points");
  int64_t kernel = getType(conv.getFilter()).getDimSize(frames->axis);
  return slide(0, frames->axis, (kernel - 1) * conv.getDilations()[dim] + 1,
               conv.getStrides()[dim], conv.getPadsBegin()[dim],
               conv.getPadsEnd()[dim], fill);
}

template <typename PoolOp>
LogicalResult RoleFinder::findPool(PoolOp pool, TypedAttr fill) {
  const Timed *frames = get(pool.getInput());
  if (!frames->isPlain())
    return failMixed();
  if (frames->axis < 2)
    return keepFrames(*frames, frames->axis);
  int64_t dim = frames->axis - 2;
  nn::Window window = nn::getWindow(pool);
  int64_t size = frames->rate->length, positions = window.outputSize(dim, size);
  window.ceilMode = false;
  if (positions != window.outputSize(dim, size))
    return fail("its last window reaches beyond the clip (ceil_mode)",
                "give a clip of a length that fits with --shape");
  return slide(0, frames->axis, window.extent(dim), window.strides[dim],
               window.padsBegin[dim], window.padsEnd[dim], fill);
}

template <typename MatMulOp>
LogicalResult RoleFinder::findMatMul(MatMulOp product, bool transposeLhs,
                                     bool transposeRhs) {
  const Timed *lhs = get(product.getLhs()), *rhs = get(product.getRhs());
  if (bool(lhs) == bool(rhs))
    return failMixed();
  Value value = lhs ? product.getLhs() : product.getRhs();
  Value other = lhs ? product.getRhs() : product.getLhs();
  if (plan.isClip(other))
    return failMixed();
  const Timed &frames = lhs ? *lhs : *rhs;
  int64_t rank = getType(value).getRank();
  int64_t resultRank = getType(product.getOutput()).getRank();
  bool contractsLast = lhs ? !transposeLhs : transposeRhs;
  if (frames.axis == rank - (contractsLast ? 1 : 2))
    return collapse();
  if (frames.axis >= rank - 2)
    return keepFrames(frames, resultRank - (lhs ? 2 : 1));
  int64_t axis = resultRank - rank + frames.axis;
  int64_t otherAxis = getType(other).getRank() - rank + frames.axis;
  if (otherAxis >= 0 && getType(other).getDimSize(otherAxis) != 1)
    return fail("its matrix differs from frame to frame",
                "compile the network without --stream");
  return keepFrames(frames, axis);
}

LogicalResult RoleFinder::findReshape() {
  const Timed &frames = *get(op->getOperand(0));
  ArrayRef<int64_t> before = getType(op->getOperand(0)).getShape();
  ArrayRef<int64_t> after = getType(op->getResult(0)).getShape();
  int64_t outer = llvm::product_of(before.take_front(frames.axis), int64_t(1)) *
                  frames.outer;
  int64_t inner =
      llvm::product_of(before.drop_front(frames.axis + 1), int64_t(1)) *
      frames.inner;
  int64_t length = frames.rate->length;
  int64_t front = 1, back = llvm::product_of(after, int64_t(1));
  for (auto [axis, size] : llvm::enumerate(after)) {
    back /= size;
    if (outer % front == 0 && inner % back == 0 &&
        size == outer / front * length * (inner / back)) {
      setRole(Role::Frames);
      plan.timed[op->getResult(0)] =
          Timed{int64_t(axis), outer / front, inner / back, frames.rate, 0};
      return success();
    }
    front *= size;
  }
  return fail("it regroups the frames of a clip",
              "compile the network without --stream");
}

LogicalResult RoleFinder::findSlice(tensor::ExtractSliceOp slice) {
  const Timed &frames = *get(slice.getSource());
  if (ShapedType::isDynamicShape(slice.getStaticOffsets()) ||
      ShapedType::isDynamicShape(slice.getStaticSizes()) ||
      ShapedType::isDynamicShape(slice.getStaticStrides()))
    return failMixed();
  int64_t offset = slice.getStaticOffset(frames.axis);
  int64_t size = slice.getStaticSize(frames.axis);
  int64_t stride = slice.getStaticStride(frames.axis);
  llvm::SmallBitVector dropped = slice.getDroppedDims();
  int64_t axis = frames.axis;
  for (int64_t dim = 0; dim < frames.axis; ++dim)
    axis -= dropped[dim];
  if (size == slice.getSourceType().getDimSize(frames.axis))
    return keepFrames(frames, axis);
  if (!frames.isPlain())
    return failMixed();
  if (size == 1)
    return collapse(offset, 1);
  return slide(0, axis, 1, stride, -offset,
               (size - 1) * stride + 1 - frames.rate->length + offset, {});
}

LogicalResult RoleFinder::findPad(tensor::PadOp pad) {
  const Timed &frames = *get(pad.getSource());
  if (ShapedType::isDynamicShape(pad.getStaticLow()) ||
      ShapedType::isDynamicShape(pad.getStaticHigh()))
    return failMixed();
  int64_t low = pad.getStaticLow()[frames.axis];
  int64_t high = pad.getStaticHigh()[frames.axis];
  if (low == 0 && high == 0)
    return keepFrames(frames, frames.axis);
  TypedAttr fill;
  if (Value value = pad.getConstantPaddingValue())
    matchPattern(value, m_Constant(&fill));
  if (!frames.isPlain() || !fill)
    return fail("it pads time by what is computed as the network runs",
                "pad with a constant");
  return slide(0, frames.axis, 1, 1, low, high, fill);
}

LogicalResult RoleFinder::findConcat(tensor::ConcatOp concat) {
  const Timed *first = nullptr;
  for (Value operand : concat.getInputs()) {
    const Timed *frames = get(operand);
    if (!frames)
      return fail("it joins frames with what has none",
                  "compile the network without --stream");
    if (!first)
      first = frames;
    if (frames->axis != first->axis || !isAlike(*frames, *first))
      return failMixed();
  }
  if (int64_t(concat.getDim()) == first->axis)
    return fail("it joins clips one after the other",
                "compile the network without --stream");
  return keepFrames(*first, first->axis);
}

LogicalResult RoleFinder::findSum(qnn::AddOp sum) {
  const Timed *lhs = get(sum.getLhs()), *rhs = get(sum.getRhs());
  for (Value other : op->getOperands().drop_front(2))
    if (get(other) || plan.isClip(other))
      return failMixed();
  if (!lhs || !rhs)
    return fail("it adds frames and what has none",
                "compile the network without --stream");
  if (lhs->axis != rhs->axis || !isAlike(*lhs, *rhs))
    return failMixed();
  return keepFrames(*lhs, lhs->axis);
}

LogicalResult RoleFinder::findRecurrent(nn::RecurrentOp cell) {
  const Timed *frames = get(cell.getInput());
  if (!frames || frames->axis != 0 || !frames->isPlain())
    return failMixed();
  for (Value operand : op->getOperands().drop_front())
    if (get(operand) || plan.isClip(operand))
      return failMixed();
  if (cell.getDirection() != nn::Direction::Forward)
    return fail("it walks back through time, from frames that are yet to come",
                "train it with direction 'forward'");
  if (cell.getLengths())
    return fail("its clips have lengths of their own",
                "leave out its input sequence_lens");
  for (Value initial : {cell.getInitialH(), cell.getInitialC()}) {
    Attribute value;
    if (initial && !matchPattern(initial, m_Constant(&value)))
      return fail("its first state is computed as the network runs",
                  "give it a constant, or none");
  }
  if (!cell.getLastC().use_empty() && cell.getCell() == nn::Cell::LSTM)
    return fail("its last cell state is used",
                "use its last state Y_h, or all states Y");
  setRole(Role::Recurrent);
  plan.timed[cell.getStates()] = Timed{0, 1, 1, frames->rate, 0};
  ++plan.temporal;
  return success();
}

/// For operations that treat all indices of all dimensions but `axis` alike.
LogicalResult RoleFinder::findAlongOthers(int64_t axis) {
  const Timed *frames = get(op->getOperand(0));
  if (!frames)
    return failMixed();
  for (Value operand : op->getOperands().drop_front())
    if (get(operand) || plan.isClip(operand))
      return failMixed();
  if (frames->axis == axis)
    return failMixed();
  return keepFrames(*frames, frames->axis);
}

/// The zero of a quantized convolution's input.
static TypedAttr getZero(qnn::ConvOp conv) {
  std::optional<int64_t> zero =
      qnn::readZeroPoint(conv.getInputZeroPoint(), conv.getInputUnsigned());
  if (!zero)
    return {};
  Type element =
      cast<RankedTensorType>(conv.getInput().getType()).getElementType();
  return IntegerAttr::get(element, APInt(element.getIntOrFloatBitWidth(), *zero,
                                         /*isSigned=*/true,
                                         /*implicitTrunc=*/true));
}

/// What never wins a maximum.
static TypedAttr getLeast(nn::MaxPoolOp pool) {
  Builder b(pool.getContext());
  Type type = pool.getInput().getType().getElementType();
  if (auto floating = dyn_cast<FloatType>(type))
    return b.getFloatAttr(floating,
                          APFloat::getInf(floating.getFloatSemantics(),
                                          /*Negative=*/true));
  unsigned bits = type.getIntOrFloatBitWidth();
  return b.getIntegerAttr(type, pool.getIsUnsigned()
                                    ? APInt::getMinValue(bits)
                                    : APInt::getSignedMinValue(bits));
}

LogicalResult RoleFinder::find() {
  Builder b(op->getContext());
  if (auto generic = dyn_cast<linalg::LinalgOp>(op))
    return findLinalg(generic);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](nn::ConvOp conv) {
        Type element = conv.getInput().getType().getElementType();
        return findConv(conv, b.getZeroAttr(element));
      })
      .Case([&](qnn::ConvOp conv) { return findConv(conv, getZero(conv)); })
      .Case([&](nn::MaxPoolOp pool) {
        if (pool.getIndices() && !pool.getIndices().use_empty())
          return fail("it tells where in the clip the maximum is",
                      "use its first output only");
        return findPool(pool, getLeast(pool));
      })
      .Case([&](nn::AvgPoolOp pool) {
        const Timed *frames = get(pool.getInput());
        int64_t dim = frames->axis - 2;
        if (dim >= 0 && !pool.getCountIncludePad() &&
            (pool.getPadsBegin()[dim] || pool.getPadsEnd()[dim]))
          return fail("at the edges of a clip it averages fewer frames",
                      "export it with count_include_pad, or without padding "
                      "along time");
        return findPool(
            pool, b.getZeroAttr(pool.getInput().getType().getElementType()));
      })
      .Case([&](nn::MatMulOp product) {
        return findMatMul(product, product.getTransposeLhs(),
                          product.getTransposeRhs());
      })
      .Case([&](qnn::MatMulOp product) {
        const Timed *lhs = get(product.getLhs());
        Value perRow =
            lhs ? product.getLhsZeroPoint() : product.getRhsZeroPoint();
        if (perRow && getType(perRow).getRank() == 1)
          return fail("its zero points differ from frame to frame",
                      "quantize it with one zero point a tensor");
        return findMatMul(product, false, false);
      })
      .Case<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::ReshapeOp>(
          [&](auto) { return findReshape(); })
      .Case([&](tensor::ExtractSliceOp slice) { return findSlice(slice); })
      .Case([&](tensor::PadOp pad) { return findPad(pad); })
      .Case([&](tensor::ConcatOp concat) { return findConcat(concat); })
      .Case([&](qnn::AddOp sum) { return findSum(sum); })
      .Case([&](qnn::LookupOp lookup) {
        const Timed *frames = get(lookup.getInput());
        if (!frames || get(lookup.getTable()))
          return failMixed();
        return keepFrames(*frames, frames->axis);
      })
      .Case([&](nn::RecurrentOp cell) { return findRecurrent(cell); })
      .Case<nn::BatchNormOp, nn::LrnOp>(
          [&](auto) { return findAlongOthers(/*axis=*/1); })
      .Case([&](nn::SoftmaxOp softmax) {
        return findAlongOthers(softmax.getAxis());
      })
      .Case<qnn::QuantizeOp, qnn::DequantizeOp, qnn::RequantizeOp>(
          [&](auto scale) {
            bool perAxis = getType(scale.getScale()).getRank() == 1;
            return findAlongOthers(perAxis ? scale.getAxis() : -1);
          })
      .Default([&](Operation *) { return failMixed(); });
}

LogicalResult StreamPlan::classify(Operation *op, ReportFn report) {
  bool seesFrames = false, seesClip = false;
  for (Value operand : op->getOperands()) {
    seesFrames |= getTimed(operand) != nullptr;
    seesClip |= isClip(operand);
  }
  if (seesFrames)
    return RoleFinder(*this, op, report).find();
  roles[op].kind = seesClip ? Role::Clip : Role::Constant;
  if (seesClip)
    clips.insert_range(op->getResults());
  return success();
}
