//===- Executor.cpp - Does the commands of a stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Executor.h"

#include "backends/npu/Array/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

Executor::Executor(const Stream &stream, CommandPart part,
                   const Machine &machine, const EnergyTable &energy,
                   const SimulatorOptions &options, RegionMemory &memory)
    : meter(machine, energy), stream(stream), machine(machine),
      options(options), memory(memory), budget(options.maxWork) {
  for (const Layer &it : stream.layers) {
    layers.emplace_back();
    layers.back().name = it.name;
    layers.back().nodes = it.nodes;
    layers.back().estimatedCycles = it.estimatedCycles;
  }
  layers.emplace_back();
  layers.back().name = "(none)";
  for (const Memory &it : machine.memories)
    memories.push_back({it.name, it.bytes, 0});
  for (const Program &program : stream.programs)
    programs.push_back(std::make_unique<ProgramRunner>(program));
  for (unsigned i = 0; i < kQueues; ++i)
    followers.emplace_back(part, static_cast<Queue>(i));
}

Error Executor::spend(uint64_t amount) {
  if (amount > budget)
    return createStringError(
        "more work than --max-work of 'lacuna simulate' and 'lacuna-sim' "
        "allows; raise it if the stream is as large as that");
  budget -= amount;
  return Error::success();
}

Error Executor::checkUnpacked(uint64_t elements, int64_t elementBytes) const {
  if (SaturatingMultiply<uint64_t>(elements, elementBytes) <=
      options.maxMemoryBytes)
    return Error::success();
  return createStringError(Twine(elements) +
                           " elements are more than the simulator may unpack");
}

//===----------------------------------------------------------------------===//
// Queues
//===----------------------------------------------------------------------===//

Error Executor::fetch(Follower &follower) {
  if (follower.next || follower.hasHalted)
    return Error::success();
  Expected<PlacedCommand> next = follower.reader.next();
  if (!next)
    return next.takeError();
  follower.next = std::move(*next);
  follower.hasHalted =
      std::holds_alternative<HaltCommand>(follower.next->command);
  return Error::success();
}

bool Executor::mayGoOn(const Follower &follower) const {
  if (follower.hasHalted)
    return false;
  const auto *wait = std::get_if<WaitCommand>(&follower.next->command);
  return !wait || tokens[wait->semaphore] >= wait->count;
}

Error Executor::run() {
  for (Follower &follower : followers)
    if (Error error = fetch(follower))
      return error;
  std::optional<RandomNumbers> random;
  if (options.lockStep)
    random.emplace(*options.lockStep);
  SmallVector<Follower *, kQueues> ready;
  while (true) {
    ready.clear();
    for (Follower &follower : followers)
      if (mayGoOn(follower))
        ready.push_back(&follower);
    if (ready.empty())
      break;
    Follower &chosen = *ready[random ? random->next() % ready.size() : 0];
    if (Error error = doNext(chosen)) {
      std::string place = describePlace(chosen.next->offset, chosen.queue,
                                        chosen.next->command);
      std::string of = stream.describe(chosen.next->offset);
      return createStringError(place + (of.empty() ? of : of + ": ") +
                               toString(std::move(error)));
    }
    chosen.next.reset();
    if (Error error = fetch(chosen))
      return error;
  }
  for (const Follower &follower : followers)
    if (!follower.hasHalted)
      return createStringError("queue " + getName(follower.queue) +
                               " waits for ever");
  return Error::success();
}

uint32_t Executor::getLayer(const Follower &follower) const {
  if (follower.marked)
    return *follower.marked;
  const DebugEntry *entry = stream.findDebugEntry(follower.next->offset);
  return entry ? entry->layer : uint32_t(stream.layers.size());
}

Error Executor::doNext(Follower &follower) {
  const Command &command = follower.next->command;
  if (const auto *mark = std::get_if<MarkCommand>(&command)) {
    follower.marked = mark->layer;
    return Error::success();
  }
  TimedCommand it;
  it.offset = follower.next->offset;
  it.layer = getLayer(follower);
  if (const auto *wait = std::get_if<WaitCommand>(&command)) {
    it.kind = TimedCommand::Kind::Wait;
    it.semaphore = wait->semaphore;
    it.tokens = wait->count;
    tokens[wait->semaphore] -= wait->count;
  } else if (const auto *signal = std::get_if<SignalCommand>(&command)) {
    it.kind = TimedCommand::Kind::Signal;
    it.semaphore = signal->semaphore;
    it.tokens = signal->count;
    tokens[signal->semaphore] += signal->count;
  } else if (Error error = doWork(follower, it)) {
    return error;
  }
  timed[unsigned(follower.queue)].push_back(it);
  return Error::success();
}

Error Executor::doWork(Follower &follower, TimedCommand &it) {
  const Command &command = follower.next->command;
  queue = follower.queue;
  layer = &layers[it.layer];
  ++layer->commands;
  // Nothing random comes of the order in which queues are followed.
  randomSeed = mixSeed(options.seed, it.offset);
  it.operation = *getOperation(command);
  Expected<SmallVector<Access, 8>> found =
      getAccesses(queue, command, stream.programs);
  if (!found)
    return found.takeError();
  accesses = std::move(*found);
  it.firstTouch = uint32_t(touches.size());
  for (const Access &access : accesses) {
    if (hasData())
      if (Error error = memory.check(access))
        return error;
    if (!Address{access.where.region, 0}.isChip())
      continue;
    auto index = uint8_t(access.where.region - kFirstChip);
    ByteRange hull = access.where.getHull();
    int64_t &peak = memories[index].peakBytes;
    peak = std::max(peak, int64_t(hull.end));
    if (options.recordMemory)
      touches.push_back({index, access.reads, access.writes,
                         int64_t(hull.begin), int64_t(hull.end)});
  }
  it.touches = uint32_t(touches.size()) - it.firstTouch;
  Error error = Error::success();
  if (const auto *copy = std::get_if<CopyCommand>(&command))
    error = doCommand(*copy, it);
  else if (const auto *fill = std::get_if<FillCommand>(&command))
    error = doCommand(*fill, it);
  else if (const auto *conv = std::get_if<ConvCommand>(&command))
    error = doCommand(*conv, it);
  else if (const auto *program = std::get_if<ProgramCommand>(&command))
    error = doCommand(*program, it);
  if (error)
    return error;
  for (int64_t more : {it.clocks, it.latency, it.link})
    if (more < 0 || AddOverflow(clocks, more, clocks))
      return createStringError("more clocks than can be counted");
  layer->busyCycles[unsigned(queue)] += it.clocks;
  return Error::success();
}

} // namespace lacuna::npu
