//===- Random.h - Numbers that are the same everywhere -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_RANDOM_H
#define LACUNA_NPU_ARRAY_RANDOM_H

#include <cstdint>

namespace lacuna::npu {

/// SplitMix64: a counter, mixed.
class RandomNumbers {
public:
  explicit RandomNumbers(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t value = state += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }

private:
  uint64_t state;
};

/// A seed for each of many parts, none of which says anything of the others,
/// nor of those of another seed.
inline uint64_t mixSeed(uint64_t seed, uint64_t part) {
  return RandomNumbers(RandomNumbers(seed).next() + part).next();
}

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_RANDOM_H
