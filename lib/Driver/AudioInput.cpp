//===- AudioInput.cpp - Sound files as inputs of networks -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AudioInput.h"

#include "lacuna/Support/Wav.h"
#include "runtime/include/lacuna/mfcc.h"

namespace lacuna {

llvm::Expected<HostTensor> readSoundFeatures(llvm::StringRef path) {
  llvm::Expected<Sound> sound = readWav(path);
  if (!sound)
    return sound.takeError();
  lacuna_mfcc_config config = lacuna_mfcc_default();
  std::vector<float> clip =
      cutClip(resample(*sound, config.sample_rate), size_t(config.sample_rate));
  HostTensor memory(DType::UInt8, {int64_t(lacuna_mfcc_bytes(&config))});
  lacuna_mfcc *mfcc = lacuna_mfcc_init(memory.data(), &config);
  HostTensor features(
      DType::Float32,
      {int64_t(lacuna_mfcc_frames(mfcc, clip.size())), config.coefficients});
  lacuna_mfcc_clip(mfcc, clip.data(), clip.size(),
                   features.elements<float>().data());
  return features;
}

} // namespace lacuna
