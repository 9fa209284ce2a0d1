//===- BundleManifest.h - What a bundle says of itself -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_BUNDLEMANIFEST_H
#define LACUNA_LIB_DRIVER_BUNDLEMANIFEST_H

#include "Streaming.h"

#include "backends/neon/Core.h"
#include "lacuna/Schedule/Port.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace lacuna {

/// What is needed of a bundle's `manifest.json` to run it.
struct BundleManifest {
  std::string name;
  neon::Core core;
  std::vector<Port> inputs, outputs;
  int64_t weightBytes = 0;
  bool hasSidecar = false;
  /// For how many threads kernels were split.
  int64_t threads = 1;
  bool profile = false;
  /// Whether there is a library of kernels.
  bool hasKernels = false;
  /// How recordings are gone through, if they are. The last output is then how
  /// many frames of the others are new.
  std::optional<StreamShape> stream;
};

/// How many frames of the other outputs of a step function are new.
Port makeReadyPort();

/// Reads what a manifest says of steps, unchecked.
bool fromJSON(const llvm::json::Value &value, StreamShape &shape,
              llvm::json::Path path);

/// Reads and checks the text of a manifest.
llvm::Expected<BundleManifest> parseManifest(llvm::StringRef text);

/// The code of the bundle in `folder`, and its weights if it has any, as far as
/// they can be checked.
llvm::Expected<std::vector<std::string>>
findFiles(llvm::StringRef folder, const BundleManifest &manifest);

/// What a C function may be called.
bool isIdentifier(llvm::StringRef text);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_BUNDLEMANIFEST_H
