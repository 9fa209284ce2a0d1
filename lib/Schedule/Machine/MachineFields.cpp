//===- MachineFields.cpp - What a machine file may say -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fields.h"

#include "lacuna/Schedule/Machine.h"

using namespace llvm;

namespace lacuna {

// In the order of the enums.
static constexpr StringLiteral kDataflows[] = {
    "output-stationary", "weight-stationary", "input-stationary",
    "row-stationary",    "inner-product",     "intersection",
    "cartesian",         "input-broadcast",   "outlier-lanes"};
static constexpr StringLiteral kOperands[] = {"none", "activations", "weights",
                                              "both"};
static constexpr StringLiteral kFormats[] = {
    "dense", "bit-vector", "brick", "run-length", "column", "n-of-m"};
static constexpr StringLiteral kScopes[] = {"window", "tile", "layer"};
static constexpr StringLiteral kTypes[] = {"int8", "int16", "float32"};
static constexpr StringLiteral kContents[] = {"inputs", "weights", "sums",
                                              "outputs"};
static constexpr StringLiteral kDeliveries[] = {"unicast", "multicast",
                                                "broadcast", "systolic"};

StringRef getName(Dataflow dataflow) { return kDataflows[unsigned(dataflow)]; }

static void visitArray(FieldVisitor &visitor, Array &array) {
  visitor.choice({"dataflow", "", "what stays and what moves; see below",
                  /*required=*/true},
                 kDataflows, array.dataflow);
  visitor.integer({"rows", "PEs", "in a column", true}, {1, 4096}, array.rows);
  visitor.integer({"columns", "PEs", "in a row", true}, {1, 4096},
                  array.columns);
  visitor.integer({"inputLanes", "values", "inputs a PE takes in a clock"},
                  {1, 4096}, array.inputLanes);
  visitor.integer(
      {"filterLanes", "values",
       "filters (cartesian: weights) that each of these inputs meets in a "
       "clock"},
      {1, 4096}, array.filterLanes);
  visitor.integer({"pipelineClocks", "clocks", "from operands to a sum"},
                  {1, 1000}, array.pipelineClocks);
  visitor.integer({"passClocks", "clocks",
                   "to fill and drain the array in every pass, beyond the "
                   "pipeline"},
                  {0, 1000000}, array.passClocks);
  visitor.integer(
      {"setupClocks", "clocks", "to configure the array before a layer"},
      {0, 1000000000}, array.setupClocks);
  visitor.choice({"skips", "", "operands whose zeros take no time"}, kOperands,
                 array.skips);
  visitor.choice(
      {"gates", "", "operands whose zeros take their time but hardly energy"},
      kOperands, array.gates);
  visitor.integer({"brick", "values",
                   "inner-product: entries whose zeros are skipped together, "
                   "between two synchronisations; outlier-lanes: that a PE "
                   "looks at together"},
                  {1, 256}, array.brick);
  visitor.choice({"sync", "",
                  "inner-product, intersection, cartesian: what all PEs "
                  "finish before any goes on"},
                 kScopes, array.sync);
  visitor.flag({"balancesFilters", "",
                "filters go to PEs by their number of non-zeros, not in order"},
               array.balancesFilters);
  visitor.integer({"workGroups", "groups",
                   "intersection: groups of PEs that share the space of the "
                   "output"},
                  {1, 4096}, array.workGroups);
  visitor.flag(
      {"regroups", "",
       "intersection: work groups are formed anew for each tile, in the "
       "numbers that are fastest: those of other groups of channels beside "
       "each other too, and PEs that share a sum where there are few"},
      array.regroups);
  visitor.integer({"subGroups", "groups",
                   "intersection: input tiles that a work group takes one "
                   "after another"},
                  {1, 4096}, array.subGroups);
  visitor.flag({"winograd", "",
                "inner-product: 3x3 convolutions of stride 1 by F(2x2, 3x3)"},
               array.winograd);
  visitor.integer({"weightEntries", "values", "storage of a PE for weights"},
                  {0, 1 << 20}, array.weightEntries);
  visitor.integer({"inputEntries", "values", "storage of a PE for inputs"},
                  {0, 1 << 20}, array.inputEntries);
  visitor.integer({"sumEntries", "values", "storage of a PE for sums"},
                  {0, 1 << 20}, array.sumEntries);
  visitor.integer({"accumulatorBanks", "banks",
                   "cartesian: banks of a PE over which sums are scattered"},
                  {1, 1024, /*powerOfTwo=*/true}, array.accumulatorBanks);
  visitor.integer({"outlierLanes", "values",
                   "outlier-lanes: of the weights that an input meets in a "
                   "clock, those that may be outliers without another clock"},
                  {0, 4096}, array.outlierLanes);
  visitor.integer({"outlierPEs", "PEs",
                   "outlier-lanes: in each row, beside the others, for inputs "
                   "that are outliers"},
                  {0, 4096}, array.outlierPEs);
}

static void visitMemory(FieldVisitor &visitor, Memory &memory) {
  visitor.text({"name", "", "unlike those of other memories", true},
               TextKind::Name, memory.name);
  visitor.integer({"bytes", "bytes", "of all banks together", true},
                  {1, int64_t(1) << 30}, memory.bytes);
  visitor.integer({"banks", "banks", "that work beside each other"}, {1, 4096},
                  memory.banks);
  visitor.integer({"wordBytes", "bytes", "that an access moves"},
                  {1, 4096, /*powerOfTwo=*/true}, memory.wordBytes);
  visitor.integer({"ports", "words", "of a bank that may move in a clock"},
                  {1, 16}, memory.ports);
  visitor.integer({"latencyClocks", "clocks", "from an address to its word"},
                  {0, 1000}, memory.latencyClocks);
  visitor.choices({"holds", "", "what may lie there", true}, kContents,
                  memory.holds);
  visitor.flag(
      {"ownedBanks", "",
       "row-stationary: a bank holds inputs or sums, not both at a time"},
      memory.ownedBanks);
}

static void visitNetworks(FieldVisitor &visitor, Networks &networks) {
  constexpr IntegerRange kValues = {0, 1 << 20};
  visitor.integer({"inputs", "values",
                   "row-stationary: to the array in a clock; 0: all that are "
                   "asked for"},
                  kValues, networks.inputs);
  visitor.integer({"weights", "values",
                   "row-stationary, intersection, outlier-lanes: the same"},
                  kValues, networks.weights);
  visitor.integer({"sums", "values",
                   "row-stationary, intersection: the same, to and from the "
                   "array"},
                  kValues, networks.sums);
  visitor.choice({"inputDelivery", "",
                  "how an input reaches its PEs; for loop nests alone"},
                 kDeliveries, networks.inputDelivery);
  visitor.choice({"weightDelivery", "",
                  "how a weight reaches its PEs; for loop nests alone"},
                 kDeliveries, networks.weightDelivery);
}

static void visitDma(FieldVisitor &visitor, Dma &dma) {
  visitor.real({"clockMHz", "MHz", "of the link to DRAM; 0: that of the chip"},
               {0, 10000}, dma.clockMHz);
  visitor.real({"bytesPerClock", "bytes", "in a clock of the link"},
               {0.001, 4096}, dma.bytesPerClock);
  visitor.integer({"latencyClocks", "clocks",
                   "of the chip, from a request to its first bytes"},
                  {0, 1000000}, dma.latencyClocks);
  visitor.integer({"burstBytes", "bytes",
                   "that DRAM moves at once: shorter pieces cost as much"},
                  {1, 65536, /*powerOfTwo=*/true}, dma.burstBytes);
  visitor.integer({"channels", "transfers", "that may be under way at once"},
                  {1, 64}, dma.channels);
}

static void visitValues(FieldVisitor &visitor, Values &values) {
  visitor.integer({"bits", "bits",
                   "of a value in memories, on the link and at multipliers; 0: "
                   "those of its type"},
                  {0, 32}, values.bits);
  visitor.integer({"activationOutlierBits", "bits",
                   "of an activation that needs more; 0: none does"},
                  {0, 32}, values.activationOutlierBits);
  visitor.integer({"weightOutlierBits", "bits",
                   "of a weight that needs more; 0: none does"},
                  {0, 32}, values.weightOutlierBits);
  visitor.integer({"outlierIndexBits", "bits", "that tell where an outlier is"},
                  {1, 64}, values.outlierIndexBits);
}

static void visitZeros(FieldVisitor &visitor, Zeros &zeros) {
  visitor.choice({"activations", "",
                  "how activations are stored, for `array.skips`; streams "
                  "have them densely"},
                 kFormats, zeros.activations);
  visitor.choice({"weights", "", "how weights are stored"}, kFormats,
                 zeros.weights);
  visitor.flag({"onChip", "",
                "they are stored so in the memories of the chip too, not in "
                "DRAM alone"},
               zeros.onChip);
  visitor.integer(
      {"runBits", "bits", "run-length: that count the zeros before a value"},
      {1, 16}, zeros.runBits);
  visitor.integer({"kept", "values", "n-of-m: that may not be zero"}, {1, 256},
                  zeros.kept);
  visitor.integer({"of", "values", "n-of-m: among which these are"}, {1, 256},
                  zeros.of);
}

void visitFields(FieldVisitor &visitor, Machine &machine) {
  visitor.text({"name", "", "what commands call the machine", true},
               TextKind::Name, machine.name);
  visitor.text({"summary", "", "what people read"}, TextKind::Line,
               machine.summary);
  visitor.real({"clockMHz", "MHz", "of the chip", true}, {1, 10000},
               machine.clockMHz);
  visitor.choices({"types", "",
                   "of activations and weights that the array multiplies",
                   true},
                  kTypes, machine.types);
  visitor.section({"array", "", "the PEs and how they work together", true},
                  [&] { visitArray(visitor, machine.array); });
  // A stream has regions for eight.
  visitor.list(
      {"memories", "", "on the chip", true}, {1, 8}, machine.memories.size(),
      [&](size_t size) { machine.memories.resize(size); },
      [&](size_t i) { visitMemory(visitor, machine.memories[i]); });
  visitor.section({"networks", "", "between memories and array"},
                  [&] { visitNetworks(visitor, machine.networks); });
  visitor.section({"dma", "", "between the chip and DRAM"},
                  [&] { visitDma(visitor, machine.dma); });
  visitor.section({"vector", "",
                   "the unit for elementwise work, pooling and "
                   "requantization"},
                  [&] {
                    visitor.integer({"lanes", "values", "done in a clock"},
                                    {1, 4096}, machine.vector.lanes);
                    visitor.integer({"pipelineClocks", "clocks",
                                     "from operands to a result"},
                                    {1, 1000}, machine.vector.pipelineClocks);
                  });
  visitor.section(
      {"scalar", "", "the unit for whatever nothing else can do"}, [&] {
        visitor.integer({"clocksPerInstruction", "clocks", "of an instruction"},
                        {1, 1000}, machine.scalar.clocksPerInstruction);
      });
  visitor.section(
      {"values", "", "how wide values are, if not as wide as their type"},
      [&] { visitValues(visitor, machine.values); });
  visitor.section({"zeros", "", "how tensors with zeros are stored"},
                  [&] { visitZeros(visitor, machine.zeros); });
  visitor.text({"energy", "",
                "the table of prices: a name, or a file beside this one", true},
               TextKind::Path, machine.energy);
}

} // namespace lacuna
