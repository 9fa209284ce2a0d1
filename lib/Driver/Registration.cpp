//===- Registration.cpp - The dialects and passes of Lacuna -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/Registration.h"

#include "backends/neon/Pipeline.h"
#include "backends/npu/Pipeline.h"
#include "lacuna/Compress/Passes.h"
#include "lacuna/Driver/Reference.h"
#include "lacuna/Schedule/Passes.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Passes.h"
#include "dialects/qnn/IR/QNNDialect.h"
#include "dialects/qnn/Transforms/Passes.h"
#include "dialects/tconv/IR/TConvDialect.h"
#include "dialects/tconv/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void lacuna::registerDialects(DialectRegistry &registry) {
  registry
      .insert<arith::ArithDialect, bufferization::BufferizationDialect,
              cf::ControlFlowDialect, func::FuncDialect, linalg::LinalgDialect,
              LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
              nn::NNDialect, qnn::QNNDialect, scf::SCFDialect,
              tconv::TConvDialect, tensor::TensorDialect>();
  registerReferenceDialects(registry);
  neon::registerDialects(registry);
  npu::registerDialects(registry);
}

void lacuna::registerPasses() {
  nn::registerLacunaNNPasses();
  qnn::registerLacunaQNNPasses();
  registerLacunaCompressPasses();
  tconv::registerLacunaTConvPasses();
  registerLacunaSchedulePasses();
  registerReferencePipeline();
  neon::registerPipelines();
  npu::registerPipelines();
  registerCanonicalizerPass();
  registerCSEPass();
}
