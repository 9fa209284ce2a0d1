//===- Check.h - Problems and solutions that make sense -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_LOOPNEST_CHECK_H
#define LACUNA_LIB_SCHEDULE_LOOPNEST_CHECK_H

#include "../Machine/Fields.h"
#include "lacuna/Schedule/LoopNest/LoopNest.h"

namespace lacuna::loopnest {

/// What fields may be.
namespace ranges {
constexpr IntegerRange kSize = {1, int64_t(1) << 40};
constexpr IntegerRange kFactor = {1, 1 << 20};
constexpr IntegerRange kWords = {0, int64_t(1) << 50};
constexpr IntegerRange kCopies = {1, 64};
constexpr IntegerRange kWordBits = {1, 1024};
constexpr IntegerRange kBlock = {1, 65536};
constexpr IntegerRange kMetadataBits = {0, 65536};
constexpr IntegerRange kFanout = {0, 1 << 20};
constexpr IntegerRange kRankBits = {1, 64};
constexpr IntegerRange kFibre = {0, int64_t(1) << 40};
constexpr IntegerRange kGroup = {1, 1024};
constexpr RealRange kBandwidth = {0, 1e9};
constexpr RealRange kPrice = {0, 1e12};
constexpr RealRange kMean = {0, 1};
constexpr IntegerRange kListSize = {1, 64};
constexpr IntegerRange kListSizeOrNone = {0, 64};
} // namespace ranges

/// Of cases, tensors and levels.
bool isName(llvm::StringRef text);
constexpr llvm::StringLiteral kNameRule =
    "must have 1 to 100 letters, digits and '-_.:', and nothing else";

void checkProblem(const Problem &problem, FieldComplaint complain);
/// Of a problem that has been checked.
void verifySolution(const Problem &problem, const Solution &solution,
                    FieldComplaint complain);

} // namespace lacuna::loopnest

#endif // LACUNA_LIB_SCHEDULE_LOOPNEST_CHECK_H
