//===- Machine.cpp - An accelerator, as a file describes it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Machine.h"

#include "MachineCheck.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace lacuna {

unsigned getBits(ElementType type) {
  switch (type) {
  case ElementType::Int8:
    return 8;
  case ElementType::Int16:
    return 16;
  case ElementType::Float32:
    return 32;
  }
  llvm_unreachable("a type of elements");
}

bool Memory::canHold(Content content) const {
  return is_contained(holds, content);
}

bool Machine::hasType(ElementType type) const {
  return is_contained(types, type);
}

ElementType Machine::getProductType(ElementType type) const {
  bool isWidened = type == ElementType::Int8 && !hasType(ElementType::Int8) &&
                   hasType(ElementType::Int16);
  return isWidened ? ElementType::Int16 : type;
}

double Machine::getDramBytesPerClock() const {
  return dma.clockMHz == 0 ? dma.bytesPerClock
                           : dma.bytesPerClock * dma.clockMHz / clockMHz;
}

/// Lists say what, not in which order.
static void sortLists(Machine &machine) {
  llvm::sort(machine.types);
  for (Memory &memory : machine.memories)
    llvm::sort(memory.holds);
}

Expected<Machine>
Machine::read(StringRef text, StringRef file,
              function_ref<Error(const Machine &)> checkEnergy) {
  Complaints complaints(file);
  YamlNode root = readYaml(text, complaints);
  if (complaints.empty() && root.kind != YamlNode::Kind::Mapping)
    complaints.add(root.position, "expected the keys of a machine");
  if (Error error = complaints.take())
    return error;

  Machine machine;
  FieldReader reader(root, complaints);
  reader.read(machine);
  auto complain = [&](StringRef path, const Twine &message) {
    complaints.add(reader.getPosition(path), message);
  };
  // What follows computes with the values.
  if (complaints.empty())
    checkCombinations(machine, complain);
  if (complaints.empty() && checkEnergy)
    if (Error error = checkEnergy(machine)) {
      std::string lines = toString(std::move(error));
      for (StringRef line : split(lines, '\n'))
        complain("energy", line);
    }
  if (Error error = complaints.take())
    return error;
  sortLists(machine);
  return machine;
}

Error Machine::check() const {
  Machine copy = *this;
  std::string text;
  auto complain = [&](StringRef, const Twine &message) {
    text += ((text.empty() ? "" : "\n") + message).str();
  };
  checkRanges(copy, complain);
  if (text.empty())
    checkCombinations(copy, complain);
  if (text.empty())
    return Error::success();
  return createStringError(text);
}

Expected<Machine> Machine::makeSystolic(StringRef name) {
  constexpr int64_t kMostSide = 1024;
  auto refuse = [&](const Twine &message) {
    return createStringError("machine '" + name + "': " + message);
  };
  auto [flow, size] = name.split(':');
  Machine machine;
  machine.name = name.str();
  if (flow == "systolic-os")
    machine.array.dataflow = Dataflow::OutputStationary;
  else if (flow == "systolic-ws")
    machine.array.dataflow = Dataflow::WeightStationary;
  else if (flow == "systolic-is")
    machine.array.dataflow = Dataflow::InputStationary;
  else
    return refuse("systolic arrays are called systolic-os:ROWSxCOLUMNS, "
                  "systolic-ws:... and systolic-is:...");
  auto [rows, columns] = size.split('x');
  auto parse = [&](StringRef text, int64_t &out) {
    return !text.empty() && isDigit(text[0]) && !text.getAsInteger(10, out) &&
           out >= 1 && out <= kMostSide;
  };
  if (!parse(rows, machine.array.rows) ||
      !parse(columns, machine.array.columns))
    return refuse("expected ROWSxCOLUMNS behind the colon, each 1 to " +
                  Twine(kMostSide) + ", as in systolic-os:32x32");

  machine.summary = "systolic array";
  machine.clockMHz = 500;
  machine.types = {ElementType::Int8, ElementType::Int16, ElementType::Float32};
  machine.networks.inputDelivery = Delivery::Systolic;
  machine.networks.weightDelivery = Delivery::Systolic;
  machine.dma.bytesPerClock = 16;
  // Two tiles of what an array holds, of four bytes a value, and not less than
  // what small arrays have in published comparisons.
  constexpr int64_t kLeastBytes = 64 << 10, kValueBytes = 4;
  int64_t bytes = std::max<int64_t>(
      kLeastBytes,
      PowerOf2Ceil(2 * kValueBytes * uint64_t(machine.array.getPEs())));
  for (auto [memory, holds] :
       {std::pair("inputs", std::vector{Content::Inputs}),
        std::pair("weights", std::vector{Content::Weights}),
        std::pair("outputs", std::vector{Content::Sums, Content::Outputs})}) {
    Memory &made = machine.memories.emplace_back();
    made.name = memory;
    made.bytes = bytes;
    made.banks = 16;
    made.holds = holds;
  }
  machine.energy = "horowitz-45nm";
  if (Error error = machine.check())
    return error;
  return machine;
}

namespace {
/// Writes values down one after another. The names of things are no values.
class Serializer : public FieldVisitor {
public:
  using FieldVisitor::choice;
  using FieldVisitor::choices;
  void text(const Field &, TextKind, std::string &) override {}
  void integer(const Field &field, const IntegerRange &,
               int64_t &value) override {
    add(field, Twine(value));
  }
  void real(const Field &field, const RealRange &, double &value) override {
    add(field, realToText(value));
  }
  void flag(const Field &field, bool &value) override {
    add(field, value ? "true" : "false");
  }
  void choice(const Field &field, ChoiceNames names, unsigned &value) override {
    add(field, names[value]);
  }
  void choices(const Field &field, ChoiceNames names,
               std::vector<unsigned> &values) override {
    for (unsigned value : values)
      add(field, names[value]);
  }

  std::string written;

private:
  void add(const Field &field, const Twine &value) {
    written += (getPath(field) + "=" + value + "\n").str();
  }
};
} // namespace

uint64_t Machine::getHash() const {
  Machine copy = *this;
  sortLists(copy);
  Serializer serializer;
  visitFields(serializer, copy);
  return xxh3_64bits(serializer.written);
}

void Machine::print(raw_ostream &os) const {
  Machine copy = *this;
  printValues(os, copy);
}

json::Object Machine::toJson() const {
  Machine copy = *this;
  return lacuna::toJson(copy);
}

void Machine::printFields(raw_ostream &os) {
  printFieldTable(os, [](FieldVisitor &visitor) {
    Machine machine;
    visitFields(visitor, machine);
  });
}

} // namespace lacuna
