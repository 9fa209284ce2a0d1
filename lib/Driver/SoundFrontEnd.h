//===- SoundFrontEnd.h - How sound becomes the input of a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_SOUNDFRONTEND_H
#define LACUNA_LIB_DRIVER_SOUNDFRONTEND_H

#include "runtime/include/lacuna/features.h"

#include "llvm/Support/Error.h"
#include <vector>

namespace lacuna {

/// The parameters of the runtime's front end, from YAML.
struct SoundFrontEnd {
  lacuna_features_config config = lacuna_features_default();
  /// Of each number of a frame; empty: 0 and 1.
  std::vector<float> mean, scale;
  /// Samples of a clip; 0: a second of them.
  int64_t clip = 0;
  /// As it was written; empty for the default.
  std::string text;

  /// `config` with the mean and scale, which it does not own.
  lacuna_features_config getConfig() const;
  int64_t getClip() const;
  /// C for an app: a function `name`_features.
  std::string writeHeader(llvm::StringRef name) const;
};

/// What a folder of a compiled network calls the YAML of its front end.
inline constexpr llvm::StringLiteral kFrontEndFile = "features.yaml";

/// The front end of the model or bundle at `model`: in x.features.yaml beside
/// x.onnx, in the metadata property "lacuna.features" of the model, or in
/// features.yaml of the bundle. Without, that of the TC-ResNets.
llvm::Expected<SoundFrontEnd> findSoundFrontEnd(llvm::StringRef model);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_SOUNDFRONTEND_H
