//===- Map.cpp - Each element for itself -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Kernel.h"
#include "backends/halide/Operations.h"

#include <cstdlib>
#include <map>

using namespace lacuna::halide;
using namespace Halide;

/// The last registers of a row overlap those before them, so the result must
/// lie apart from the inputs.
Kernel lacuna::halide::makeMap(const Request &request, const Tile &tile,
                               int64_t lanes) {
  Kernel kernel(request);
  OutputVars at;
  Expr loops[] = {at.image, at.plane, at.row, at.column};
  std::map<std::string, Expr> named;
  for (const Request::Input &input : request.inputs) {
    kernel.inputs.emplace_back(Float(32), 1, input.name);
    Expr index = 0;
    for (int i = 0; i < 4; ++i)
      index += loops[i] * int(input.step[i]);
    named[input.name] = kernel.inputs.back()(index);
  }
  for (const Request::Value &value : request.values) {
    std::vector<Expr> operands;
    for (const std::string &operand : value.operands) {
      auto it = named.find(operand);
      operands.push_back(it != named.end()
                             ? it->second
                             : Expr(std::strtof(operand.c_str(), nullptr)));
    }
    // A function of its own: what is used twice is not computed twice.
    Func func(value.name);
    func(at.column, at.row, at.plane, at.image) =
        applyOperation(value.operation, operands);
    named[value.name] = func(at.column, at.row, at.plane, at.image);
  }
  kernel.output(at.channel, at.group, at.column, at.row, at.plane, at.image) =
      named[request.values.back().name];
  setOutputShape(kernel, request);

  Var outer("outer"), inner("inner"), lane("lane");
  int64_t chunk = lanes * tile.vectors;
  kernel.output
      .split(at.column, outer, inner, int(chunk),
             request.out[3] % chunk ? TailStrategy::ShiftInwards
                                    : TailStrategy::RoundUp)
      .split(inner, inner, lane, int(lanes))
      .reorder({lane, inner, outer, at.channel, at.group, at.row, at.plane,
                at.image})
      .vectorize(lane)
      .unroll(inner);
  return kernel;
}
