//===- OutputPaces.cpp - Which outputs have frames of one pace -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/Transforms/OutputPaces.h"

#include "dialects/tconv/Transforms/StreamPlan.h"

using namespace mlir;
using namespace lacuna;

SmallVector<int64_t> tconv::getOutputPaces(ModuleOp module, int64_t axis) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  StreamPlan plan;
  // Outputs of several kinds are refused, but only after all was looked at.
  (void)plan.analyze(main, 0, axis,
                     [](Location, const Twine &, const Twine &) {});
  SmallVector<int64_t> paces;
  SmallVector<const Rate *> found;
  for (Value output : main.getBody().front().getTerminator()->getOperands()) {
    const Timed *frames = plan.getTimed(output);
    if (!frames || !frames->isPlain()) {
      paces.push_back(-1);
      continue;
    }
    auto *same = llvm::find_if(found, [&](const Rate *rate) {
      return haveSamePace(*rate, *frames->rate);
    });
    paces.push_back(same - found.begin());
    if (same == found.end())
      found.push_back(frames->rate);
  }
  return paces;
}
