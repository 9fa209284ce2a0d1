//===- Commands.h - Commands as structs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What code generation writes and simulation reads: a command with everything
// that it needs, in place of registers that were set at some time before.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_COMMANDS_H
#define LACUNA_BACKENDS_NPU_STREAM_COMMANDS_H

#include "backends/npu/Stream/Registers.h"
#include <array>
#include <variant>
#include <vector>

namespace lacuna::npu {

/// Copies a block of up to four dimensions, the innermost last.
struct CopyCommand {
  Address source, destination;
  std::array<int64_t, 4> extents = {1, 1, 1, 1};
  /// In bytes.
  std::array<int64_t, 4> sourceStrides = {}, destinationStrides = {};
  int64_t elementBytes = 1;
  /// How the side in DRAM is stored; the other one is dense.
  StoredFormat format = StoredFormat::Dense;
  int64_t formatParameter = 0, absent = 0, storedBytes = 0;

  int64_t getElements() const;
};

/// Writes one value everywhere in a block.
struct FillCommand {
  Address destination;
  std::array<int64_t, 4> extents = {1, 1, 1, 1};
  std::array<int64_t, 4> strides = {};
  int64_t elementBytes = 1;
  /// The lowest `elementBytes` count.
  int64_t value = 0;
};

/// Three dimensions of space: depth, height, width.
using Extents = std::array<int64_t, 3>;

/// A convolution of a tile, or a product of matrices, which is one of 1x1.
struct ConvCommand {
  Address input, weights, bias, sums, weightZeroPoints;
  ArrayType inputType = ArrayType::Int8, weightsType = ArrayType::Int8;
  int64_t batch = 1, groups = 1, channels = 1, filters = 1;
  Extents inputExtents = {1, 1, 1}, outputExtents = {1, 1, 1};
  Extents kernel = {1, 1, 1}, stride = {1, 1, 1}, dilation = {1, 1, 1};
  Extents padBefore = {};
  /// In elements. Weights are [filter][channel of the group][d][h][w].
  std::array<int64_t, 5> inputStrides = {}, weightStrides = {}, sumStrides = {};
  int64_t inputZeroPoint = 0, weightZeroPoint = 0;
  bool accumulate = false;
  StoredFormat weightsFormat = StoredFormat::Dense;
  int64_t weightsFormatParameter = 0, weightsBytes = 0;
  Algorithm algorithm = Algorithm::Direct;
  std::array<int64_t, 8> mapping = {};

  bool isFloat() const { return inputType == ArrayType::Float32; }
};

/// Runs a program of the programs section.
struct ProgramCommand {
  int64_t program = 0;
  std::array<Address, 8> operands;
  /// How many bytes of each operand this run may touch; 0: as many as the
  /// program says.
  std::array<int64_t, 8> bytes = {};
  std::array<int64_t, 8> arguments = {};
};

struct WaitCommand {
  uint8_t semaphore = 0;
  uint32_t count = 1;
};
struct SignalCommand {
  uint8_t semaphore = 0;
  uint32_t count = 1;
};
/// What follows on this queue belongs to that layer.
struct MarkCommand {
  uint32_t layer = 0;
};
struct HaltCommand {};

using Command =
    std::variant<CopyCommand, FillCommand, ConvCommand, ProgramCommand,
                 WaitCommand, SignalCommand, MarkCommand, HaltCommand>;

/// The operation that `run` does for this command; none for what has no `run`.
std::optional<Operation> getOperation(const Command &command);

/// An error if `queue` cannot do this, or if the fields do not fit each other.
/// Knows nothing of memories and programs.
llvm::Error check(Queue queue, const Command &command);

/// Commands to words. Registers that have their value already are not set
/// again, unless `elide` is false. What follows `halt` is another part, whose
/// registers are all 0 again.
class CommandWriter {
public:
  explicit CommandWriter(bool elide = true);

  /// An error if the command does not hold what `check` wants or a value does
  /// not fit its register; nothing is written then.
  llvm::Error write(Queue queue, const Command &command);

  /// Where the next command begins, for the debug map.
  uint32_t getOffset() const { return static_cast<uint32_t>(words.size()); }
  std::vector<uint32_t> take() { return std::move(words); }

private:
  void writeSets(Queue queue, llvm::ArrayRef<std::pair<unsigned, int64_t>> set);

  bool elide;
  std::vector<uint32_t> words;
  /// Values of the registers of each queue.
  std::array<std::vector<int64_t>, kQueues> files;
};

/// A command where it stands.
struct PlacedCommand {
  Command command;
  /// Its first word; the sets before it do not count.
  uint32_t offset = 0;
  /// Words of this queue that were read for it: its own and those of the sets
  /// before.
  uint32_t words = 0;
};

/// The commands of one queue, with the registers applied. What it gives has
/// passed `check`; `set` and skipped commands are not given.
class QueueReader {
public:
  QueueReader(CommandPart part, Queue queue);

  /// The next command; `halt` is the last. Must not be called after it, nor
  /// after an error.
  llvm::Expected<PlacedCommand> next();

private:
  llvm::Error readSet(const CommandHeader &header);
  llvm::Expected<Command> readRun(Operation operation);

  llvm::ArrayRef<uint32_t> words;
  Queue queue;
  const RegisterFile &file;
  std::vector<int64_t> values;
  uint32_t offset;
};

/// An error at the first word that is no command of this version: reserved bits
/// that are not zero, unknown opcodes that cannot be skipped, no `halt` at the
/// end. Says nothing of registers.
llvm::Error checkWords(CommandPart part);

/// `command at word 18 (array.conv): `
std::string describePlace(uint32_t offset, Queue queue, const Command &command);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_COMMANDS_H
