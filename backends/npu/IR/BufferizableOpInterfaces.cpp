//===- BufferizableOpInterfaces.cpp - Layers from tensors to memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/IR/NpuDialect.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace lacuna;

namespace {
template <typename Op>
struct LayerInterface
    : bufferization::DstBufferizableOpInterfaceExternalModel<LayerInterface<Op>,
                                                             Op> {
  /// Tiles are written while others are still to be read: the destination is
  /// none of the operands.
  bool bufferizesToElementwiseAccess(Operation *,
                                     const bufferization::AnalysisState &,
                                     ArrayRef<OpOperand *>) const {
    return false;
  }

  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const bufferization::AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer =
          bufferization::getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    OperationState onMemory(op->getLoc(), op->getName(), buffers, TypeRange(),
                            op->getAttrs());
    onMemory.addRegion()->takeBody(op->getRegion(0));
    rewriter.create(onMemory);
    // The destination is the last operand.
    bufferization::replaceOpWithBufferizedValues(rewriter, op, buffers.back());
    return success();
  }
};
} // namespace

void npu::registerBufferizableOpInterfaces(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, NpuDialect *) {
    ConvOp::attachInterface<LayerInterface<ConvOp>>(*context);
    MatMulOp::attachInterface<LayerInterface<MatMulOp>>(*context);
  });
}
