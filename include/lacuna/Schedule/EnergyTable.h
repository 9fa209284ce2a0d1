//===- EnergyTable.h - What an action costs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Simulators count actions; a table, which is a file, has their prices. What a
// table does not say has no price: nothing is free because someone forgot it.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_ENERGYTABLE_H
#define LACUNA_SCHEDULE_ENERGYTABLE_H

#include "lacuna/Schedule/Machine.h"

namespace lacuna {

/// Where energy goes.
enum class EnergyComponent {
  Mac,         // a multiplication and an addition
  SpadInputs,  // storage in a PE, by what it holds
  SpadWeights, //
  SpadSums,    //
  Buffer,      // a memory of the chip
  Array,       // from one PE to its neighbour
  Dram,        //
  Metadata,    // where zeros are: read and written on the chip, or (done) made
  Vector,      // an operation of one lane
  Scalar,      // an instruction
  Static       // a clock of the whole chip
};

enum class EnergyAction {
  Done,   // what is neither read nor written: a product, a transfer, a clock
  Read,   //
  Write,  //
  Gated,  // took its time, but a zero kept it from doing anything
  Skipped // took no time
};

enum class EnergyUnit {
  Picojoule,
  Mac // one multiplication and addition
};

/// How far a price is to be trusted.
enum class PriceBasis {
  Published, // in the source that the table names
  Recalled,  // said to be published, but not seen there
  Assumed    // set by us, as the note of the table says
};

/// One row of a table.
struct EnergyPrice {
  EnergyComponent component = EnergyComponent::Mac;
  EnergyAction action = EnergyAction::Done;
  /// Of the value or the word that the price is for; 0 where there is none
  /// (a clock, an instruction).
  int64_t bits = 0;
  /// Buffer: of the bank that the price is for, and smaller ones; 0: of any.
  int64_t bytes = 0;
  double price = 0;
  /// Other widths cost as much a bit.
  bool scales = false;
  PriceBasis basis = PriceBasis::Published;
};

class EnergyTable {
public:
  std::string name;
  int64_t version = 1;
  std::string technology;
  EnergyUnit unit = EnergyUnit::Picojoule;
  /// Where the prices come from, and what the assumed ones assume.
  std::string source, note;
  std::vector<EnergyPrice> prices;

  /// Reads and checks, as `Machine::read`.
  static llvm::Expected<EnergyTable> read(llvm::StringRef text,
                                          llvm::StringRef file);

  /// The price of one action on `bits` bits, in a memory with banks of
  /// `bankBytes` if it is one of a buffer. An error, naming the table and the
  /// row, if there is none.
  llvm::Expected<double> getPrice(EnergyComponent component,
                                  EnergyAction action, int64_t bits = 0,
                                  int64_t bankBytes = 0) const;
  /// The row that this price comes from.
  llvm::Expected<EnergyPrice> getRow(EnergyComponent component,
                                     EnergyAction action, int64_t bits = 0,
                                     int64_t bankBytes = 0) const;

  /// An error if an action that `machine` can take has no price.
  llvm::Error checkFor(const Machine &machine) const;

  /// What a table file may say, as a table of Markdown.
  static void printFields(llvm::raw_ostream &os);
};

llvm::StringRef getName(EnergyComponent component);
llvm::StringRef getName(EnergyAction action);
llvm::StringRef getName(EnergyUnit unit);
llvm::StringRef getName(PriceBasis basis);

} // namespace lacuna

#endif // LACUNA_SCHEDULE_ENERGYTABLE_H
