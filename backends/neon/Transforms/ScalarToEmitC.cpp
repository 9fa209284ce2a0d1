//===- ScalarToEmitC.cpp - Scalars of arith and math as C++ -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/EmitCPatterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/SmallString.h"

using namespace mlir;
using namespace lacuna;

Value neon::createLiteral(OpBuilder &b, Location loc, Type type,
                          StringRef text) {
  return emitc::LiteralOp::create(b, loc, type, b.getStringAttr(text));
}

Value neon::createLiteral(OpBuilder &b, Location loc, Type type,
                          int64_t value) {
  return createLiteral(b, loc, type, std::to_string(value));
}

namespace {
/// An integer or a float constant, as a literal.
struct ConstantToLiteral : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::ConstantOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type type = getTypeConverter()->convertType(op.getType());
    if (!type || isa<ShapedType>(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a scalar");
    std::string text;
    if (auto integer = dyn_cast<IntegerAttr>(op.getValue()))
      text = getText(integer);
    else
      text = getText(cast<FloatAttr>(op.getValue()).getValue());
    // C++ has no literals of other types.
    if (auto opaque = dyn_cast<emitc::OpaqueType>(type))
      text = (opaque.getValue() + "(" + text + ")").str();
    rewriter.replaceOp(op,
                       neon::createLiteral(rewriter, op.getLoc(), type, text));
    return success();
  }

private:
  static std::string getText(IntegerAttr attr) {
    if (attr.getType().isInteger(1))
      return attr.getValue().isZero() ? "false" : "true";
    int64_t value = attr.getValue().getSExtValue();
    std::string text = std::to_string(value);
    switch (attr.getType().isIndex() ? 64 : attr.getValue().getBitWidth()) {
    case 8:
    case 16:
      // An expression of small integers is one of int: say which is meant.
      return "std::int" + std::to_string(attr.getValue().getBitWidth()) +
             "_t(" + text + ")";
    case 32:
      // The number -2147483648 is a minus and a number that is too large.
      return value == INT32_MIN ? "INT32_MIN" : text;
    default:
      if (attr.getType().isIndex())
        return text;
      return value == INT64_MIN ? "INT64_MIN" : "std::int64_t{" + text + "}";
    }
  }

  static std::string getText(const APFloat &value) {
    bool isDouble = &value.getSemantics() == &APFloat::IEEEdouble();
    std::string type = isDouble ? "double" : "float";
    if (value.isNaN())
      return "std::numeric_limits<" + type + ">::quiet_NaN()";
    if (value.isInfinity())
      return (value.isNegative() ? "-std::numeric_limits<"
                                 : "std::numeric_limits<") +
             type + ">::infinity()";
    // The shortest decimal that is this value.
    llvm::SmallString<24> text;
    value.toString(text);
    if (text.find_first_of(".eE") == StringRef::npos)
      text += ".0";
    if (!isDouble)
      text += "f";
    return text.str().str();
  }
};

/// An operation that C++ has an operator for.
template <typename From, typename To>
struct ToOperator : OpConversionPattern<From> {
  using OpConversionPattern<From>::OpConversionPattern;

  LogicalResult
  matchAndRewrite(From op, typename From::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type type = this->getTypeConverter()->convertType(op.getType());
    rewriter.replaceOpWithNewOp<To>(op, type, adaptor.getOperands());
    return success();
  }
};

/// The same for indices only, which do not overflow.
template <typename From, typename To>
struct IndexToOperator : ToOperator<From, To> {
  IndexToOperator(const TypeConverter &types, MLIRContext *context)
      : ToOperator<From, To>(types, context, /*benefit=*/2) {}

  LogicalResult
  matchAndRewrite(From op, typename From::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getType().isIndex())
      return rewriter.notifyMatchFailure(op, "not an index");
    return ToOperator<From, To>::matchAndRewrite(op, adaptor, rewriter);
  }
};

/// A call of `name`, with the type of the result as template argument if
/// `named`.
template <typename From>
struct ToCall : OpConversionPattern<From> {
  ToCall(const TypeConverter &types, MLIRContext *context, StringRef name,
         bool named = false)
      : OpConversionPattern<From>(types, context), name(name), named(named) {}

  LogicalResult
  matchAndRewrite(From op, typename From::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type type = this->getTypeConverter()->convertType(op.getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "no C++ type");
    // Literals of indices are of type int.
    ArrayAttr templates;
    if (named || op.getType().isIndex())
      templates = rewriter.getArrayAttr(TypeAttr::get(type));
    rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(
        op, type, name, adaptor.getOperands(), ArrayAttr(), templates);
    return success();
  }

private:
  StringRef name;
  bool named;
};

/// A conversion that a C cast does; from bool, a call of `fromBool`.
template <typename From>
struct ToCast : OpConversionPattern<From> {
  ToCast(const TypeConverter &types, MLIRContext *context,
         StringRef fromBool = "")
      : OpConversionPattern<From>(types, context), fromBool(fromBool) {}

  LogicalResult
  matchAndRewrite(From op, typename From::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type type = this->getTypeConverter()->convertType(op.getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "no C++ type");
    if (type == adaptor.getIn().getType())
      rewriter.replaceOp(op, adaptor.getIn());
    else if (!fromBool.empty() && op.getIn().getType().isInteger(1))
      rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(
          op, type, fromBool, adaptor.getIn(), ArrayAttr(),
          rewriter.getArrayAttr(TypeAttr::get(type)));
    else
      rewriter.replaceOpWithNewOp<emitc::CastOp>(op, type, adaptor.getIn());
    return success();
  }

private:
  StringRef fromBool;
};

/// A conversion from an unsigned integer, or to one: a call, which a bool does
/// not need.
template <typename From>
struct ToUnsignedCast : OpConversionPattern<From> {
  ToUnsignedCast(const TypeConverter &types, MLIRContext *context,
                 StringRef name)
      : OpConversionPattern<From>(types, context), name(name) {}

  LogicalResult
  matchAndRewrite(From op, typename From::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type type = this->getTypeConverter()->convertType(op.getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "no C++ type");
    if (op.getIn().getType().isInteger(1) || type.isInteger(1))
      rewriter.replaceOpWithNewOp<emitc::CastOp>(op, type, adaptor.getIn());
    else
      rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(
          op, type, name, adaptor.getIn(), ArrayAttr(),
          rewriter.getArrayAttr(TypeAttr::get(type)));
    return success();
  }

private:
  StringRef name;
};

struct TruncateToCast : OpConversionPattern<arith::TruncIOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::TruncIOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type type = getTypeConverter()->convertType(op.getType());
    if (op.getType().isInteger(1))
      rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(op, type, "low_bit",
                                                       adaptor.getIn());
    else
      rewriter.replaceOpWithNewOp<emitc::CastOp>(op, type, adaptor.getIn());
    return success();
  }
};

struct CompareIntegers : OpConversionPattern<arith::CmpIOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::CmpIOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
    Type type = rewriter.getI1Type();
    auto compare = [&](emitc::CmpPredicate predicate) {
      rewriter.replaceOpWithNewOp<emitc::CmpOp>(op, type, predicate, lhs, rhs);
      return success();
    };
    auto compareUnsigned = [&](bool swapped, bool negated) {
      SmallVector<Value, 2> operands = {lhs, rhs};
      if (swapped)
        std::swap(operands[0], operands[1]);
      ArrayAttr templates;
      if (op.getLhs().getType().isIndex())
        templates = rewriter.getArrayAttr(TypeAttr::get(lhs.getType()));
      Value less = emitc::CallOpaqueOp::create(rewriter, op.getLoc(), type,
                                               "less_unsigned", operands,
                                               ArrayAttr(), templates)
                       .getResult(0);
      if (negated)
        less = emitc::LogicalNotOp::create(rewriter, op.getLoc(), type, less);
      rewriter.replaceOp(op, less);
      return success();
    };
    switch (op.getPredicate()) {
    case arith::CmpIPredicate::eq:
      return compare(emitc::CmpPredicate::eq);
    case arith::CmpIPredicate::ne:
      return compare(emitc::CmpPredicate::ne);
    case arith::CmpIPredicate::slt:
      return compare(emitc::CmpPredicate::lt);
    case arith::CmpIPredicate::sle:
      return compare(emitc::CmpPredicate::le);
    case arith::CmpIPredicate::sgt:
      return compare(emitc::CmpPredicate::gt);
    case arith::CmpIPredicate::sge:
      return compare(emitc::CmpPredicate::ge);
    case arith::CmpIPredicate::ult:
      return compareUnsigned(false, false);
    case arith::CmpIPredicate::ule:
      return compareUnsigned(true, true);
    case arith::CmpIPredicate::ugt:
      return compareUnsigned(true, false);
    case arith::CmpIPredicate::uge:
      return compareUnsigned(false, true);
    }
    llvm_unreachable("all predicates are handled");
  }
};

/// C++ compares as IEEE says, so an unordered predicate is the negation of the
/// opposite ordered one.
struct CompareFloats : OpConversionPattern<arith::CmpFOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::CmpFOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    using Predicate = arith::CmpFPredicate;
    using emitc::CmpPredicate;
    Location loc = op.getLoc();
    Type type = rewriter.getI1Type();
    Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
    auto compare = [&](CmpPredicate predicate, Value a, Value b) -> Value {
      return emitc::CmpOp::create(rewriter, loc, type, predicate, a, b);
    };
    auto negate = [&](Value value) -> Value {
      return emitc::LogicalNotOp::create(rewriter, loc, type, value);
    };
    auto lessOrGreater = [&]() -> Value {
      return emitc::LogicalOrOp::create(rewriter, loc, type,
                                        compare(CmpPredicate::lt, lhs, rhs),
                                        compare(CmpPredicate::gt, lhs, rhs));
    };
    auto ordered = [&]() -> Value {
      return emitc::LogicalAndOp::create(rewriter, loc, type,
                                         compare(CmpPredicate::eq, lhs, lhs),
                                         compare(CmpPredicate::eq, rhs, rhs));
    };
    auto getResult = [&]() -> Value {
      switch (op.getPredicate()) {
      case Predicate::AlwaysFalse:
        return neon::createLiteral(rewriter, loc, type, "false");
      case Predicate::AlwaysTrue:
        return neon::createLiteral(rewriter, loc, type, "true");
      case Predicate::OEQ:
        return compare(CmpPredicate::eq, lhs, rhs);
      case Predicate::OGT:
        return compare(CmpPredicate::gt, lhs, rhs);
      case Predicate::OGE:
        return compare(CmpPredicate::ge, lhs, rhs);
      case Predicate::OLT:
        return compare(CmpPredicate::lt, lhs, rhs);
      case Predicate::OLE:
        return compare(CmpPredicate::le, lhs, rhs);
      case Predicate::ONE:
        return lessOrGreater();
      case Predicate::ORD:
        return ordered();
      case Predicate::UEQ:
        return negate(lessOrGreater());
      case Predicate::UGT:
        return negate(compare(CmpPredicate::le, lhs, rhs));
      case Predicate::UGE:
        return negate(compare(CmpPredicate::lt, lhs, rhs));
      case Predicate::ULT:
        return negate(compare(CmpPredicate::ge, lhs, rhs));
      case Predicate::ULE:
        return negate(compare(CmpPredicate::gt, lhs, rhs));
      case Predicate::UNE:
        return compare(CmpPredicate::ne, lhs, rhs);
      case Predicate::UNO:
        return negate(ordered());
      }
      llvm_unreachable("all predicates are handled");
    };
    rewriter.replaceOp(op, getResult());
    return success();
  }
};
} // namespace

void neon::populateScalarToEmitCPatterns(RewritePatternSet &patterns,
                                         const TypeConverter &types) {
  MLIRContext *context = patterns.getContext();
  patterns
      .add<ConstantToLiteral, CompareFloats, CompareIntegers, TruncateToCast,
           ToOperator<arith::AddFOp, emitc::AddOp>,
           ToOperator<arith::SubFOp, emitc::SubOp>,
           ToOperator<arith::MulFOp, emitc::MulOp>,
           ToOperator<arith::DivFOp, emitc::DivOp>,
           ToOperator<arith::NegFOp, emitc::UnaryMinusOp>,
           ToOperator<arith::SelectOp, emitc::ConditionalOp>,
           IndexToOperator<arith::AddIOp, emitc::AddOp>,
           IndexToOperator<arith::SubIOp, emitc::SubOp>,
           IndexToOperator<arith::MulIOp, emitc::MulOp>,
           IndexToOperator<arith::DivSIOp, emitc::DivOp>,
           IndexToOperator<arith::RemSIOp, emitc::RemOp>, ToCast<arith::ExtFOp>,
           ToCast<arith::TruncFOp>, ToCast<arith::FPToSIOp>>(types, context);
  patterns.add<ToCast<arith::ExtSIOp>, ToCast<arith::SIToFPOp>,
               ToCast<arith::IndexCastOp>>(types, context, "sign_extend_bool");
  patterns.add<ToUnsignedCast<arith::ExtUIOp>,
               ToUnsignedCast<arith::IndexCastUIOp>>(types, context,
                                                     "zero_extend");
  patterns.add<ToUnsignedCast<arith::UIToFPOp>>(types, context,
                                                "from_unsigned");
  patterns.add<ToUnsignedCast<arith::FPToUIOp>>(types, context, "to_unsigned");
  patterns.add<ToCall<arith::BitcastOp>>(types, context, "same_bits",
                                         /*named=*/true);

#define CALL(OP, NAME) patterns.add<ToCall<OP>>(types, context, NAME);
  CALL(arith::AddIOp, "wrap_add")
  CALL(arith::SubIOp, "wrap_sub")
  CALL(arith::MulIOp, "wrap_mul")
  CALL(arith::DivSIOp, "divide")
  CALL(arith::DivUIOp, "divide_unsigned")
  CALL(arith::RemSIOp, "remainder")
  CALL(arith::RemUIOp, "remainder_unsigned")
  CALL(arith::FloorDivSIOp, "floor_divide")
  CALL(arith::CeilDivSIOp, "ceil_divide")
  CALL(arith::AndIOp, "bits_and")
  CALL(arith::OrIOp, "bits_or")
  CALL(arith::XOrIOp, "bits_xor")
  CALL(arith::ShLIOp, "shift_left")
  CALL(arith::ShRSIOp, "shift_right")
  CALL(arith::ShRUIOp, "shift_right_unsigned")
  CALL(arith::MaxSIOp, "larger")
  CALL(arith::MinSIOp, "smaller")
  CALL(arith::MaxUIOp, "larger_unsigned")
  CALL(arith::MinUIOp, "smaller_unsigned")
  CALL(arith::MaximumFOp, "maximum")
  CALL(arith::MinimumFOp, "minimum")
  CALL(arith::MaxNumFOp, "maxnum")
  CALL(arith::MinNumFOp, "minnum")
  CALL(arith::RemFOp, "std::fmod")
  CALL(math::AbsFOp, "std::fabs")
  CALL(math::AbsIOp, "absolute")
  CALL(math::AcosOp, "std::acos")
  CALL(math::AcoshOp, "std::acosh")
  CALL(math::AsinOp, "std::asin")
  CALL(math::AsinhOp, "std::asinh")
  CALL(math::AtanOp, "std::atan")
  CALL(math::Atan2Op, "std::atan2")
  CALL(math::AtanhOp, "std::atanh")
  CALL(math::CbrtOp, "std::cbrt")
  CALL(math::CeilOp, "std::ceil")
  CALL(math::CopySignOp, "std::copysign")
  CALL(math::CosOp, "std::cos")
  CALL(math::CoshOp, "std::cosh")
  CALL(math::CtPopOp, "count_ones")
  CALL(math::ErfOp, "std::erf")
  CALL(math::ErfcOp, "std::erfc")
  CALL(math::ExpOp, "std::exp")
  CALL(math::Exp2Op, "std::exp2")
  CALL(math::ExpM1Op, "std::expm1")
  CALL(math::FPowIOp, "power_int")
  CALL(math::FloorOp, "std::floor")
  CALL(math::FmaOp, "std::fma")
  CALL(math::IPowIOp, "power_of_integer")
  CALL(math::IsFiniteOp, "std::isfinite")
  CALL(math::IsInfOp, "std::isinf")
  CALL(math::IsNaNOp, "std::isnan")
  CALL(math::LogOp, "std::log")
  CALL(math::Log10Op, "std::log10")
  CALL(math::Log1pOp, "std::log1p")
  CALL(math::Log2Op, "std::log2")
  CALL(math::PowFOp, "std::pow")
  CALL(math::RoundOp, "std::round")
  CALL(math::RoundEvenOp, "round_even")
  CALL(math::RsqrtOp, "reciprocal_sqrt")
  CALL(math::SinOp, "std::sin")
  CALL(math::SinhOp, "std::sinh")
  CALL(math::SqrtOp, "std::sqrt")
  CALL(math::TanOp, "std::tan")
  CALL(math::TanhOp, "std::tanh")
  CALL(math::TruncOp, "std::trunc")
#undef CALL
}
