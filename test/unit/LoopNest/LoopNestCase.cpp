//===- LoopNestCase.cpp - Loop nests for tests -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNestCase.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace llvm;

namespace lacuna::loopnest {

std::ostream &operator<<(std::ostream &os, const Words &words) {
  return os << words.reads << " reads, " << words.fills << " fills, "
            << words.updates << " updates";
}

Evaluated::Evaluated(StringRef text) {
  Expected<Case> read = readCase(text, "case.yaml");
  if (!read) {
    ADD_FAILURE() << toString(read.takeError());
    return;
  }
  description = std::move(*read);
  evaluation = evaluate(description.problem, description.solution);
}

const LevelCounts &Evaluated::getLevel(StringRef level) const {
  for (auto [architecture, counts] :
       zip(description.problem.architecture.levels, evaluation.levels))
    if (architecture.name == level)
      return counts;
  ADD_FAILURE() << "there is no level " << level.str();
  static const LevelCounts kNone;
  return kNone;
}

const TensorCounts &Evaluated::get(StringRef level, StringRef name) const {
  for (auto [tensor, counts] :
       zip(description.problem.workload.tensors, getLevel(level).tensors))
    if (tensor.name == name)
      return counts;
  ADD_FAILURE() << "there is no tensor " << name.str();
  static const TensorCounts kNone = [] {
    TensorCounts counts;
    counts.ranks.resize(4);
    return counts;
  }();
  return kNone;
}

Words Evaluated::getAll(StringRef level, StringRef tensor) const {
  const TensorCounts &counts = get(level, tensor);
  return {counts.reads.all, counts.fills.all, counts.updates.all};
}

Words Evaluated::getDone(StringRef level, StringRef tensor) const {
  const TensorCounts &counts = get(level, tensor);
  return {counts.reads.done, counts.fills.done, counts.updates.done};
}

std::string getErrors(StringRef text) {
  Expected<Case> read = readCase(text, "case.yaml");
  return read ? "" : toString(read.takeError());
}

} // namespace lacuna::loopnest
