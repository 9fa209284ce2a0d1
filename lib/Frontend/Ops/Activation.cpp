//===- Activation.cpp - Activation functions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constant.h"
#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace lacuna;

namespace {
/// Spells formulas over floats of one type.
struct Formula {
  ImplicitLocOpBuilder &b;
  Type type;

  Formula(ImplicitLocOpBuilder &b, Value x) : b(b), type(x.getType()) {}

  Value constant(double value) { return createScalar(b, type, value); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value max(Value x, Value y) { return arith::MaximumFOp::create(b, x, y); }
  Value min(Value x, Value y) { return arith::MinimumFOp::create(b, x, y); }
  Value less(Value x, Value y) { return createLess(b, x, y, false); }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value negative(Value x) { return less(x, constant(0)); }
  /// log(1 + exp(x)) without overflow.
  Value softplus(Value x) {
    Value magnitude = math::AbsFOp::create(b, x);
    Value exp = math::ExpOp::create(b, arith::NegFOp::create(b, magnitude));
    return add(max(x, constant(0)), math::Log1pOp::create(b, exp));
  }
};
} // namespace

/// An activation of one float input, computed in float32 at least.
static LogicalResult
importFormula(Node &node, function_ref<Value(Formula &, Value)> formula) {
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    return createWide(b, args.take_front(),
                      [&](ImplicitLocOpBuilder &b, ValueRange args) {
                        Formula f(b, args[0]);
                        return formula(f, args[0]);
                      });
  });
}

static LogicalResult importRelu(Node &node) {
  bool isUnsigned = node.getInput(0).isUnsigned();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    return createMax(b, args[0], createScalar(b, args[0].getType(), 0),
                     isUnsigned);
  });
}

static LogicalResult importSigmoid(Node &node) {
  return importFormula(node, [](Formula &f, Value x) {
    Value one = f.constant(1);
    Value exp = math::ExpOp::create(f.b, arith::NegFOp::create(f.b, x));
    return f.div(one, f.add(one, exp));
  });
}

static LogicalResult importTanh(Node &node) {
  return importFormula(node, [](Formula &f, Value x) {
    return math::TanhOp::create(f.b, x).getResult();
  });
}

static LogicalResult importHardSigmoid(Node &node) {
  double alpha = node.getFloat("alpha", 0.2f);
  double beta = node.getFloat("beta", 0.5f);
  return importFormula(node, [&](Formula &f, Value x) {
    Value line = f.add(f.mul(x, f.constant(alpha)), f.constant(beta));
    return f.max(f.constant(0), f.min(f.constant(1), line));
  });
}

static LogicalResult importHardSwish(Node &node) {
  return importFormula(node, [](Formula &f, Value x) {
    Value line = f.add(f.mul(x, f.constant(1.0 / 6)), f.constant(0.5));
    return f.mul(x, f.max(f.constant(0), f.min(f.constant(1), line)));
  });
}

static LogicalResult importLeakyRelu(Node &node) {
  double alpha = node.getFloat("alpha", 0.01f);
  return importFormula(node, [&](Formula &f, Value x) {
    return f.select(f.negative(x), f.mul(x, f.constant(alpha)), x);
  });
}

static LogicalResult importThresholdedRelu(Node &node) {
  double alpha = node.getFloat("alpha", 1);
  return importFormula(node, [&](Formula &f, Value x) {
    return f.select(f.less(f.constant(alpha), x), x, f.constant(0));
  });
}

static LogicalResult importElu(Node &node) {
  double alpha = node.getFloat("alpha", 1);
  return importFormula(node, [&](Formula &f, Value x) {
    Value bend = f.mul(f.constant(alpha), math::ExpM1Op::create(f.b, x));
    return f.select(f.negative(x), bend, x);
  });
}

static LogicalResult importSelu(Node &node) {
  double alpha = node.getFloat("alpha", 1.67326319217681884765625);
  double gamma = node.getFloat("gamma", 1.05070102214813232421875);
  return importFormula(node, [&](Formula &f, Value x) {
    Value bend = f.mul(f.constant(alpha), math::ExpM1Op::create(f.b, x));
    return f.mul(f.constant(gamma), f.select(f.negative(x), bend, x));
  });
}

static LogicalResult importCelu(Node &node) {
  double alpha = node.getFloat("alpha", 1);
  if (alpha == 0)
    return node.invalid("attribute 'alpha' must not be zero");
  return importFormula(node, [&](Formula &f, Value x) {
    Value a = f.constant(alpha);
    Value bend = f.mul(a, math::ExpM1Op::create(f.b, f.div(x, a)));
    return f.add(f.max(f.constant(0), x), f.min(f.constant(0), bend));
  });
}

static LogicalResult importSoftplus(Node &node) {
  return importFormula(node, [](Formula &f, Value x) { return f.softplus(x); });
}

static LogicalResult importSoftsign(Node &node) {
  return importFormula(node, [](Formula &f, Value x) {
    return f.div(x, f.add(f.constant(1), math::AbsFOp::create(f.b, x)));
  });
}

static LogicalResult importMish(Node &node) {
  if (failed(checkInputs(node, 1, isFloat)))
    return failure();
  return importFormula(node, [](Formula &f, Value x) {
    return f.mul(x, math::TanhOp::create(f.b, f.softplus(x)));
  });
}

static LogicalResult importGelu(Node &node) {
  if (failed(checkInputs(node, 1, isFloat)))
    return failure();
  StringRef approximate = node.getString("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return node.invalid(
        "attribute 'approximate' must be 'none' or 'tanh', not '" +
        approximate + "'");
  bool isTanh = approximate == "tanh";
  return importFormula(node, [&](Formula &f, Value x) {
    Value bend;
    if (isTanh) {
      Value cube = f.mul(x, f.mul(x, x));
      Value inner = f.add(x, f.mul(f.constant(0.044715), cube));
      // sqrt(2 / pi)
      bend = math::TanhOp::create(
          f.b, f.mul(f.constant(0.79788456080286535588), inner));
    } else {
      // 1 / sqrt(2)
      bend = math::ErfOp::create(f.b,
                                 f.mul(f.constant(0.70710678118654752440), x));
    }
    return f.mul(f.mul(f.constant(0.5), x), f.add(f.constant(1), bend));
  });
}

/// Integers are shrunk as NumPy does it: in floats, cut at the end.
static LogicalResult importShrink(Node &node) {
  double bias = node.getFloat("bias", 0);
  double lambda = node.getFloat("lambd", 0.5);
  DType type = node.getInput(0).type;
  DType wide =
      type == DType::Float64 || (!isFloat(type) && getByteSize(type) > 2)
          ? DType::Float64
          : DType::Float32;
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value x = createCast(b, args[0], type, wide);
    Formula f(b, x);
    Value up = f.select(f.less(x, f.constant(-lambda)),
                        f.add(x, f.constant(bias)), f.constant(0));
    Value result =
        f.select(f.less(f.constant(lambda), x), f.sub(x, f.constant(bias)), up);
    return createCast(b, result, wide, type);
  });
}

static LogicalResult importPRelu(Node &node) {
  if (!node.hasInput(0) || !node.hasInput(1))
    return node.invalid("it needs two inputs");
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(node, node.getInputs());
  if (failed(shape))
    return failure();
  if (ArrayRef(*shape) != node.getInput(0).getShape())
    return node.invalid("its slope does not broadcast to its input");
  bool isUnsigned = node.getInput(0).isUnsigned();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    if (isUnsigned)
      return args[0];
    Value zero = createScalar(b, args[0].getType(), 0);
    Value isNegative = createLess(b, args[0], zero, isUnsigned);
    Value scaled = createMul(b, args[0], args[1]);
    return arith::SelectOp::create(b, isNegative, scaled, args[0]).getResult();
  });
}

/// Until opset 7 there was one slope, or one a channel.
static LogicalResult importLegacyPRelu(Node &node) {
  const Operand &input = node.getInput(0), &slope = node.getInput(1);
  SmallVector<int64_t> shape;
  if (slope.getNumElements() != 1) {
    if (input.getRank() < 2 || slope.getNumElements() != input.getDim(1))
      return node.invalid("its slope has " + Twine(slope.getNumElements()) +
                          " elements, not one a channel");
    shape.assign(input.getRank() - 1, 1);
    shape[0] = input.getDim(1);
  }
  node.replaceInput(1, createReshape(node.b, slope.value, shape));
  return importPRelu(node);
}

//===----------------------------------------------------------------------===//
// Clip
//===----------------------------------------------------------------------===//

static LogicalResult importClipAttrs(Node &node) {
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value x = args[0];
    if (node.hasAttr("min"))
      x = createMax(b, x, createScalar(b, x.getType(), node.getFloat("min", 0)),
                    false);
    if (node.hasAttr("max"))
      x = createMin(b, x, createScalar(b, x.getType(), node.getFloat("max", 0)),
                    false);
    return x;
  });
}

/// Bounds that are known are written into the body, where later passes look for
/// them.
static LogicalResult importClip(Node &node) {
  const Operand &input = node.getInput(0);
  bool isUnsigned = input.isUnsigned();
  SmallVector<Value> operands = {input.value};
  TypedAttr constants[2];
  for (size_t i : {1, 2}) {
    if (!node.hasInput(i))
      continue;
    const Operand &bound = node.getInput(i);
    if (bound.getNumElements() != 1)
      return node.invalid("its bound '" + node.getInputName(i) +
                          "' must be one number");
    auto dense =
        dyn_cast_or_null<DenseElementsAttr>(getConstantElements(bound.value));
    if (dense) {
      constants[i - 1] = cast<TypedAttr>(*dense.value_begin<Attribute>());
      node.setConsumed(i);
    } else
      operands.push_back(createReshape(node.b, bound.value, {}));
  }
  Value result = createElementwise(
      node.b, operands, input.getShape(), input.getElementType(),
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value x = args[0];
        args = args.drop_front();
        auto getBound = [&](size_t i) -> Value {
          if (constants[i - 1])
            return arith::ConstantOp::create(b, constants[i - 1]);
          Value bound = args.front();
          args = args.drop_front();
          return bound;
        };
        if (node.hasInput(1))
          x = createMax(b, x, getBound(1), isUnsigned);
        if (node.hasInput(2))
          x = createMin(b, x, getBound(2), isUnsigned);
        return x;
      });
  node.setOutput(result);
  return success();
}

void lacuna::registerActivationOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Celu", 12, importCelu},
      {"Clip", 1, importClipAttrs},
      {"Clip", 11, importClip},
      {"Elu", 1, importElu},
      {"Gelu", 20, importGelu},
      {"HardSigmoid", 1, importHardSigmoid},
      {"HardSwish", 14, importHardSwish},
      {"LeakyRelu", 1, importLeakyRelu},
      {"Mish", 18, importMish},
      {"PRelu", 1, importLegacyPRelu},
      {"PRelu", 7, importPRelu},
      {"Relu", 1, importRelu},
      {"Selu", 6, importSelu},
      {"Shrink", 9, importShrink},
      {"Sigmoid", 1, importSigmoid},
      {"Softplus", 1, importSoftplus},
      {"Softsign", 1, importSoftsign},
      {"Tanh", 1, importTanh},
      {"ThresholdedRelu", 10, importThresholdedRelu},
  };
  table.add(entries);
}
