//===- Import.cpp - Entry points of the ONNX frontend -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Frontend/Import.h"

#include "GraphImporter.h"
#include "Model.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/qnn/IR/QNNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace lacuna {

ImportResult importModelFromBuffer(StringRef buffer, StringRef folder,
                                   MLIRContext &context,
                                   const ImportOptions &options) {
  context.loadDialect<nn::NNDialect, arith::ArithDialect, func::FuncDialect,
                      linalg::LinalgDialect, math::MathDialect, qnn::QNNDialect,
                      tensor::TensorDialect>();
  ImportResult result;
  llvm::Expected<std::shared_ptr<onnx::ModelProto>> model = parseModel(buffer);
  if (!model) {
    emitError(UnknownLoc::get(&context)) << llvm::toString(model.takeError());
    result.failure = ImportFailure::Invalid;
    return result;
  }
  GraphImporter(std::move(*model), folder, context, options, result).run();
  return result;
}

ImportResult importModel(StringRef path, MLIRContext &context,
                         const ImportOptions &options) {
  // Read rather than mapped: protobuf copies what it parses, and a mapped file
  // would be counted twice.
  auto file = llvm::MemoryBuffer::getFileOrSTDIN(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file) {
    emitError(UnknownLoc::get(&context))
        << "cannot read the file: " << file.getError().message();
    ImportResult result;
    result.failure = ImportFailure::CannotRead;
    return result;
  }
  return importModelFromBuffer((*file)->getBuffer(),
                               llvm::sys::path::parent_path(path), context,
                               options);
}

} // namespace lacuna
