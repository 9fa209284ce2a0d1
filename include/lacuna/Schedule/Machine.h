//===- Machine.h - An accelerator, as a file describes it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What scheduling, code generation and simulation know of a machine. A machine
// is read from YAML, checked once, and never changes after.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_MACHINE_H
#define LACUNA_SCHEDULE_MACHINE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// Which operand stays where while the others move: what decides the order in
/// which an array does its products, and so how long it takes.
enum class Dataflow {
  OutputStationary, // systolic: sums stay
  WeightStationary, // systolic: weights stay
  InputStationary,  // systolic: inputs stay
  RowStationary,    // Eyeriss: rows of filters and inputs stay
  InnerProduct,     // lanes of inputs x filters, no storage in between:
                    // NLR, DaDianNao, Cnvlutin, Cambricon-X, NVDLA
  Intersection,     // a PE meets the non-zeros of both operands: WAZ, ZeNA
  Cartesian,        // every input with every weight, sums scattered: SCNN
  InputBroadcast    // one input a clock to all PEs: FEIE, ZASCA
};

/// Operands of which something holds.
enum class Operands { None, Activations, Weights, Both };

/// How values that may be zero are stored.
enum class ZeroFormat { Dense, BitVector, Brick, RunLength, Column, NofM };

/// What a PE array must wait for all of its parts after.
enum class SyncScope { Window, Tile, Layer };

enum class ElementType { Int8, Int16, Float32 };

/// Processing elements and how they work together.
struct Array {
  Dataflow dataflow = Dataflow::OutputStationary;
  /// PEs. For InnerProduct: 1 x units that share the work on windows or
  /// filters.
  int64_t rows = 1, columns = 1;
  /// Products a PE does in one clock: `inputLanes` inputs with each of
  /// `filterLanes` filters.
  int64_t inputLanes = 1, filterLanes = 1;
  /// Clocks from operands to a sum.
  int64_t pipelineClocks = 1;
  /// Clocks to fill and drain at every processing pass, beyond the pipeline.
  int64_t passClocks = 0;
  /// Clocks to configure the array before a layer.
  int64_t setupClocks = 0;
  /// Zeros that cost no time, and zeros that cost time but little energy.
  Operands skips = Operands::None, gates = Operands::None;
  /// Entries that are skipped and synchronised as one (Cnvlutin: 16).
  int64_t brick = 1;
  SyncScope sync = SyncScope::Layer;
  /// Filters go to PEs by their number of non-zeros, not in order.
  bool balancesFilters = false;
  /// Intersection: groups of PEs that share a kernel or an input tile.
  int64_t workGroups = 1, subGroups = 1;
  /// 3x3 convolutions of stride 1 by F(2x2, 3x3).
  bool winograd = false;
  /// Storage in a PE, in values (0: none).
  int64_t weightEntries = 0, inputEntries = 0, sumEntries = 0;
  /// Cartesian: banks over which sums are scattered.
  int64_t accumulatorBanks = 1;

  int64_t getPEs() const { return rows * columns; }
  int64_t getMacsPerClock() const {
    return getPEs() * inputLanes * filterLanes;
  }
};

/// A memory on the chip.
struct Memory {
  std::string name;
  int64_t bytes = 0, banks = 1, wordBytes = 8;
  /// Words that may be read or written in a clock, for each bank.
  int64_t ports = 1;
  /// Any of "inputs", "weights", "sums", "outputs".
  std::vector<std::string> holds;
};

/// Values that reach the array in a clock.
struct Networks {
  int64_t inputs = 0, weights = 0, sums = 0; // 0: as many as are asked for
};

/// What moves data between the chip and DRAM.
struct Dma {
  double bytesPerClock = 8;
  int64_t latencyClocks = 100, burstBytes = 64, channels = 2;
};

/// Work that is not products: elementwise, pooling, requantization.
struct VectorUnit {
  int64_t lanes = 16, pipelineClocks = 4;
};

/// Whatever nothing else can do.
struct ScalarUnit {
  int64_t clocksPerInstruction = 1;
};

class Machine {
public:
  std::string name, summary;
  double clockMHz = 200;
  std::vector<ElementType> types;
  Array array;
  std::vector<Memory> memories;
  Networks networks;
  Dma dma;
  VectorUnit vector;
  ScalarUnit scalar;
  ZeroFormat activations = ZeroFormat::Dense, weights = ZeroFormat::Dense;
  /// The table that prices actions: `EnergyTable`.
  std::string energy;

  /// Reads and checks. `text` is YAML, `file` what messages call it. Messages
  /// name the line: `zena.yaml:12:9: error: ...`.
  static llvm::Expected<Machine> read(llvm::StringRef text,
                                      llvm::StringRef file);
  /// The systolic array of `systolic-os:32x32`, `-ws`, `-is`.
  static llvm::Expected<Machine> makeSystolic(llvm::StringRef name);

  /// Of everything that decides results and times, and of nothing else (not of
  /// names, summaries or comments): what a stream is tied to.
  uint64_t getHash() const;
};

} // namespace lacuna

#endif // LACUNA_SCHEDULE_MACHINE_H
