//===- FromMachine.cpp - The storage of a machine as levels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/FromMachine.h"

using namespace llvm;

namespace lacuna::loopnest {

namespace {
class ArchitectureBuilder {
public:
  ArchitectureBuilder(const Machine &machine, const EnergyTable &table,
                      ElementType type)
      : machine(machine), table(table), typeBits(getBits(type)),
        bits(machine.getValueBits(type)) {}

  Expected<Architecture> build();

private:
  void addDram();
  void addMemory(const Memory &memory);
  void addNetwork(StringRef name, int64_t fanout);
  void addSpad(StringRef name, EnergyComponent component, int64_t entries,
               int64_t wordBits);
  void addCompute();

  /// Of an action that always happens.
  double getPrice(EnergyComponent component, EnergyAction action,
                  int64_t wordBits = 0, int64_t bankBytes = 0);
  /// Of one that the machine may have no part for.
  double getPriceOrNone(EnergyComponent component, EnergyAction action,
                        int64_t wordBits, int64_t bankBytes = 0);
  void setPrices(Level &level, EnergyComponent component, int64_t wordBits,
                 int64_t bankBytes = 0);

  const Machine &machine;
  const EnergyTable &table;
  /// Memories have bytes of the type, whatever values take there.
  int64_t typeBits, bits;
  Architecture result;
  std::string missing;
};
} // namespace

double ArchitectureBuilder::getPrice(EnergyComponent component,
                                     EnergyAction action, int64_t wordBits,
                                     int64_t bankBytes) {
  Expected<double> price =
      table.getPrice(component, action, wordBits, bankBytes);
  if (price)
    return *price;
  std::string message = toString(price.takeError());
  if (missing.empty())
    missing = message;
  return 0;
}

double ArchitectureBuilder::getPriceOrNone(EnergyComponent component,
                                           EnergyAction action,
                                           int64_t wordBits,
                                           int64_t bankBytes) {
  Expected<double> price =
      table.getPrice(component, action, wordBits, bankBytes);
  if (price)
    return *price;
  consumeError(price.takeError());
  return 0;
}

void ArchitectureBuilder::setPrices(Level &level, EnergyComponent component,
                                    int64_t wordBits, int64_t bankBytes) {
  using Action = EnergyAction;
  Prices &prices = level.prices;
  prices.read = getPrice(component, Action::Read, wordBits, bankBytes);
  prices.write = getPrice(component, Action::Write, wordBits, bankBytes);
  prices.update = prices.write;
  prices.gatedRead =
      getPriceOrNone(component, Action::Gated, wordBits, bankBytes);
  prices.gatedUpdate = prices.gatedRead;
  level.metadataBits = 1;
  prices.metadataRead =
      getPriceOrNone(EnergyComponent::Metadata, Action::Read, 1);
  prices.metadataWrite =
      getPriceOrNone(EnergyComponent::Metadata, Action::Write, 1);
}

void ArchitectureBuilder::addDram() {
  Level level;
  level.name = "dram";
  level.wordBits = bits;
  level.sharedWords = machine.getDramBytesPerClock() * 8 / double(bits);
  setPrices(level, EnergyComponent::Dram, bits);
  // Metadata are bits of DRAM like others.
  level.prices.metadataRead = level.prices.read / double(bits);
  level.prices.metadataWrite = level.prices.write / double(bits);
  // What the whole chip needs in a clock has no better place.
  level.prices.leak = getPrice(EnergyComponent::Static, EnergyAction::Done);
  result.levels.push_back(std::move(level));
}

void ArchitectureBuilder::addMemory(const Memory &memory) {
  Level level;
  level.name = memory.name;
  level.words = memory.bytes * 8 / typeBits;
  level.wordBits = bits;
  level.blockWords = std::max<int64_t>(1, memory.wordBytes * 8 / bits);
  level.sharedWords = double(memory.banks * memory.ports * level.blockWords);
  setPrices(level, EnergyComponent::Buffer, memory.wordBytes * 8,
            memory.getBankBytes());
  result.levels.push_back(std::move(level));
}

void ArchitectureBuilder::addNetwork(StringRef name, int64_t fanout) {
  Level level;
  level.name = name.str();
  level.wordBits = bits;
  level.fanout = fanout;
  level.multicasts = machine.networks.inputDelivery != Delivery::Unicast &&
                     machine.networks.weightDelivery != Delivery::Unicast;
  result.levels.push_back(std::move(level));
}

void ArchitectureBuilder::addSpad(StringRef name, EnergyComponent component,
                                  int64_t entries, int64_t wordBits) {
  if (entries == 0)
    return;
  Level level;
  level.name = name.str();
  level.words = entries;
  level.wordBits = wordBits;
  setPrices(level, component, wordBits);
  result.levels.push_back(std::move(level));
}

void ArchitectureBuilder::addCompute() {
  ComputeUnit &compute = result.compute;
  compute.price = getPrice(EnergyComponent::Mac, EnergyAction::Done, bits);
  compute.gatedPrice =
      getPriceOrNone(EnergyComponent::Mac, EnergyAction::Gated, bits);
}

Expected<Architecture> ArchitectureBuilder::build() {
  constexpr int64_t kSumBits = 32;
  const Array &array = machine.array;
  result.energyUnit = getName(table.unit).str();
  addDram();
  for (const Memory &memory : machine.memories)
    addMemory(memory);
  addNetwork("array", array.getPEs());
  addSpad("pe-inputs", EnergyComponent::SpadInputs, array.inputEntries, bits);
  addSpad("pe-weights", EnergyComponent::SpadWeights, array.weightEntries,
          bits);
  addSpad("pe-sums", EnergyComponent::SpadSums, array.sumEntries, kSumBits);
  addNetwork("lanes", array.inputLanes * array.filterLanes);
  addCompute();
  if (!missing.empty())
    return createStringError(missing);
  return std::move(result);
}

Expected<Architecture> makeArchitecture(const Machine &machine,
                                        const EnergyTable &table,
                                        ElementType type) {
  return ArchitectureBuilder(machine, table, type).build();
}

} // namespace lacuna::loopnest
