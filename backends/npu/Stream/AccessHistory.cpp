//===- AccessHistory.cpp - Who wrote and read the bytes of a region -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/AccessHistory.h"

#include <algorithm>

namespace lacuna::npu {

void AccessHistory::split(uint64_t at) {
  auto after = segments.lower_bound(at);
  if (after == segments.begin())
    return;
  auto &[begin, segment] = *std::prev(after);
  if (begin == at || segment.end <= at)
    return;
  Segment rest = segment;
  segment.end = at;
  segments.emplace_hint(after, at, rest);
}

std::optional<Conflict> AccessHistory::findUnwritten(uint64_t begin,
                                                     uint64_t end) const {
  auto it = segments.upper_bound(begin);
  uint64_t at = begin;
  if (it != segments.begin())
    at = std::max(at, std::prev(it)->second.end);
  for (; at < end && it != segments.end() && it->first == at; ++it)
    at = it->second.end;
  if (at >= end)
    return std::nullopt;
  uint64_t next = it == segments.end() ? end : std::min(end, it->first);
  return Conflict{at, next, std::nullopt, false};
}

std::optional<Conflict> AccessHistory::read(uint64_t begin, uint64_t end,
                                            const Actor &actor,
                                            const Clock &clock, bool remember) {
  if (std::optional<Conflict> unwritten = findUnwritten(begin, end))
    return unwritten;
  if (remember) {
    split(begin);
    split(end);
  }
  auto it = segments.upper_bound(begin);
  for (--it; it != segments.end() && it->first < end; ++it) {
    Segment &segment = it->second;
    if (!segment.writer.isBefore(clock))
      return Conflict{std::max(begin, it->first), std::min(end, segment.end),
                      segment.writer, true};
    if (remember)
      segment.readers[actor.queue] = actor;
  }
  return std::nullopt;
}

std::optional<Conflict> AccessHistory::write(uint64_t begin, uint64_t end,
                                             const Actor &actor,
                                             const Clock &clock) {
  split(begin);
  split(end);
  auto first = segments.lower_bound(begin), last = first;
  for (; last != segments.end() && last->first < end; ++last) {
    const Segment &segment = last->second;
    if (!segment.writer.isBefore(clock))
      return Conflict{last->first, segment.end, segment.writer, true};
    for (const std::optional<Actor> &reader : segment.readers)
      if (reader && !reader->isBefore(clock))
        return Conflict{last->first, segment.end, reader, false};
  }
  auto after = segments.erase(first, last);
  Segment segment;
  segment.end = end;
  segment.writer = actor;
  segments.emplace_hint(after, begin, segment);
  return std::nullopt;
}

} // namespace lacuna::npu
