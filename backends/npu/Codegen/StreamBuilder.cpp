//===- StreamBuilder.cpp - A stream while it is written -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/StreamBuilder.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

LogicalResult StreamBuilder::beginLayer(mlir::Operation *op, Layer layer,
                                        ArrayRef<Queue> used) {
  uint32_t index = stream.layers.size();
  stream.layers.push_back(std::move(layer));
  beginTile({});
  for (Queue queue : used)
    if (failed(add(op, queue, MarkCommand{index})))
      return failure();
  return success();
}

LogicalResult StreamBuilder::waitForLast(mlir::Operation *op, Queue queue) {
  if (!done || *done == queue)
    return success();
  uint8_t semaphore = kLayerDone + static_cast<uint8_t>(*done) * kQueues +
                      static_cast<uint8_t>(queue);
  return failure(failed(signal(op, *done, semaphore)) ||
                 failed(wait(op, queue, semaphore)));
}

void StreamBuilder::beginTile(ArrayRef<int64_t> tile) {
  DebugEntry entry;
  entry.offset = writer.getOffset();
  entry.layer = stream.layers.size() - 1;
  entry.tile.assign(tile.begin(), tile.end());
  if (!stream.debug.empty() && stream.debug.back().offset == entry.offset)
    stream.debug.back() = std::move(entry);
  else
    stream.debug.push_back(std::move(entry));
}

LogicalResult StreamBuilder::add(mlir::Operation *op, Queue queue,
                                 const Command &command) {
  if (llvm::Error error = writer.write(queue, command))
    return op->emitError("cannot be a command: ")
           << llvm::toString(std::move(error));
  return success();
}

unsigned StreamBuilder::addProgram(Program program) {
  stream.programs.push_back(std::move(program));
  return stream.programs.size() - 1;
}

Address StreamBuilder::addConstant(ArrayRef<char> bytes) {
  constants.resize(llvm::alignTo(constants.size(), 64));
  uint64_t offset = constants.size();
  constants.insert(constants.end(), bytes.begin(), bytes.end());
  return Address::constant(offset);
}

FailureOr<Stream> StreamBuilder::take(mlir::Operation *op) {
  if (failed(add(op, Queue::DmaIn, HaltCommand())))
    return failure();
  stream.commands = writer.take();
  stream.constants = Bytes(std::move(constants));
  llvm::Expected<uint64_t> features = getUsedFeatures(stream);
  if (!features)
    return op->emitError() << llvm::toString(features.takeError());
  stream.features = *features;
  return std::move(stream);
}
