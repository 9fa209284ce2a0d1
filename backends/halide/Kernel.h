//===- Kernel.h - A kernel as a Halide pipeline -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_KERNEL_H
#define LACUNA_BACKENDS_HALIDE_KERNEL_H

#include "backends/halide/Machine.h"
#include "backends/halide/Request.h"

#include <Halide.h>

namespace lacuna::halide {

/// The arguments of a kernel and what it computes. All are flat memory; the
/// output, the last argument of the function, has its own strides.
struct Kernel {
  explicit Kernel(const Request &request);

  std::vector<Halide::Argument> getArguments() const;

  Halide::ImageParam input, weights, bias, scale, residual;
  /// Those of a map, which has none of the above.
  std::vector<Halide::ImageParam> inputs;
  bool hasWeights, hasBias, hasScale, hasResidual;
  Halide::Func output;
};

Kernel makeConv(const Request &request, const Tile &tile);
Kernel makeDepthwise(const Request &request, const Tile &tile);
Kernel makeWinograd(const Request &request, const Tile &tile);
Kernel makePlanar(const Request &request, const Tile &tile, int64_t lanes);
Kernel makeMap(const Request &request, const Tile &tile, int64_t lanes);
Kernel makeSoftmax(const Request &request, const Tile &tile, int64_t lanes);

// What the families share.

/// Loops over outputs; `channel` is of a group.
struct OutputVars {
  Halide::Var channel{"channel"}, group{"group"}, column{"column"}, row{"row"},
      plane{"plane"}, image{"image"};
};

/// Gives the output of `kernel` its sizes and strides.
void setOutputShape(Kernel &kernel, const Request &request);

/// Where the window of an output begins in the input. A column after the last
/// one is the last one: the tile at the end of a row reads no further.
Halide::Expr getWindow(const Request &request, const OutputVars &at,
                       const Tile &tile);

/// The input byte as it is multiplied: unsigned.
Halide::Expr readByte(const Kernel &kernel, const Request &request,
                      Halide::Expr index);

/// What becomes of a sum: `channel` counts over all groups.
Halide::Expr finish(const Kernel &kernel, const Request &request,
                    Halide::Expr sum, Halide::Expr channel,
                    Halide::Expr residualIndex);

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_KERNEL_H
