//===- NpuSampleStream.h - A command stream with double buffering -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TEST_UNIT_NPUSAMPLESTREAM_H
#define LACUNA_TEST_UNIT_NPUSAMPLESTREAM_H

#include "backends/npu/Stream/Commands.h"
#include "backends/npu/Stream/Stream.h"
#include "backends/npu/Stream/Verifier.h"

#include <optional>
#include <random>

namespace lacuna::npu {

/// Tiles of an input of bytes go through a product with 16x16 weights and
/// through a program, all five queues working beside each other on two slots of
/// each memory.
struct SampleOptions {
  int64_t tiles = 5;
  bool elide = true;
  /// Goes step by step: weights stay on the chip, and the workspace has bytes
  /// that are copied there and back in each step.
  bool hasSteps = false;
  /// The program is one of the scalar unit.
  bool isScalar = false;
  /// Leaves out the first wait or signal of the semaphore.
  std::optional<unsigned> withoutWait, withoutSignal;
};

Stream makeSample(const SampleOptions &options = {});
std::vector<ChipMemory> getSampleMemories();

/// Makes the sums of a changed file fit, as far as its section table can be
/// followed, so that decoding goes on to what was changed.
void refreshCrcs(std::vector<uint8_t> &file);

/// Damages files here and there.
class Mutator {
public:
  explicit Mutator(std::vector<uint8_t> file) : original(std::move(file)) {}

  std::vector<uint8_t> mutate();
  uint32_t random() { return static_cast<uint32_t>(engine()); }

private:
  size_t place(const std::vector<uint8_t> &file);
  void mutateOnce(std::vector<uint8_t> &file);

  std::vector<uint8_t> original;
  std::mt19937 engine{20240917};
};

} // namespace lacuna::npu

#endif // LACUNA_TEST_UNIT_NPUSAMPLESTREAM_H
