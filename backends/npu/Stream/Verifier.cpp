//===- Verifier.cpp - Proves that a stream runs as it should -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Verifier.h"
#include "backends/npu/Stream/AccessHistory.h"
#include "backends/npu/Stream/Accesses.h"
#include "backends/npu/Stream/Commands.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <deque>

using namespace llvm;

namespace lacuna::npu {

namespace {
/// Tokens that were signalled and are not waited for yet.
struct Semaphore {
  struct Tokens {
    uint32_t count;
    /// What is done when they are there.
    Clock clock;
  };

  std::optional<Queue> signaller, waiter;
  std::deque<Tokens> tokens;
  uint64_t total = 0;
};

/// A queue while it is followed.
struct Follower {
  /// `done` commands of each queue are done already.
  Follower(CommandPart part, Queue queue, uint32_t done)
      : queue(queue), reader(part, queue), commands(done) {
    clock.fill(done);
  }

  Queue queue;
  QueueReader reader;
  /// What is done before its next command.
  Clock clock;
  uint32_t commands;
  std::optional<PlacedCommand> next;
  bool hasHalted = false;
};

class Verifier {
public:
  Verifier(const Stream &stream, ArrayRef<ChipMemory> memories,
           const VerifyOptions &options)
      : stream(stream), memories(memories), piecesLeft(options.maxPieces) {}

  Error run();

private:
  Error checkTables();
  Error checkTensor(const Tensor &tensor);
  Error checkStart();
  Error checkKept();
  Error followQueues(CommandPart part);
  /// Goes on until the queue must wait for tokens.
  Error follow(Follower &follower, bool &advanced);
  /// Sets `waits` if the tokens are not there.
  Error doCommand(Follower &follower, const Command &command, bool &waits);
  Error doWait(Follower &follower, const WaitCommand &wait, bool &waits);
  Error doSignal(Follower &follower, const SignalCommand &signal);
  Error doAccesses(const Follower &follower, const Command &command);
  Error checkHull(const Access &access);
  Error checkRegion(const Access &access) const;
  /// What `piece` has of bytes that no step changes, if anything.
  const KeptBytes *findConstant(ByteRange piece) const;
  Error doPieces(const Access &access, bool writes, const Actor &actor,
                 const Clock &clock, bool remember);
  Error checkBalance();
  Error checkOutputs();

  Expected<uint64_t> getRegionBytes(uint8_t region) const;
  std::string getRegionText(uint8_t region) const;
  std::string describeConflict(const Access &access, bool writes,
                               const Conflict &conflict) const;
  /// The place of a command, with its layer.
  std::string describe(const Follower &follower) const;

  const Stream &stream;
  ArrayRef<ChipMemory> memories;
  uint64_t piecesLeft;
  /// Whether it is what is done to start that is followed.
  bool isStart = false;
  /// What is kept and constant, in ascending order.
  std::vector<KeptBytes> constants;
  std::vector<Follower> followers;
  std::array<Semaphore, kSemaphores> semaphores;
  std::array<AccessHistory, 256> histories;
};
} // namespace

std::string Verifier::getRegionText(uint8_t region) const {
  Address address{region, 0};
  std::string name = getRegionName(region);
  if (address.isChip() && unsigned(region - kFirstChip) < memories.size())
    return "memory '" + memories[region - kFirstChip].name + "' (" + name + ")";
  return name;
}

Expected<uint64_t> Verifier::getRegionBytes(uint8_t region) const {
  Address address{region, 0};
  if (region == kConstants)
    return stream.constants.size();
  if (region == kWorkspace)
    return stream.workspaceBytes;
  if (address.isChip()) {
    unsigned index = region - kFirstChip;
    if (index < memories.size())
      return memories[index].bytes;
    return createStringError("the machine has " + Twine(memories.size()) +
                             " memories on the chip, and no " +
                             getRegionName(region));
  }
  if (none_of(stream.tensors, [&](const Tensor &tensor) {
        return tensor.address.region == region;
      }))
    return createStringError("no tensor is in " + getRegionName(region));
  return stream.getRegionBytes(region);
}

std::string Verifier::describe(const Follower &follower) const {
  std::string place = describePlace(follower.next->offset, follower.queue,
                                    follower.next->command);
  std::string layer = stream.describe(follower.next->offset);
  return layer.empty() ? place : place + layer + ": ";
}

Error Verifier::run() {
  if (Error error = checkTables())
    return error;
  if (Error error = checkStart())
    return error;
  if (Error error = followQueues(stream.getStep()))
    return error;
  if (Error error = checkBalance())
    return error;
  return checkOutputs();
}

Error Verifier::checkTensor(const Tensor &tensor) {
  if (!tensor.address.isInput() && !tensor.address.isOutput())
    return createStringError("tensor '" + tensor.name + "' is in " +
                             getRegionName(tensor.address.region) +
                             "; it must be in an input or an output");
  if (!tensor.getBytes())
    return createStringError("tensor '" + tensor.name +
                             "' is larger than a region");
  if (tensor.address.offset % npu::getBytes(tensor.type))
    return createStringError("tensor '" + tensor.name +
                             "' is not aligned to its elements");
  return Error::success();
}

Error Verifier::checkTables() {
  if (memories.size() > kChips)
    return createStringError(Twine(memories.size()) +
                             " memories on the chip; there may be " +
                             Twine(kChips));
  for (const Tensor &tensor : stream.tensors)
    if (Error error = checkTensor(tensor))
      return error;
  for (auto [index, program] : enumerate(stream.programs))
    if (Error error = check(program))
      return createStringError("program " + Twine(index) + " '" + program.name +
                               "': " + toString(std::move(error)));
  if (Error error = checkDebug(stream))
    return error;
  if (Error error = checkLoop(stream))
    return error;
  for (const DebugEntry &entry : stream.debug)
    if (entry.layer >= stream.layers.size())
      return createStringError("the debug map names layer " +
                               Twine(entry.layer) + " of " +
                               Twine(stream.layers.size()));
  Expected<uint64_t> used = getUsedFeatures(stream);
  if (!used)
    return used.takeError();
  for (auto [bit, name] : enumerate(getFeatureNames()))
    if (*used & ~stream.features & uint64_t(1) << bit)
      return createStringError("a command uses " + name +
                               ", which is not among the stream's features");
  return Error::success();
}

/// What is done to start, and what a step finds then. What the first step finds
/// every other finds too, since bytes that were written stay so.
Error Verifier::checkStart() {
  if (!stream.hasStart())
    return Error::success();
  isStart = true;
  if (Error error = followQueues(stream.getStart()))
    return error;
  if (Error error = checkBalance())
    return error;
  if (Error error = checkKept())
    return error;
  isStart = false;
  semaphores = {};
  histories = {};
  // All of it is done before a step begins: command 0 of each queue.
  Clock done;
  done.fill(1);
  for (const KeptBytes &kept : stream.kept)
    histories[kept.address.region].write(
        kept.address.offset, kept.address.offset + kept.bytes, Actor(), done);
  return Error::success();
}

Error Verifier::checkKept() {
  for (const KeptBytes &kept : stream.kept) {
    uint8_t region = kept.address.region;
    uint64_t begin = kept.address.offset, end = begin + kept.bytes;
    Expected<uint64_t> bytes = getRegionBytes(region);
    if (!bytes)
      return bytes.takeError();
    if (end > *bytes)
      return createStringError("bytes [" + Twine(begin) + ", " + Twine(end) +
                               ") of " + getRegionText(region) +
                               " are kept, which has " + Twine(*bytes));
    if (std::optional<Conflict> missing =
            histories[region].findUnwritten(begin, end))
      return createStringError("bytes [" + Twine(missing->begin) + ", " +
                               Twine(missing->end) + ") of " +
                               getRegionText(region) +
                               " are kept, and nothing writes them to start");
    if (kept.isConstant)
      constants.push_back(kept);
  }
  return Error::success();
}

const KeptBytes *Verifier::findConstant(ByteRange piece) const {
  Address begin{piece.region, piece.begin}, end{piece.region, piece.end};
  auto after = llvm::partition_point(constants, [&](const KeptBytes &it) {
    return it.address.pack() + it.bytes <= begin.pack();
  });
  bool isTouched =
      after != constants.end() && after->address.pack() < end.pack();
  return isTouched ? &*after : nullptr;
}

Error Verifier::followQueues(CommandPart part) {
  followers.clear();
  for (unsigned queue = 0; queue < kQueues; ++queue)
    followers.emplace_back(part, static_cast<Queue>(queue), part.begin ? 1 : 0);
  // Semaphores have one queue on each side, so that the order in which queues
  // are followed here decides nothing: if they come to a stop, they always do.
  bool advanced = true;
  while (advanced) {
    advanced = false;
    for (Follower &follower : followers)
      if (Error error = follow(follower, advanced))
        return error;
  }
  std::string waiting;
  for (const Follower &follower : followers)
    if (!follower.hasHalted) {
      const auto &wait = std::get<WaitCommand>(follower.next->command);
      waiting += (waiting.empty() ? "" : "; ") + describe(follower) +
                 "semaphore " + utostr(wait.semaphore);
    }
  if (waiting.empty())
    return Error::success();
  return createStringError("deadlock: these wait for ever: " + waiting);
}

Error Verifier::follow(Follower &follower, bool &advanced) {
  while (!follower.hasHalted) {
    if (!follower.next) {
      Expected<PlacedCommand> next = follower.reader.next();
      if (!next)
        return next.takeError();
      follower.next = std::move(*next);
    }
    if (std::holds_alternative<HaltCommand>(follower.next->command)) {
      follower.hasHalted = true;
      return Error::success();
    }
    bool waits = false;
    if (Error error = doCommand(follower, follower.next->command, waits))
      return createStringError(describe(follower) + toString(std::move(error)));
    if (waits)
      return Error::success();
    follower.next.reset();
    ++follower.commands;
    follower.clock[static_cast<unsigned>(follower.queue)] = follower.commands;
    advanced = true;
  }
  return Error::success();
}

Error Verifier::doCommand(Follower &follower, const Command &command,
                          bool &waits) {
  if (const auto *wait = std::get_if<WaitCommand>(&command))
    return doWait(follower, *wait, waits);
  if (const auto *signal = std::get_if<SignalCommand>(&command))
    return doSignal(follower, *signal);
  if (const auto *mark = std::get_if<MarkCommand>(&command)) {
    if (mark->layer < stream.layers.size())
      return Error::success();
    return createStringError("there is no layer " + Twine(mark->layer));
  }
  return doAccesses(follower, command);
}

/// A side of a semaphore belongs to the first queue that uses it.
static Error claim(std::optional<Queue> &side, Queue queue, unsigned semaphore,
                   StringRef does) {
  if (!side)
    side = queue;
  if (*side == queue)
    return Error::success();
  return createStringError("queue " + getName(*side) + " already " + does +
                           " semaphore " + Twine(semaphore) +
                           "; a second queue cannot");
}

Error Verifier::doWait(Follower &follower, const WaitCommand &wait,
                       bool &waits) {
  Semaphore &semaphore = semaphores[wait.semaphore];
  if (Error error =
          claim(semaphore.waiter, follower.queue, wait.semaphore, "waits for"))
    return error;
  waits = semaphore.total < wait.count;
  if (waits)
    return Error::success();
  semaphore.total -= wait.count;
  uint32_t left = wait.count;
  // Signals are in order, so the last of them knows most.
  while (left) {
    Semaphore::Tokens &tokens = semaphore.tokens.front();
    uint32_t taken = std::min(left, tokens.count);
    left -= taken;
    tokens.count -= taken;
    if (!left)
      for (auto [mine, theirs] : zip(follower.clock, tokens.clock))
        mine = std::max(mine, theirs);
    if (!tokens.count)
      semaphore.tokens.pop_front();
  }
  return Error::success();
}

Error Verifier::doSignal(Follower &follower, const SignalCommand &signal) {
  Semaphore &semaphore = semaphores[signal.semaphore];
  if (Error error = claim(semaphore.signaller, follower.queue, signal.semaphore,
                          "signals"))
    return error;
  semaphore.total += signal.count;
  semaphore.tokens.push_back({signal.count, follower.clock});
  return Error::success();
}

Error Verifier::checkHull(const Access &access) {
  ByteRange hull = access.where.getHull();
  Expected<uint64_t> bytes = getRegionBytes(hull.region);
  if (!bytes)
    return createStringError(access.what + ": " + toString(bytes.takeError()));
  if (hull.end <= *bytes)
    return Error::success();
  return createStringError(
      access.what + " is bytes [" + Twine(hull.begin) + ", " + Twine(hull.end) +
      ") of " + getRegionText(hull.region) + ", which has " + Twine(*bytes));
}

/// What a part of the commands may not touch.
Error Verifier::checkRegion(const Access &access) const {
  Address address{access.where.region, 0};
  if (isStart && (address.isInput() || address.isOutput()))
    return createStringError(access.what + ": " +
                             getRegionName(address.region) +
                             " is there in steps only, and this is done to "
                             "start");
  return Error::success();
}

std::string Verifier::describeConflict(const Access &access, bool writes,
                                       const Conflict &conflict) const {
  std::string text = access.what + (writes ? ": writes" : ": reads") +
                     " bytes [" + utostr(conflict.begin) + ", " +
                     utostr(conflict.end) + ") of " +
                     getRegionText(access.where.region);
  if (!conflict.other)
    return text + ", which nothing has written";
  std::string layer = stream.describe(conflict.other->offset);
  return text + ", which the command at word " +
         utostr(conflict.other->offset) + " (" +
         getName(static_cast<Queue>(conflict.other->queue)).str() +
         (layer.empty() ? "" : ", " + layer) + ") " +
         (conflict.otherWrites ? "writes" : "reads") +
         " without an order between them";
}

Error Verifier::doPieces(const Access &access, bool writes, const Actor &actor,
                         const Clock &clock, bool remember) {
  uint64_t pieces = access.where.getPieces();
  if (pieces > piecesLeft)
    return createStringError(access.what +
                             ": the bytes are too scattered to be followed; "
                             "use copies of longer rows");
  piecesLeft -= pieces;
  AccessHistory &history = histories[access.where.region];
  std::optional<Conflict> conflict;
  const KeptBytes *constant = nullptr;
  access.where.visitPieces([&](ByteRange piece) {
    if (writes && !isStart && (constant = findConstant(piece)))
      return false;
    conflict =
        writes ? history.write(piece.begin, piece.end, actor, clock)
               : history.read(piece.begin, piece.end, actor, clock, remember);
    return !conflict;
  });
  if (constant)
    return createStringError(access.what + ": writes to bytes [" +
                             Twine(constant->address.offset) + ", " +
                             Twine(constant->address.offset + constant->bytes) +
                             ") of " + getRegionText(access.where.region) +
                             ", which all steps read as they are");
  if (conflict)
    return createStringError(describeConflict(access, writes, *conflict));
  return Error::success();
}

Error Verifier::doAccesses(const Follower &follower, const Command &command) {
  Expected<SmallVector<Access, 8>> accesses =
      getAccesses(follower.queue, command, stream.programs);
  if (!accesses)
    return accesses.takeError();
  Actor actor{static_cast<uint8_t>(follower.queue), follower.commands,
              follower.next->offset};
  // Programs do one thing after the other and may work in place; all other
  // commands read and write in no order, but each sum is added to in place.
  bool isProgram = std::holds_alternative<ProgramCommand>(command);
  for (const Access &access : *accesses) {
    if (Error error = checkHull(access))
      return error;
    if (Error error = checkRegion(access))
      return error;
    if (!access.reads || access.where.region == kConstants ||
        Address{access.where.region, 0}.isInput())
      continue;
    if (Error error = doPieces(access, /*writes=*/false, actor, follower.clock,
                               /*remember=*/!access.writes || isProgram))
      return error;
  }
  Clock clock = follower.clock;
  if (isProgram)
    ++clock[actor.queue];
  for (const Access &access : *accesses)
    if (access.writes)
      if (Error error = doPieces(access, /*writes=*/true, actor, clock, false))
        return error;
  return Error::success();
}

Error Verifier::checkBalance() {
  for (auto [index, semaphore] : enumerate(semaphores))
    if (semaphore.total)
      return createStringError(
          "semaphore " + Twine(index) + " still has " + Twine(semaphore.total) +
          " tokens at halt: signals and waits must be equal in number");
  return Error::success();
}

Error Verifier::checkOutputs() {
  for (const Tensor &tensor : stream.tensors) {
    Address address = tensor.address;
    uint64_t bytes = *tensor.getBytes();
    if (!address.isOutput() || !bytes)
      continue;
    if (std::optional<Conflict> missing =
            histories[address.region].findUnwritten(address.offset,
                                                    address.offset + bytes))
      return createStringError(
          "output '" + tensor.name + "': bytes [" + Twine(missing->begin) +
          ", " + Twine(missing->end) + ") of " + getRegionName(address.region) +
          " are never written");
  }
  return Error::success();
}

Error verify(const Stream &stream, ArrayRef<ChipMemory> memories,
             const VerifyOptions &options) {
  return Verifier(stream, memories, options).run();
}

} // namespace lacuna::npu
