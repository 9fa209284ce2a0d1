//===- AudioInput.cpp - Sound files as inputs of networks -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AudioInput.h"

#include "SoundFrontEnd.h"

#include "lacuna/Support/Wav.h"

namespace lacuna {

llvm::Expected<HostTensor> readSoundFeatures(llvm::StringRef path,
                                             llvm::StringRef model) {
  llvm::Expected<Sound> sound = readWav(path);
  if (!sound)
    return sound.takeError();
  llvm::Expected<SoundFrontEnd> found = findSoundFrontEnd(model);
  if (!found)
    return found.takeError();
  lacuna_features_config config = found->getConfig();
  std::vector<float> clip =
      cutClip(resample(*sound, config.sample_rate), size_t(found->getClip()));
  HostTensor memory(DType::UInt8, {int64_t(lacuna_features_bytes(&config))});
  lacuna_features *frontEnd = lacuna_features_init(memory.data(), &config);
  int64_t width = lacuna_features_width(&config);
  HostTensor features(
      DType::Float32,
      {int64_t(lacuna_features_frames(&config, clip.size())), width});
  llvm::ArrayRef<float> rest = clip;
  for (int64_t frame = 0; frame < features.getShape()[0];) {
    int ready = 0;
    rest = rest.drop_front(lacuna_features_push(
        frontEnd, rest.data(), rest.size(),
        features.elements<float>().data() + frame * width, &ready));
    frame += ready;
  }
  return features;
}

} // namespace lacuna
