//===- Machine.h - An accelerator, as a file describes it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What scheduling, code generation and simulation know of a machine. A machine
// is read from YAML, checked once, and never changes after. docs/machines.md
// has every field with its unit and range.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_MACHINE_H
#define LACUNA_SCHEDULE_MACHINE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <cstdint>
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
  InputBroadcast,   // one input a clock to all PEs: FEIE, ZASCA
  OutlierLanes      // an input for the lanes of a PE, narrow; what is wider
                    // goes elsewhere: OLAccel
};

/// What a machine file calls it.
llvm::StringRef getName(Dataflow dataflow);

/// Operands of which something holds.
enum class Operands { None, Activations, Weights, Both };

inline bool hasActivations(Operands operands) {
  return operands == Operands::Activations || operands == Operands::Both;
}
inline bool hasWeights(Operands operands) {
  return operands == Operands::Weights || operands == Operands::Both;
}

/// How values that may be zero are stored.
enum class ZeroFormat { Dense, BitVector, Brick, RunLength, Column, NofM };

/// What a PE array must wait for all of its parts after.
enum class SyncScope { Window, Tile, Layer };

enum class ElementType { Int8, Int16, Float32 };

unsigned getBits(ElementType type);

/// What a memory may hold.
enum class Content { Inputs, Weights, Sums, Outputs };

/// How a value reaches the PEs that want it.
enum class Delivery {
  Unicast,   // once for each PE
  Multicast, // once for all that want it
  Broadcast, // once for all
  Systolic   // to the border of the array, from there from PE to PE
};

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
  /// Entries that are skipped and synchronised as one (Cnvlutin: 16), or that a
  /// PE looks at together (OutlierLanes).
  int64_t brick = 1;
  SyncScope sync = SyncScope::Layer;
  /// Filters go to PEs by their number of non-zeros, not in order.
  bool balancesFilters = false;
  /// Intersection: groups of PEs among which the space of the output is
  /// divided, and input tiles that such a group takes one after another.
  int64_t workGroups = 1, subGroups = 1;
  /// Work groups are formed anew for each tile, as many and as large as are
  /// fastest; `workGroups` is not given then.
  bool regroups = false;
  /// 3x3 convolutions of stride 1 by F(2x2, 3x3).
  bool winograd = false;
  /// Storage in a PE, in values (0: none).
  int64_t weightEntries = 0, inputEntries = 0, sumEntries = 0;
  /// Cartesian: banks over which sums are scattered.
  int64_t accumulatorBanks = 1;
  /// OutlierLanes: of the weights of a clock, those that may be outliers
  /// without another clock; PEs in each row for activations that are outliers.
  int64_t outlierLanes = 0, outlierPEs = 0;

  int64_t getPEs() const { return rows * columns; }
  int64_t getMacsPerClock() const {
    return getPEs() * inputLanes * filterLanes;
  }
  /// The same with those for outliers.
  int64_t getPeakMacs() const {
    return getMacsPerClock() + rows * outlierPEs * filterLanes;
  }
};

/// A memory on the chip.
struct Memory {
  std::string name;
  int64_t bytes = 0, banks = 1, wordBytes = 8;
  /// Words that may be read or written in a clock, for each bank.
  int64_t ports = 1;
  /// Clocks from an address to its word.
  int64_t latencyClocks = 1;
  std::vector<Content> holds;
  /// RowStationary: a bank holds inputs or sums, not both at a time.
  bool ownedBanks = false;

  bool canHold(Content content) const;
  int64_t getBankBytes() const { return bytes / banks; }
};

/// How values reach the array, and how many in a clock: limits for dataflows
/// whose models count what comes in. Loop nests alone ask for the deliveries.
struct Networks {
  int64_t inputs = 0, weights = 0, sums = 0; // 0: as many as are asked for
  Delivery inputDelivery = Delivery::Multicast,
           weightDelivery = Delivery::Multicast;
};

/// What moves data between the chip and DRAM.
struct Dma {
  /// The clock of the link; 0: that of the chip.
  double clockMHz = 0;
  /// In a clock of the link: `Machine::getDramBytesPerClock`.
  double bytesPerClock = 8;
  int64_t latencyClocks = 100, burstBytes = 64;
  /// Transfers that may be under way at once.
  int64_t channels = 2;
};

/// Work that is not products: elementwise, pooling, requantization.
struct VectorUnit {
  int64_t lanes = 16, pipelineClocks = 4;
};

/// Whatever nothing else can do.
struct ScalarUnit {
  int64_t clocksPerInstruction = 1;
};

/// How wide values are. In memories, on the link to DRAM and at multipliers
/// they have `bits`; 0: those of their type. A stream has them as bytes either
/// way. Outliers, which do not fit, are stored apart, with their place.
struct Values {
  int64_t bits = 0;
  int64_t activationOutlierBits = 0, weightOutlierBits = 0;
  /// That tell where an outlier is.
  int64_t outlierIndexBits = 16;

  bool haveOutliers() const { return activationOutlierBits > 0; }
  /// Multiplications for one product with a value of so many bits.
  int64_t getPasses(int64_t valueBits) const {
    return (valueBits + bits - 1) / bits;
  }
};

/// How tensors with zeros are stored. Streams have weights so; activations
/// they have densely, whose format says that PEs can tell where zeros are.
struct Zeros {
  ZeroFormat activations = ZeroFormat::Dense, weights = ZeroFormat::Dense;
  /// In the memories of the chip too, not in DRAM alone.
  bool onChip = false;
  /// RunLength: bits that count the zeros before a value.
  int64_t runBits = 5;
  /// NofM: of `of` values at most `kept` are not zero.
  int64_t kept = 2, of = 4;
};

class Machine {
public:
  std::string name, summary;
  double clockMHz = 200;
  /// Of activations and weights that the array multiplies.
  std::vector<ElementType> types;
  Array array;
  std::vector<Memory> memories;
  Networks networks;
  Dma dma;
  VectorUnit vector;
  ScalarUnit scalar;
  Values values;
  Zeros zeros;
  /// The table that prices actions: `EnergyTable`.
  std::string energy;

  /// Reads and checks. `text` is YAML, `file` what messages call it. Messages
  /// name the line, one message a line: `zena.yaml:12:9: error: ...`. With
  /// `checkEnergy`, what it says of the name of the table is such a message.
  static llvm::Expected<Machine>
  read(llvm::StringRef text, llvm::StringRef file,
       llvm::function_ref<llvm::Error(const Machine &)> checkEnergy = nullptr);
  /// The systolic array of `systolic-os:32x32`, `-ws`, `-is`.
  static llvm::Expected<Machine> makeSystolic(llvm::StringRef name);

  /// An error, naming fields, if the machine makes no sense. Machines that were
  /// read have been checked.
  llvm::Error check() const;

  /// Of everything that decides results and times, and of nothing else (not of
  /// names, summaries, comments or prices): what a stream is tied to.
  uint64_t getHash() const;

  bool hasType(ElementType type) const;
  /// What the array multiplies values of `type` as: bytes as 16 bits, if it has
  /// no other integers.
  ElementType getProductType(ElementType type) const;
  /// Of the values that are multiplied, outliers apart.
  int64_t getValueBits(ElementType type) const {
    return values.bits ? values.bits : getBits(type);
  }
  /// In a clock of the chip.
  double getDramBytesPerClock() const;

  /// Every field with its unit, one a line.
  void print(llvm::raw_ostream &os) const;
  /// The same by name, in the nesting of the YAML.
  llvm::json::Object toJson() const;
  /// What a machine file may say, as a table of Markdown.
  static void printFields(llvm::raw_ostream &os);
};

} // namespace lacuna

#endif // LACUNA_SCHEDULE_MACHINE_H
