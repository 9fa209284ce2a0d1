//===- StreamBuilder.h - A stream while it is written -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_STREAMBUILDER_H
#define LACUNA_BACKENDS_NPU_CODEGEN_STREAMBUILDER_H

#include "backends/npu/Stream/Commands.h"
#include "backends/npu/Stream/Stream.h"

#include "mlir/IR/Operation.h"
#include "mlir/Support/LogicalResult.h"

namespace lacuna::npu {

/// The semaphores of a layer of products: what is full and what is free, of the
/// slots of each kind of tile.
enum LayerSemaphore : uint8_t {
  kInputFull,
  kInputFree,
  kWeightsFull,
  kWeightsFree,
  kExtrasFull,
  kExtrasFree,
  kSumsFull,
  kSumsFree,
  kOutputFull,
  kOutputFree,
  /// Where sums are the result.
  kResultFull,
  kResultFree,
  /// A program's own memory holds something.
  kVectorScratchFull,
  kScalarScratchFull,
  /// Then one for each pair of queues, that a layer is done.
  kLayerDone = 16
};

class StreamBuilder {
public:
  explicit StreamBuilder(bool elide) : writer(elide) {}

  /// What follows, on the queues `used`, belongs to `layer`.
  mlir::LogicalResult beginLayer(mlir::Operation *op, Layer layer,
                                 llvm::ArrayRef<Queue> used);
  /// `queue` goes on when the layer before this one is done.
  mlir::LogicalResult waitForLast(mlir::Operation *op, Queue queue);
  /// The layer is done when what `last` has so far is.
  void endLayer(Queue last) { done = last; }

  /// What follows is for this tile of the layer.
  void beginTile(llvm::ArrayRef<int64_t> tile);

  /// Fails, after a diagnostic at `op`, if the command is none.
  mlir::LogicalResult add(mlir::Operation *op, Queue queue,
                          const Command &command);
  mlir::LogicalResult wait(mlir::Operation *op, Queue queue,
                           uint8_t semaphore) {
    return add(op, queue, WaitCommand{semaphore, 1});
  }
  mlir::LogicalResult signal(mlir::Operation *op, Queue queue,
                             uint8_t semaphore) {
    return add(op, queue, SignalCommand{semaphore, 1});
  }

  unsigned addProgram(Program program);
  /// Aligned to 64 bytes.
  Address addConstant(llvm::ArrayRef<char> bytes);

  /// The stream, without what the caller knows of it: machine and tensors.
  mlir::FailureOr<Stream> take(mlir::Operation *op);

  /// The bytes that the last layer of products loaded its weights to, in a
  /// memory of weights alone.
  struct WeightsRange {
    uint64_t begin = 0, end = 0;
  };
  WeightsRange lastWeights;

private:
  CommandWriter writer;
  Stream stream;
  std::vector<uint8_t> constants;
  /// The queue that finishes the layer before.
  std::optional<Queue> done;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_STREAMBUILDER_H
