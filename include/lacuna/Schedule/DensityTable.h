//===- DensityTable.h - How many values of layers are not zero -*- C++ -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For networks whose weights are not at hand, of which it is published how many
// are zero.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_DENSITYTABLE_H
#define LACUNA_SCHEDULE_DENSITYTABLE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace lacuna {

/// Shares of the values of a layer that are not zero.
struct Densities {
  /// Of the layer, or of an ONNX node that is part of it.
  std::string name;
  double activations = 1, weights = 1;
  /// The standard deviation between the densities of filters, as a share of
  /// their mean.
  double variation = 0;
  /// All of them are outliers, as in an image.
  bool wideActivations = false, wideWeights = false;
  /// Where the file names the layer, from 1 on.
  unsigned line = 0, column = 0;
};

class DensityTable {
public:
  /// What messages call the file.
  std::string file;
  std::string source;
  /// Share of all values that are outliers, where a layer says nothing else.
  double outliers = 0;
  std::vector<Densities> layers;

  /// Reads and checks, as `Machine::read`.
  static llvm::Expected<DensityTable> read(llvm::StringRef text,
                                           llvm::StringRef file);
  /// What a file may say, as a table of Markdown.
  static void printFields(llvm::raw_ostream &os);
};

} // namespace lacuna

#endif // LACUNA_SCHEDULE_DENSITYTABLE_H
