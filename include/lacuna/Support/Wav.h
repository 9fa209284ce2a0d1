//===- Wav.h - Sound files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SUPPORT_WAV_H
#define LACUNA_SUPPORT_WAV_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace lacuna {

/// Mono sound in [-1, 1].
struct Sound {
  double rate = 0;
  std::vector<float> samples;
};

/// Reads a RIFF WAVE file: PCM of 8, 16, 24 or 32 bits or float of 32 or 64,
/// from 1 to 768 kHz; channels are averaged. Floats a little beyond [-1, 1] are
/// clipped.
llvm::Expected<Sound> readWav(llvm::StringRef path);

/// The same sound at another rate, band-limited.
Sound resample(const Sound &sound, double rate);

/// The `count` samples of `sound` with the most energy, so that a word in a
/// longer recording is found; followed by silence if there are fewer, as the
/// clips of Speech Commands are.
std::vector<float> cutClip(const Sound &sound, size_t count);

} // namespace lacuna

#endif // LACUNA_SUPPORT_WAV_H
