//===- MachineCheck.cpp - Fields of a machine that fit each other -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineCheck.h"

#include "lacuna/Schedule/Machine.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna {

static bool isSystolic(Dataflow dataflow) {
  return dataflow == Dataflow::OutputStationary ||
         dataflow == Dataflow::WeightStationary ||
         dataflow == Dataflow::InputStationary;
}

static void checkLanes(const Array &array, FieldComplaint complain) {
  if (array.dataflow == Dataflow::OutlierLanes) {
    if (array.inputLanes > 1)
      complain("array.inputLanes",
               "'array.inputLanes' must be 1: a PE with outlier lanes takes "
               "one input in a clock");
    return;
  }
  if (array.dataflow != Dataflow::InnerProduct &&
      array.dataflow != Dataflow::Cartesian)
    for (auto [path, lanes] :
         {std::pair("array.inputLanes", array.inputLanes),
          std::pair("array.filterLanes", array.filterLanes)})
      if (lanes > 1)
        complain(path,
                 Twine("'") + path +
                     "' must be 1 for this dataflow: only 'inner-product', "
                     "'cartesian' and 'outlier-lanes' have PEs with lanes");
}

/// `'a', 'b' and 'c'`
static std::string listNames(ArrayRef<StringRef> names) {
  std::string list;
  for (auto [i, name] : enumerate(names)) {
    if (i > 0)
      list += i + 1 == names.size() ? " and " : ", ";
    list += ("'" + name + "'").str();
  }
  return list;
}

/// What only other dataflows or formats read would be forgotten in silence.
static void checkForeignFields(const Machine &machine,
                               FieldComplaint complain) {
  using Flow = Dataflow;
  const Machine defaults;
  auto refuse = [&](const Twine &path, const Twine &owners) {
    std::string key = path.str();
    complain(key, "'" + key + "' means something for " + owners + " only");
  };
  auto ownedBy = [&](std::initializer_list<Flow> owners, const Twine &path,
                     const auto &value, const auto &unset) {
    if (value == unset || is_contained(owners, machine.array.dataflow))
      return;
    SmallVector<StringRef> names;
    for (Flow owner : owners)
      names.push_back(getName(owner));
    refuse(path, (names.size() == 1 ? "the dataflow " : "the dataflows ") +
                     listNames(names));
  };
  const Array &array = machine.array, &noArray = defaults.array;
  ownedBy({Flow::InnerProduct, Flow::OutlierLanes}, "array.brick", array.brick,
          noArray.brick);
  ownedBy({Flow::InnerProduct, Flow::Intersection, Flow::Cartesian},
          "array.sync", array.sync, noArray.sync);
  if (array.dataflow == Flow::InputBroadcast && array.passClocks > 0)
    complain("array.passClocks", "'array.passClocks' must be 0: the rows of an "
                                 "'input-broadcast' follow each other without "
                                 "passes");
  ownedBy({Flow::InnerProduct}, "array.winograd", array.winograd,
          noArray.winograd);
  ownedBy({Flow::Intersection}, "array.workGroups", array.workGroups,
          noArray.workGroups);
  ownedBy({Flow::Intersection}, "array.regroups", array.regroups,
          noArray.regroups);
  ownedBy({Flow::Intersection}, "array.subGroups", array.subGroups,
          noArray.subGroups);
  ownedBy({Flow::Cartesian}, "array.accumulatorBanks", array.accumulatorBanks,
          noArray.accumulatorBanks);
  ownedBy({Flow::OutlierLanes}, "array.outlierLanes", array.outlierLanes,
          noArray.outlierLanes);
  ownedBy({Flow::OutlierLanes}, "array.outlierPEs", array.outlierPEs,
          noArray.outlierPEs);
  for (auto [i, memory] : enumerate(machine.memories))
    ownedBy({Flow::RowStationary}, "memories[" + Twine(i) + "].ownedBanks",
            memory.ownedBanks, false);
  const Networks &networks = machine.networks, &noNetworks = defaults.networks;
  ownedBy({Flow::RowStationary}, "networks.inputs", networks.inputs,
          noNetworks.inputs);
  ownedBy({Flow::RowStationary, Flow::Intersection, Flow::OutlierLanes},
          "networks.weights", networks.weights, noNetworks.weights);
  ownedBy({Flow::RowStationary, Flow::Intersection}, "networks.sums",
          networks.sums, noNetworks.sums);
  const Values &values = machine.values, &noValues = defaults.values;
  ownedBy({Flow::OutlierLanes}, "values.activationOutlierBits",
          values.activationOutlierBits, noValues.activationOutlierBits);
  ownedBy({Flow::OutlierLanes}, "values.weightOutlierBits",
          values.weightOutlierBits, noValues.weightOutlierBits);
  ownedBy({Flow::OutlierLanes}, "values.outlierIndexBits",
          values.outlierIndexBits, noValues.outlierIndexBits);
  const Zeros &zeros = machine.zeros, &noZeros = defaults.zeros;
  if (zeros.runBits != noZeros.runBits &&
      zeros.activations != ZeroFormat::RunLength &&
      zeros.weights != ZeroFormat::RunLength)
    refuse("zeros.runBits", "the format 'run-length'");
  if (zeros.weights != ZeroFormat::NofM)
    for (auto [path, value, unset] :
         {std::tuple("zeros.kept", zeros.kept, noZeros.kept),
          std::tuple("zeros.of", zeros.of, noZeros.of)})
      if (value != unset)
        refuse(path, "weights of the format 'n-of-m'");
}

static void checkZeroTime(const Array &array, FieldComplaint complain) {
  Dataflow flow = array.dataflow;
  if ((isSystolic(flow) || flow == Dataflow::RowStationary) &&
      array.skips != Operands::None)
    complain(
        "array.skips",
        "this dataflow has no way to skip zeros, as data pass its PEs in a "
        "fixed order; it can gate them");
  if (flow == Dataflow::InnerProduct && array.skips == Operands::Both)
    complain("array.skips",
             "lanes of an 'inner-product' can skip zeros of one operand; "
             "'intersection' skips those of both");
  if (flow == Dataflow::OutlierLanes && hasWeights(array.skips))
    complain("array.skips", "'outlier-lanes' can skip zeros of activations "
                            "only: an input meets the weights of all lanes");
  if (flow == Dataflow::InputBroadcast && hasWeights(array.skips))
    complain("array.skips", "an 'input-broadcast' can skip zeros of "
                            "activations only: all weights meet each input");
  if ((hasActivations(array.skips) && hasActivations(array.gates)) ||
      (hasWeights(array.skips) && hasWeights(array.gates)))
    complain("array.gates", "zeros that are skipped cannot be gated too");
  if (array.balancesFilters && !hasWeights(array.skips))
    complain("array.balancesFilters",
             "filters take the same time unless 'array.skips' has weights: "
             "there is nothing to balance");
  if (array.dataflow == Dataflow::InnerProduct && array.brick > 1 &&
      !hasActivations(array.skips))
    complain("array.brick", "bricks are of activations whose zeros are "
                            "skipped: 'array.skips' must be activations");
  if (array.regroups && array.workGroups > 1)
    complain("array.workGroups", "there are as many groups as are fastest "
                                 "where 'array.regroups' is set");
  if (array.winograd && array.skips != Operands::None)
    complain("array.winograd", "transformed tiles have no zeros to skip: "
                               "'array.skips' must be none");
}

static void checkArray(const Array &array, FieldComplaint complain) {
  checkLanes(array, complain);
  checkZeroTime(array, complain);
  // All factors are at most 4096.
  constexpr int64_t kMostMacs = 1 << 20;
  if (array.getMacsPerClock() > kMostMacs)
    complain("array.rows",
             "the array does " + Twine(array.getMacsPerClock()) +
                 " products in a clock (rows x columns x inputLanes x "
                 "filterLanes); at most " +
                 Twine(kMostMacs) + " are allowed");
  if (array.getPEs() % array.workGroups != 0)
    complain("array.workGroups", Twine(array.workGroups) +
                                     " work groups do not share " +
                                     Twine(array.getPEs()) + " PEs evenly");
  if (array.dataflow == Dataflow::RowStationary)
    for (auto [path, entries] :
         {std::pair("array.weightEntries", array.weightEntries),
          std::pair("array.inputEntries", array.inputEntries),
          std::pair("array.sumEntries", array.sumEntries)})
      if (entries == 0)
        complain(path, Twine("'") + path +
                           "' must be at least 1: rows stay in the PEs of a "
                           "'row-stationary' array");
  if (array.dataflow == Dataflow::Cartesian &&
      (array.sumEntries == 0 || array.sumEntries % array.accumulatorBanks != 0))
    complain("array.sumEntries",
             "'array.sumEntries' must be a multiple of the " +
                 Twine(array.accumulatorBanks) +
                 " banks over which sums are scattered");
}

static void checkMemories(const Machine &machine, FieldComplaint complain) {
  for (auto [i, memory] : enumerate(machine.memories)) {
    std::string path = ("memories[" + Twine(i) + "].").str();
    int64_t grain = memory.banks * memory.wordBytes;
    if (memory.bytes % grain != 0)
      complain(path + "bytes",
               "memory '" + memory.name + "' has " + Twine(memory.bytes) +
                   " bytes, which " + Twine(memory.banks) + " banks of " +
                   Twine(memory.wordBytes) +
                   "-byte words do not share evenly: expected a multiple of " +
                   Twine(grain));
    for (const Memory &other : ArrayRef(machine.memories).take_front(i))
      if (memory.name == other.name)
        complain(path + "name",
                 "there is another memory called '" + memory.name + "'");
  }
  for (auto [content, name] : {std::pair(Content::Inputs, "inputs"),
                               std::pair(Content::Weights, "weights"),
                               std::pair(Content::Sums, "sums"),
                               std::pair(Content::Outputs, "outputs")})
    if (none_of(machine.memories, [&, content = content](const Memory &memory) {
          return memory.canHold(content);
        }))
      complain("memories", Twine("no memory holds ") + name);
}

static void checkValues(const Machine &machine, FieldComplaint complain) {
  const Array &array = machine.array;
  const Values &values = machine.values;
  bool hasLanes = array.dataflow == Dataflow::OutlierLanes;
  if (values.bits == 0 && hasLanes)
    complain("values", "'values.bits' must be at least 1: the lanes of "
                       "'outlier-lanes' are narrower than its types");
  for (auto [path, bits] :
       {std::pair("values.activationOutlierBits", values.activationOutlierBits),
        std::pair("values.weightOutlierBits", values.weightOutlierBits)}) {
    if (hasLanes && bits <= values.bits)
      complain(path, Twine("'") + path + "' must be more than the " +
                         Twine(values.bits) + " of 'values.bits'");
  }
  if (hasLanes && array.outlierPEs == 0)
    complain("array.outlierPEs", "'array.outlierPEs' must be at least 1: "
                                 "nothing else multiplies outliers");
  if (array.outlierLanes > array.filterLanes)
    complain("array.outlierLanes", "there are " + Twine(array.filterLanes) +
                                       " weights in a clock, of which " +
                                       Twine(array.outlierLanes) +
                                       " cannot be outliers");
  if (values.bits == 0)
    return;
  if (machine.types.size() != 1 || machine.types.front() != ElementType::Int8)
    complain("types", "values of a width of their own are bytes in a stream: "
                      "'types' must be int8 alone");
  for (auto [path, format] :
       {std::pair("zeros.activations", machine.zeros.activations),
        std::pair("zeros.weights", machine.zeros.weights)})
    if (format != ZeroFormat::Dense && format != ZeroFormat::BitVector)
      complain(path, Twine("'") + path +
                         "' must be dense or bit-vector where 'values.bits' "
                         "is set: of the others it is not known what of them "
                         "is values");
}

static void checkZeros(const Machine &machine, FieldComplaint complain) {
  const Zeros &zeros = machine.zeros;
  if (zeros.activations == ZeroFormat::Column ||
      zeros.activations == ZeroFormat::NofM)
    complain("zeros.activations",
             "'column' and 'n-of-m' are formats of weights: activations are "
             "not known before they are computed");
  // PEs with outlier lanes look at the values that they hold.
  bool looksAtValues = machine.array.dataflow == Dataflow::OutlierLanes;
  bool skipsUnseen =
      (hasActivations(machine.array.skips) && !looksAtValues &&
       (zeros.activations == ZeroFormat::Dense || !zeros.onChip)) ||
      (hasWeights(machine.array.skips) &&
       (zeros.weights == ZeroFormat::Dense || !zeros.onChip));
  if (skipsUnseen)
    complain("array.skips",
             "zeros can be skipped only where the memories of the chip tell "
             "of them: 'zeros.onChip' must be true, and 'zeros.activations' or "
             "'zeros.weights', whichever is skipped, not dense");
  if (zeros.onChip && zeros.activations == ZeroFormat::Dense &&
      zeros.weights == ZeroFormat::Dense)
    complain("zeros.onChip", "nothing is stored but densely");
  if (zeros.weights == ZeroFormat::NofM && zeros.kept >= zeros.of)
    complain("zeros.kept", "'zeros.kept' must be less than 'zeros.of', which "
                           "is " +
                               Twine(zeros.of));
}

void checkCombinations(const Machine &machine, FieldComplaint complain) {
  checkForeignFields(machine, complain);
  checkArray(machine.array, complain);
  checkMemories(machine, complain);
  checkValues(machine, complain);
  checkZeros(machine, complain);
  if (double(machine.dma.burstBytes) < machine.dma.bytesPerClock)
    complain("dma.burstBytes",
             "a burst of " + Twine(machine.dma.burstBytes) +
                 " bytes is less than what moves in a clock, " +
                 realToText(machine.dma.bytesPerClock));
}

} // namespace lacuna
