//===- EnergyTable.cpp - What an action costs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/EnergyTable.h"

#include "Fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <tuple>

using namespace llvm;

namespace lacuna {

// In the order of the enums.
static constexpr StringLiteral kComponents[] = {
    "mac",  "spad-inputs", "spad-weights", "spad-sums", "buffer", "array",
    "dram", "metadata",    "vector",       "scalar",    "static"};
static constexpr StringLiteral kActions[] = {"done", "read", "write", "gated",
                                             "skipped"};
static constexpr StringLiteral kUnits[] = {"pJ", "MAC"};
static constexpr StringLiteral kBases[] = {"published", "recalled", "assumed"};

StringRef getName(EnergyComponent component) {
  return kComponents[unsigned(component)];
}
StringRef getName(EnergyAction action) { return kActions[unsigned(action)]; }
StringRef getName(EnergyUnit unit) { return kUnits[unsigned(unit)]; }
StringRef getName(PriceBasis basis) { return kBases[unsigned(basis)]; }

static void visitPrice(FieldVisitor &visitor, EnergyPrice &price) {
  visitor.choice({"component", "", "where the energy goes", true}, kComponents,
                 price.component);
  visitor.choice({"action", "", "what happens there", true}, kActions,
                 price.action);
  visitor.integer({"bits", "bits",
                   "of the value or the word that the price is for; 0 for "
                   "instructions and clocks"},
                  {0, 65536}, price.bits);
  visitor.integer({"bytes", "bytes",
                   "buffer: the price is for banks of up to this size; 0: of "
                   "any"},
                  {0, int64_t(1) << 30}, price.bytes);
  visitor.real({"price", "the unit of the table", "of one action", true},
               {0, 1e9}, price.price);
  visitor.flag(
      {"scales", "", "other widths cost as much a bit, if they have no row"},
      price.scales);
  visitor.choice({"basis", "", "how far the price is to be trusted"}, kBases,
                 price.basis);
}

void visitFields(FieldVisitor &visitor, EnergyTable &table) {
  visitor.text({"name", "", "what machine files call the table", true},
               TextKind::Name, table.name);
  visitor.integer({"version", "", "goes up when a price changes", true},
                  {1, 1000000}, table.version);
  visitor.text({"technology", "", "of the chip that was measured", true},
               TextKind::Line, table.technology);
  visitor.choice({"unit", "",
                  "of prices: picojoules, or the energy of one multiplication "
                  "and addition",
                  true},
                 kUnits, table.unit);
  visitor.text({"source", "", "where the prices come from", true},
               TextKind::Line, table.source);
  visitor.text({"note", "", "what the assumed prices assume"}, TextKind::Line,
               table.note);
  visitor.list(
      {"prices", "", "one for each action", true}, {1, 1000},
      table.prices.size(), [&](size_t size) { table.prices.resize(size); },
      [&](size_t i) { visitPrice(visitor, table.prices[i]); });
}

/// Whether there is such an action.
static bool canTake(EnergyComponent component, EnergyAction action) {
  switch (component) {
  case EnergyComponent::Mac:
  case EnergyComponent::Array:
    return action == EnergyAction::Done || action == EnergyAction::Gated ||
           action == EnergyAction::Skipped;
  case EnergyComponent::SpadInputs:
  case EnergyComponent::SpadWeights:
  case EnergyComponent::SpadSums:
  case EnergyComponent::Buffer:
  case EnergyComponent::Dram:
    return action != EnergyAction::Done;
  case EnergyComponent::Metadata:
    return action == EnergyAction::Done || action == EnergyAction::Read ||
           action == EnergyAction::Write;
  case EnergyComponent::Vector:
  case EnergyComponent::Scalar:
  case EnergyComponent::Static:
    return action == EnergyAction::Done;
  }
  llvm_unreachable("a component");
}

static std::string describe(EnergyComponent component, EnergyAction action,
                            int64_t bits, int64_t bytes) {
  std::string text = (getName(component) + " " + getName(action)).str();
  if (bits)
    text += (" of " + Twine(bits) + " bits").str();
  if (bytes)
    text += (" in a bank of " + Twine(bytes) + " bytes").str();
  return text;
}

static void checkRow(const EnergyTable &table, size_t index,
                     FieldComplaint complain) {
  const EnergyPrice &row = table.prices[index];
  std::string path = ("prices[" + Twine(index) + "]").str();
  StringRef component = getName(row.component);
  if (!canTake(row.component, row.action))
    complain(path + ".action", "there is no action '" + getName(row.action) +
                                   "' of '" + component + "'");
  bool isTimed = row.component == EnergyComponent::Scalar ||
                 row.component == EnergyComponent::Static;
  if (isTimed != (row.bits == 0))
    complain(path + ".bits",
             "'" + component + "' " +
                 (isTimed ? "has no bits" : "needs bits, 1 to 65536"));
  if (row.scales && row.bits == 0)
    complain(path + ".scales", "a price without bits does not scale");
  if (row.bytes && row.component != EnergyComponent::Buffer)
    complain(path + ".bytes",
             "only a 'buffer' has banks, not '" + component + "'");
  for (const EnergyPrice &other : ArrayRef(table.prices).take_front(index)) {
    if (std::tie(row.component, row.action) !=
        std::tie(other.component, other.action))
      continue;
    if (std::tie(row.bits, row.bytes) == std::tie(other.bits, other.bytes))
      return complain(
          path, "there is another price of " +
                    describe(row.component, row.action, row.bits, row.bytes));
    if ((row.bytes == 0) != (other.bytes == 0))
      return complain(path + ".bytes",
                      "either all prices of " +
                          describe(row.component, row.action, 0, 0) +
                          " are for banks of a size, or none is");
  }
}

/// What a zero keeps from happening is not dearer than what happens.
static void checkZeroRows(const EnergyTable &table, FieldComplaint complain) {
  for (auto [i, row] : enumerate(table.prices)) {
    if (row.action != EnergyAction::Gated &&
        row.action != EnergyAction::Skipped)
      continue;
    for (const EnergyPrice &other : table.prices)
      if (other.component == row.component && other.bits == row.bits &&
          other.bytes == row.bytes &&
          (other.action == EnergyAction::Done ||
           other.action == EnergyAction::Read) &&
          row.price > other.price) {
        complain(("prices[" + Twine(i) + "].price").str(),
                 describe(row.component, row.action, row.bits, row.bytes) +
                     " must not cost more than '" + getName(other.action) +
                     "', which is " + realToText(other.price));
        break;
      }
  }
}

Expected<EnergyTable> EnergyTable::read(StringRef text, StringRef file) {
  Complaints complaints(file);
  YamlNode root = readYaml(text, complaints);
  if (complaints.empty() && root.kind != YamlNode::Kind::Mapping)
    complaints.add(root.position, "expected the keys of an energy table");
  if (Error error = complaints.take())
    return error;

  EnergyTable table;
  FieldReader reader(root, complaints);
  reader.read(table);
  auto complain = [&](StringRef path, const Twine &message) {
    complaints.add(reader.getPosition(path), message);
  };
  if (complaints.empty())
    for (size_t i = 0; i < table.prices.size(); ++i)
      checkRow(table, i, complain);
  if (complaints.empty())
    checkZeroRows(table, complain);
  if (Error error = complaints.take())
    return error;
  return table;
}

Expected<EnergyPrice> EnergyTable::getRow(EnergyComponent component,
                                          EnergyAction action, int64_t bits,
                                          int64_t bankBytes) const {
  // Of the banks that are large enough the smallest, of the widths the one that
  // was asked for, else the next wider one that scales, else the widest.
  auto getRank = [&](const EnergyPrice &row) {
    return std::tuple(row.bytes, row.bits != bits, row.bits < bits,
                      row.bits < bits ? -row.bits : row.bits);
  };
  const EnergyPrice *best = nullptr;
  for (const EnergyPrice &row : prices) {
    bool fits = row.component == component && row.action == action &&
                (row.bytes == 0 || row.bytes >= bankBytes) &&
                (row.bits == bits || (row.scales && bits > 0));
    if (fits && (!best || getRank(row) < getRank(*best)))
      best = &row;
  }
  if (best)
    return *best;
  std::string rows;
  for (const EnergyPrice &row : prices)
    if (row.component == component && row.action == action)
      rows += (rows.empty() ? "; it has: " : ", ") +
              describe(component, action, row.bits, row.bytes);
  return createStringError("energy table '" + name + "' has no price of " +
                           describe(component, action, bits, bankBytes) + rows);
}

Expected<double> EnergyTable::getPrice(EnergyComponent component,
                                       EnergyAction action, int64_t bits,
                                       int64_t bankBytes) const {
  Expected<EnergyPrice> row = getRow(component, action, bits, bankBytes);
  if (!row)
    return row.takeError();
  return row->bits == bits ? row->price
                           : row->price * double(bits) / double(row->bits);
}

Error EnergyTable::checkFor(const Machine &machine) const {
  using Component = EnergyComponent;
  using Action = EnergyAction;
  constexpr int64_t kSumBits = 32;
  const Array &array = machine.array;
  std::vector<std::string> missing;
  auto need = [&](Component component, ArrayRef<Action> actions,
                  int64_t bits = 0, int64_t bankBytes = 0) {
    for (Action action : actions) {
      Expected<double> price = getPrice(component, action, bits, bankBytes);
      if (price)
        continue;
      std::string message = toString(price.takeError());
      // Memories of one size need the same.
      if (!is_contained(missing, message))
        missing.push_back(std::move(message));
    }
  };
  auto needStorage = [&](Component component, int64_t bits,
                         int64_t bankBytes = 0) {
    need(component, {Action::Read, Action::Write}, bits, bankBytes);
    if (array.gates != Operands::None)
      need(component, {Action::Gated}, bits, bankBytes);
    if (array.skips != Operands::None)
      need(component, {Action::Skipped}, bits, bankBytes);
  };
  for (ElementType type : machine.types) {
    int64_t bits = machine.getValueBits(type);
    need(Component::Mac, {Action::Done}, bits);
    if (array.gates != Operands::None)
      need(Component::Mac, {Action::Gated}, bits);
    if (array.skips != Operands::None)
      need(Component::Mac, {Action::Skipped}, bits);
    need(Component::Array, {Action::Done}, bits);
    if (array.inputEntries > 0)
      needStorage(Component::SpadInputs, bits);
    if (array.weightEntries > 0)
      needStorage(Component::SpadWeights, bits);
  }
  if (array.sumEntries > 0)
    needStorage(Component::SpadSums, kSumBits);
  for (const Memory &memory : machine.memories)
    needStorage(Component::Buffer, memory.wordBytes * 8, memory.getBankBytes());
  need(Component::Dram, {Action::Read, Action::Write}, 8);
  if (machine.zeros.activations != ZeroFormat::Dense ||
      machine.zeros.weights != ZeroFormat::Dense)
    need(Component::Metadata, {Action::Done, Action::Read, Action::Write}, 1);
  need(Component::Vector, {Action::Done}, kSumBits);
  need(Component::Scalar, {Action::Done});
  need(Component::Static, {Action::Done});
  if (missing.empty())
    return Error::success();
  return createStringError(join(missing, "\n"));
}

void EnergyTable::printFields(raw_ostream &os) {
  printFieldTable(os, [](FieldVisitor &visitor) {
    EnergyTable table;
    visitFields(visitor, table);
  });
}

} // namespace lacuna
