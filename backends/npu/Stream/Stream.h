//===- Stream.h - A command stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the file says that an accelerator runs: commands, and what they need.
// docs/stream.md describes the bytes and the text.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_STREAM_H
#define LACUNA_BACKENDS_NPU_STREAM_STREAM_H

#include "backends/npu/Stream/Program.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/raw_ostream.h"

namespace lacuna::npu {

/// Bytes of its own, or somebody else's that outlive it.
class Bytes {
public:
  Bytes() = default;
  Bytes(std::vector<uint8_t> own) : own(std::move(own)) {}
  static Bytes borrow(llvm::ArrayRef<uint8_t> other) {
    Bytes bytes;
    bytes.other = other;
    return bytes;
  }

  llvm::ArrayRef<uint8_t> get() const {
    return own.empty() ? other : llvm::ArrayRef<uint8_t>(own);
  }
  size_t size() const { return get().size(); }

private:
  std::vector<uint8_t> own;
  llvm::ArrayRef<uint8_t> other;
};

/// An input or an output of the graph.
struct Tensor {
  std::string name;
  TensorType type = TensorType::Float32;
  std::vector<int64_t> shape;
  /// Dense and row-major, from here on.
  Address address;

  /// None if it is more than a region holds.
  std::optional<uint64_t> getBytes() const;
};

struct Layer {
  std::string name;
  /// Names of the ONNX nodes that it computes.
  std::vector<std::string> nodes;
  /// The clocks of the array layer that its tiling was chosen by; 0: nobody
  /// estimated them.
  uint64_t estimatedCycles = 0;
};

constexpr unsigned kMaxTileRank = 8;

/// What the commands from `offset` on (in words), up to the next entry, are
/// for.
struct DebugEntry {
  uint32_t offset = 0, layer = 0;
  llvm::SmallVector<int32_t, 4> tile;
};

/// Bytes that are there still when the next step begins. Those that are
/// constant were written to start, and a step only reads them.
struct KeptBytes {
  Address address;
  uint64_t bytes = 0;
  bool isConstant = false;
};

struct Stream {
  std::string machine;
  uint64_t machineHash = 0;
  /// See `getFeatureNames`; at least what `getUsedFeatures` says.
  uint64_t features = 0;
  uint64_t workspaceBytes = 0;
  std::vector<uint32_t> commands;
  /// Where the commands of a step begin. Those before are done once, to start,
  /// and then steps may follow each other; 0: there are none, and nothing is
  /// kept.
  uint32_t stepBegin = 0;
  /// In ascending order, on the chip and in the workspace.
  std::vector<KeptBytes> kept;
  Bytes constants;
  std::vector<Program> programs;
  std::vector<Tensor> tensors;
  std::vector<Layer> layers;
  /// Offsets ascend and are less than the number of words.
  std::vector<DebugEntry> debug;

  /// The entry of the command at `offset`; none before the first.
  const DebugEntry *findDebugEntry(uint32_t offset) const;
  /// `layer 'conv_1' (Conv_13), tile 0, 1`; empty if nothing is known.
  std::string describe(uint32_t offset) const;
  bool hasStart() const { return stepBegin != 0; }
  CommandPart getStart() const {
    return {llvm::ArrayRef(commands).take_front(stepBegin), 0};
  }
  CommandPart getStep() const { return {commands, stepBegin}; }
  /// Those that there are.
  llvm::SmallVector<CommandPart, 2> getParts() const;

  /// Bytes of an input's or output's region; 0 if it has none.
  uint64_t getRegionBytes(uint8_t region) const;
};

/// An error if the offsets of the debug map do not ascend or are too large.
llvm::Error checkDebug(const Stream &stream);

/// An error if the step begins outside of the commands, or if what is kept does
/// not ascend or lies where nothing can be kept.
llvm::Error checkLoop(const Stream &stream);

/// What the commands need that not all machines have. An error if commands are
/// not well formed.
llvm::Expected<uint64_t> getUsedFeatures(const Stream &stream);

/// The file. An error if the stream does not fit its format (names or tables
/// that are too long, malformed programs).
llvm::Expected<std::vector<uint8_t>> encode(const Stream &stream);

/// The stream that a file holds. Constants are not copied: `file` must outlive
/// the stream. What it gives is well formed as a file; whether it may run is
/// for `verify` to say.
llvm::Expected<Stream> decode(llvm::ArrayRef<uint8_t> file);

/// An error unless the stream was made for that machine.
llvm::Error checkMachine(const Stream &stream, llvm::StringRef machine,
                         uint64_t machineHash);

/// Writes the text form, which `assemble` reads.
void disassemble(const Stream &stream, llvm::raw_ostream &os);

/// Reads the text form. Errors begin with `line:column: `.
llvm::Expected<Stream> assemble(llvm::StringRef text);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_STREAM_H
