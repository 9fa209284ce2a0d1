//===- OpTable.cpp - Which handler imports which operator -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"

#include "Ops/Qonnx.h"
#include "Ops/WeightBlocks.h"

#include "lacuna/Frontend/Import.h"

namespace lacuna {

const OpTable &OpTable::get() {
  static const OpTable table = [] {
    OpTable table;
    registerActivationOps(table);
    registerArithmeticOps(table);
    registerComparisonOps(table);
    registerConvolutionOps(table);
    registerCumulativeSumOps(table);
    registerEinsumOps(table);
    registerIndexingOps(table);
    registerMatMulOps(table);
    registerMovementOps(table);
    registerNormalizationOps(table);
    registerPaddingOps(table);
    registerPoolingOps(table);
    registerQLinearOps(table);
    registerQonnxOps(table);
    registerQuantizationOps(table);
    registerRecurrentOps(table);
    registerReductionOps(table);
    registerResamplingOps(table);
    registerStructureOps(table);
    registerUnaryOps(table);
    registerWeightBlockOps(table);
    return table;
  }();
  return table;
}

void OpTable::add(llvm::ArrayRef<OpEntry> entries) {
  for (const OpEntry &entry : entries) {
    bool inserted = table[{entry.domain.str(), entry.name.str()}]
                        .try_emplace(entry.since, entry)
                        .second;
    assert(inserted && "an operator version is registered twice");
    (void)inserted;
  }
}

const OpEntry *OpTable::lookup(llvm::StringRef domain, llvm::StringRef name,
                               int64_t opset) const {
  auto found = table.find({domain.str(), name.str()});
  if (found == table.end())
    return nullptr;
  auto version = found->second.upper_bound(opset);
  if (version == found->second.begin())
    return nullptr;
  return &std::prev(version)->second;
}

bool OpTable::knows(llvm::StringRef domain, llvm::StringRef name) const {
  return table.count({domain.str(), name.str()});
}

llvm::StringRef OpTable::nearest(llvm::StringRef name) const {
  llvm::StringRef best;
  unsigned least = name.size() / 3 + 1;
  for (const auto &[key, versions] : table) {
    if (!key.first.empty())
      continue;
    unsigned distance = llvm::StringRef(key.second)
                            .edit_distance_insensitive(name, true, least);
    if (distance < least) {
      least = distance;
      best = versions.begin()->second.name;
    }
  }
  return best;
}

std::vector<SupportedOp> getSupportedOps() {
  std::vector<SupportedOp> ops;
  for (const auto &[key, versions] : OpTable::get().entries())
    for (const auto &[since, entry] : versions)
      ops.push_back({key.first, key.second, since, entry.refusal.str()});
  addInlinedOps(ops);
  return ops;
}

} // namespace lacuna
