//===- FromMachineTest.cpp - The storage of a machine as levels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/FromMachine.h"

#include "gtest/gtest.h"

using namespace lacuna;
using namespace lacuna::loopnest;

namespace {

constexpr const char *kMachine = R"(name: rows
clockMHz: 200
types: [int16]
array:
  dataflow: row-stationary
  rows: 12
  columns: 14
  gates: activations
  weightEntries: 224
  inputEntries: 12
  sumEntries: 24
memories:
  - {name: global, bytes: 102400, banks: 25, holds: [inputs, weights, sums, outputs]}
networks: {inputDelivery: multicast, weightDelivery: unicast}
dma: {clockMHz: 50, bytesPerClock: 8}
energy: own
)";

constexpr const char *kTable = R"(name: own
version: 1
technology: none
unit: MAC
source: none
prices:
  - {component: mac, action: done, bits: 16, price: 1}
  - {component: mac, action: gated, bits: 16, price: 0.25}
  - {component: spad-inputs, action: read, bits: 16, price: 1}
  - {component: spad-inputs, action: write, bits: 16, price: 1.5}
  - {component: spad-inputs, action: gated, bits: 16, price: 0.125}
  - {component: spad-weights, action: read, bits: 16, price: 1}
  - {component: spad-weights, action: write, bits: 16, price: 1}
  - {component: spad-sums, action: read, bits: 32, price: 2}
  - {component: spad-sums, action: write, bits: 32, price: 3}
  - {component: buffer, action: read, bits: 64, price: 24}
  - {component: buffer, action: write, bits: 64, price: 20}
  - {component: dram, action: read, bits: 16, price: 200}
  - {component: dram, action: write, bits: 16, price: 200}
  - {component: static, action: done, price: 0.5}
)";

Machine getMachine() {
  return llvm::cantFail(Machine::read(kMachine, "rows.yaml"));
}

TEST(LoopNestFromMachine, HasItsStorage) {
  EnergyTable table = llvm::cantFail(EnergyTable::read(kTable, "own.yaml"));
  Architecture architecture =
      llvm::cantFail(makeArchitecture(getMachine(), table, ElementType::Int16));
  EXPECT_EQ(architecture.energyUnit, "MAC");
  std::vector<std::string> names;
  for (const Level &level : architecture.levels)
    names.push_back(level.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"dram", "global", "array", "pe-inputs",
                                      "pe-weights", "pe-sums", "lanes"}));
  const Level &dram = architecture.levels[0], &global = architecture.levels[1],
              &array = architecture.levels[2], &inputs = architecture.levels[3],
              &sums = architecture.levels[5];
  // 8 bytes of every fourth clock are one value of 16 bits in each.
  EXPECT_EQ(dram.sharedWords, 1);
  EXPECT_EQ(dram.prices.read, 200);
  EXPECT_EQ(dram.prices.metadataRead, 12.5);
  EXPECT_EQ(dram.prices.leak, 0.5);
  EXPECT_EQ(global.words, 51200);
  EXPECT_EQ(global.blockWords, 4);
  EXPECT_EQ(global.sharedWords, 100);
  EXPECT_EQ(global.prices.update, 20);
  EXPECT_EQ(array.fanout, 168);
  EXPECT_FALSE(array.multicasts);
  EXPECT_EQ(inputs.words, 12);
  EXPECT_EQ(inputs.prices.gatedRead, 0.125);
  EXPECT_EQ(sums.wordBits, 32);
  EXPECT_EQ(sums.prices.update, 3);
  EXPECT_EQ(architecture.compute.gatedPrice, 0.25);
}

TEST(LoopNestFromMachine, NothingIsFree) {
  std::string text = kTable;
  size_t at = text.find("  - {component: spad-sums, action: read");
  text.erase(at, text.find('\n', at) + 1 - at);
  EnergyTable table = llvm::cantFail(EnergyTable::read(text, "own.yaml"));
  llvm::Expected<Architecture> architecture =
      makeArchitecture(getMachine(), table, ElementType::Int16);
  ASSERT_FALSE(bool(architecture));
  EXPECT_EQ(llvm::toString(architecture.takeError()),
            "energy table 'own' has no price of spad-sums read of 32 bits");
}

} // namespace
