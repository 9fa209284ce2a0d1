//===- Convolution.cpp - Convolutions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "WindowAttrs.h"

#include "dialects/nn/IR/NNDialect.h"

using namespace mlir;
using namespace lacuna;

static LogicalResult importConv(Node &node) {
  FailureOr<int64_t> group = checkConv(node, /*filterIndex=*/1);
  if (failed(group))
    return failure();
  const Operand &input = node.getInput(0), &filter = node.getInput(1);
  FailureOr<nn::Window> window = readWindow(
      node, filter.getShape().drop_front(2), input.getShape().drop_front(2));
  if (failed(window) || failed(checkBias(node, 2, filter.getDim(0))))
    return failure();
  SmallVector<int64_t> shape = {input.getDim(0), filter.getDim(0)};
  for (size_t i = 0; i < window->rank(); ++i)
    shape.push_back(window->outputSize(i, input.getDim(i + 2)));
  Value bias = node.hasInput(2) ? node.getInput(2).value : Value();
  node.setOutput(nn::ConvOp::create(
      node.b, RankedTensorType::get(shape, input.getElementType()), input.value,
      filter.value, bias, window->strides, window->dilations, window->padsBegin,
      window->padsEnd, *group));
  return success();
}

static LogicalResult importConvTranspose(Node &node) {
  FailureOr<int64_t> group =
      checkConv(node, /*filterIndex=*/1, /*transposed=*/true);
  if (failed(group))
    return failure();
  const Operand &input = node.getInput(0), &filter = node.getInput(1);
  size_t rank = input.getRank() - 2;
  int64_t channels = filter.getDim(1) * *group;
  FailureOr<SmallVector<int64_t>> strides =
      readSpatial(node, "strides", rank, 1, 1);
  FailureOr<SmallVector<int64_t>> dilations =
      readSpatial(node, "dilations", rank, 1, 1);
  FailureOr<SmallVector<int64_t>> pads =
      readSpatial(node, "pads", 2 * rank, 0, INT64_MIN);
  FailureOr<SmallVector<int64_t>> outputPadding =
      readSpatial(node, "output_padding", rank, 0, 0);
  if (failed(strides) || failed(dilations) || failed(pads) ||
      failed(outputPadding) || failed(checkBias(node, 2, channels)))
    return failure();
  FailureOr<StringRef> autoPad = readAutoPad(node);
  if (failed(autoPad))
    return failure();
  SmallVector<int64_t> wanted = node.getInts("output_shape");
  if (wanted.size() == rank + 2)
    wanted.erase(wanted.begin(), wanted.begin() + 2);
  if (!wanted.empty() && wanted.size() != rank)
    return node.invalid("attribute 'output_shape' needs " + Twine(rank) +
                        " entries");

  // What the pads trim is computed too.
  SmallVector<int64_t> untrimmed = {input.getDim(0), channels};
  SmallVector<int64_t> begin, end, shape = {input.getDim(0), channels};
  for (size_t i = 0; i < rank; ++i) {
    int64_t stride = (*strides)[i], extra = (*outputPadding)[i];
    int64_t full = (input.getDim(i + 2) - 1) * stride +
                   (filter.getDim(i + 2) - 1) * (*dilations)[i] + 1;
    bool same = *autoPad == "SAME_UPPER" || *autoPad == "SAME_LOWER";
    if (!wanted.empty() || same) {
      int64_t size = wanted.empty() ? input.getDim(i + 2) * stride : wanted[i];
      int64_t total = full + extra - size;
      // The odd pad goes to the end for SAME_UPPER only, says the standard;
      // what is missing is added at the end.
      int64_t half = total < 0 ? total : total / 2;
      begin.push_back(*autoPad == "SAME_UPPER" ? half : total - half);
      end.push_back(total - begin.back() - extra);
    } else {
      bool none = *autoPad == "VALID";
      begin.push_back(none ? 0 : (*pads)[i]);
      end.push_back((none ? 0 : (*pads)[i + rank]) - extra);
    }
    untrimmed.push_back(full);
    shape.push_back(full - begin.back() - end.back());
    if (shape.back() < 1)
      return node.invalid("its result would have a dimension of " +
                          Twine(shape.back()));
    if (std::max(begin.back(), end.back()) >= full)
      return node.invalid("its pads of " + Twine(begin.back()) + " and " +
                          Twine(end.back()) + " leave nothing of the " +
                          Twine(full) + " elements of dimension " +
                          Twine(i + 2));
  }
  if (!isPossibleShape(input.type, untrimmed))
    return node.invalid("its result would have an impossible shape before it "
                        "is trimmed");
  Value bias = node.hasInput(2) ? node.getInput(2).value : Value();
  node.setOutput(nn::ConvTransposeOp::create(
      node.b, RankedTensorType::get(shape, input.getElementType()), input.value,
      filter.value, bias, *strides, *dilations, begin, end, *group));
  return success();
}

void lacuna::registerConvolutionOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Conv", 1, importConv},
      {"ConvTranspose", 1, importConvTranspose},
  };
  table.add(entries);
}
