//===- Progress.cpp - A line that says how far work has come -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Progress.h"

#include "llvm/Support/raw_ostream.h"

namespace lacuna {

static constexpr std::chrono::milliseconds kDelay(1000), kInterval(100);
/// Back to the start of the line, and clear it.
static constexpr llvm::StringLiteral kClear("\r\x1b[K");

Progress::Progress()
    : enabled(llvm::errs().is_displayed()), next(Clock::now() + kDelay) {}

Progress::~Progress() {
  if (shown)
    llvm::errs() << kClear;
}

void Progress::show(const llvm::Twine &text) {
  if (!enabled || Clock::now() < next)
    return;
  next = Clock::now() + kInterval;
  shown = true;
  llvm::errs() << kClear << text;
}

void Progress::phase(llvm::StringRef text) {
  name = text.str();
  show(name);
}

void Progress::update(size_t done, size_t total) {
  show(name + " " + llvm::Twine(done) + " of " + llvm::Twine(total));
}

} // namespace lacuna
