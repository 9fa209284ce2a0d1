//===- BufferizableOpInterfaces.cpp - neon for one-shot bufferization -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace lacuna;

namespace {
/// A kernel writes its destination and reads nothing of it.
template <typename Op>
struct KernelInterface : bufferization::DstBufferizableOpInterfaceExternalModel<
                             KernelInterface<Op>, Op> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const bufferization::AnalysisState &) const {
    // But for the filters that are made again.
    return isa<neon::WideFiltersOp>(op) ||
           !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
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
    rewriter.create(onMemory);
    Value init = cast<DestinationStyleOpInterface>(op).getDpsInits().front();
    size_t index = 0;
    while (op->getOperand(index) != init)
      ++index;
    bufferization::replaceOpWithBufferizedValues(rewriter, op, buffers[index]);
    return success();
  }
};
} // namespace

void neon::registerBufferizableOpInterfaces(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, NeonDialect *) {
    ConvOp::attachInterface<KernelInterface<ConvOp>>(*context);
    WideFiltersOp::attachInterface<KernelInterface<WideFiltersOp>>(*context);
    PoolOp::attachInterface<KernelInterface<PoolOp>>(*context);
    SoftmaxOp::attachInterface<KernelInterface<SoftmaxOp>>(*context);
  });
}
