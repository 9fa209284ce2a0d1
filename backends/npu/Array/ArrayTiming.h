//===- ArrayTiming.h - How long an array takes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The clocks of a task, each in one bucket, and what was done in them. Models
// are one file for each dataflow; `timeArray` calls the machine's.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_ARRAYTIMING_H
#define LACUNA_NPU_ARRAY_ARRAYTIMING_H

#include "backends/npu/Array/ArrayTask.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace lacuna::npu {

/// Where the clocks went. What is not compute kept all of the PEs that have
/// work from it.
struct CycleBuckets {
  /// As many as the work needs when PEs that have some share it evenly.
  int64_t compute = 0;
  /// PEs, or lanes, wait for the slowest of those that work in step.
  int64_t imbalance = 0;
  /// Operands and sums fill and drain the array.
  int64_t ramp = 0;
  /// Operands or sums come slower than products need them.
  int64_t network = 0;
  /// Sums meet in a bank.
  int64_t bankConflict = 0;
  /// Groups of PEs wait for each other.
  int64_t synchronisation = 0;

  int64_t getSum() const {
    return compute + imbalance + ramp + network + bankConflict +
           synchronisation;
  }
};

struct AccessCounts {
  int64_t done = 0, gated = 0, skipped = 0;
};

/// Reads and writes of values, not of words: of the storage in PEs and of the
/// buffer on the chip.
struct OperandAccesses {
  AccessCounts spadReads, spadWrites, bufferReads, bufferWrites;
};

struct ArrayTiming {
  int64_t cycles = 0;
  CycleBuckets buckets;
  MacCounts macs;
  /// Multiplications beyond one for each product, of values that are wider than
  /// the multipliers.
  int64_t extraPasses = 0;
  /// PEs that have work, at the most and on average over the passes.
  int64_t activePEs = 0;
  double averageActivePEs = 0;
  OperandAccesses inputs, weights, sums;
  /// Operands and sums handed from PE to PE for products; not those that are
  /// loaded and drained through PEs before and after.
  AccessCounts transfers;
  /// 16-bit words of bit-vectors, offsets and indices that the array reads.
  int64_t metadataWords = 0;

  /// Multipliers' clocks that did a product, of all that there were.
  double getUtilization(const Array &array) const;
  /// An error if clocks or products are lost or counted twice.
  llvm::Error verify(const ArrayTask &task) const;
  void add(const ArrayTiming &other);
};

/// A product, for `--trace-cycles`.
struct ArrayEvent {
  int64_t clock = 0, pe = 0;
  /// Positions in the output [batch][filter][d][h][w] and in the input
  /// [batch][channel][d][h][w].
  int64_t output = 0, input = 0;
  /// In the weights [filter][channel][d][h][w].
  int64_t weight = 0;
};
using ArrayTrace = llvm::function_ref<void(const ArrayEvent &)>;

/// How long the machine's array takes, without the setup before a layer. Fails
/// if the task makes no sense, or the array cannot do it.
llvm::Expected<ArrayTiming> timeArray(const Machine &machine,
                                      const ArrayTask &task);
/// The same, and every product in the order of clocks. Fails if the model of
/// the dataflow does not go clock by clock.
llvm::Expected<ArrayTiming> traceArray(const Machine &machine,
                                       const ArrayTask &task, ArrayTrace trace);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_ARRAYTIMING_H
