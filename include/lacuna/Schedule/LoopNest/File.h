//===- File.h - A loop nest in YAML -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_LOOPNEST_FILE_H
#define LACUNA_SCHEDULE_LOOPNEST_FILE_H

#include "lacuna/Schedule/LoopNest/LoopNest.h"

namespace lacuna::loopnest {

/// What a file says.
struct Case {
  std::string name;
  Problem problem;
  Solution solution;
};

/// Reads, checks and verifies. `text` is YAML, `file` what messages call it.
/// Messages name the line, one message a line: `conv.yaml:12:9: error: ...`.
/// Levels that are called as one of `base` have its fields where the file says
/// nothing.
llvm::Expected<Case> readCase(llvm::StringRef text, llvm::StringRef file,
                              const Architecture *base = nullptr);

/// What a file may say, as a table of Markdown.
void printFields(llvm::raw_ostream &os);

/// Prints the counts of every level and tensor.
void printReport(llvm::raw_ostream &os, const Case &description,
                 const Evaluation &evaluation);

} // namespace lacuna::loopnest

#endif // LACUNA_SCHEDULE_LOOPNEST_FILE_H
