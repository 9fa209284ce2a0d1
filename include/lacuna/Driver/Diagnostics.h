//===- Diagnostics.h - How messages reach the user -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_DIAGNOSTICS_H
#define LACUNA_DRIVER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include <string>

namespace lacuna {

/// The exit codes of every command.
enum ExitCode : int {
  kExitOk = 0,
  kExitUsage = 1,
  kExitFile = 2,
  kExitInvalidModel = 3,
  kExitUnsupported = 4,
  kExitCompile = 5,
  kExitDiffers = 6,
};

/// Prints diagnostics as `model.onnx: error: node 'conv_3' (Conv, opset 13):
/// ...` while it lives, or collects them if `text` is given.
class DiagnosticPrinter {
public:
  DiagnosticPrinter(mlir::MLIRContext *context, llvm::StringRef file,
                    std::string *text = nullptr);

private:
  std::string file;
  mlir::ScopedDiagnosticHandler handler;
};

/// Prints `file: error: message` and returns `code`.
int reportError(llvm::StringRef file, const llvm::Twine &message, int code);

} // namespace lacuna

#endif // LACUNA_DRIVER_DIAGNOSTICS_H
