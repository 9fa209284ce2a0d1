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

/// The MFCC of one second of the sound at `path`, [98, 40], by the runtime's
/// default front end. Other rates are resampled, longer clips cut to the
/// loudest second, shorter ones padded.
llvm::Expected<HostTensor> readSoundFeatures(llvm::StringRef path);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_AUDIOINPUT_H
