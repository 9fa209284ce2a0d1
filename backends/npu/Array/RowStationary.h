//===- RowStationary.h - Rows of a convolution on an array -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which mappings fit an array and its buffer, what they fetch from DRAM, and
// the search of a good one. The time that a mapping takes is `timeArray`.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_ROWSTATIONARY_H
#define LACUNA_NPU_ARRAY_ROWSTATIONARY_H

#include "backends/npu/Array/ArrayTask.h"
#include "lacuna/Schedule/Machine.h"
#include "llvm/Support/Error.h"

namespace lacuna::npu {

/// Values between DRAM and the chip.
struct DramWords {
  /// With padding, which lies in DRAM like other values.
  int64_t inputs = 0;
  int64_t weights = 0, outputs = 0;

  int64_t getSum() const { return inputs + weights + outputs; }
};

/// A layer to be mapped on a row stationary array. Planes of a kernel in depth
/// are mapped like channels, planes of the output like images.
class RowMappingProblem {
public:
  RowMappingProblem(const Machine &machine, const ArrayTask &task)
      : machine(machine), task(task) {}

  /// An error if no mapping can fit.
  llvm::Error check() const;
  /// An error if `mapping` does not fit the array, the storage of PEs, or the
  /// banks of the buffer.
  llvm::Error verify(const RowMapping &mapping) const;
  /// The fastest mapping that fits; of those, the one with the least traffic.
  llvm::Expected<RowMapping> solve() const;

  DramWords countDramWords(const RowMapping &mapping) const;

  int64_t getImages() const { return task.batch * task.space[0].output; }
  int64_t getChannels() const {
    return task.getGroupChannels() * task.space[0].kernel;
  }
  const Machine &getMachine() const { return machine; }
  const ArrayTask &getTask() const { return task; }

private:
  /// Sets of `e` columns that the array holds.
  int64_t getSets(int64_t e) const;
  /// Whether sums and inputs fit into the banks of the buffer.
  bool fitsBuffer(const RowMapping &mapping) const;
  bool fitsStorage(const RowMapping &mapping) const;

  const Machine &machine;
  const ArrayTask &task;
};

/// Clocks of a mapping that fits: those of products, those in which the
/// networks are late, and those to fill the array.
struct RowClocks {
  int64_t compute = 0, network = 0, ramp = 0, passes = 0;
  /// PEs times clocks of products.
  int64_t activePEClocks = 0, mostActivePEs = 0;

  int64_t getSum() const { return compute + network + ramp; }
};
RowClocks countRowClocks(const RowMappingProblem &problem,
                         const RowMapping &mapping);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_ROWSTATIONARY_H
