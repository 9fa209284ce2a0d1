//===- HostStandIn.cpp - The target host in place of the reference -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostStandIn.h"

#include "HalideKernels.h"
#include "Inspection.h"

#include "lacuna/Driver/BundleProgram.h"

#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;

/// Whether nothing in `module` is quantized or of floats other than float32:
/// of those, kernels round on the way.
static bool isOfFloats(ModuleOp module) {
  auto isOther = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return isa<FloatType>(element) && !element.isF32();
  };
  return !module
              .walk([&](Operation *op) {
                bool stops = isa<qnn::QNNDialect>(op->getDialect()) ||
                             llvm::any_of(op->getOperandTypes(), isOther) ||
                             llvm::any_of(op->getResultTypes(), isOther);
                return stops ? WalkResult::interrupt() : WalkResult::advance();
              })
              .wasInterrupted();
}

std::unique_ptr<Program> lacuna::compileStandIn(ModuleOp module, int64_t runs,
                                                StringRef file) {
  // The reference does some hundred millions a second.
  constexpr double kWorthwhileMacs = 1e10;
  if (double(countMacs(module)) * double(runs) < kWorthwhileMacs ||
      !isOfFloats(module))
    return nullptr;
  std::string program;
  llvm::Error error = findHalide(program);
  llvm::Expected<neon::Core> core = neon::getHostCore("native");
  if (!core)
    error = llvm::joinErrors(std::move(error), core.takeError());
  if (error) {
    llvm::errs() << file << ": note: the reference computes this, slowly: "
                 << llvm::toString(std::move(error)) << "\n";
    return nullptr;
  }
  BundleRunOptions options;
  options.core = *core;
  std::string reason;
  std::unique_ptr<Program> made;
  {
    ScopedDiagnosticHandler collect(module.getContext(),
                                    [&](Diagnostic &diagnostic) {
                                      if (reason.empty())
                                        reason = diagnostic.str();
                                    });
    made =
        BundleProgram::compile(OwningOpRef<ModuleOp>(module.clone()), options);
  }
  if (!made)
    llvm::errs() << file
                 << ": note: the reference computes this, slowly: " << reason
                 << "\n";
  return made;
}
