//===- Report.cpp - The counts of a loop nest as text -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Machine/Fields.h"
#include "lacuna/Schedule/LoopNest/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace lacuna::loopnest {

namespace {
/// Columns as wide as what is in them: the first ones are names, on the left.
class TextTable {
public:
  explicit TextTable(size_t names) : names(names) {}

  void add(std::vector<std::string> cells) { rows.push_back(std::move(cells)); }
  void print(raw_ostream &os) const;

private:
  size_t names;
  std::vector<std::vector<std::string>> rows;
};
} // namespace

void TextTable::print(raw_ostream &os) const {
  std::vector<size_t> widths;
  for (const auto &row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (auto [width, cell] : zip(widths, row))
      width = std::max(width, cell.size());
  }
  for (const auto &row : rows) {
    std::string line;
    raw_string_ostream text(line);
    for (auto [i, cell] : enumerate(row)) {
      text << (i == 0 ? "" : "  ");
      if (i < names)
        text << left_justify(cell, unsigned(widths[i]));
      else
        text << right_justify(cell, unsigned(widths[i]));
    }
    os << StringRef(line).rtrim() << '\n';
  }
}

static std::string toText(double energy) {
  std::string text;
  raw_string_ostream(text) << format("%.3f", energy);
  return text;
}

static void addActions(TextTable &table, StringRef level, StringRef tensor,
                       const Twine &action, const ActionCounts &counts) {
  if (counts.all > 0)
    table.add({level.str(), tensor.str(), action.str(), itostr(counts.all),
               itostr(counts.done), itostr(counts.gated),
               itostr(counts.skipped)});
}

static void addTensor(TextTable &table, StringRef level, StringRef tensor,
                      const TensorCounts &counts) {
  addActions(table, level, tensor, "reads", counts.reads);
  addActions(table, level, tensor, "fills", counts.fills);
  addActions(table, level, tensor, "updates", counts.updates);
  for (auto [i, rank] : enumerate(counts.ranks)) {
    std::string name = ("rank " + Twine(i) + " ").str();
    addActions(table, level, tensor, name + "reads", rank.reads);
    addActions(table, level, tensor, name + "fills", rank.fills);
    addActions(table, level, tensor, name + "updates", rank.updates);
  }
}

void printReport(raw_ostream &os, const Case &description,
                 const Evaluation &evaluation) {
  const Problem &problem = description.problem;
  const ActionCounts &computes = evaluation.computes;
  const std::string &unit = problem.architecture.energyUnit;
  os << description.name << ": " << evaluation.clocks << " clocks, "
     << toText(evaluation.energy) << " " << unit << ", "
     << format("%.2f", 100 * evaluation.utilization) << "% of "
     << "what all units can do\n"
     << "products: " << computes.all << ", done " << computes.done << ", gated "
     << computes.gated << ", skipped " << computes.skipped << "; in "
     << evaluation.instances << " units, " << evaluation.computeClocks
     << " clocks, " << toText(evaluation.computeEnergy) << " " << unit
     << "\n\n";

  TextTable levels(1);
  levels.add({"level", "instances", "clocks", "energy " + unit});
  for (auto [level, counts] :
       zip(problem.architecture.levels, evaluation.levels))
    levels.add({level.name, itostr(counts.instances), itostr(counts.clocks),
                toText(counts.energy)});
  levels.print(os);

  os << "\nof one instance:\n";
  TextTable words(3);
  words.add({"level", "tensor", "words", "all", "done", "gated", "skipped"});
  for (auto [level, counts] :
       zip(problem.architecture.levels, evaluation.levels))
    for (auto [tensor, tensorCounts] :
         zip(problem.workload.tensors, counts.tensors))
      addTensor(words, level.name, tensor.name, tensorCounts);
  words.print(os);
}

} // namespace lacuna::loopnest
