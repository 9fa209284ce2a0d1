//===- lacuna-translate.cpp - Translations in and out of Lacuna's IR -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuStream.h"
#include "lacuna/Driver/Diagnostics.h"
#include "lacuna/Driver/Registration.h"
#include "lacuna/Frontend/Import.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

int main(int argc, char **argv) {
  TranslateToMLIRRegistration importOnnx(
      "import-onnx", "import an ONNX model, protobuf or text",
      [](llvm::SourceMgr &sources, MLIRContext *context) {
        DialectRegistry registry;
        lacuna::registerDialects(registry);
        context->appendDialectRegistry(registry);
        const llvm::MemoryBuffer *buffer =
            sources.getMemoryBuffer(sources.getMainFileID());
        lacuna::DiagnosticPrinter printer(context,
                                          buffer->getBufferIdentifier());
        return lacuna::importModelFromBuffer(
                   buffer->getBuffer(),
                   llvm::sys::path::parent_path(buffer->getBufferIdentifier()),
                   *context, {})
            .module;
      });
  lacuna::registerNpuStreamTranslations();
  return failed(mlirTranslateMain(argc, argv, "Lacuna's translation driver\n"));
}
