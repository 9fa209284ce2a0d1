//===- KernelToEmitC.cpp - Kernels as calls of C++ templates -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Interface.h"
#include "backends/neon/Geometry.h"
#include "backends/neon/HalideRequest.h"
#include "backends/neon/Transforms/EmitCPatterns.h"
#include "backends/neon/Transforms/Passes.h"
#include "lacuna/Schedule/Buffers.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

/// The structure of an earlier layer that has the same shape.
static constexpr llvm::StringLiteral kSameShapeAttr = "neon.same_shape";

namespace {
/// A kernel as C++: its header, its name, its structure of the shape and the
/// rest of its template arguments.
struct KernelCall {
  StringRef header, name, base = "ConvGeometry";
  std::string members;
  std::string tile;
  /// For the report.
  std::string summary;
};
} // namespace

/// `  static constexpr float lo = 0.0f;`
static std::string getBound(const char *name, std::optional<double> bound,
                            double otherwise) {
  std::string text = std::string("  static constexpr float ") + name + " = ";
  double value = bound.value_or(otherwise);
  if (std::isinf(value))
    text += std::string(value < 0 ? "-" : "") +
            "std::numeric_limits<float>::infinity()";
  else
    text += llvm::formatv("{0:e9}f", value);
  return text + ";\n";
}

static std::optional<double> getDouble(std::optional<APFloat> value) {
  if (!value)
    return std::nullopt;
  return value->convertToDouble();
}

/// The line of the structure of the shape that says of what the tensors are,
/// and how many of them a register holds.
static std::pair<std::string, int64_t> getElement(Value init) {
  if (cast<MemRefType>(init.getType()).getElementType().isF16())
    return {"  using Element = half;\n", 8};
  return {"", 4};
}

/// A tile of `rows` pixels and two registers of channels, or one and `narrow`.
static std::string getWindowTile(int64_t rows, int64_t narrow, int64_t lanes,
                                 int64_t channels) {
  if (channels >= 2 * lanes)
    return llvm::formatv("Tile<{0}, {1}>", rows, 2 * lanes);
  return llvm::formatv("Tile<{0}, {1}>", narrow, lanes);
}

/// `conv_float of halves Tile<4, 24, 16>`
static std::string getSummary(StringRef name, int64_t lanes, StringRef tile) {
  return (name + (lanes == 8 ? " of halves " : " ") + tile).str();
}

static KernelCall describeBytes(neon::ConvOp op) {
  KernelCall call;
  Geometry geometry = getGeometry(op);
  ArrayRef<int64_t> tile = *op.getTile();
  call.base = "ByteGeometry";
  call.members = geometry.getMembers();
  auto addNumber = [&](const char *name, int64_t value, int64_t otherwise) {
    if (value != otherwise)
      call.members +=
          llvm::formatv("  static constexpr int {0} = {1};\n", name, value);
  };
  auto addFlag = [&](const char *name, bool value) {
    if (value)
      call.members +=
          llvm::formatv("  static constexpr bool {0} = true;\n", name);
  };
  bool isUnsigned = op.getOutputUnsigned();
  addFlag("in_unsigned", op.getInputUnsigned());
  addFlag("out_unsigned", isUnsigned);
  addFlag("fits_int16", op.getFitsInt16());
  addNumber("zero_point", op.getZeroPoint(), 0);
  addNumber("lo", getDouble(op.getLo()).value_or(isUnsigned ? 0 : -128), -128);
  addNumber("hi", getDouble(op.getHi()).value_or(isUnsigned ? 255 : 127), 127);
  if (op.getDepthwise()) {
    call.header = "depthwise_s8.h";
    call.name = "depthwise_s8";
    call.tile = llvm::formatv("DepthwiseTile<{0}, {1}>", tile[0], tile[1]);
    call.summary = "depthwise_s8";
    if (op.getForm())
      call.summary += ", " + op.getForm()->str();
    return call;
  }
  call.header = "conv_s8.h";
  call.name = "conv_s8";
  int64_t bits = op.getWeightBits(), outliers = op.getOutliers();
  int64_t shared = op.getFactorDepth();
  std::string stored;
  if (bits != 8)
    stored = ", " + std::to_string(bits) + (outliers ? ", true" : "");
  if (shared)
    stored += ", false, " + std::to_string(shared);
  call.tile = llvm::formatv("ByteTile<{0}, {1}, {2}, Multiply::{3}{4}>",
                            tile[0], tile[1], tile[2], *op.getForm(), stored);
  call.summary =
      llvm::formatv("conv_s8 {0} {1}x{2}", *op.getForm(), tile[0], tile[1]);
  if (bits != 8)
    call.summary +=
        llvm::formatv(", weights of {0} bit{1}", bits, bits == 1 ? "" : "s");
  if (outliers)
    call.summary += llvm::formatv(", {0} of 8", outliers);
  if (shared)
    call.summary += llvm::formatv(", a factor for each {0}", shared);
  if (auto proof = op->getAttrOfType<StringAttr>(kProofAttr))
    call.summary += ", exact: " + proof.str();
  return call;
}

static KernelCall describe(neon::ConvOp op) {
  if (op->hasAttr(kBlockAttr)) {
    KernelCall call;
    call.summary = op.getDepthwise()            ? "depthwise_halide"
                   : op.getPlanar()             ? "planar_halide"
                   : op->hasAttr(kWinogradAttr) ? "winograd_halide"
                                                : "conv_halide";
    return call;
  }
  if (op.getScale())
    return describeBytes(op);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  KernelCall call;
  Geometry geometry = getGeometry(op);
  auto [element, lanes] = getElement(op.getInit());
  call.members = element + geometry.getMembers();
  call.members += getBound("lo", getDouble(op.getLo()), -kInfinity);
  call.members += getBound("hi", getDouble(op.getHi()), kInfinity);
  if (op.getBias())
    call.members += "  static constexpr bool has_bias = true;\n";
  if (op.getResidual())
    call.members += "  static constexpr bool has_residual = true;\n";
  if (op.getDepthwise()) {
    call.header = "depthwise_float.h";
    call.name = "depthwise_float";
    call.tile = getWindowTile(7, 8, lanes, geometry.channels);
    call.summary = getSummary("depthwise_float", lanes, call.tile);
    return call;
  }
  ArrayRef<int64_t> packed = *op.getTile();
  Tile tile{packed[0], packed[1], packed[2]};
  call.header = "conv_float.h";
  call.name = "conv_float";
  call.tile = llvm::formatv("Tile<{0}, {1}, {2}>", tile.rows, tile.columns,
                            tile.unroll);
  call.summary = getSummary("conv_float", lanes, call.tile);
  if (auto expected = op->getAttrOfType<FloatAttr>(kInstructionsAttr))
    call.summary +=
        llvm::formatv(", {0:f3} instructions a multiply-accumulate expected",
                      expected.getValueAsDouble() /
                          std::max<double>(1, double(op.getMacs())));
  return call;
}

static KernelCall describe(neon::WideFiltersOp op) {
  KernelCall call;
  Geometry geometry = getGeometry(op);
  call.base = "ByteGeometry";
  call.header = "wide_filters_s8.h";
  call.name = "wide_filters_s8";
  call.members = geometry.getMembers();
  ArrayRef<int64_t> filters = op.getFilters();
  int64_t perGroup =
      cast<MemRefType>(op.getInit().getType()).getShape().back() /
      op.getGroup();
  std::string channels, starts;
  for (int64_t filter : filters) {
    const char *comma = channels.empty() ? "" : ", ";
    channels += comma + std::to_string(filter);
    starts += comma + std::to_string(filter / perGroup * geometry.depth);
  }
  call.members += llvm::formatv(
      "  static constexpr int count = {0}, zero_point = {1};\n"
      "  static constexpr bool in_unsigned = {2}, out_unsigned = {3};\n",
      filters.size(), op.getZeroPoint(),
      op.getInputUnsigned() ? "true" : "false",
      op.getOutputUnsigned() ? "true" : "false");
  call.members += "  static constexpr std::ptrdiff_t filters[] = {" + channels +
                  "}, from[] = {" + starts + "};\n";
  call.summary =
      llvm::formatv("{0} filters with weights of 16 bits", filters.size());
  return call;
}

static KernelCall describe(neon::PoolOp op) {
  KernelCall call;
  Geometry geometry = getGeometry(op);
  auto [element, lanes] = getElement(op.getInit());
  call.members = element + geometry.getMembers();
  if (op.getAverage())
    call.members += llvm::formatv("  static constexpr float scale = {0:e9}f;\n",
                                  op.getFactor().convertToDouble());
  call.header = "pool_float.h";
  call.name = op.getAverage() ? "average_pool_float" : "maximum_pool_float";
  call.tile = getWindowTile(4, 4, lanes, geometry.channels);
  call.summary = getSummary(call.name, lanes, call.tile);
  return call;
}

static KernelCall describe(neon::CopyOp op) {
  KernelCall call;
  call.base = "CopyGeometry";
  call.header = "copy.h";
  call.name = "copy";
  SmallVector<CopyLoop> loops =
      getCopyLoops(op.getInput(), op.getInit(), op.getPermutation());
  call.members = getMembers(loops);
  bool turns = loops.size() > 1 && loops.back().in == 1 &&
               loops[loops.size() - 2].out == 1;
  call.summary = turns ? "transpose" : "copy";
  return call;
}

static KernelCall describe(neon::LookupOp op) {
  KernelCall call;
  call.base = "LookupGeometry";
  call.header = "lookup_s8.h";
  call.name = "lookup_s8";
  int64_t rank = cast<MemRefType>(op.getInit().getType()).getRank();
  call.members = getMembers(getCopyLoops(
      op.getInput(), op.getInit(), llvm::to_vector(llvm::seq<int64_t>(rank))));
  call.summary = "lookup_s8";
  return call;
}

static KernelCall describe(neon::MapOp) {
  KernelCall call;
  call.summary = "map_halide";
  return call;
}

static KernelCall describe(neon::SoftmaxOp) {
  KernelCall call;
  call.summary = "softmax_halide";
  return call;
}

/// The call of `call` for each part that the kernel is split into: as C++,
/// since EmitC knows no lambdas. The first argument is the input and the last
/// the output; of the others only the residual begins elsewhere in a part.
static void emitParts(ConversionPatternRewriter &rewriter, Operation *op,
                      const KernelCall &call, ArrayRef<Value> arguments,
                      Value residual, ArrayRef<int64_t> axisAndParts) {
  auto name = op->getAttrOfType<StringAttr>(kShapeNameAttr);
  // Before an operand '{' is written twice.
  std::string text = llvm::formatv("split<{0}, {1}, {2}>(", name.getValue(),
                                   axisAndParts[0], axisAndParts[1]);
  text += "{}, [=](auto part) {{\n  ";
  StringRef comma = call.tile.empty() ? "" : ", ";
  text += (call.name + "<decltype(part)" + comma + call.tile + ">(").str();
  auto func = op->getParentOfType<FunctionOpInterface>();
  SmallVector<Value> operands = {func.getArguments().back()};
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    text += i ? ", {}" : "{}";
    text += i == 0                      ? " + part.in_start()"
            : i + 1 == arguments.size() ? " + part.out_start()"
            : argument == residual      ? " + part.res_start()"
                                        : "";
    operands.push_back(argument);
  }
  text += ");\n});";
  emitc::VerbatimOp::create(rewriter, op->getLoc(), text, operands);
  rewriter.eraseOp(op);
}

/// The operation as a call with `arguments`, and its shape before the function.
static void emitCall(ConversionPatternRewriter &rewriter, Operation *op,
                     const KernelCall &call, ArrayRef<Value> arguments,
                     Value residual = Value()) {
  MLIRContext *context = op->getContext();
  auto name = op->getAttrOfType<StringAttr>(kShapeNameAttr);
  {
    OpBuilder::InsertionGuard guard(rewriter);
    Operation *func = op;
    while (!isa<ModuleOp>(func->getParentOp()))
      func = func->getParentOp();
    rewriter.setInsertionPoint(func);
    emitc::IncludeOp::create(rewriter, op->getLoc(), call.header,
                             /*is_standard_include=*/false);
    std::string text =
        ("\nstruct " + name.getValue() + " : " + call.base + " {\n").str() +
        call.members + "};";
    if (auto same = op->getAttrOfType<StringAttr>(kSameShapeAttr))
      text =
          ("\nusing " + name.getValue() + " = " + same.getValue() + ";").str();
    // In the text of a verbatim operation a brace opens a placeholder only if
    // there are operands.
    emitc::VerbatimOp::create(rewriter, op->getLoc(), text);
  }
  if (auto split = op->getAttrOfType<DenseI64ArrayAttr>(kSplitAttr))
    return emitParts(rewriter, op, call, arguments, residual, split);
  SmallVector<Attribute> types = {
      emitc::OpaqueAttr::get(context, name.getValue())};
  if (!call.tile.empty())
    types.push_back(emitc::OpaqueAttr::get(context, call.tile));
  ArrayAttr templates = rewriter.getArrayAttr(types);
  rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(
      op, TypeRange(), call.name, arguments, ArrayAttr(), templates);
}

/// On a kernel of Halide that is split: the function of the parts that are
/// longer by one.
static constexpr llvm::StringLiteral kLongerNameAttr = "neon.longer_name";

/// A kernel of Halide as calls of its functions. Of `arguments` the first is
/// the input, the last the output.
static void emitHalide(ConversionPatternRewriter &rewriter, neon::ConvOp op,
                       ArrayRef<Value> arguments, Value residual) {
  auto name = op->getAttrOfType<StringAttr>(kShapeNameAttr);
  auto split = op->getAttrOfType<DenseI64ArrayAttr>(kSplitAttr);
  if (!split) {
    rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(op, TypeRange(), name,
                                                     arguments);
    return;
  }
  Geometry geometry = getGeometry(op);
  int64_t axis = split[0];
  auto func = op->getParentOfType<FunctionOpInterface>();
  SmallVector<Value> operands = {func.getArguments().back()};
  // Before an operand '{' is written twice.
  std::string text =
      llvm::formatv("split_range<{0}, {1}>(", geometry.out[axis], split[1]);
  text += "{}, [=](std::ptrdiff_t first, bool is_longer) {{\n";
  auto addCall = [&](StringRef name) {
    text += ("    " + name + "(").str();
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      int64_t step = i == 0                      ? geometry.inStep[axis]
                     : i + 1 == arguments.size() ? geometry.outStep[axis]
                     : argument == residual      ? geometry.resStep[axis]
                                                 : 0;
      text += i ? ", {}" : "{}";
      if (step)
        text += llvm::formatv(" + first * {0}", step);
      operands.push_back(argument);
    }
    text += ");\n";
  };
  if (auto longer = op->getAttrOfType<StringAttr>(kLongerNameAttr)) {
    text += "  if (is_longer)\n";
    addCall(longer.getValue());
    text += "  else\n";
  }
  addCall(name.getValue());
  text += "});";
  emitc::VerbatimOp::create(rewriter, op->getLoc(), text, operands);
  rewriter.eraseOp(op);
}

namespace {
struct ConvToCall : OpConversionPattern<neon::ConvOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(neon::ConvOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Value null = createLiteral(rewriter, op.getLoc(),
                               adaptor.getInput().getType(), "nullptr");
    auto orNull = [&](Value value) { return value ? value : null; };
    if (op->hasAttr(kBlockAttr)) {
      SmallVector<Value> arguments;
      for (Value value :
           {adaptor.getInput(), adaptor.getWeights(), adaptor.getBias(),
            adaptor.getScale(), adaptor.getResidual(), adaptor.getInit()})
        if (value)
          arguments.push_back(value);
      emitHalide(rewriter, op, arguments, adaptor.getResidual());
      return success();
    }
    if (op.getScale()) {
      emitCall(rewriter, op, describe(op),
               {adaptor.getInput(), adaptor.getWeights(), adaptor.getBias(),
                adaptor.getScale(), adaptor.getInit()});
      return success();
    }
    emitCall(rewriter, op, describe(op),
             {adaptor.getInput(), adaptor.getWeights(),
              orNull(adaptor.getBias()), orNull(adaptor.getResidual()),
              adaptor.getInit()},
             adaptor.getResidual());
    return success();
  }
};

struct WideFiltersToCall : OpConversionPattern<neon::WideFiltersOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(neon::WideFiltersOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    emitCall(rewriter, op, describe(op),
             {adaptor.getInput(), adaptor.getWeights(), adaptor.getBias(),
              adaptor.getScale(), adaptor.getInit()});
    return success();
  }
};

struct PoolToCall : OpConversionPattern<neon::PoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(neon::PoolOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    emitCall(rewriter, op, describe(op),
             {adaptor.getInput(), adaptor.getInit()});
    return success();
  }
};

struct CopyToCall : OpConversionPattern<neon::CopyOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(neon::CopyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    emitCall(rewriter, op, describe(op),
             {adaptor.getInput(), adaptor.getInit()});
    return success();
  }
};

struct LookupToCall : OpConversionPattern<neon::LookupOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(neon::LookupOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    emitCall(rewriter, op, describe(op),
             {adaptor.getInput(), adaptor.getTable(), adaptor.getInit()});
    return success();
  }
};

/// Of kernels that only Halide makes: they read all there is in its order.
template <typename OpTy>
struct HalideToCall : OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;

  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(
        op, TypeRange(), op->template getAttrOfType<StringAttr>(kShapeNameAttr),
        adaptor.getOperands());
    return success();
  }
};
} // namespace

void neon::populateKernelToEmitCPatterns(RewritePatternSet &patterns,
                                         const TypeConverter &types) {
  patterns
      .add<ConvToCall, PoolToCall, WideFiltersToCall, CopyToCall, LookupToCall,
           HalideToCall<neon::MapOp>, HalideToCall<neon::SoftmaxOp>>(
          types, patterns.getContext());
}

namespace {
/// Names functions of kernels of Halide: those of an earlier layer of equal
/// shape, or new ones, which `requests` then asks for.
struct HalideNames {
  void set(Operation *op, StringRef attr, const Twine &kind,
           const std::string &text);

  llvm::StringMap<std::string> shapes;
  std::string requests;
};
} // namespace

void HalideNames::set(Operation *op, StringRef attr, const Twine &kind,
                      const std::string &text) {
  // No layer's function begins so.
  StringRef layer = op->getParentOfType<FunctionOpInterface>().getName();
  layer.consume_front("run_");
  std::string name = (kind + "_" + layer).str();
  auto [shape, isNew] = shapes.try_emplace(text, name);
  if (isNew)
    requests += "kernel " + name + " " + text;
  op->setAttr(attr, Builder(op).getStringAttr(shape->second));
}

/// Names the functions of `op`, kernel `number` of its layer.
static void nameHalide(neon::ConvOp op, StringRef number, HalideNames &names) {
  auto setName = [&](StringRef attr, StringRef kind, const Geometry &geometry) {
    names.set(op, attr, kind + number, describeRequest(op, geometry));
  };
  Geometry geometry = getGeometry(op);
  auto split = op->getAttrOfType<DenseI64ArrayAttr>(kSplitAttr);
  if (!split)
    return setName(kShapeNameAttr, "kernel", geometry);
  int64_t size = geometry.out[split[0]], parts = split[1];
  if (size % parts) {
    geometry.out[split[0]] = size / parts + 1;
    setName(kLongerNameAttr, "longer", geometry);
  }
  geometry.out[split[0]] = size / parts;
  setName(kShapeNameAttr, "kernel", geometry);
}

/// Of `func`; its weights are packed.
static void countWeights(func::FuncOp func) {
  int64_t weights = 0, bytes = 0;
  func.walk([&](neon::ConvOp op) {
    weights += op.getInputChannels() / int64_t(op.getGroup()) *
               op.getOutputChannels() *
               llvm::product_of(op.getKernel(), int64_t(1));
    bytes += getDenseBytes(cast<MemRefType>(op.getWeights().getType()));
  });
  if (weights)
    func->setAttr(
        kWeightsAttr,
        Builder(func.getContext()).getDenseI64ArrayAttr({weights, bytes}));
}

void neon::nameKernels(ModuleOp module) {
  Builder b(module.getContext());
  // Layers of equal shape share a structure, and so the code of their kernel.
  llvm::StringMap<std::string> shapes;
  HalideNames halide;
  for (auto func : module.getOps<func::FuncOp>()) {
    int64_t count = 0;
    std::string summary;
    func.walk([&](Operation *op) {
      if (!isa<neon::NeonDialect>(op->getDialect()))
        return;
      ++count;
      auto split = op->getAttrOfType<DenseI64ArrayAttr>(kSplitAttr);
      std::string number = count > 1 ? std::to_string(count) : "";
      std::string name =
          func.getSymName().str() + "_shape" + (count > 1 ? "_" + number : "");
      KernelCall call =
          llvm::TypeSwitch<Operation *, KernelCall>(op)
              .Case<neon::ConvOp, neon::PoolOp, neon::WideFiltersOp,
                    neon::CopyOp, neon::LookupOp, neon::MapOp, neon::SoftmaxOp>(
                  [](auto kernel) { return describe(kernel); });
      if (op->hasAttr(kBlockAttr)) {
        nameHalide(cast<neon::ConvOp>(op), number, halide);
      } else if (auto map = dyn_cast<neon::MapOp>(op)) {
        halide.set(op, kShapeNameAttr, "kernel" + number, describeRequest(map));
      } else if (auto softmax = dyn_cast<neon::SoftmaxOp>(op)) {
        halide.set(op, kShapeNameAttr, "kernel" + number,
                   describeRequest(softmax));
      } else {
        auto [shape, isNew] =
            shapes.try_emplace(call.base.str() + call.members, name);
        if (!isNew)
          op->setAttr(kSameShapeAttr, b.getStringAttr(shape->second));
        op->setAttr(kShapeNameAttr, b.getStringAttr(name));
      }
      // By which the decisions of lacuna-halide call it.
      if (op->hasAttr(kBlockAttr) || isa<neon::MapOp, neon::SoftmaxOp>(op))
        call.summary +=
            (" " + op->getAttrOfType<StringAttr>(kShapeNameAttr).getValue())
                .str();
      if (!summary.empty())
        summary += "; ";
      summary += call.summary;
      if (split)
        summary += ", in " + std::to_string(split[1]) + " parts";
    });
    if (count)
      func->setAttr(kKernelAttr, b.getStringAttr(summary));
    countWeights(func);
  }
  if (!halide.requests.empty())
    module->setAttr(kRequestsAttr, b.getStringAttr(halide.requests));
}

LogicalResult neon::checkKernels(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    if (!isa<neon::NeonDialect>(op->getDialect()))
      return WalkResult::advance();
    bool channelsLast =
        !isa<neon::CopyOp, neon::LookupOp, neon::MapOp, neon::SoftmaxOp>(op);
    if (failed(
            checkMemory(cast<DestinationStyleOpInterface>(op), channelsLast)))
      return WalkResult::interrupt();
    auto conv = dyn_cast<neon::ConvOp>(op);
    if (!conv || conv->hasAttr(kBlockAttr) ||
        (conv.getDepthwise() && !conv.getScale()))
      return WalkResult::advance();
    size_t wanted = conv.getDepthwise() ? 2 : 3;
    if (conv.getTile() && conv.getTile()->size() == wanted &&
        (!conv.getScale() || conv.getDepthwise() || conv.getForm()))
      return WalkResult::advance();
    conv.emitOpError("is not ready for code: run neon-pack-weights");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
