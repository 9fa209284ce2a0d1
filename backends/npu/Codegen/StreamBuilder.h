//===- StreamBuilder.h - A stream while it is written -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_STREAMBUILDER_H
#define LACUNA_BACKENDS_NPU_CODEGEN_STREAMBUILDER_H

#include "backends/npu/Codegen/CommandOrder.h"
#include "backends/npu/Stream/Stream.h"

#include "mlir/IR/Operation.h"
#include "mlir/Support/LogicalResult.h"

namespace lacuna::npu {

/// When a command is done.
enum class When { Start, Step };

/// Takes commands in an order in which they could be done one after the other,
/// and lets queues run beside each other as far as the commands allow it: a
/// command that another queue must have done something for waits for a token.
class StreamBuilder {
public:
  explicit StreamBuilder(bool elide) : elide(elide) {}

  /// What follows belongs to `layer`.
  void beginLayer(Layer layer);
  /// What follows is for this tile of the layer.
  void beginTile(llvm::ArrayRef<int64_t> tile);

  /// Fails, after a diagnostic at `op`, if the command is none.
  mlir::LogicalResult add(mlir::Operation *op, Queue queue,
                          const Command &command, When when = When::Step);

  /// There is something to do before the first step, if only nothing.
  void setHasSteps() { hasSteps = true; }
  /// It stays as it is between steps. What nobody else writes is constant.
  void keep(Address address, uint64_t bytes, bool isConstant) {
    stream.kept.push_back({address, bytes, isConstant});
  }

  unsigned addProgram(Program program);
  /// Aligned to 64 bytes. What no command has an address in is left out.
  Address addConstant(llvm::ArrayRef<char> bytes);
  llvm::ArrayRef<uint8_t> getConstant(Address address, size_t bytes) const {
    return llvm::ArrayRef(constants).slice(address.offset, bytes);
  }

  /// The stream, without what the caller knows of it: machine and tensors.
  mlir::FailureOr<Stream> take(mlir::Operation *op);

private:
  /// A command with what it waits for before and signals after, a bit for each
  /// other queue.
  struct Item {
    Queue queue;
    Command command;
    mlir::Operation *op;
    uint32_t tile;
    uint8_t waits = 0, signals = 0;
  };
  /// Where a command is for.
  struct Tile {
    uint32_t layer;
    llvm::SmallVector<int32_t, 4> position;
  };

  /// The commands of a time, in the order in which they came.
  struct Items {
    CommandOrder order;
    std::vector<Item> all;
    /// The items of each queue.
    std::array<std::vector<uint32_t>, kQueues> ofQueue;
  };

  mlir::LogicalResult write(CommandWriter &writer, const Item &item);
  mlir::LogicalResult write(CommandWriter &writer, const Items &items,
                            mlir::Operation *op);
  mlir::LogicalResult dropConstants();

  bool elide, hasSteps = false;
  Stream stream;
  std::vector<uint8_t> constants;
  /// Where each begins.
  std::vector<uint64_t> constantOffsets;
  std::vector<Tile> tiles;
  /// Of either time.
  std::array<Items, 2> items;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_STREAMBUILDER_H
