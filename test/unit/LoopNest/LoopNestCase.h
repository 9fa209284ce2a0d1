//===- LoopNestCase.h - Loop nests for tests -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TEST_UNIT_LOOPNEST_LOOPNESTCASE_H
#define LACUNA_TEST_UNIT_LOOPNEST_LOOPNESTCASE_H

#include "lacuna/Schedule/LoopNest/File.h"

#include <ostream>

namespace lacuna::loopnest {

/// Reads, done of all.
struct Words {
  int64_t reads = 0, fills = 0, updates = 0;

  bool operator==(const Words &other) const {
    return reads == other.reads && fills == other.fills &&
           updates == other.updates;
  }
};

std::ostream &operator<<(std::ostream &os, const Words &words);

/// A case and what it costs.
class Evaluated {
public:
  explicit Evaluated(llvm::StringRef text);

  Case description;
  Evaluation evaluation;

  const LevelCounts &getLevel(llvm::StringRef level) const;
  const TensorCounts &get(llvm::StringRef level, llvm::StringRef tensor) const;
  /// As if nothing were zero.
  Words getAll(llvm::StringRef level, llvm::StringRef tensor) const;
  Words getDone(llvm::StringRef level, llvm::StringRef tensor) const;
  /// In pJ.
  double getEnergy(llvm::StringRef level) const {
    return getLevel(level).energy;
  }
};

/// All that is wrong with a file, or nothing.
std::string getErrors(llvm::StringRef text);

} // namespace lacuna::loopnest

#endif // LACUNA_TEST_UNIT_LOOPNEST_LOOPNESTCASE_H
