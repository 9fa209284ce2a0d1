//===- Energy.cpp - What the actions of a simulation cost -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/EnergyMeter.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::npu {

double EnergyByComponent::getOf(EnergyComponent component) const {
  double sum = 0;
  for (const EnergyEntry &entry : entries[static_cast<unsigned>(component)])
    sum += entry.energy;
  return sum;
}

double EnergyByComponent::getSum() const {
  double sum = 0;
  for (const auto &component : entries)
    for (const EnergyEntry &entry : component)
      sum += entry.energy;
  return sum;
}

void EnergyByComponent::add(const EnergyByComponent &other) {
  for (auto [mine, theirs] : zip(entries, other.entries))
    for (auto [entry, otherEntry] : zip(mine, theirs)) {
      entry.actions += otherEntry.actions;
      entry.energy += otherEntry.energy;
    }
}

Error EnergyMeter::add(EnergyByComponent &to, EnergyComponent component,
                       EnergyAction action, double actions, int64_t bits,
                       int64_t bankBytes) {
  if (actions == 0)
    return Error::success();
  auto [place, isNew] =
      prices.try_emplace({component, action, bits, bankBytes}, 0);
  if (isNew) {
    Expected<double> price = table.getPrice(component, action, bits, bankBytes);
    if (!price)
      return price.takeError();
    place->second = *price;
  }
  counts[{&to, place->first}] += actions;
  return Error::success();
}

void EnergyMeter::finish() {
  for (const auto &[place, actions] : counts) {
    const auto &[to, key] = place;
    EnergyEntry &entry = to->get(std::get<0>(key), std::get<1>(key));
    entry.actions += actions;
    entry.energy += actions * prices[key];
  }
  counts.clear();
}

Error EnergyMeter::addAccesses(EnergyByComponent &to, EnergyComponent component,
                               EnergyAction done, const AccessCounts &counts,
                               double scale, int64_t bits, int64_t bankBytes) {
  for (auto [action, count] :
       {std::pair(done, counts.done),
        std::pair(EnergyAction::Gated, counts.gated),
        std::pair(EnergyAction::Skipped, counts.skipped)})
    if (Error error =
            add(to, component, action, double(count) * scale, bits, bankBytes))
      return error;
  return Error::success();
}

Error EnergyMeter::addArray(EnergyByComponent &to, const ArrayTiming &timing,
                            const ArrayWidths &widths) {
  using Component = EnergyComponent;
  using Action = EnergyAction;
  if (Error error = addAccesses(to, Component::Mac, Action::Done,
                                {timing.macs.done + timing.extraPasses,
                                 timing.macs.gated, timing.macs.skipped},
                                1, widths.bits))
    return error;
  struct Operand {
    const OperandAccesses &accesses;
    Component spad;
    int64_t entries, bits;
    double scale;
    const Memory *memory;
  };
  const Array &array = machine.array;
  for (const Operand &operand :
       {Operand{timing.inputs, Component::SpadInputs, array.inputEntries,
                widths.bits, widths.inputScale, widths.inputs},
        Operand{timing.weights, Component::SpadWeights, array.weightEntries,
                widths.bits, widths.weightScale, widths.weights},
        Operand{timing.sums, Component::SpadSums, array.sumEntries, kSumBits, 1,
                widths.sums}}) {
    const OperandAccesses &accesses = operand.accesses;
    // Without storage in PEs there are registers of the pipeline, whose price
    // is part of the product's.
    if (operand.entries > 0) {
      if (Error error =
              addAccesses(to, operand.spad, Action::Read, accesses.spadReads,
                          operand.scale, operand.bits))
        return error;
      if (Error error =
              addAccesses(to, operand.spad, Action::Write, accesses.spadWrites,
                          operand.scale, operand.bits))
        return error;
    }
    int64_t wordBits = operand.memory->wordBytes * 8;
    double words = operand.scale * double(operand.bits) / double(wordBits);
    int64_t bankBytes = operand.memory->getBankBytes();
    if (Error error =
            addAccesses(to, Component::Buffer, Action::Read,
                        accesses.bufferReads, words, wordBits, bankBytes))
      return error;
    if (Error error =
            addAccesses(to, Component::Buffer, Action::Write,
                        accesses.bufferWrites, words, wordBits, bankBytes))
      return error;
  }
  // A value that is handed on costs the same whether it is used or not.
  if (Error error = add(to, Component::Array, Action::Done,
                        double(timing.transfers.done + timing.transfers.gated),
                        widths.bits))
    return error;
  constexpr int64_t kMetadataBits = 16;
  return add(to, Component::Metadata, Action::Read,
             double(timing.metadataWords), kMetadataBits);
}

} // namespace lacuna::npu
