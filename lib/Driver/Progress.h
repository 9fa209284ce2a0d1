//===- Progress.h - A line that says how far work has come -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_PROGRESS_H
#define LACUNA_LIB_DRIVER_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <chrono>
#include <string>

namespace lacuna {

/// Shows on standard error, if that is a terminal, how far work has come that
/// takes longer than a second. The line is gone when the object is.
class Progress {
public:
  Progress();
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// The work now at hand. Shown when it begins, if a second has passed.
  void phase(llvm::StringRef name);
  /// Steps of the phase that are done.
  void update(size_t done, size_t total);

private:
  using Clock = std::chrono::steady_clock;

  void show(const llvm::Twine &text);

  bool enabled, shown = false;
  Clock::time_point next;
  std::string name;
};

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_PROGRESS_H
