//===- ConstantEvaluator.cpp - Computes constants from their own IR -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantEvaluator.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <map>

using namespace mlir;

namespace {

/// A tensor whose elements are attributes, which is what folders work on.
struct Constant {
  RankedTensorType type;
  std::vector<Attribute> elements;

  int64_t linearize(ArrayRef<int64_t> index) const {
    int64_t at = 0;
    for (auto [size, i] : llvm::zip_equal(type.getShape(), index)) {
      if (i < 0 || i >= size)
        return -1;
      at = at * size + i;
    }
    return at;
  }
};

/// Calls `visit` with every index below `sizes`, the last one fastest, while it
/// returns true. Returns whether all were visited.
bool forEachIndex(ArrayRef<int64_t> sizes,
                  function_ref<bool(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(sizes, 0))
    return true;
  SmallVector<int64_t> index(sizes.size(), 0);
  while (true) {
    if (!visit(index))
      return false;
    size_t dim = sizes.size();
    while (dim > 0 && ++index[dim - 1] == sizes[dim - 1])
      index[--dim] = 0;
    if (dim == 0)
      return true;
  }
}

class Evaluator {
public:
  explicit Evaluator(int64_t maxSteps) : steps(maxSteps) {}

  /// Null if `value` cannot be computed.
  const Constant *evaluate(Value value);

private:
  bool evaluate(Operation *op, Constant &out, unsigned result);
  bool evaluateConstantOp(ElementsAttr elements, Constant &out);
  bool evaluateLinalg(linalg::LinalgOp op, Constant &out, unsigned result);
  bool evaluateSlice(tensor::ExtractSliceOp op, Constant &out);
  bool evaluateInsert(tensor::InsertSliceOp op, Constant &out);
  bool evaluateConcat(tensor::ConcatOp op, Constant &out);
  bool evaluatePad(tensor::PadOp op, Constant &out);
  bool evaluateBody(Block &body, ArrayRef<int64_t> index,
                    ArrayRef<Attribute> args, SmallVectorImpl<Attribute> &out);
  /// The value of a scalar in or around a body.
  Attribute getScalar(Value value, DenseMap<Value, Attribute> &known);
  Attribute zero(Type type);
  bool step(int64_t count = 1) { return (steps -= count) >= 0; }

  int64_t steps;
  std::map<void *, std::unique_ptr<Constant>> cache;
};

} // namespace

const Constant *Evaluator::evaluate(Value value) {
  auto [entry, isNew] = cache.try_emplace(value.getAsOpaquePointer());
  if (!isNew)
    return entry->second.get();
  auto result = dyn_cast<OpResult>(value);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!result || !type || !type.hasStaticShape() ||
      !step(type.getNumElements()))
    return nullptr;
  auto constant = std::make_unique<Constant>();
  constant->type = type;
  if (!evaluate(result.getOwner(), *constant, result.getResultNumber()))
    return nullptr;
  auto &slot = cache[value.getAsOpaquePointer()];
  slot = std::move(constant);
  return slot.get();
}

bool Evaluator::evaluate(Operation *op, Constant &out, unsigned result) {
  auto reshape = [&](Value source) {
    const Constant *in = evaluate(source);
    if (in)
      out.elements = in->elements;
    return in != nullptr;
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::ConstantOp constant) {
        auto elements = dyn_cast<ElementsAttr>(constant.getValue());
        return elements && evaluateConstantOp(elements, out);
      })
      .Case([&](tensor::EmptyOp) {
        Attribute value = zero(out.type.getElementType());
        out.elements.assign(out.type.getNumElements(), value);
        return value != nullptr;
      })
      .Case([&](linalg::LinalgOp linalg) {
        return evaluateLinalg(linalg, out, result);
      })
      .Case([&](tensor::ReshapeOp op) { return reshape(op.getSource()); })
      .Case([&](tensor::ExpandShapeOp op) { return reshape(op.getSrc()); })
      .Case([&](tensor::CollapseShapeOp op) { return reshape(op.getSrc()); })
      .Case([&](tensor::ExtractSliceOp op) { return evaluateSlice(op, out); })
      .Case([&](tensor::InsertSliceOp op) { return evaluateInsert(op, out); })
      .Case([&](tensor::ConcatOp op) { return evaluateConcat(op, out); })
      .Case([&](tensor::PadOp op) { return evaluatePad(op, out); })
      .Default(false);
}

Attribute Evaluator::zero(Type type) {
  if (auto floating = dyn_cast<FloatType>(type))
    return FloatAttr::get(floating, 0.0);
  if (isa<IntegerType, IndexType>(type))
    return IntegerAttr::get(type, 0);
  return nullptr;
}

bool Evaluator::evaluateConstantOp(ElementsAttr elements, Constant &out) {
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    llvm::append_range(out.elements, dense.getValues<Attribute>());
    return true;
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(elements);
  Type type = out.type.getElementType();
  if (!resource || !type.isIntOrFloat() || type.isInteger(1))
    return false;
  DenseElementsAttr dense =
      DenseElementsAttr::getFromRawBuffer(out.type, resource.getData());
  llvm::append_range(out.elements, dense.getValues<Attribute>());
  return true;
}

Attribute Evaluator::getScalar(Value value, DenseMap<Value, Attribute> &known) {
  if (Attribute attr = known.lookup(value))
    return attr;
  Attribute attr;
  matchPattern(value, m_Constant(&attr));
  return attr;
}

bool Evaluator::evaluateBody(Block &body, ArrayRef<int64_t> index,
                             ArrayRef<Attribute> args,
                             SmallVectorImpl<Attribute> &out) {
  DenseMap<Value, Attribute> known;
  for (auto [arg, attr] : llvm::zip(body.getArguments(), args))
    known[arg] = attr;
  for (Operation &op : body) {
    if (!step())
      return false;
    if (auto indexOp = dyn_cast<linalg::IndexOp>(op)) {
      known[indexOp] =
          IntegerAttr::get(indexOp.getType(), index[indexOp.getDim()]);
      continue;
    }
    SmallVector<Attribute> operands;
    if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
      const Constant *source = evaluate(extract.getTensor());
      SmallVector<int64_t> at;
      for (Value i : extract.getIndices()) {
        auto attr = dyn_cast_or_null<IntegerAttr>(getScalar(i, known));
        if (!attr)
          return false;
        at.push_back(attr.getInt());
      }
      int64_t position = source ? source->linearize(at) : -1;
      if (position < 0)
        return false;
      known[extract] = source->elements[position];
      continue;
    }
    for (Value operand : op.getOperands()) {
      operands.push_back(getScalar(operand, known));
      if (!operands.back())
        return false;
    }
    if (op.hasTrait<OpTrait::IsTerminator>()) {
      out = operands;
      return true;
    }
    // Its folder does not round.
    if (auto truncate = dyn_cast<arith::TruncFOp>(op)) {
      auto type = cast<FloatType>(truncate.getType());
      APFloat value = cast<FloatAttr>(operands[0]).getValue();
      bool loses;
      value.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                    &loses);
      known[truncate] = FloatAttr::get(type, value);
      continue;
    }
    SmallVector<OpFoldResult> results;
    if (failed(op.fold(operands, results)) ||
        results.size() != op.getNumResults())
      return false;
    for (auto [result, folded] : llvm::zip(op.getResults(), results)) {
      Attribute attr = dyn_cast<Attribute>(folded);
      if (!attr)
        attr = getScalar(cast<Value>(folded), known);
      if (!attr)
        return false;
      known[result] = attr;
    }
  }
  return false;
}

bool Evaluator::evaluateLinalg(linalg::LinalgOp op, Constant &out,
                               unsigned result) {
  SmallVector<const Constant *> inputs;
  SmallVector<Attribute> scalars;
  DenseMap<Value, Attribute> none;
  for (OpOperand *input : op.getDpsInputOperands()) {
    bool isTensor = isa<RankedTensorType>(input->get().getType());
    inputs.push_back(isTensor ? evaluate(input->get()) : nullptr);
    scalars.push_back(isTensor ? Attribute() : getScalar(input->get(), none));
    if (!inputs.back() && !scalars.back())
      return false;
  }
  // All results are computed together; only the wanted one is kept.
  SmallVector<Constant> outputs;
  for (Value init : op.getDpsInits()) {
    const Constant *start = evaluate(init);
    if (!start)
      return false;
    outputs.push_back(*start);
  }
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Block &body = op->getRegion(0).front();
  auto elementAt = [](const Constant &tensor, AffineMap map,
                      ArrayRef<int64_t> index) {
    return tensor.linearize(map.compose(index));
  };
  bool done =
      forEachIndex(op.getStaticLoopRanges(), [&](ArrayRef<int64_t> index) {
        SmallVector<Attribute> args, yielded;
        for (size_t i = 0; i < inputs.size(); ++i) {
          if (!inputs[i]) {
            args.push_back(scalars[i]);
            continue;
          }
          int64_t at = elementAt(*inputs[i], maps[i], index);
          if (at < 0)
            return false;
          args.push_back(inputs[i]->elements[at]);
        }
        SmallVector<int64_t> targets;
        for (size_t i = 0; i < outputs.size(); ++i) {
          targets.push_back(
              elementAt(outputs[i], maps[inputs.size() + i], index));
          if (targets.back() < 0)
            return false;
          args.push_back(outputs[i].elements[targets.back()]);
        }
        if (!evaluateBody(body, index, args, yielded))
          return false;
        for (size_t i = 0; i < outputs.size(); ++i)
          outputs[i].elements[targets[i]] = yielded[i];
        return true;
      });
  if (done)
    out.elements = std::move(outputs[result].elements);
  return done;
}

bool Evaluator::evaluateSlice(tensor::ExtractSliceOp op, Constant &out) {
  const Constant *source = evaluate(op.getSource());
  if (!source || op.getDroppedDims().any() ||
      ShapedType::isDynamicShape(op.getStaticOffsets()) ||
      ShapedType::isDynamicShape(op.getStaticStrides()))
    return false;
  return forEachIndex(out.type.getShape(), [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> at(index);
    for (size_t i = 0; i < at.size(); ++i)
      at[i] = op.getStaticOffsets()[i] + index[i] * op.getStaticStrides()[i];
    int64_t position = source->linearize(at);
    if (position >= 0)
      out.elements.push_back(source->elements[position]);
    return position >= 0;
  });
}

bool Evaluator::evaluateInsert(tensor::InsertSliceOp op, Constant &out) {
  const Constant *source = evaluate(op.getSource());
  const Constant *target = evaluate(op.getDest());
  if (!source || !target || op.getDroppedDims().any() ||
      ShapedType::isDynamicShape(op.getStaticOffsets()) ||
      ShapedType::isDynamicShape(op.getStaticStrides()))
    return false;
  out.elements = target->elements;
  return forEachIndex(source->type.getShape(), [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> at(index);
    for (size_t i = 0; i < at.size(); ++i)
      at[i] = op.getStaticOffsets()[i] + index[i] * op.getStaticStrides()[i];
    int64_t position = out.linearize(at);
    if (position >= 0)
      out.elements[position] = source->elements[source->linearize(index)];
    return position >= 0;
  });
}

bool Evaluator::evaluateConcat(tensor::ConcatOp op, Constant &out) {
  out.elements.resize(out.type.getNumElements());
  int64_t offset = 0;
  for (Value input : op.getInputs()) {
    const Constant *source = evaluate(input);
    if (!source)
      return false;
    forEachIndex(source->type.getShape(), [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> at(index);
      at[op.getDim()] += offset;
      out.elements[out.linearize(at)] =
          source->elements[source->linearize(index)];
      return true;
    });
    offset += source->type.getDimSize(op.getDim());
  }
  return true;
}

bool Evaluator::evaluatePad(tensor::PadOp op, Constant &out) {
  const Constant *source = evaluate(op.getSource());
  DenseMap<Value, Attribute> none;
  Value value = op.getConstantPaddingValue();
  Attribute pad = value ? getScalar(value, none) : Attribute();
  if (!source || !pad || ShapedType::isDynamicShape(op.getStaticLow()))
    return false;
  return forEachIndex(out.type.getShape(), [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> at(index);
    for (size_t i = 0; i < at.size(); ++i)
      at[i] -= op.getStaticLow()[i];
    int64_t position = source->linearize(at);
    out.elements.push_back(position < 0 ? pad : source->elements[position]);
    return true;
  });
}

DenseElementsAttr lacuna::evaluateConstant(Value tensor, int64_t maxSteps) {
  Evaluator evaluator(maxSteps);
  const Constant *constant = evaluator.evaluate(tensor);
  if (!constant)
    return nullptr;
  return DenseElementsAttr::get(constant->type, constant->elements);
}
