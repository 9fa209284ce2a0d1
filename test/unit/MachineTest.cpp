//===- MachineTest.cpp - Machine files and energy tables -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Machines.h"
#include "lacuna/Schedule/DensityTable.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <random>
#include <set>

using namespace lacuna;

namespace {

constexpr llvm::StringLiteral kSmall = R"(name: small
clockMHz: 200
types: [int8]
array:
  dataflow: output-stationary
  rows: 4
  columns: 4
memories:
  - {name: all, bytes: 65536, holds: [inputs, weights, sums, outputs]}
energy: horowitz-45nm
)";

constexpr llvm::StringLiteral kTable = R"(name: own
version: 3
technology: paper
unit: pJ
source: none
prices:
  - {component: mac, action: done, bits: 8, price: 1}
  - {component: mac, action: done, bits: 16, price: 4}
  - {component: dram, action: read, bits: 64, price: 640, scales: true}
  - {component: dram, action: read, bits: 16, price: 200, scales: true}
  - {component: buffer, action: read, bits: 32, bytes: 1024, price: 5}
  - {component: buffer, action: read, bits: 32, bytes: 4096, price: 9}
  - {component: static, action: done, price: 0.5}
)";

std::string edit(llvm::StringRef text, llvm::StringRef from,
                 llvm::StringRef to) {
  size_t at = text.find(from);
  EXPECT_NE(at, llvm::StringRef::npos) << from.str();
  return (text.take_front(at) + to + text.drop_front(at + from.size())).str();
}

Machine read(llvm::StringRef text) {
  llvm::Expected<Machine> machine = Machine::read(text, "m.yaml");
  EXPECT_TRUE(bool(machine)) << llvm::toString(machine.takeError());
  return machine ? *machine : Machine();
}

std::string getError(llvm::StringRef text) {
  llvm::Expected<Machine> machine = Machine::read(text, "m.yaml");
  return machine ? "" : llvm::toString(machine.takeError());
}

std::string getTableError(llvm::StringRef text) {
  llvm::Expected<EnergyTable> table = EnergyTable::read(text, "t.yaml");
  return table ? "" : llvm::toString(table.takeError());
}

Machine get(llvm::StringRef name) {
  llvm::Expected<Machine> machine = npu::getMachine(name);
  EXPECT_TRUE(bool(machine)) << llvm::toString(machine.takeError());
  return machine ? *machine : Machine();
}

TEST(Machine, DefaultsAreThoseOfTheClass) {
  Machine machine = read(kSmall), plain;
  EXPECT_EQ(machine.name, "small");
  EXPECT_EQ(machine.array.getPEs(), 16);
  EXPECT_EQ(machine.array.getMacsPerClock(), 16);
  EXPECT_EQ(machine.dma.bytesPerClock, plain.dma.bytesPerClock);
  EXPECT_EQ(machine.vector.lanes, plain.vector.lanes);
  EXPECT_EQ(machine.array.skips, Operands::None);
  EXPECT_EQ(machine.getDramBytesPerClock(), 8);
  EXPECT_TRUE(machine.hasType(ElementType::Int8));
  EXPECT_FALSE(machine.hasType(ElementType::Float32));
}

TEST(Machine, TheLinkToDramHasAClockOfItsOwn) {
  Machine machine = get("eyeriss");
  EXPECT_DOUBLE_EQ(machine.getDramBytesPerClock(), 8 * 60 / 200.0);
}

TEST(Machine, ErrorsAreAtTheLine) {
  EXPECT_EQ(getError(edit(kSmall, "rows: 4", "rows: 0")),
            "m.yaml:6:3: error: 'array.rows' must be 1 to 4096, not 0");
  EXPECT_EQ(getError(edit(kSmall, "rows: 4", "rows: many")),
            "m.yaml:6:3: error: 'array.rows' must be an integer from 1 to "
            "4096, not 'many'");
  EXPECT_EQ(getError(edit(kSmall, "rows", "row")),
            "m.yaml:4:1: error: the key 'rows' is missing in 'array'; it is an "
            "integer from 1 to 4096\n"
            "m.yaml:6:3: error: there is no key 'row' in 'array'; did you mean "
            "'rows'?");
  EXPECT_EQ(getError(edit(kSmall, "  rows: 4", "  rows: 99999999999999999999")),
            "m.yaml:6:3: error: 'array.rows' must be an integer from 1 to "
            "4096, not '99999999999999999999'");
  EXPECT_EQ(getError(edit(kSmall, "[int8]", "[int8, int4]")),
            "m.yaml:3:15: error: 'types' must be one of: int8, int16, float32; "
            "not 'int4'");
  EXPECT_EQ(getError(edit(kSmall, "[int8]", "[]")),
            "m.yaml:3:1: error: 'types' must not be empty");
  EXPECT_EQ(getError(edit(kSmall, "bytes: 65536", "bytes: 65537")),
            "m.yaml:9:17: error: memory 'all' has 65537 bytes, which 1 banks "
            "of 8-byte words do not share evenly: expected a multiple of 8");
  EXPECT_EQ(getError(edit(kSmall, ", sums", "")),
            "m.yaml:8:1: error: no memory holds sums");
  EXPECT_EQ(getError(edit(kSmall, "200", "nan")),
            "m.yaml:2:1: error: 'clockMHz' must be a number from 1 to 10000, "
            "not 'nan'");
  EXPECT_EQ(getError(edit(kSmall, "name: small\n", "")),
            "m.yaml:1:1: error: the key 'name' is missing in the file; it is "
            "text");
  EXPECT_EQ(getError(kSmall.str() + "array: {}\n"),
            "m.yaml:11:1: error: the key 'array' is here twice");
  EXPECT_EQ(getError(""), "m.yaml:1:1: error: expected the keys of a machine");
}

/// Lines that are put behind those of the array, and what is wrong with them.
TEST(Machine, FieldsThatContradictEachOther) {
  auto getArrayError = [](llvm::StringRef dataflow, llvm::StringRef lines,
                          llvm::StringRef rest = "") {
    return getError(edit(kSmall, "output-stationary\n",
                         dataflow.str() + "\n" + lines.str()) +
                    rest.str());
  };
  llvm::StringRef formats =
      "zeros: {activations: bit-vector, weights: bit-vector, onChip: true}\n";
  EXPECT_EQ(getArrayError("output-stationary", "  skips: weights\n", formats),
            "m.yaml:6:3: error: this dataflow has no way to skip zeros, as "
            "data pass its PEs in a fixed order; it can gate them");
  EXPECT_EQ(getArrayError("output-stationary", "  inputLanes: 4\n"),
            "m.yaml:6:3: error: 'array.inputLanes' must be 1 for this "
            "dataflow: only 'inner-product', 'cartesian' and 'outlier-lanes' "
            "have PEs with lanes");
  EXPECT_EQ(getArrayError("intersection", "  brick: 16\n"),
            "m.yaml:6:3: error: 'array.brick' means something for the "
            "dataflows 'inner-product' and 'outlier-lanes' only");
  EXPECT_NE(getArrayError("intersection", "  skips: both\n")
                .find("m.yaml:6:3: error: zeros can be skipped only where the "
                      "memories of the chip tell of them"),
            std::string::npos);
  EXPECT_EQ(getArrayError("intersection", "  skips: both\n", formats), "");
  EXPECT_EQ(getArrayError("intersection", "  skips: both\n  gates: weights\n",
                          formats),
            "m.yaml:7:3: error: zeros that are skipped cannot be gated too");
  EXPECT_NE(getArrayError("intersection", "  balancesFilters: true\n")
                .find("m.yaml:6:3: error: filters take the same time"),
            std::string::npos);
  EXPECT_EQ(getArrayError("intersection", "  workGroups: 3\n"),
            "m.yaml:6:3: error: 3 work groups do not share 16 PEs evenly");
  EXPECT_NE(getArrayError("inner-product",
                          "  inputLanes: 4096\n  filterLanes: 4096\n")
                .find("268435456 products in a clock"),
            std::string::npos);
  std::string rows = getArrayError("row-stationary", "");
  for (const char *field : {"weight", "input", "sum"})
    EXPECT_NE(rows.find("m.yaml:4:1: error: 'array." + std::string(field) +
                        "Entries' must be at least 1"),
              std::string::npos)
        << rows;
  EXPECT_EQ(
      getArrayError("cartesian", "  sumEntries: 100\n  accumulatorBanks: 32\n"),
      "m.yaml:6:3: error: 'array.sumEntries' must be a multiple of the "
      "32 banks over which sums are scattered");
  EXPECT_EQ(
      getArrayError("cartesian", "  sumEntries: 96\n  accumulatorBanks: 12\n"),
      "m.yaml:7:3: error: 'array.accumulatorBanks' must be a power of "
      "two from 1 to 1024, not 12");
}

TEST(Machine, WhatIsNoPlainYamlIsRefused) {
  for (llvm::StringRef text :
       {"name: [", "- a\n- b\n", "name: &a b\n", "name: !!str b\n", "a: *b\n",
        "name: |\n  b\n", "? [a]\n: b\n", "\t", "{", "name",
        "a: b\n---\na: b\n", "\xff\xfe", "--- ---", "%YAML 1.2\n",
        "a: {b: {c: {d: {e: {f: {g: {h: "
        "1}}}}}}}\n"})
    EXPECT_EQ(getError(text).find("m.yaml:"), 0u) << text.str();
  // Neither is what would take long, or much of the stack.
  EXPECT_NE(getError(std::string(1 << 20, '[')).find("longer than"),
            std::string::npos);
  for (const char *piece :
       {"[", "{", "- ", "? ", "a: [", "{a: ", "&a ", "!a "}) {
    std::string text;
    while (text.size() < 200000)
      text += piece;
    EXPECT_NE(getError(text), "") << piece;
  }
}

TEST(Machine, MessagesAreLinesThatPrint) {
  EXPECT_EQ(getError(edit(kSmall, "rows: 4", "rows: \"4\\n\\e[31m\"")),
            "m.yaml:6:3: error: 'array.rows' must be an integer from 1 to "
            "4096, not '4\\x0a\\x1b[31m'");
  EXPECT_LT(getError(edit(kSmall, "rows: 4", "rows: " + std::string(9000, 'a')))
                .size(),
            1100u);
}

TEST(Machine, DamagedFilesAreRefusedOrRead) {
  std::mt19937 random(7);
  constexpr llvm::StringLiteral kPieces[] = {"[",     "]",
                                             "{",     "}",
                                             ":",     " ",
                                             "\n",    "- ",
                                             "? ",    "&a",
                                             "*a",    "!",
                                             "|",     ">",
                                             "'",     "\"",
                                             "\\",    "#",
                                             "%",     "@",
                                             "\t",    "\x80",
                                             "\xff",  "-1",
                                             "0",     "9223372036854775807",
                                             "1e999", "rows",
                                             "null",  ", ",
                                             "---",   "..."};
  unsigned refused = 0, count = 20000;
  for (unsigned i = 0; i < count; ++i) {
    std::string damaged = i % 2 ? kSmall.str() : kTable.str();
    for (unsigned j = 0, n = 1 + random() % 4; j < n; ++j) {
      size_t at = random() % (damaged.size() + 1);
      llvm::StringRef piece = kPieces[random() % std::size(kPieces)];
      switch (random() % 4) {
      case 0:
        damaged.insert(at, piece.str());
        break;
      case 1:
        damaged.replace(at, random() % 8, piece.str());
        break;
      case 2:
        damaged.erase(at, random() % 20);
        break;
      case 3:
        damaged.resize(at);
        break;
      }
    }
    std::string error = i % 2 ? getError(damaged) : getTableError(damaged);
    refused += !error.empty();
    for (llvm::StringRef line : llvm::split(error, '\n'))
      if (!error.empty()) {
        EXPECT_TRUE(line.contains(": error: ")) << damaged << "\n" << error;
      }
  }
  EXPECT_GT(refused, count / 2);
  EXPECT_LT(refused, count);
}

TEST(Machine, TheHashIsOfWhatDecides) {
  uint64_t hash = read(kSmall).getHash();
  EXPECT_EQ(
      read("# Said beside.\n" + kSmall.str() + "summary: other\n").getHash(),
      hash);
  EXPECT_EQ(read(edit(kSmall, "name: small", "name: other")).getHash(), hash);
  EXPECT_EQ(read(edit(kSmall, "name: all", "name: other")).getHash(), hash);
  EXPECT_EQ(read(edit(kSmall, "horowitz-45nm", "other")).getHash(), hash);
  EXPECT_EQ(
      read(edit(kSmall, "[inputs, weights", "[weights, inputs")).getHash(),
      hash);
  // A default that is written out.
  EXPECT_EQ(read(kSmall.str() + "dma: {bytesPerClock: 8}\n").getHash(), hash);
  std::set<uint64_t> hashes = {hash};
  for (auto [from, to] :
       {std::pair("rows: 4", "rows: 5"), std::pair("200", "200.5"),
        std::pair("65536", "32768"), std::pair("[int8]", "[int8, int16]"),
        std::pair("output-stationary", "weight-stationary"),
        std::pair("energy:", "dma: {bytesPerClock: 9}\nenergy:"),
        std::pair("energy:", "vector: {lanes: 17}\nenergy:"),
        std::pair("energy:", "scalar: {clocksPerInstruction: 2}\nenergy:"),
        std::pair("energy:", "networks: {inputDelivery: unicast}\nenergy:"),
        std::pair("energy:", "zeros: {weights: n-of-m}\nenergy:"),
        std::pair("columns: 4", "columns: 4\n  gates: weights")})
    EXPECT_TRUE(hashes.insert(read(edit(kSmall, from, to)).getHash()).second)
        << to;
  // Shipped machines may share a hash only if they are one.
  for (const Machine &machine : npu::getMachines())
    EXPECT_TRUE(hashes.insert(machine.getHash()).second) << machine.name;
}

TEST(Machine, Systolic) {
  Machine machine = get("systolic-os:32x16");
  EXPECT_EQ(machine.array.dataflow, Dataflow::OutputStationary);
  EXPECT_EQ(machine.array.rows, 32);
  EXPECT_EQ(machine.array.columns, 16);
  EXPECT_EQ(get("systolic-ws:1x1").array.dataflow, Dataflow::WeightStationary);
  EXPECT_EQ(get("systolic-is:1024x1024").array.dataflow,
            Dataflow::InputStationary);
  for (const char *name :
       {"systolic", "systolic-os", "systolic-os:", "systolic-os:32",
        "systolic-os:0x4", "systolic-os:4x0", "systolic-os:-4x4",
        "systolic-os:4x+4", "systolic-os:1025x4", "systolic-os:4x4x4",
        "systolic-rs:4x4", "systolic-os:99999999999999999999x1"}) {
    llvm::Expected<Machine> refused = npu::getMachine(name);
    EXPECT_FALSE(bool(refused)) << name;
    EXPECT_NE(llvm::toString(refused.takeError()).find(name),
              std::string::npos);
  }
}

/// What the anchors publish.
TEST(Machine, Shipped) {
  std::vector<std::string> names;
  for (const Machine &machine : npu::getMachines()) {
    names.push_back(machine.name);
    EXPECT_FALSE(bool(machine.check())) << machine.name;
    EXPECT_FALSE(machine.summary.empty()) << machine.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{
                       "cambricon-x", "cnvlutin", "dadiannao", "eyeriss",
                       "lacuna-1k", "lacuna-256", "nlr", "nvdla", "olaccel",
                       "olaccel-8", "scnn", "snp", "waz", "zascad", "zascas",
                       "zena", "zena-16", "zena-8"}));
  auto getMacs = [](const char *name) {
    return get(name).array.getMacsPerClock();
  };
  EXPECT_EQ(getMacs("eyeriss"), 168);
  EXPECT_EQ(getMacs("zena"), 168);
  EXPECT_EQ(getMacs("waz"), 168);
  EXPECT_EQ(getMacs("nlr"), 256);
  EXPECT_EQ(getMacs("dadiannao"), 4096);
  EXPECT_EQ(getMacs("cnvlutin"), 4096);
  EXPECT_EQ(getMacs("cambricon-x"), 256);
  EXPECT_EQ(getMacs("scnn"), 1024);
  EXPECT_EQ(getMacs("zascad"), 192);
  EXPECT_EQ(getMacs("nvdla"), 2048);
  EXPECT_EQ(getMacs("olaccel"), 768);
  EXPECT_EQ(getMacs("olaccel-8"), 576);
  EXPECT_EQ(getMacs("lacuna-256"), 256);
  EXPECT_EQ(getMacs("lacuna-1k"), 1024);
  auto getBytes = [](const char *name) {
    int64_t bytes = 0;
    for (const Memory &memory : get(name).memories)
      bytes += memory.bytes;
    return bytes;
  };
  EXPECT_EQ(getBytes("eyeriss"), 108 << 10);
  EXPECT_EQ(getBytes("zena"), getBytes("eyeriss"));
  EXPECT_EQ(getBytes("waz"), getBytes("eyeriss"));
  EXPECT_EQ(getBytes("dadiannao"), 36 << 20);
  EXPECT_EQ(getBytes("lacuna-256"), 256 << 10);
  EXPECT_EQ(getBytes("lacuna-1k"), 512 << 10);
  // The two differ in what they are compared for.
  Machine waz = get("waz"), zena = get("zena");
  EXPECT_FALSE(waz.array.balancesFilters);
  EXPECT_TRUE(zena.array.balancesFilters);
  waz.array.balancesFilters = true;
  EXPECT_EQ(waz.getHash(), zena.getHash());
}

TEST(Machine, CheckFindsWhatCodeGotWrong) {
  Machine machine = read(kSmall);
  EXPECT_FALSE(bool(machine.check()));
  machine.array.rows = INT64_MAX;
  machine.array.columns = INT64_MAX;
  EXPECT_EQ(llvm::toString(machine.check()),
            "'array.rows' must be 1 to 4096, not 9223372036854775807\n"
            "'array.columns' must be 1 to 4096, not 9223372036854775807");
}

TEST(Machine, UnknownNamesAndFiles) {
  llvm::Expected<Machine> machine = npu::getMachine("tpu");
  ASSERT_FALSE(bool(machine));
  std::string error = llvm::toString(machine.takeError());
  EXPECT_EQ(error.find("no machine is called 'tpu'; there are: "), 0u);
  for (const Machine &known : npu::getMachines())
    EXPECT_NE(error.find(known.name), std::string::npos);
  machine = npu::getMachine("/nowhere/m.yaml");
  ASSERT_FALSE(bool(machine));
  EXPECT_EQ(llvm::toString(machine.takeError()),
            "/nowhere/m.yaml: error: cannot read the file: No such file or "
            "directory");
}

EnergyTable readTable(llvm::StringRef text) {
  return llvm::cantFail(EnergyTable::read(text, "t.yaml"));
}

double getPrice(const EnergyTable &table, EnergyComponent component,
                EnergyAction action, int64_t bits = 0, int64_t bytes = 0) {
  return llvm::cantFail(table.getPrice(component, action, bits, bytes));
}

std::string getPriceError(const EnergyTable &table, EnergyComponent component,
                          EnergyAction action, int64_t bits = 0,
                          int64_t bytes = 0) {
  llvm::Expected<double> price = table.getPrice(component, action, bits, bytes);
  return price ? "" : llvm::toString(price.takeError());
}

TEST(EnergyTable, Prices) {
  using C = EnergyComponent;
  using A = EnergyAction;
  EnergyTable table = readTable(kTable);
  EXPECT_EQ(table.version, 3);
  EXPECT_EQ(getPrice(table, C::Mac, A::Done, 8), 1);
  EXPECT_EQ(getPrice(table, C::Mac, A::Done, 16), 4);
  EXPECT_EQ(getPrice(table, C::Static, A::Done), 0.5);
  // The width itself, the next wider one, the widest one.
  EXPECT_EQ(getPrice(table, C::Dram, A::Read, 16), 200);
  EXPECT_EQ(getPrice(table, C::Dram, A::Read, 8), 100);
  EXPECT_EQ(getPrice(table, C::Dram, A::Read, 32), 320);
  EXPECT_EQ(getPrice(table, C::Dram, A::Read, 128), 1280);
  // The smallest bank that is large enough.
  EXPECT_EQ(getPrice(table, C::Buffer, A::Read, 32, 1024), 5);
  EXPECT_EQ(getPrice(table, C::Buffer, A::Read, 32, 1025), 9);
}

TEST(EnergyTable, MissingPricesAreNamed) {
  using C = EnergyComponent;
  using A = EnergyAction;
  EnergyTable table = readTable(kTable);
  EXPECT_EQ(getPriceError(table, C::Mac, A::Done, 32),
            "energy table 'own' has no price of mac done of 32 bits; it has: "
            "mac done of 8 bits, mac done of 16 bits");
  EXPECT_EQ(getPriceError(table, C::Mac, A::Gated, 8),
            "energy table 'own' has no price of mac gated of 8 bits");
  EXPECT_EQ(getPriceError(table, C::Buffer, A::Read, 32, 4097),
            "energy table 'own' has no price of buffer read of 32 bits in a "
            "bank of 4097 bytes; it has: buffer read of 32 bits in a bank of "
            "1024 bytes, buffer read of 32 bits in a bank of 4096 bytes");
  EXPECT_EQ(
      llvm::toString(table.checkFor(read(kSmall))),
      "energy table 'own' has no price of array done of 8 bits\n"
      "energy table 'own' has no price of buffer read of 64 bits in a bank of "
      "65536 bytes; it has: buffer read of 32 bits in a bank of 1024 bytes, "
      "buffer read of 32 bits in a bank of 4096 bytes\n"
      "energy table 'own' has no price of buffer write of 64 bits in a bank of "
      "65536 bytes\n"
      "energy table 'own' has no price of dram write of 8 bits\n"
      "energy table 'own' has no price of vector done of 32 bits\n"
      "energy table 'own' has no price of scalar done");
}

TEST(EnergyTable, Errors) {
  EXPECT_EQ(getTableError(edit(kTable, "action: done", "action: read")),
            "t.yaml:7:22: error: there is no action 'read' of 'mac'");
  EXPECT_EQ(getTableError(edit(kTable, ", bits: 8", "")),
            "t.yaml:7:6: error: 'mac' needs bits, 1 to 65536");
  EXPECT_EQ(
      getTableError(edit(kTable, "bits: 16, price: 4", "bits: 8, price: 4")),
      "t.yaml:8:6: error: there is another price of mac done of 8 bits");
  EXPECT_EQ(getTableError(edit(kTable, "price: 1}", "price: -1}")),
            "t.yaml:7:45: error: 'prices[0].price' must be 0 to 1e+09, not -1");
  EXPECT_EQ(getTableError(edit(kTable, ", bytes: 4096", "")),
            "t.yaml:12:6: error: either all prices of buffer read are for "
            "banks of a size, or none is");
  EXPECT_EQ(getTableError(kTable.str() + "  - {component: mac, action: gated, "
                                         "bits: 8, price: 2}\n"),
            "t.yaml:14:46: error: mac gated of 8 bits must not cost more than "
            "'done', which is 1");
  EXPECT_EQ(getTableError(edit(kTable, "unit: pJ", "unit: kWh")),
            "t.yaml:4:1: error: 'unit' must be one of: pJ, MAC; not 'kWh'");
}

/// What the anchors publish.
TEST(EnergyTable, Shipped) {
  using C = EnergyComponent;
  using A = EnergyAction;
  std::vector<std::string> names;
  for (const EnergyTable &table : npu::getEnergyTables())
    names.push_back(table.name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "accelergy-45nm", "accelergy-65nm", "eyeriss-65nm",
                       "eyeriss-normalised", "horowitz-45nm", "widths-65nm"}));
  EnergyTable table = llvm::cantFail(npu::getEnergyTable("eyeriss-normalised"));
  EXPECT_EQ(table.unit, EnergyUnit::Mac);
  EXPECT_EQ(getPrice(table, C::SpadSums, A::Read, 16), 1);
  EXPECT_EQ(getPrice(table, C::Array, A::Done, 16), 2);
  EXPECT_EQ(getPrice(table, C::Buffer, A::Write, 16, 4096), 6);
  EXPECT_EQ(getPrice(table, C::Dram, A::Read, 64), 800);
  table = llvm::cantFail(npu::getEnergyTable("eyeriss-65nm"));
  EXPECT_EQ(getPrice(table, C::Mac, A::Done, 16), 2);
  EXPECT_EQ(getPrice(table, C::Dram, A::Write, 16), 460);
  EXPECT_EQ(getPrice(table, C::Static, A::Done), 150);
  table = llvm::cantFail(npu::getEnergyTable("accelergy-45nm"));
  EXPECT_EQ(getPrice(table, C::Mac, A::Gated, 16), 0.066);
  EXPECT_EQ(getPrice(table, C::SpadWeights, A::Write, 16), 1.131);
  table = llvm::cantFail(npu::getEnergyTable("horowitz-45nm"));
  EXPECT_EQ(getPrice(table, C::Buffer, A::Read, 64, 32768), 20);
  // What was not published says so.
  EXPECT_EQ(llvm::cantFail(table.getRow(C::Scalar, A::Done)).basis,
            PriceBasis::Recalled);
  EXPECT_EQ(llvm::cantFail(table.getRow(C::Mac, A::Done, 8)).basis,
            PriceBasis::Published);
}

/// docs/machines.md.
class MachinesPage : public testing::Test {
protected:
  void SetUp() override {
    auto buffer = llvm::MemoryBuffer::getFile(LACUNA_DOCS "/machines.md");
    ASSERT_TRUE(bool(buffer));
    page = (*buffer)->getBuffer().str();
  }

  std::string page;
};

TEST_F(MachinesPage, HasEveryField) {
  std::string fields;
  llvm::raw_string_ostream os(fields);
  Machine::printFields(os);
  EXPECT_NE(page.find(fields), std::string::npos)
      << "docs/machines.md should have this table:\n"
      << fields;
  fields.clear();
  EnergyTable::printFields(os);
  EXPECT_NE(page.find(fields), std::string::npos)
      << "docs/machines.md should have this table:\n"
      << fields;
}

TEST(NpuPage, HasTheFieldsOfDensities) {
  auto buffer = llvm::MemoryBuffer::getFile(LACUNA_DOCS "/npu.md");
  ASSERT_TRUE(bool(buffer));
  std::string fields;
  llvm::raw_string_ostream os(fields);
  DensityTable::printFields(os);
  EXPECT_TRUE((*buffer)->getBuffer().contains(fields))
      << "docs/npu.md should have this table:\n"
      << fields;
}

TEST_F(MachinesPage, HasEveryMachineAndTable) {
  for (const Machine &machine : npu::getMachines())
    EXPECT_NE(page.find("`" + machine.name + "`"), std::string::npos)
        << machine.name;
  for (const EnergyTable &table : npu::getEnergyTables())
    EXPECT_NE(page.find("`" + table.name + "`"), std::string::npos)
        << table.name;
}

TEST_F(MachinesPage, ItsExamplesAreRead) {
  unsigned machines = 0, tables = 0;
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::StringRef(page).split(parts, "```");
  for (size_t i = 1; i < parts.size(); i += 2) {
    llvm::StringRef text = parts[i];
    if (!text.consume_front("yaml\n"))
      continue;
    if (text.contains("prices:")) {
      ++tables;
      EXPECT_EQ(getTableError(text), "");
      continue;
    }
    ++machines;
    EXPECT_EQ(getError(text), "");
  }
  EXPECT_EQ(machines, 1u);
  EXPECT_EQ(tables, 1u);
}

} // namespace
