//===- QuantizationSpec.h - What --quantize asks for -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_COMPRESS_QUANTIZATIONSPEC_H
#define LACUNA_COMPRESS_QUANTIZATIONSPEC_H

#include "lacuna/Compress/Calibration.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <string>

namespace lacuna {

/// Bits of what a layer multiplies: 2 to 8, and of activations `kWideBits`.
struct LayerWidths {
  unsigned weights = 8, activations = 8;
};

/// Weights in groups are bytes where they are multiplied, so they must be
/// narrow enough to leave room for a factor.
constexpr unsigned kMostGroupedBits = 4;

/// What the widths of `--quantize=auto` may cost.
struct QuantizationBudget {
  /// Of all weights, each stored in as many bits as it has.
  double weightBytes = 0;
};

/// How a network is quantized.
struct QuantizationSpec {
  CalibrationOptions calibration;
  LayerWidths widths;
  /// Layers of other widths, by the name of their node.
  llvm::StringMap<LayerWidths> layers;
  /// The share of weights and of activations that keep 8 bits where others have
  /// fewer.
  double outliers = 0;
  /// How many neighbouring weights of a filter share a factor, in layers of at
  /// most `kMostGroupedBits`; 0 if a filter has one scale alone.
  unsigned group = 0;
  /// Whether residual paths keep 8 bits where branches have fewer.
  bool highway = false;
  /// Whether channels are brought to like ranges before.
  bool equalize = false;
  /// Whether biases make up for what weights lose on average.
  bool correctBias = true;
  /// Set if widths are to be chosen.
  std::optional<QuantizationBudget> budget;
};

/// Reads `int8`, `int4`, `int16`, ..., `auto:60KB` or the path of a JSON or
/// YAML file, perhaps followed by `,key=value` for some of the keys of such a
/// file.
llvm::Expected<QuantizationSpec> parseQuantizationSpec(llvm::StringRef text);

} // namespace lacuna

#endif // LACUNA_COMPRESS_QUANTIZATIONSPEC_H
