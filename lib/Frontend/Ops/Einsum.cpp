//===- Einsum.cpp - Sums of products by an equation -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringExtras.h"
#include <map>

using namespace mlir;
using namespace lacuna;

namespace {
/// The subscripts of one tensor. Dimensions of an ellipsis are labels too,
/// counted from the last one, so that they align as in NumPy.
using Label = int;
using Labels = SmallVector<Label>;

constexpr Label kFirstEllipsisLabel = 256;

struct Equation {
  SmallVector<Labels> inputs;
  Labels output;
};
} // namespace

/// Reads the subscripts `text`; "..." stands for `ellipsis` dimensions.
static LogicalResult parseTerm(Node &node, StringRef text, int64_t ellipsis,
                               Labels &labels) {
  bool seen = false;
  while (!text.empty()) {
    if (text.consume_front("...")) {
      if (seen)
        return node.invalid("its equation has two ellipses in one term");
      seen = true;
      for (int64_t i = ellipsis; i-- > 0;)
        labels.push_back(kFirstEllipsisLabel + i);
      continue;
    }
    if (!llvm::isAlpha(text.front()))
      return node.invalid("its equation has the character '" +
                          Twine(text.front()) + "'");
    labels.push_back(text.front());
    text = text.drop_front();
  }
  return success();
}

/// Without an arrow: the ellipsis, then what occurs once in alphabetical order.
static Labels getImplicitOutput(ArrayRef<Labels> inputs, int64_t ellipsis) {
  std::map<Label, unsigned> counts;
  for (const Labels &labels : inputs)
    for (Label label : labels)
      ++counts[label];
  Labels output;
  for (int64_t i = ellipsis; i-- > 0;)
    output.push_back(kFirstEllipsisLabel + i);
  for (auto [label, count] : counts)
    if (count == 1 && label < kFirstEllipsisLabel)
      output.push_back(label);
  return output;
}

static FailureOr<Equation> parseEquation(Node &node) {
  std::string text = node.getString("equation", "").str();
  llvm::erase(text, ' ');
  auto [left, right] = StringRef(text).split("->");
  bool hasArrow = StringRef(text).contains("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (terms.size() != node.getNumInputs())
    return node.invalid("its equation has " + Twine(terms.size()) +
                        " terms for " + Twine(node.getNumInputs()) + " inputs");
  Equation equation;
  int64_t widest = 0;
  for (auto [i, term] : llvm::enumerate(terms)) {
    if (!node.hasInput(i))
      return node.invalid("input " + Twine(i) + " is missing");
    bool hasEllipsis = term.contains("...");
    int64_t rank = node.getInput(i).getRank();
    int64_t ellipsis = hasEllipsis ? rank - (int64_t(term.size()) - 3) : 0;
    Labels labels;
    if (failed(parseTerm(node, term, ellipsis, labels)))
      return failure();
    if (int64_t(labels.size()) != rank || ellipsis < 0)
      return node.invalid("term '" + term +
                          "' of its equation does not fit "
                          "an input of rank " +
                          Twine(rank));
    widest = std::max(widest, ellipsis);
    equation.inputs.push_back(labels);
  }
  if (!hasArrow) {
    equation.output = getImplicitOutput(equation.inputs, widest);
    return equation;
  }
  if (widest && !right.contains("..."))
    return node.invalid("its equation sums over an ellipsis");
  if (failed(parseTerm(node, right, widest, equation.output)))
    return failure();
  return equation;
}

static LogicalResult importEinsum(Node &node) {
  FailureOr<Equation> equation = parseEquation(node);
  if (failed(equation))
    return failure();

  // One loop a label: those of the output, then those to sum over.
  llvm::DenseMap<Label, unsigned> loops;
  SmallVector<int64_t> sizes;
  for (Label label : equation->output) {
    if (!loops.try_emplace(label, sizes.size()).second)
      return node.invalid("its equation has a label twice in the output");
    sizes.push_back(-1);
  }
  for (auto [i, labels] : llvm::enumerate(equation->inputs)) {
    for (auto [dim, label] : llvm::enumerate(labels)) {
      auto [loop, isNew] = loops.try_emplace(label, sizes.size());
      if (isNew)
        sizes.push_back(-1);
      int64_t &size = sizes[loop->second];
      int64_t extent = node.getInput(i).getDim(dim);
      if (size < 0 || size == 1)
        size = extent;
      else if (extent != 1 && extent != size)
        return node.invalid("one label of its equation stands for dimensions "
                            "of " +
                            Twine(size) + " and " + Twine(extent));
    }
  }
  size_t rank = equation->output.size();
  ArrayRef<int64_t> shape = ArrayRef(sizes).take_front(rank);
  if (llvm::is_contained(shape, -1))
    return node.invalid("its equation has a label in the output only");

  ImplicitLocOpBuilder &b = node.b;
  SmallVector<AffineMap> maps;
  SmallVector<Value> operands;
  for (auto [i, labels] : llvm::enumerate(equation->inputs)) {
    const Operand &input = node.getInput(i);
    SmallVector<AffineExpr> exprs;
    for (auto [dim, label] : llvm::enumerate(labels)) {
      bool isBroadcast = input.getDim(dim) != sizes[loops[label]];
      exprs.push_back(isBroadcast ? b.getAffineConstantExpr(0)
                                  : b.getAffineDimExpr(loops[label]));
    }
    maps.push_back(AffineMap::get(sizes.size(), 0, exprs, b.getContext()));
    operands.push_back(input.value);
  }
  AffineMap identity = b.getMultiDimIdentityMap(sizes.size());
  maps.push_back(AffineMap::get(
      sizes.size(), 0, identity.getResults().take_front(rank), b.getContext()));
  SmallVector<utils::IteratorType> iterators(sizes.size(),
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), rank, utils::IteratorType::parallel);

  DType type = node.getInput(0).type;
  DType wide =
      type == DType::Float16 || type == DType::BFloat16 ? DType::Float32 : type;
  Type element = getElementType(b.getContext(), wide);
  Value init = tensor::EmptyOp::create(b, shape, element);
  init =
      linalg::FillOp::create(b, createScalar(b, element, 0), init).getResult(0);
  Value sum =
      linalg::GenericOp::create(
          b, init.getType(), operands, init, maps, iterators,
          [&](OpBuilder &inner, Location loc, ValueRange args) {
            ImplicitLocOpBuilder b(loc, inner);
            Value product;
            for (Value arg : args.drop_back()) {
              Value factor = createCast(b, arg, type, wide);
              product = product ? createMul(b, product, factor) : factor;
            }
            linalg::YieldOp::create(b, createAdd(b, args.back(), product));
          })
          .getResult(0);
  node.setOutput(castTensor(b, {sum, wide}, type).value);
  return success();
}

void lacuna::registerEinsumOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Einsum", 12, importEinsum},
  };
  table.add(entries);
}
