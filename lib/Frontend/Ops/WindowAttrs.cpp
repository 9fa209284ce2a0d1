//===- WindowAttrs.cpp - The window attributes of convolution and pooling -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WindowAttrs.h"

using namespace mlir;

namespace lacuna {

FailureOr<int64_t> checkConv(Node &node, size_t filterIndex, bool transposed) {
  const Operand &input = node.getInput(0), &filter = node.getInput(filterIndex);
  int64_t rank = input.getRank();
  if (rank < 3 || filter.getRank() != rank)
    return node.invalid("its input has rank " + Twine(rank) +
                        " and its weights have rank " +
                        Twine(filter.getRank()));
  if (rank > 5)
    return node.unsupported("it convolves over " + Twine(rank - 2) +
                            " dimensions; up to 3 are supported");
  int64_t group = node.getInt("group", 1);
  if (group < 1 || input.getDim(1) % group || filter.getDim(0) % group)
    return node.invalid("its " + Twine(input.getDim(1)) +
                        " channels and weights do not split into " +
                        Twine(group) + " groups");
  int64_t expected = transposed ? input.getDim(1) : input.getDim(1) / group;
  int64_t found = filter.getDim(transposed ? 0 : 1);
  if (found != expected)
    return node.invalid("its weights are for " + Twine(found) +
                        " channels a group, but its input has " +
                        Twine(expected));
  SmallVector<int64_t> kernel(filter.getShape().drop_front(2));
  if (node.hasAttr("kernel_shape") && node.getInts("kernel_shape") != kernel)
    return node.invalid(
        "attribute 'kernel_shape' differs from the shape of the weights");
  for (int64_t size : kernel)
    if (size < 1)
      return node.invalid("its kernel has a dimension of " + Twine(size));
  return group;
}

LogicalResult checkBias(Node &node, size_t index, int64_t channels) {
  if (!node.hasInput(index))
    return success();
  const Operand &bias = node.getInput(index);
  if (bias.getRank() != 1 || bias.getDim(0) != channels)
    return node.invalid("its bias needs " + Twine(channels) + " elements");
  return success();
}

FailureOr<StringRef> readAutoPad(Node &node) {
  StringRef autoPad = node.getString("auto_pad", "NOTSET");
  if (autoPad != "NOTSET" && autoPad != "VALID" && autoPad != "SAME_UPPER" &&
      autoPad != "SAME_LOWER")
    return node.invalid("attribute 'auto_pad' is '" + autoPad + "'");
  return autoPad;
}

FailureOr<SmallVector<int64_t>> readSpatial(Node &node, StringRef name,
                                            size_t rank, int64_t otherwise,
                                            int64_t least) {
  SmallVector<int64_t> values = node.getInts(name);
  if (values.empty() && !node.hasAttr(name))
    values.assign(rank, otherwise);
  if (values.size() != rank)
    return node.invalid("attribute '" + name + "' has " + Twine(values.size()) +
                        " entries, but needs " + Twine(rank));
  for (int64_t value : values)
    if (value < least)
      return node.invalid("attribute '" + name + "' has the entry " +
                          Twine(value));
  return values;
}

FailureOr<nn::Window> readWindow(Node &node, ArrayRef<int64_t> kernel,
                                 ArrayRef<int64_t> input) {
  size_t rank = input.size();
  if (kernel.size() != rank)
    return node.invalid("its kernel has " + Twine(kernel.size()) +
                        " dimensions, but its input has " + Twine(rank) +
                        " spatial ones");
  FailureOr<SmallVector<int64_t>> strides =
      readSpatial(node, "strides", rank, 1, 1);
  FailureOr<SmallVector<int64_t>> dilations =
      readSpatial(node, "dilations", rank, 1, 1);
  FailureOr<SmallVector<int64_t>> pads =
      readSpatial(node, "pads", 2 * rank, 0, 0);
  if (failed(strides) || failed(dilations) || failed(pads))
    return failure();
  nn::Window window{SmallVector<int64_t>(kernel),
                    *strides,
                    *dilations,
                    SmallVector<int64_t>(ArrayRef(*pads).take_front(rank)),
                    SmallVector<int64_t>(ArrayRef(*pads).drop_front(rank)),
                    node.getInt("ceil_mode", 0) != 0};

  FailureOr<StringRef> autoPad = readAutoPad(node);
  if (failed(autoPad))
    return failure();
  if (*autoPad == "VALID") {
    window.padsBegin.assign(rank, 0);
    window.padsEnd.assign(rank, 0);
  } else if (*autoPad != "NOTSET") {
    for (size_t i = 0; i < rank; ++i) {
      int64_t output = (input[i] + window.strides[i] - 1) / window.strides[i];
      int64_t total = std::max<int64_t>(0, (output - 1) * window.strides[i] +
                                               window.extent(i) - input[i]);
      int64_t less = total / 2, more = total - less;
      window.padsBegin[i] = *autoPad == "SAME_UPPER" ? less : more;
      window.padsEnd[i] = *autoPad == "SAME_UPPER" ? more : less;
    }
    window.ceilMode = false;
  }
  for (size_t i = 0; i < rank; ++i) {
    if (kernel[i] < 1)
      return node.invalid("its kernel has a dimension of " + Twine(kernel[i]));
    if (window.outputSize(i, input[i]) < 1)
      return node.invalid(
          "its window of " + Twine(window.extent(i)) +
          " does not fit into its padded input of " +
          Twine(input[i] + window.padsBegin[i] + window.padsEnd[i]));
  }
  // The reference lowering pads the input so far that every window fits.
  SmallVector<int64_t> padded(node.getInput(0).getShape().drop_back(rank));
  for (size_t i = 0; i < rank; ++i)
    padded.push_back(
        std::max(input[i] + window.padsBegin[i] + window.padsEnd[i],
                 (window.outputSize(i, input[i]) - 1) * window.strides[i] +
                     window.extent(i)));
  if (!isPossibleShape(node.getInput(0).type, padded))
    return node.invalid("its input would have an impossible shape with its "
                        "pads");
  return window;
}

} // namespace lacuna
