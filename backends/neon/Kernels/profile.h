//===- profile.h - Tells an app which layer runs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_PROFILE_H
#define LACUNA_NEON_PROFILE_H

/// What the app has given: `ends` is 0 before a layer and 1 after it.
struct Profile {
  void (*hook)(void *profile, int layer, const char *name, int ends);
  void *profile;
};

inline void layer_begins(const Profile *profile, int layer, const char *name) {
  if (profile->hook != nullptr)
    profile->hook(profile->profile, layer, name, 0);
}

inline void layer_ends(const Profile *profile, int layer, const char *name) {
  if (profile->hook != nullptr)
    profile->hook(profile->profile, layer, name, 1);
}

#endif // LACUNA_NEON_PROFILE_H
