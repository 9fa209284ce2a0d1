//===- LowerRecurrent.cpp - Reference lowering of recurrent layers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;
using utils::IteratorType;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

namespace {
struct Activation {
  StringRef name;
  double alpha, beta;
};
} // namespace

static Value applyActivation(ImplicitLocOpBuilder &b,
                             const Activation &function, Value x) {
  Type type = x.getType();
  auto scalar = [&](double value) { return createScalar(b, type, value); };
  auto mul = [&](Value lhs, Value rhs) -> Value {
    return arith::MulFOp::create(b, lhs, rhs);
  };
  auto add = [&](Value lhs, Value rhs) -> Value {
    return arith::AddFOp::create(b, lhs, rhs);
  };
  auto max = [&](Value lhs, Value rhs) -> Value {
    return arith::MaximumFOp::create(b, lhs, rhs);
  };
  auto min = [&](Value lhs, Value rhs) -> Value {
    return arith::MinimumFOp::create(b, lhs, rhs);
  };
  auto exp = [&](Value value) -> Value {
    return math::ExpOp::create(b, value);
  };
  auto div = [&](Value lhs, Value rhs) -> Value {
    return arith::DivFOp::create(b, lhs, rhs);
  };
  auto positive = [&](Value value, double bound) -> Value {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, value,
                                 scalar(bound));
  };
  StringRef name = function.name;
  if (name == "Tanh")
    return math::TanhOp::create(b, x);
  if (name == "Relu")
    return max(x, scalar(0));
  if (name == "Affine")
    return add(mul(scalar(function.alpha), x), scalar(function.beta));
  if (name == "LeakyRelu")
    return arith::SelectOp::create(b, positive(x, 0), x,
                                   mul(scalar(function.alpha), x));
  if (name == "ThresholdedRelu")
    return arith::SelectOp::create(b, positive(x, function.alpha), x,
                                   scalar(0));
  if (name == "ScaledTanh")
    return mul(scalar(function.alpha),
               math::TanhOp::create(b, mul(scalar(function.beta), x)));
  if (name == "HardSigmoid")
    return max(scalar(0), min(scalar(1), add(mul(scalar(function.alpha), x),
                                             scalar(function.beta))));
  if (name == "Elu")
    return arith::SelectOp::create(
        b, positive(x, 0), x,
        mul(scalar(function.alpha),
            arith::SubFOp::create(b, exp(x), scalar(1))));
  if (name == "Softsign")
    return div(x, add(scalar(1), math::AbsFOp::create(b, x)));
  if (name == "Softplus")
    return math::LogOp::create(b, add(scalar(1), exp(x)));
  // Sigmoid, the last of the known ones.
  return div(scalar(1), add(scalar(1), exp(arith::NegFOp::create(b, x))));
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

namespace {
/// What a recurrent layer computes in one of its directions.
class Layer {
public:
  Layer(ImplicitLocOpBuilder &b, RecurrentOp op, int64_t direction);

  /// Runs through time; afterwards the results are set.
  void lower();

  Value states; // [T, B, H], in the order of the steps taken
  Value lastH, lastC;

private:
  Value slice(Value tensor);
  Value multiplyInput();
  Value multiplyState(ImplicitLocOpBuilder &b, Value state);
  Value createGate(ImplicitLocOpBuilder &b, Value inputs, Value state,
                   Value index, int64_t gate, int64_t function, Value cell,
                   int64_t peephole);
  Value pointwise(ImplicitLocOpBuilder &b, ValueRange operands,
                  function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body);
  Value createTime(ImplicitLocOpBuilder &b, Value step, Value batch);
  Value store(ImplicitLocOpBuilder &b, Value step, Value next, Value old);
  Value clipAndApply(ImplicitLocOpBuilder &b, Value x, int64_t function);
  std::pair<Value, Value> createStep(ImplicitLocOpBuilder &b, Value step,
                                     Value h, Value c);

  ImplicitLocOpBuilder &b;
  RecurrentOp op;
  int64_t direction;
  int64_t time, batch, hidden;
  Type element;
  RankedTensorType stateType;
  Value inputs; // [T, B, G*H]: input times weights, plus both biases
  Value recurrence, peephole, recurrenceBias;
};
} // namespace

Layer::Layer(ImplicitLocOpBuilder &b, RecurrentOp op, int64_t direction)
    : b(b), op(op), direction(direction) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto weights = cast<RankedTensorType>(op.getRecurrence().getType());
  time = input.getDimSize(0);
  batch = input.getDimSize(1);
  hidden = weights.getDimSize(2);
  element = input.getElementType();
  stateType = RankedTensorType::get({batch, hidden}, element);
  recurrence = slice(op.getRecurrence());
  if (op.getPeephole())
    peephole = slice(op.getPeephole());
}

/// The part of `tensor` that belongs to this direction.
Value Layer::slice(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)), sizes;
  SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
  offsets[0] = b.getIndexAttr(direction);
  for (int64_t size : type.getShape())
    sizes.push_back(b.getIndexAttr(size));
  sizes[0] = b.getIndexAttr(1);
  auto part = RankedTensorType::get(type.getShape().drop_front(), element);
  return tensor::ExtractSliceOp::create(b, part, tensor, offsets, sizes,
                                        strides);
}

/// Input times weights for all steps, with the biases. A GRU that is linear
/// before reset needs the bias of its recurrence apart.
Value Layer::multiplyInput() {
  int64_t rows = op.getGates() * hidden;
  auto type = RankedTensorType::get({time, batch, rows}, element);
  Value start = createFilled(b, type, 0.0);
  auto dim = [&](unsigned i) { return b.getAffineDimExpr(i); };
  Value weights = slice(op.getWeights());
  auto maps = AffineMap::inferFromExprList(
      ArrayRef<ArrayRef<AffineExpr>>{
          {dim(0), dim(1), dim(3)}, {dim(2), dim(3)}, {dim(0), dim(1), dim(2)}},
      b.getContext());
  SmallVector<IteratorType> iterators(3, IteratorType::parallel);
  iterators.push_back(IteratorType::reduction);
  Value product =
      linalg::GenericOp::create(b, type, ValueRange{op.getInput(), weights},
                                start, maps, iterators, multiplyAccumulateBody)
          .getResult(0);
  if (!op.getBias())
    return product;
  Value bias = slice(op.getBias());
  auto half = [&](int64_t offset) -> Value {
    return tensor::ExtractSliceOp::create(
        b, RankedTensorType::get({rows}, element), bias,
        ArrayRef<OpFoldResult>{b.getIndexAttr(offset)},
        ArrayRef<OpFoldResult>{b.getIndexAttr(rows)},
        ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  };
  recurrenceBias = half(rows);
  AffineMap rowMap = AffineMap::get(3, 0, dim(2));
  AffineMap all = b.getMultiDimIdentityMap(3);
  bool apart = op.getCell() == Cell::GRU && op.getLinearBeforeReset();
  return linalg::GenericOp::create(
             b, type, ValueRange{product, half(0), recurrenceBias},
             tensor::EmptyOp::create(b, type.getShape(), element).getResult(),
             ArrayRef{all, rowMap, rowMap, all},
             SmallVector<IteratorType>(3, IteratorType::parallel),
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, inner);
               Value sum = arith::AddFOp::create(b, args[0], args[1]);
               Value both = arith::AddFOp::create(b, sum, args[2]);
               if (apart) {
                 Value candidate = arith::CmpIOp::create(
                     b, arith::CmpIPredicate::uge,
                     linalg::IndexOp::create(b, 2),
                     arith::ConstantIndexOp::create(b, 2 * hidden));
                 both = arith::SelectOp::create(b, candidate, sum, both);
               }
               linalg::YieldOp::create(b, both);
             })
      .getResult(0);
}

/// State times recurrence, [B, G*H].
Value Layer::multiplyState(ImplicitLocOpBuilder &b, Value state) {
  auto type = RankedTensorType::get({batch, op.getGates() * hidden}, element);
  return MatMulOp::create(b, type, state, recurrence, /*transpose_lhs=*/false,
                          /*transpose_rhs=*/true);
}

/// One value of each batch entry and hidden unit.
Value Layer::pointwise(
    ImplicitLocOpBuilder &b, ValueRange operands,
    function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body) {
  SmallVector<AffineMap> maps(operands.size() + 1, b.getMultiDimIdentityMap(2));
  return linalg::GenericOp::create(
             b, stateType, operands,
             tensor::EmptyOp::create(b, stateType.getShape(), element)
                 .getResult(),
             maps, SmallVector<IteratorType>(2, IteratorType::parallel),
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, inner);
               linalg::YieldOp::create(b, body(b, args.drop_back()));
             })
      .getResult(0);
}

/// How many steps of batch entry `batchIndex` count, at most all.
static Value readLength(ImplicitLocOpBuilder &b, RecurrentOp op, int64_t time,
                        Value batchIndex) {
  Value all = arith::ConstantIndexOp::create(b, time);
  if (!op.getLengths())
    return all;
  Value length = arith::IndexCastOp::create(
      b, b.getIndexType(),
      tensor::ExtractOp::create(b, op.getLengths(), batchIndex));
  return arith::MinUIOp::create(b, length, all);
}

/// Where in time `step` lies: a reverse direction counts from the last step
/// that counts, and the other way round. Never outside.
static Value mirrorStep(ImplicitLocOpBuilder &b, Value step, Value length) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value mirrored =
      arith::SubIOp::create(b, arith::SubIOp::create(b, length, one), step);
  return arith::MaxSIOp::create(b, mirrored, zero);
}

Value Layer::createTime(ImplicitLocOpBuilder &b, Value step, Value batchIndex) {
  if (!op.isReverse(direction))
    return step;
  return mirrorStep(b, step, readLength(b, op, time, batchIndex));
}

Value Layer::clipAndApply(ImplicitLocOpBuilder &b, Value x, int64_t function) {
  double clip = op.getClip().convertToDouble();
  if (clip > 0) {
    x = arith::MinimumFOp::create(b, x, createScalar(b, element, clip));
    x = arith::MaximumFOp::create(b, x, createScalar(b, element, -clip));
  }
  int64_t at = direction * op.getFunctions() + function;
  return applyActivation(b,
                         {cast<StringAttr>(op.getActivations()[at]).getValue(),
                          op.getParameters()[2 * at],
                          op.getParameters()[2 * at + 1]},
                         x);
}

/// Gate `gate`: its share of the inputs at `step` plus its share of the state's
/// product, plus the cell state through peephole `peephole` if there is one.
Value Layer::createGate(ImplicitLocOpBuilder &b, Value inputs, Value product,
                        Value step, int64_t gate, int64_t function, Value cell,
                        int64_t peepholeAt) {
  SmallVector<Value> operands;
  if (cell)
    operands.push_back(cell);
  return pointwise(b, operands, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value row = linalg::IndexOp::create(b, 0);
    Value unit = linalg::IndexOp::create(b, 1);
    auto column = [&](int64_t part) -> Value {
      return arith::AddIOp::create(
          b, unit, arith::ConstantIndexOp::create(b, part * hidden));
    };
    Value at = createTime(b, step, row);
    Value sum =
        tensor::ExtractOp::create(b, inputs, ValueRange{at, row, column(gate)});
    if (product)
      sum = arith::AddFOp::create(
          b, sum,
          tensor::ExtractOp::create(b, product, ValueRange{row, column(gate)}));
    if (cell)
      sum = arith::AddFOp::create(
          b, sum,
          arith::MulFOp::create(
              b, tensor::ExtractOp::create(b, peephole, column(peepholeAt)),
              args[0]));
    return clipAndApply(b, sum, function);
  });
}

/// The state after `step`.
std::pair<Value, Value> Layer::createStep(ImplicitLocOpBuilder &b, Value step,
                                          Value h, Value c) {
  Value product = multiplyState(b, h);
  auto one = [&](ImplicitLocOpBuilder &b) {
    return createScalar(b, element, 1);
  };
  if (op.getCell() == Cell::RNN)
    return {createGate(b, inputs, product, step, 0, 0, Value(), 0), c};

  if (op.getCell() == Cell::GRU) {
    Value z = createGate(b, inputs, product, step, 0, 0, Value(), 0);
    Value r = createGate(b, inputs, product, step, 1, 0, Value(), 0);
    if (!op.getLinearBeforeReset()) {
      Value reset =
          pointwise(b, {r, h}, [](ImplicitLocOpBuilder &b, ValueRange args) {
            return arith::MulFOp::create(b, args[0], args[1]).getResult();
          });
      product = multiplyState(b, reset);
    }
    Value candidate =
        pointwise(b, {r}, [&](ImplicitLocOpBuilder &b, ValueRange args) {
          Value row = linalg::IndexOp::create(b, 0);
          Value column = arith::AddIOp::create(
              b, linalg::IndexOp::create(b, 1),
              arith::ConstantIndexOp::create(b, 2 * hidden));
          Value at = createTime(b, step, row);
          Value input =
              tensor::ExtractOp::create(b, inputs, ValueRange{at, row, column});
          Value state =
              tensor::ExtractOp::create(b, product, ValueRange{row, column});
          if (op.getLinearBeforeReset()) {
            if (recurrenceBias)
              state = arith::AddFOp::create(
                  b, state,
                  tensor::ExtractOp::create(b, recurrenceBias, column));
            state = arith::MulFOp::create(b, args[0], state);
          }
          return clipAndApply(b, arith::AddFOp::create(b, input, state), 1);
        });
    Value next = pointwise(
        b, {z, candidate, h}, [&](ImplicitLocOpBuilder &b, ValueRange args) {
          Value keep = arith::MulFOp::create(b, args[0], args[2]);
          Value rest = arith::SubFOp::create(b, one(b), args[0]);
          return arith::AddFOp::create(
                     b, arith::MulFOp::create(b, rest, args[1]), keep)
              .getResult();
        });
    return {next, c};
  }

  Value cell = peephole ? c : Value();
  Value i = createGate(b, inputs, product, step, 0, 0, cell, 0);
  Value f;
  if (op.getInputForget())
    f = pointwise(b, {i}, [&](ImplicitLocOpBuilder &b, ValueRange args) {
      return arith::SubFOp::create(b, one(b), args[0]).getResult();
    });
  else
    f = createGate(b, inputs, product, step, 2, 0, cell, 2);
  Value g = createGate(b, inputs, product, step, 3, 1, Value(), 0);
  Value nextC =
      pointwise(b, {f, c, i, g}, [](ImplicitLocOpBuilder &b, ValueRange args) {
        return arith::AddFOp::create(b,
                                     arith::MulFOp::create(b, args[0], args[1]),
                                     arith::MulFOp::create(b, args[2], args[3]))
            .getResult();
      });
  Value o =
      createGate(b, inputs, product, step, 1, 0, peephole ? nextC : Value(), 1);
  int64_t at = direction * op.getFunctions() + 2;
  Activation squash = {cast<StringAttr>(op.getActivations()[at]).getValue(),
                       op.getParameters()[2 * at],
                       op.getParameters()[2 * at + 1]};
  Value nextH =
      pointwise(b, {o, nextC}, [&](ImplicitLocOpBuilder &b, ValueRange args) {
        return arith::MulFOp::create(b, args[0],
                                     applyActivation(b, squash, args[1]))
            .getResult();
      });
  return {nextH, nextC};
}

/// Puts the state `next` where `old` lies, or keeps it if the step does not
/// count for the batch entry.
Value Layer::store(ImplicitLocOpBuilder &b, Value step, Value next, Value old) {
  AffineMap all = b.getMultiDimIdentityMap(2);
  return linalg::GenericOp::create(
             b, stateType, next, old, ArrayRef{all, all},
             SmallVector<IteratorType>(2, IteratorType::parallel),
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, inner);
               Value value = args[0];
               if (op.getLengths()) {
                 Value length =
                     readLength(b, op, time, linalg::IndexOp::create(b, 0));
                 Value counts = arith::CmpIOp::create(
                     b, arith::CmpIPredicate::ult, step, length);
                 value = arith::SelectOp::create(b, counts, value, args[1]);
               }
               linalg::YieldOp::create(b, value);
             })
      .getResult(0);
}

void Layer::lower() {
  inputs = multiplyInput();
  auto initial = [&](Value given) {
    return given ? slice(given) : createFilled(b, stateType, 0.0);
  };
  auto statesType = RankedTensorType::get({time, batch, hidden}, element);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value end = arith::ConstantIndexOp::create(b, time);
  Value one = arith::ConstantIndexOp::create(b, 1);
  auto loop = scf::ForOp::create(
      b, zero, end, one,
      ValueRange{initial(op.getInitialH()), initial(op.getInitialC()),
                 createFilled(b, statesType, 0.0)},
      [&](OpBuilder &inner, Location loc, Value step, ValueRange carried) {
        ImplicitLocOpBuilder b(loc, inner);
        auto [h, c] = createStep(b, step, carried[0], carried[1]);
        h = store(b, step, h, carried[0]);
        c = store(b, step, c, carried[1]);
        Value all = tensor::InsertSliceOp::create(
            b, h, carried[2],
            ArrayRef<OpFoldResult>{step, b.getIndexAttr(0), b.getIndexAttr(0)},
            ArrayRef<OpFoldResult>{b.getIndexAttr(1), b.getIndexAttr(batch),
                                   b.getIndexAttr(hidden)},
            ArrayRef<OpFoldResult>(
                SmallVector<OpFoldResult>(3, b.getIndexAttr(1))));
        scf::YieldOp::create(b, ValueRange{h, c, all});
      });
  lastH = loop.getResult(0);
  lastC = loop.getResult(1);
  states = loop.getResult(2);
}

namespace {
struct LowerRecurrent : OpRewritePattern<RecurrentOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RecurrentOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> states, lastH, lastC;
    for (int64_t i = 0; i < op.getDirections(); ++i) {
      Layer layer(b, op, i);
      layer.lower();
      states.push_back(layer.states);
      lastH.push_back(layer.lastH);
      lastC.push_back(layer.lastC);
    }
    rewriter.replaceOp(op, {joinStates(b, op, states),
                            join(b, op.getLastH().getType(), lastH),
                            join(b, op.getLastC().getType(), lastC)});
    return success();
  }

  /// One tensor a direction, joined along a new first dimension.
  static Value join(ImplicitLocOpBuilder &b, Type type, ValueRange parts) {
    auto joined = cast<RankedTensorType>(type);
    SmallVector<int64_t> one(joined.getShape());
    one[0] = 1;
    SmallVector<Value> reshaped;
    for (Value part : parts)
      reshaped.push_back(reshapeTo(b, part, one));
    if (reshaped.size() == 1)
      return reshaped[0];
    return tensor::ConcatOp::create(b, joined, 0, reshaped);
  }

  /// All states in the order of time: [T, D, B, H].
  static Value joinStates(ImplicitLocOpBuilder &b, RecurrentOp op,
                          ValueRange states) {
    auto type = cast<RankedTensorType>(op.getStates().getType());
    int64_t time = type.getDimSize(0);
    Value empty =
        tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
    return linalg::GenericOp::create(
               b, TypeRange{type}, ValueRange(), empty,
               ArrayRef{b.getMultiDimIdentityMap(4)},
               SmallVector<IteratorType>(4, IteratorType::parallel),
               [&](OpBuilder &inner, Location loc, ValueRange) {
                 ImplicitLocOpBuilder b(loc, inner);
                 Value loops[4];
                 for (unsigned i = 0; i < 4; ++i)
                   loops[i] = linalg::IndexOp::create(b, i);
                 Value length = readLength(b, op, time, loops[2]);
                 Value read[2];
                 for (auto [i, state] : llvm::enumerate(states)) {
                   Value at = op.isReverse(i) ? mirrorStep(b, loops[0], length)
                                              : loops[0];
                   read[i] = tensor::ExtractOp::create(
                       b, state, ValueRange{at, loops[2], loops[3]});
                 }
                 Value value = read[0];
                 if (states.size() == 2) {
                   Value first = arith::CmpIOp::create(
                       b, arith::CmpIPredicate::eq, loops[1],
                       arith::ConstantIndexOp::create(b, 0));
                   value = arith::SelectOp::create(b, first, read[0], read[1]);
                 }
                 Value counts = arith::CmpIOp::create(
                     b, arith::CmpIPredicate::ult, loops[0], length);
                 value = arith::SelectOp::create(
                     b, counts, value,
                     createScalar(b, type.getElementType(), 0));
                 linalg::YieldOp::create(b, value);
               })
        .getResult(0);
  }
};
} // namespace

void nn::populateLowerRecurrentPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerRecurrent>(patterns.getContext());
}
