//===- AudioInput.h - Sound files as inputs of networks -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_AUDIOINPUT_H
#define LACUNA_LIB_DRIVER_AUDIOINPUT_H

#include "lacuna/Support/HostTensor.h"

namespace lacuna {

/// The features of a clip of the sound at `path`, a row for each frame, by the
/// front end of `model`. Other rates are resampled, longer sound cut to the
/// loudest clip, shorter one padded.
llvm::Expected<HostTensor> readSoundFeatures(llvm::StringRef path,
                                             llvm::StringRef model);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_AUDIOINPUT_H
