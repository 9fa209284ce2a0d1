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

  StringRef autoPad = node.getString("auto_pad", "NOTSET");
  if (autoPad == "VALID") {
    window.padsBegin.assign(rank, 0);
    window.padsEnd.assign(rank, 0);
  } else if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
    for (size_t i = 0; i < rank; ++i) {
      int64_t output = (input[i] + window.strides[i] - 1) / window.strides[i];
      int64_t total = std::max<int64_t>(0, (output - 1) * window.strides[i] +
                                               window.extent(i) - input[i]);
      int64_t less = total / 2, more = total - less;
      window.padsBegin[i] = autoPad == "SAME_UPPER" ? less : more;
      window.padsEnd[i] = autoPad == "SAME_UPPER" ? more : less;
    }
    window.ceilMode = false;
  } else if (autoPad != "NOTSET") {
    return node.invalid("attribute 'auto_pad' is '" + autoPad + "'");
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
  return window;
}

} // namespace lacuna
