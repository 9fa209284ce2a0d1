//===- Architecture.cpp - Storage, from DRAM to the multipliers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/Architecture.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::loopnest {

template <typename Entry>
static const Entry *findEntry(const std::vector<Entry> &entries,
                              unsigned tensor) {
  auto found = find_if(
      entries, [&](const Entry &entry) { return entry.tensor == tensor; });
  return found == entries.end() ? nullptr : &*found;
}

const Format *Level::findFormat(unsigned tensor) const {
  return findEntry(formats, tensor);
}

const ZeroRule *Level::findRule(unsigned tensor) const {
  return findEntry(rules, tensor);
}

} // namespace lacuna::loopnest
