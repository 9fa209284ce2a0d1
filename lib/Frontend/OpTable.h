//===- OpTable.h - Which handler imports which operator -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_OPTABLE_H
#define LACUNA_LIB_FRONTEND_OPTABLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"
#include <map>
#include <string>
#include <vector>

namespace lacuna {

class Node;
struct SupportedOp;
using Handler = llvm::LogicalResult (*)(Node &);

/// One line of a family's table: how operator `name` is imported from opset
/// `since` on, until the next line for the same operator.
struct OpEntry {
  llvm::StringLiteral name;
  int64_t since;
  /// Null if this version of the operator is refused.
  Handler handler;
  llvm::StringLiteral refusal = "";
  llvm::StringLiteral domain = "";
};

/// The opsets of the default domain whose operators the tables describe.
constexpr int64_t kOldestOpset = 1;
constexpr int64_t kNewestOpset = 23;

class OpTable {
public:
  /// The table of all families.
  static const OpTable &get();

  /// The entry for `name` in a model of opset `opset`; null if there is none.
  const OpEntry *lookup(llvm::StringRef domain, llvm::StringRef name,
                        int64_t opset) const;
  /// The operator's name if it is in the table at some other opset.
  bool knows(llvm::StringRef domain, llvm::StringRef name) const;
  /// The known operator of the default domain with the most similar name; empty
  /// if none is near.
  llvm::StringRef nearest(llvm::StringRef name) const;

  void add(llvm::ArrayRef<OpEntry> entries);

  using Key = std::pair<std::string, std::string>;
  const std::map<Key, std::map<int64_t, OpEntry>> &entries() const {
    return table;
  }

private:
  std::map<Key, std::map<int64_t, OpEntry>> table;
};

/// Adds the operators that the standard defines by operators in the table.
void addInlinedOps(std::vector<SupportedOp> &ops);

// The families, one file each in Ops/.
void registerActivationOps(OpTable &table);
void registerArithmeticOps(OpTable &table);
void registerComparisonOps(OpTable &table);
void registerConvolutionOps(OpTable &table);
void registerCumulativeSumOps(OpTable &table);
void registerEinsumOps(OpTable &table);
void registerIndexingOps(OpTable &table);
void registerMatMulOps(OpTable &table);
void registerMovementOps(OpTable &table);
void registerNormalizationOps(OpTable &table);
void registerPaddingOps(OpTable &table);
void registerPoolingOps(OpTable &table);
void registerQLinearOps(OpTable &table);
void registerQuantizationOps(OpTable &table);
void registerRecurrentOps(OpTable &table);
void registerReductionOps(OpTable &table);
void registerResamplingOps(OpTable &table);
void registerStructureOps(OpTable &table);
void registerUnaryOps(OpTable &table);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_OPTABLE_H
