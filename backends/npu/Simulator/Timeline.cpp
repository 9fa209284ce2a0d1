//===- Timeline.cpp - When commands begin and end -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Timeline.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"
#include <deque>
#include <limits>

using namespace llvm;

namespace lacuna::npu {

namespace {
/// A command that has begun and not ended; or a signal, which ends when all
/// before it have.
struct Active {
  uint32_t command;
  int64_t begin;
  /// When DRAM answers, and when the unit has done its part.
  int64_t answer, unitEnd;
  int64_t link;
  bool isSignal = false;
};

struct QueueState {
  size_t next = 0;
  /// Only the first moves data.
  std::deque<Active> active;
  /// Those that are no signals.
  size_t working = 0;
  int64_t lastEnd = 0;
};

bool isTransfer(unsigned queue) {
  return queue == unsigned(Queue::DmaIn) || queue == unsigned(Queue::DmaOut);
}

class TimelineMaker {
public:
  TimelineMaker(const TimedQueues &queues, const TimelineOptions &options)
      : queues(queues), options(options) {}

  Expected<Timeline> make();

private:
  bool issue(unsigned queue);
  bool issueNext(unsigned queue);
  void begin(unsigned queue, const TimedCommand &command);
  void finish(unsigned queue, const Active &active);
  bool isMoving(unsigned queue) const;
  bool isServed(unsigned queue) const;
  bool isDone(const Active &active) const {
    return active.link <= 0 && active.answer <= now && active.unitEnd <= now;
  }
  /// When something happens next; none if nothing ever does.
  std::optional<int64_t> findNextTime(int64_t share) const;
  int64_t getShare() const;
  void advance(int64_t time, int64_t share);

  const TimedQueues &queues;
  const TimelineOptions &options;
  int64_t now = 0;
  std::array<QueueState, kQueues> states;
  std::array<uint64_t, kSemaphores> tokens = {};
  Timeline timeline;
};
} // namespace

void TimelineMaker::begin(unsigned queue, const TimedCommand &command) {
  QueueState &state = states[queue];
  bool isDma = isTransfer(queue);
  bool isFree = options.isMemoryNeverLate;
  int64_t latency = isFree ? 0 : command.latency;
  int64_t clocks = isFree && isDma ? 0 : command.clocks;
  state.active.push_back({uint32_t(state.next), now, now + latency,
                          now + clocks, isFree ? 0 : command.link});
  ++state.working;
}

void TimelineMaker::finish(unsigned queue, const Active &active) {
  if (active.isSignal) {
    const TimedCommand &command = queues[queue][active.command];
    tokens[command.semaphore] += command.tokens;
    return;
  }
  QueueState &state = states[queue];
  if (now > state.lastEnd)
    timeline.intervals[queue].push_back(
        {std::max(active.begin, state.lastEnd), now, active.command});
  state.lastEnd = now;
  --state.working;
}

/// Takes the next command of the queue, if it may.
bool TimelineMaker::issueNext(unsigned queue) {
  QueueState &state = states[queue];
  if (state.next == queues[queue].size())
    return false;
  const TimedCommand &command = queues[queue][state.next];
  switch (command.kind) {
  case TimedCommand::Kind::Wait:
    if (tokens[command.semaphore] < command.tokens)
      return false;
    tokens[command.semaphore] -= command.tokens;
    break;
  case TimedCommand::Kind::Signal:
    // What comes after it need not wait until all before it is done.
    state.active.push_back({uint32_t(state.next), now, now, now, 0, true});
    break;
  case TimedCommand::Kind::Work: {
    if (state.working >= (isTransfer(queue) ? options.transfersPerQueue : 1))
      return false;
    begin(queue, command);
    break;
  }
  }
  ++state.next;
  return true;
}

bool TimelineMaker::issue(unsigned queue) {
  QueueState &state = states[queue];
  bool any = false;
  while (true) {
    bool moved = issueNext(queue);
    while (!state.active.empty() && isDone(state.active.front())) {
      finish(queue, state.active.front());
      state.active.pop_front();
      moved = true;
    }
    if (!moved)
      return any;
    any = true;
  }
}

bool TimelineMaker::isMoving(unsigned queue) const {
  const QueueState &state = states[queue];
  return !state.active.empty() && state.active.front().link > 0 &&
         state.active.front().answer <= now;
}

/// Whether the link serves `queue` now: units that stand still for what they
/// read come before transfers, which run ahead.
bool TimelineMaker::isServed(unsigned queue) const {
  if (!isMoving(queue))
    return false;
  return !isTransfer(queue) ||
         none_of(seq<unsigned>(kQueues), [&](unsigned other) {
           return !isTransfer(other) && isMoving(other);
         });
}

/// What each that is served gets of the link in a clock.
int64_t TimelineMaker::getShare() const {
  int64_t served = count_if(seq<unsigned>(kQueues),
                            [&](unsigned queue) { return isServed(queue); });
  return served ? kLinkUnits / served : kLinkUnits;
}

std::optional<int64_t> TimelineMaker::findNextTime(int64_t share) const {
  std::optional<int64_t> next;
  auto consider = [&](int64_t time) {
    if (time > now && (!next || time < *next))
      next = time;
  };
  for (unsigned queue = 0; queue < kQueues; ++queue) {
    if (states[queue].active.empty())
      continue;
    const Active &active = states[queue].active.front();
    consider(active.answer);
    consider(active.unitEnd);
    if (isServed(queue))
      consider(now + int64_t(divideCeil(uint64_t(active.link), share)));
  }
  return next;
}

void TimelineMaker::advance(int64_t time, int64_t share) {
  std::array<bool, kQueues> served;
  for (unsigned queue = 0; queue < kQueues; ++queue)
    served[queue] = isServed(queue);
  for (unsigned queue = 0; queue < kQueues; ++queue)
    if (served[queue])
      states[queue].active.front().link -= (time - now) * share;
  now = time;
}

Expected<Timeline> TimelineMaker::make() {
  while (true) {
    bool any = true;
    while (any) {
      any = false;
      for (unsigned queue = 0; queue < kQueues; ++queue)
        any |= issue(queue);
    }
    int64_t share = getShare();
    std::optional<int64_t> next = findNextTime(share);
    if (!next)
      break;
    advance(*next, share);
  }
  for (unsigned queue = 0; queue < kQueues; ++queue)
    if (states[queue].next != queues[queue].size())
      return createStringError("queue " + getName(static_cast<Queue>(queue)) +
                               " waits for ever");
  timeline.cycles = now;
  return std::move(timeline);
}

Expected<Timeline> makeTimeline(const TimedQueues &queues,
                                const TimelineOptions &options) {
  return TimelineMaker(queues, options).make();
}

namespace {
/// What else works while the array does not, first those that get the clock.
constexpr std::pair<Queue, Bucket> kOthers[] = {
    {Queue::Vector, Bucket::Vector},
    {Queue::Scalar, Bucket::Scalar},
    {Queue::DmaIn, Bucket::DmaIn},
    {Queue::DmaOut, Bucket::DmaOut}};

class Attribution {
public:
  Attribution(const TimedQueues &queues, const Timeline &timeline,
              size_t layers)
      : queues(queues), timeline(timeline), clocks(layers) {}

  std::vector<BucketClocks> run();

private:
  void addIdle(int64_t begin, int64_t end);

  const TimedQueues &queues;
  const Timeline &timeline;
  std::vector<BucketClocks> clocks;
  /// In each queue, the first interval that is not over.
  std::array<size_t, kQueues> at = {};
  /// Of the last clock that was given away.
  uint32_t layer = 0;
};
} // namespace

void Attribution::addIdle(int64_t begin, int64_t end) {
  while (begin < end) {
    int64_t next = end;
    Bucket bucket = Bucket::Semaphore;
    for (auto [queue, itsBucket] : kOthers) {
      const auto &intervals = timeline.intervals[unsigned(queue)];
      size_t &index = at[unsigned(queue)];
      while (index < intervals.size() && intervals[index].end <= begin)
        ++index;
      if (index == intervals.size())
        continue;
      const WorkInterval &interval = intervals[index];
      if (interval.begin > begin) {
        next = std::min(next, interval.begin);
        continue;
      }
      next = std::min(next, interval.end);
      bucket = itsBucket;
      layer = queues[unsigned(queue)][interval.command].layer;
      break;
    }
    clocks[layer][bucket] += next - begin;
    begin = next;
  }
}

std::vector<BucketClocks> Attribution::run() {
  int64_t now = 0;
  for (const WorkInterval &interval :
       timeline.intervals[unsigned(Queue::Array)]) {
    addIdle(now, interval.begin);
    const TimedCommand &command =
        queues[unsigned(Queue::Array)][interval.command];
    layer = command.layer;
    clocks[layer].add(command.buckets);
    now = interval.end;
  }
  addIdle(now, timeline.cycles);
  return std::move(clocks);
}

std::vector<BucketClocks> attributeClocks(const TimedQueues &queues,
                                          const Timeline &timeline,
                                          size_t layers) {
  return Attribution(queues, timeline, layers).run();
}

} // namespace lacuna::npu
