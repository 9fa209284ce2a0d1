//===- Library.h - The files that a program links -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_LIBRARY_H
#define LACUNA_BACKENDS_HALIDE_LIBRARY_H

#include "backends/halide/Machine.h"
#include "backends/halide/Request.h"

namespace lacuna::halide {

struct LibraryOptions {
  /// What files are called, and where they go.
  std::string name, folder;
  /// Where objects are kept for the next time; none if empty.
  std::string cacheFolder;
  /// How long tiles are measured in all; none are if 0.
  double tuneSeconds = 0;
};

/// What became of the requests.
struct LibraryCounts {
  /// Objects that were made, not found, and kernels whose tiles were measured.
  int made = 0, tuned = 0;
  /// Whether it was a file that could not be written.
  bool lacksFile = false;
};

/// Writes `lib<name>.a`, `<name>.h` and `<name>.json`; says what is wrong if it
/// cannot.
bool writeLibrary(const RequestFile &file, const Machine &machine,
                  const LibraryOptions &options, LibraryCounts &counts,
                  std::string &error);

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_LIBRARY_H
