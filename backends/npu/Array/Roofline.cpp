//===- Roofline.cpp - The time that nothing can beat -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Roofline.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace llvm;

namespace lacuna::npu {

Expected<RooflineTiming> timeRoofline(const Machine &machine,
                                      const RooflineLayer &layer) {
  const ArrayTask &task = layer.task;
  if (Error error = task.check())
    return error;
  auto refuse = [](const Twine &why) { return createStringError(why); };
  if (task.batch != 1 || task.space[0].input != 1 || task.space[0].kernel != 1)
    return refuse("the roofline is of one image; give frames that share "
                  "weights as such");
  constexpr int64_t kMost = int64_t(1) << 16;
  if (layer.frames < 1 || layer.frames > kMost || layer.pooledHeight < 0 ||
      layer.pooledHeight > task.space[1].output || layer.pooledWidth < 0 ||
      layer.pooledWidth > task.space[2].output)
    return refuse("frames must lie between 1 and " + Twine(kMost) +
                  ", and pooling must not enlarge the output");
  if (machine.array.getMacsPerClock() < 1 || !(machine.dma.bytesPerClock > 0))
    return refuse("machine '" + machine.name +
                  "' has no multipliers or no DRAM");

  const SpatialDimension &height = task.space[1], &width = task.space[2];
  bool winograd = machine.array.winograd && isWinogradKernel(task);
  // Filters of all frames together fill the sixteens.
  constexpr int64_t kAtom = 16;
  double filters =
      double(alignTo(task.getGroupFilters() * layer.frames, kAtom)) /
      double(layer.frames);
  double taps = double(height.kernel * width.kernel) /
                double(height.stride * width.stride);
  constexpr double kWinogradGain = 36.0 / 16;

  RooflineTiming timing;
  timing.macCycles = double(task.groups * getFoldedChannels(task)) *
                     double(height.output * width.output) * filters * taps /
                     double(machine.array.getMacsPerClock());
  if (winograd)
    timing.macCycles /= kWinogradGain;
  // The sheet divides kibibytes by a bandwidth in kilobytes; whole clocks for
  // each group.
  timing.bytes = countTraffic(layer, winograd).getSum();
  double kibibytes = timing.bytes / double(task.groups) / 1024;
  timing.dramCycles =
      task.groups *
      int64_t(std::ceil(kibibytes * 1000 / machine.dma.bytesPerClock));
  return timing;
}

} // namespace lacuna::npu
