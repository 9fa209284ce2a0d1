//===- StepBuilder.cpp - Writes a step function -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/Transforms/StepBuilder.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/qnn/IR/QNNDialect.h"
#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::tconv;

static RankedTensorType getType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// What is wanted of each value
//===----------------------------------------------------------------------===//

Request StepBuilder::getRequest(OpOperand &use) const {
  Operation *user = use.getOwner();
  const Timed &operand = *plan.getTimed(use.get());
  if (user->hasTrait<OpTrait::IsTerminator>())
    return plan.getDelayed(operand, plan.getOutputDelay(operand));
  const Role &role = plan.getRole(user);
  if (role.kind == Role::Collapse)
    return plan.getClip(role, operand);
  const Timed *result = nullptr;
  for (Value each : user->getResults())
    if ((result = plan.getTimed(each)))
      break;
  if (role.kind == Role::Window)
    return plan.getWindow(role, operand, *result);
  return plan.getDelayed(operand, result->delay);
}

int64_t StepBuilder::getRow(const Timed &timed) {
  std::pair<const Rate *, int64_t> key(timed.rate, timed.delay);
  auto *at = llvm::find(rows, key);
  if (at == rows.end()) {
    rows.push_back(key);
    return rows.size() - 1;
  }
  return at - rows.begin();
}

/// Channels last, as kernels want their operands; if none slides over space,
/// frames are wholes.
static SmallVector<int64_t> getLineOrder(Value value, const Timed &timed,
                                         bool slides) {
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, getType(value).getRank()));
  if (!timed.isPlain() || timed.axis < 2)
    return order;
  std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  if (!slides)
    std::rotate(order.begin() + 1, order.begin() + timed.axis - 1,
                order.begin() + timed.axis);
  return order;
}

/// Whether what is wanted of `value` is better computed again from bytes that
/// wait.
bool StepBuilder::comesFromBytes(Value value, const Request &wanted) const {
  auto scale = value.getDefiningOp<qnn::DequantizeOp>();
  return scale && !wanted.fill && plan.getTimed(scale.getInput()) &&
         wanted.back > plan.getCount(*plan.getTimed(value));
}

void StepBuilder::collectRequests(Value value, SmallVectorImpl<Request> &wanted,
                                  bool &slides) const {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    slides |= isa<nn::ConvOp, qnn::ConvOp, nn::MaxPoolOp, nn::AvgPoolOp>(user);
    wanted.push_back(getRequest(use));
    if (!isa<qnn::DequantizeOp>(user))
      continue;
    SmallVector<Request> passedOn;
    Value result = user->getResult(0);
    collectRequests(result, passedOn, slides);
    llvm::copy_if(
        passedOn, std::back_inserter(wanted),
        [&](const Request &each) { return comesFromBytes(result, each); });
  }
}

/// Lines for `value`: one for each thing that may stand for frames outside of
/// the recording. Who does not mind reads any.
void StepBuilder::planLines(Value value) {
  const Timed *timed = plan.getTimed(value);
  if (!timed)
    return;
  int64_t count = plan.getCount(*timed), longest = 0;
  bool slides = false;
  SmallVector<Line, 1> found;
  SmallVector<Request> requests;
  collectRequests(value, requests, slides);
  for (const Request &wanted : requests) {
    if (comesFromBytes(value, wanted))
      continue;
    if (!wanted.fill) {
      longest = std::max(longest, wanted.back);
      continue;
    }
    auto *line = llvm::find_if(
        found, [&](const Line &each) { return each.fill == wanted.fill; });
    if (line == found.end()) {
      line = &found.emplace_back();
      line->fill = wanted.fill;
      line->length = count;
      line->row = getRow(*timed);
    }
    line->length = std::max(line->length, wanted.back);
  }
  if (longest > count && found.empty())
    found.emplace_back();
  if (found.empty())
    return;
  found.front().length = std::max(found.front().length, longest);
  for (Line &line : found)
    line.order = getLineOrder(value, *timed, slides);
  lines[value] = std::move(found);
}

void StepBuilder::planStates() {
  Block &body = clip.getBody().front();
  for (Value argument : body.getArguments())
    planLines(argument);
  for (Operation &op : body.without_terminator()) {
    for (Value result : op.getResults())
      planLines(result);
    if (plan.getRole(&op).kind == Role::Recurrent)
      getRow(*plan.getTimed(cast<nn::RecurrentOp>(op).getStates()));
  }
}

//===----------------------------------------------------------------------===//
// The function around the layers
//===----------------------------------------------------------------------===//

void StepBuilder::createFunction() {
  auto type = getType(clip.getArgument(0));
  SmallVector<int64_t> shape = {plan.getFrames()};
  for (auto [dim, size] : llvm::enumerate(type.getShape()))
    if (int64_t(dim) != time)
      shape.push_back(size);
  auto clockType = RankedTensorType::get({2}, b.getI64Type());
  Type arguments[] = {type.clone(shape), clockType};
  b.setInsertionPoint(clip);
  step = func::FuncOp::create(b, clip.getLoc(), "main",
                              b.getFunctionType(arguments, {}));
  step.addEntryBlock();
  if (DictionaryAttr attrs = clip.getArgAttrDict(0))
    step.setArgAttrs(0, attrs);
  step.setArgAttr(1, nn::NNDialect::kNameAttr, b.getStringAttr("clock"));
  b.setInsertionPointToStart(&step.getBody().front());
}

Value StepBuilder::addState(RankedTensorType type, ElementsAttr initial) {
  unsigned index = step.getNumArguments();
  NamedAttrList attrs;
  attrs.append(nn::NNDialect::kNameAttr,
               b.getStringAttr("state" + Twine(index - 2)));
  attrs.append(TConvDialect::kInitialAttr, initial);
  LogicalResult inserted = step.insertArgument(
      index, type, attrs.getDictionary(b.getContext()), b.getLoc());
  assert(succeeded(inserted) && "a function of our own");
  (void)inserted;
  stateBytes += type.getNumElements() *
                llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  return step.getArgument(index);
}

/// How many frames of `rate` a recording has.
Value StepBuilder::createLength(const Rate *rate, Value recording) {
  if (!rate->parent)
    return recording;
  Value before = createLength(rate->parent, recording);
  int64_t change = rate->padBegin + rate->padEnd - rate->extent;
  if (rate->step == 1 && change == -1)
    return before;
  auto constant = [&](int64_t value) {
    return arith::ConstantIntOp::create(b, b.getI64Type(), value).getResult();
  };
  Value room = arith::AddIOp::create(b, before, constant(change));
  Value last = arith::DivSIOp::create(b, room, constant(rate->step));
  Value length = arith::AddIOp::create(b, last, constant(1));
  Value none =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, room, constant(0));
  return arith::SelectOp::create(b, none, constant(0), length);
}

/// The numbers `edges` as rows of two, each between 0 and its entry of `most`.
/// They go through memory: who reads one depends on no other layer.
Value StepBuilder::createBoundsWithin(ValueRange edges,
                                      ArrayRef<int64_t> most) {
  auto type =
      RankedTensorType::get({int64_t(edges.size()) / 2, 2}, b.getI64Type());
  Value inputs[] = {
      tensor::FromElementsOp::create(b, type, edges),
      arith::ConstantOp::create(b, DenseIntElementsAttr::get(type, most))};
  AffineMap map = b.getMultiDimIdentityMap(2);
  return nn::createParallel(
      b, type, inputs, {map, map},
      [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value zero = arith::ConstantIntOp::create(b, b.getI64Type(), 0);
        Value least = arith::MaxSIOp::create(b, args[0], zero);
        return arith::MinSIOp::create(b, least, args[1]);
      });
}

/// What the clock says of each row, and of the outputs.
void StepBuilder::createBounds(Value clock) {
  auto constant = [&](int64_t value) {
    return arith::ConstantIntOp::create(b, b.getI64Type(), value).getResult();
  };
  auto read = [&](int64_t index) {
    Value at = arith::ConstantIndexOp::create(b, index);
    return tensor::ExtractOp::create(b, clock, ValueRange(at)).getResult();
  };
  Value stepsBefore = read(0), recording = read(1);
  auto getStart = [&](int64_t count, int64_t delay) -> Value {
    Value scaled = arith::MulIOp::create(b, stepsBefore, constant(count));
    return arith::AddIOp::create(b, scaled, constant(delay));
  };
  SmallVector<Value> edges;
  SmallVector<int64_t> most;
  for (auto [rate, delay] : rows) {
    int64_t count = plan.getFrames() / rate->stride;
    Value start = getStart(count, delay);
    edges.push_back(arith::SubIOp::create(b, constant(0), start));
    edges.push_back(
        arith::SubIOp::create(b, createLength(rate, recording), start));
    most.append(2, count);
  }
  if (!edges.empty())
    bounds = createBoundsWithin(edges, most);

  // Outputs are of `length` frames from `start` on, of those that there are.
  const Rate *rate = plan.getOutputRate();
  int64_t count = plan.getFrames() / rate->stride;
  bool sumsUp =
      plan.isClip(clip.getBody().front().getTerminator()->getOperand(0));
  Value start =
      getStart(count, plan.getPhase() / rate->stride + (sumsUp ? count : 0));
  Value limit =
      arith::AddIOp::create(b, createLength(rate, recording),
                            constant(sumsUp ? 1 - plan.getOutputLength() : 0));
  Value left = arith::SubIOp::create(b, limit, start);
  Value fresh = arith::MinSIOp::create(b, left, constant(sumsUp ? 1 : count));
  Value past =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, left, constant(0));
  Value some = arith::SelectOp::create(b, past, constant(-1), fresh);
  Value early =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, start, constant(0));
  Value made = arith::SelectOp::create(b, early, constant(0), some);
  ready = tensor::FromElementsOp::create(
      b, RankedTensorType::get({1}, b.getI64Type()), made);
}

void StepBuilder::finish() {
  SmallVector<Value> results;
  SmallVector<Attribute> attrs;
  SmallVector<int64_t> axes;
  for (OpOperand &output :
       clip.getBody().front().getTerminator()->getOpOperands()) {
    const Timed *timed = plan.getTimed(output.get());
    results.push_back(timed ? getFrames(output) : mapping.lookup(output.get()));
    axes.push_back(timed ? timed->axis : -1);
    DictionaryAttr attr = clip.getResultAttrDict(output.getOperandNumber());
    attrs.push_back(attr ? attr : b.getDictionaryAttr({}));
  }
  auto add = [&](Value value, const Twine &name) {
    results.push_back(value);
    attrs.push_back(b.getDictionaryAttr(
        b.getNamedAttr(nn::NNDialect::kNameAttr, b.getStringAttr(name))));
  };
  add(ready, "ready");
  for (auto [i, state] : llvm::enumerate(nextStates))
    add(state, "next_state" + Twine(i));
  b.setLoc(clip.getLoc());
  func::ReturnOp::create(b, results);
  step.setType(b.getFunctionType(step.getArgumentTypes(),
                                 TypeRange(ValueRange(results))));
  step.setResAttrsAttr(b.getArrayAttr(attrs));
  const Timed &input = *plan.getTimed(clip.getArgument(0));
  step->setAttr(TConvDialect::kStreamAttr,
                StreamAttr::get(b.getContext(), plan.getFrames(),
                                input.rate->length, time, nextStates.size(),
                                axes));
  clip.erase();
}

//===----------------------------------------------------------------------===//
// Frames
//===----------------------------------------------------------------------===//

/// `type` with `count` frames.
static RankedTensorType resize(Type type, const Timed &timed, int64_t count) {
  auto ranked = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(ranked.getShape());
  shape[timed.axis] = timed.outer * count * timed.inner;
  return ranked.clone(shape);
}

/// The same with a dimension for time alone.
static RankedTensorType getPlainType(Type type, const Timed &timed,
                                     int64_t count) {
  auto ranked = cast<RankedTensorType>(type);
  if (timed.isPlain())
    return resize(type, timed, count);
  ArrayRef<int64_t> shape = ranked.getShape();
  return ranked.clone(
      {llvm::product_of(shape.take_front(timed.axis), timed.outer), count,
       llvm::product_of(shape.drop_front(timed.axis + 1), timed.inner)});
}

Value StepBuilder::reshape(Value value, RankedTensorType type) {
  return nn::reshapeTo(b, value, type.getShape());
}

Value StepBuilder::transpose(Value value, ArrayRef<int64_t> order) {
  if (isIdentityPermutation(order))
    return value;
  auto type = getType(value);
  Value empty = tensor::EmptyOp::create(
      b, applyPermutation(type.getShape(), order), type.getElementType());
  return linalg::TransposeOp::create(b, value, empty, order)->getResult(0);
}

Value StepBuilder::slice(Value value, int64_t axis, int64_t offset,
                         int64_t size) {
  auto type = getType(value);
  if (offset == 0 && size == type.getDimSize(axis))
    return value;
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)), sizes,
      strides(type.getRank(), b.getIndexAttr(1));
  for (int64_t each : type.getShape())
    sizes.push_back(b.getIndexAttr(each));
  offsets[axis] = b.getIndexAttr(offset);
  sizes[axis] = b.getIndexAttr(size);
  return tensor::ExtractSliceOp::create(b, value, offsets, sizes, strides);
}

/// Where time is in a line.
static int64_t getLineAxis(const Line &line, const Timed &timed) {
  int64_t axis = timed.isPlain() ? timed.axis : 1;
  return llvm::find(line.order, axis) - line.order.begin();
}

/// Pushes what a step has made of `value` into its lines.
void StepBuilder::push(Value value) {
  auto found = lines.find(value);
  if (found == lines.end())
    return;
  const Timed &timed = *plan.getTimed(value);
  int64_t count = plan.getCount(timed);
  Value block = reshape(mapping.lookup(value),
                        getPlainType(value.getType(), timed, count));
  for (Line &line : found->second) {
    if (!timed.isPlain())
      line.order = {0, 1, 2};
    RankedTensorType type = getPlainType(value.getType(), timed, line.length);
    type = type.clone(applyPermutation(type.getShape(), line.order));
    Attribute fill = line.fill;
    if (!fill)
      fill = b.getZeroAttr(type.getElementType());
    Value state = addState(type, SplatElementsAttr::get(type, fill));
    line.next = PushOp::create(
        b, type, transpose(block, line.order), state,
        line.fill ? bounds : Value(), getLineAxis(line, timed),
        line.fill ? b.getI64IntegerAttr(line.row) : IntegerAttr(), line.fill);
    nextStates.push_back(line.next);
    ++lineCount;
  }
}

Value StepBuilder::getFrames(OpOperand &use) {
  return getFrames(use.get(), getRequest(use));
}

Value StepBuilder::getFrames(Value value, const Request &wanted) {
  const Timed &timed = *plan.getTimed(value);
  int64_t count = plan.getCount(timed);
  if (comesFromBytes(value, wanted)) {
    auto scale = value.getDefiningOp<qnn::DequantizeOp>();
    IRMapping operands;
    for (Value operand : scale->getOperands())
      operands.map(operand, mapping.lookup(operand));
    operands.map(scale.getInput(), getFrames(scale.getInput(), wanted));
    Operation *copy = b.clone(*scale, operands);
    copy->getResult(0).setType(resize(value.getType(), timed, wanted.count));
    return copy->getResult(0);
  }
  auto found = lines.find(value);
  if (found == lines.end() && wanted.back == count && wanted.count == count)
    return mapping.lookup(value);
  Value frames;
  if (found == lines.end()) {
    Value block = reshape(mapping.lookup(value),
                          getPlainType(value.getType(), timed, count));
    frames = slice(block, timed.isPlain() ? timed.axis : 1, count - wanted.back,
                   wanted.count);
  } else {
    Line *line = &found->second.front();
    if (wanted.fill)
      line = llvm::find_if(found->second, [&](const Line &each) {
        return each.fill == wanted.fill;
      });
    frames = slice(line->next, getLineAxis(*line, timed),
                   line->length - wanted.back, wanted.count);
    frames = transpose(frames, invertPermutationVector(line->order));
  }
  return reshape(frames, resize(value.getType(), timed, wanted.count));
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// Copies `op` on what its operands have become; frames are those that it
/// wants.
Operation *StepBuilder::clone(Operation *op) {
  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands())
    operands.push_back(plan.getTimed(operand.get())
                           ? getFrames(operand)
                           : mapping.lookup(operand.get()));
  Operation *copy = b.clone(*op, mapping);
  copy->setOperands(operands);
  for (Value result : op->getResults())
    if (const Timed *timed = plan.getTimed(result))
      copy->getResult(cast<OpResult>(result).getResultNumber())
          .setType(resize(result.getType(), *timed, plan.getCount(*timed)));
  return copy;
}

/// A tensor like `original`, whose elements are all the same, as `type`.
Value StepBuilder::extend(Value original, RankedTensorType type) {
  if (original.getType() == type)
    return mapping.lookup(original);
  if (original.getDefiningOp<tensor::EmptyOp>())
    return tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  if (auto fill = original.getDefiningOp<linalg::FillOp>())
    return nn::createFilled(b, type, mapping.lookup(fill.getInputs()[0]));
  DenseElementsAttr constant;
  matchPattern(original, m_Constant(&constant));
  return arith::ConstantOp::create(b, constant.resizeSplat(type));
}

/// A generic operation goes over fewer frames, and so do operands without them
/// that it reads along time.
void StepBuilder::rebuildLinalg(linalg::LinalgOp original) {
  auto copy = cast<linalg::LinalgOp>(clone(original));
  std::optional<unsigned> loop;
  int64_t size = 0;
  for (OpOperand &operand : original->getOpOperands())
    if (const Timed *timed = plan.getTimed(operand.get())) {
      loop =
          original.getMatchingIndexingMap(&operand).getDimPosition(timed->axis);
      size = timed->outer * plan.getCount(*timed) * timed->inner;
    }
  for (auto [before, after] :
       llvm::zip(original->getOpOperands(), copy->getOpOperands())) {
    auto type = dyn_cast<RankedTensorType>(before.get().getType());
    if (!type || plan.getTimed(before.get()))
      continue;
    SmallVector<int64_t> shape(type.getShape());
    for (auto [dim, expr] :
         llvm::enumerate(original.getMatchingIndexingMap(&before).getResults()))
      if (expr.isFunctionOfDim(*loop))
        shape[dim] = size;
    b.setInsertionPoint(copy);
    after.set(extend(before.get(), type.clone(shape)));
    b.setInsertionPointAfter(copy);
  }
  mapping.map(original->getResults(), copy->getResults());
}

void StepBuilder::rebuildFrames(Operation *op) {
  if (auto generic = dyn_cast<linalg::LinalgOp>(op))
    return rebuildLinalg(generic);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  const Timed *timed = plan.getTimed(op->getResult(0));
  type = resize(type, *timed, plan.getCount(*timed));
  if (isa<tensor::ReshapeOp>(op))
    return mapping.map(op->getResult(0),
                       reshape(getFrames(op->getOpOperand(0)), type));
  if (auto shape = dyn_cast<tensor::ExpandShapeOp>(op))
    return mapping.map(
        op->getResult(0),
        tensor::ExpandShapeOp::create(b, type, getFrames(op->getOpOperand(0)),
                                      shape.getReassociationIndices()));
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    const Timed &source = *plan.getTimed(slice.getSource());
    Value frames = getFrames(op->getOpOperand(0));
    SmallVector<OpFoldResult> sizes = slice.getMixedSizes();
    sizes[source.axis] =
        b.getIndexAttr(getType(frames).getDimSize(source.axis));
    return mapping.map(
        op->getResult(0),
        tensor::ExtractSliceOp::create(b, type, frames, slice.getMixedOffsets(),
                                       sizes, slice.getMixedStrides()));
  }
  mapping.map(op->getResults(), clone(op)->getResults());
}

/// The pads of a window along time are in the line.
template <typename WindowOp>
static void dropPads(WindowOp op, int64_t axis) {
  SmallVector<int64_t> begin(op.getPadsBegin()), end(op.getPadsEnd());
  begin[axis - 2] = end[axis - 2] = 0;
  op.setPadsBegin(begin);
  op.setPadsEnd(end);
}

void StepBuilder::rebuildWindow(Operation *op) {
  const Timed &timed = *plan.getTimed(op->getResult(0));
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    const Timed &source = *plan.getTimed(slice.getSource());
    SmallVector<OpFoldResult> offsets = slice.getMixedOffsets();
    SmallVector<OpFoldResult> sizes = slice.getMixedSizes();
    offsets[source.axis] = b.getIndexAttr(0);
    sizes[source.axis] = b.getIndexAttr(plan.getCount(timed));
    auto type = resize(slice.getType(), timed, plan.getCount(timed));
    return mapping.map(op->getResult(0),
                       tensor::ExtractSliceOp::create(
                           b, type, getFrames(op->getOpOperand(0)), offsets,
                           sizes, slice.getMixedStrides()));
  }
  Operation *copy = clone(op);
  llvm::TypeSwitch<Operation *>(copy)
      .Case<nn::ConvOp, qnn::ConvOp, nn::MaxPoolOp, nn::AvgPoolOp>(
          [&](auto window) { dropPads(window, timed.axis); })
      .Case([&](tensor::PadOp pad) {
        SmallVector<int64_t> low(pad.getStaticLow()), high(pad.getStaticHigh());
        low[timed.axis] = high[timed.axis] = 0;
        pad.setStaticLow(low);
        pad.setStaticHigh(high);
      });
  mapping.map(op->getResults(), copy->getResults());
}

void StepBuilder::rebuildCollapse(Operation *op) {
  // Of one frame of a clip, just that frame was asked for.
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    const Timed &source = *plan.getTimed(slice.getSource());
    SmallVector<OpFoldResult> offsets = slice.getMixedOffsets();
    offsets[source.axis] = b.getIndexAttr(0);
    return mapping.map(op->getResult(0),
                       tensor::ExtractSliceOp::create(
                           b, slice.getType(), getFrames(op->getOpOperand(0)),
                           offsets, slice.getMixedSizes(),
                           slice.getMixedStrides()));
  }
  mapping.map(op->getResults(), clone(op)->getResults());
}

void StepBuilder::rebuildRecurrent(nn::RecurrentOp cell) {
  const Timed &timed = *plan.getTimed(cell.getStates());
  Operation *op = cell;
  auto type = cast<RankedTensorType>(cell.getLastH().getType());
  auto createState = [&](Value initial) {
    ElementsAttr value =
        SplatElementsAttr::get(type, b.getZeroAttr(type.getElementType()));
    if (initial)
      matchPattern(initial, m_Constant(&value));
    return addState(type, value);
  };
  bool isLstm = cell.getCell() == nn::Cell::LSTM;
  Value h = createState(cell.getInitialH());
  Value c = isLstm ? createState(cell.getInitialC()) : Value();
  auto copy = cast<nn::RecurrentOp>(clone(op));
  copy.getInitialHMutable().assign(h);
  if (isLstm)
    copy.getInitialCMutable().assign(c);
  auto row = getRow(timed);
  nextStates.push_back(
      KeepOp::create(b, type, copy.getLastH(), h, bounds, row));
  if (isLstm)
    nextStates.push_back(
        KeepOp::create(b, type, copy.getLastC(), c, bounds, row));
  mapping.map(op->getResults(), copy->getResults());
}

void StepBuilder::rebuild(Operation *op) {
  b.setLoc(op->getLoc());
  switch (plan.getRole(op).kind) {
  case Role::Constant:
  case Role::Clip:
    b.clone(*op, mapping);
    break;
  case Role::Frames:
    rebuildFrames(op);
    break;
  case Role::Window:
    rebuildWindow(op);
    break;
  case Role::Recurrent:
    rebuildRecurrent(cast<nn::RecurrentOp>(op));
    break;
  case Role::Collapse:
    rebuildCollapse(op);
    break;
  }
  for (Value result : op->getResults())
    push(result);
}

void StepBuilder::build() {
  planStates();
  createFunction();
  createBounds(step.getArgument(1));
  // The block comes with time first.
  Value argument = clip.getArgument(0);
  auto order =
      llvm::to_vector(llvm::seq<int64_t>(1, getType(argument).getRank()));
  order.insert(order.begin() + time, 0);
  mapping.map(argument, transpose(step.getArgument(0), order));
  push(argument);
  for (Operation &op : clip.getBody().front().without_terminator())
    rebuild(&op);
  finish();
}
