//===- AccessHistory.h - Who wrote and read the bytes of a region -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_ACCESSHISTORY_H
#define LACUNA_BACKENDS_NPU_STREAM_ACCESSHISTORY_H

#include "backends/npu/Stream/Format.h"
#include <array>
#include <map>
#include <optional>

namespace lacuna::npu {

/// For each queue, how many of its commands are done.
using Clock = std::array<uint32_t, kQueues>;

/// A command: the `index`-th of its queue (from 0), which is the word at
/// `offset`.
struct Actor {
  uint8_t queue = 0;
  uint32_t index = 0, offset = 0;

  /// Whether it is done, for somebody who knows that `clock` is.
  bool isBefore(const Clock &clock) const { return index < clock[queue]; }
};

/// Why an access is not allowed.
struct Conflict {
  uint64_t begin = 0, end = 0;
  /// Who is in the way; none if nobody wrote the bytes.
  std::optional<Actor> other;
  bool otherWrites = false;
};

/// The last write of each byte of a region and the reads after it. Accesses are
/// given in an order in which they may happen. That no two of them are
/// unordered then follows: what a new write is ordered after is ordered after
/// what it forgets.
class AccessHistory {
public:
  /// `clock` is what is done when `actor` begins, of its own queue everything
  /// before. With `remember` off a read is checked only.
  std::optional<Conflict> read(uint64_t begin, uint64_t end, const Actor &actor,
                               const Clock &clock, bool remember);
  std::optional<Conflict> write(uint64_t begin, uint64_t end,
                                const Actor &actor, const Clock &clock);
  /// The first bytes of [begin, end) that nobody wrote.
  std::optional<Conflict> findUnwritten(uint64_t begin, uint64_t end) const;

private:
  struct Segment {
    uint64_t end = 0;
    Actor writer;
    /// The last reader of each queue since then.
    std::array<std::optional<Actor>, kQueues> readers;
  };
  using Segments = std::map<uint64_t, Segment>;

  /// Makes a segment begin at `at` if one covers it.
  void split(uint64_t at);

  Segments segments;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_ACCESSHISTORY_H
