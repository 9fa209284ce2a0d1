//===- EmitCPatterns.h - What neon-convert-to-emitc is made of -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_TRANSFORMS_EMITCPATTERNS_H
#define LACUNA_BACKENDS_NEON_TRANSFORMS_EMITCPATTERNS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/DialectConversion.h"

namespace lacuna::neon {

/// Scalars of arith and math: operators of C++, or calls.
void populateScalarToEmitCPatterns(mlir::RewritePatternSet &patterns,
                                   const mlir::TypeConverter &types);

/// Loads, stores and views: pointers and indices.
void populateMemoryToEmitCPatterns(mlir::RewritePatternSet &patterns,
                                   const mlir::TypeConverter &types);

/// Functions, calls and returns.
void populateFunctionToEmitCPatterns(mlir::RewritePatternSet &patterns,
                                     const mlir::TypeConverter &types);

/// Calls of kernels.
void populateKernelToEmitCPatterns(mlir::RewritePatternSet &patterns,
                                   const mlir::TypeConverter &types);

/// Whether all kernels of `module` are on memory, and packed.
mlir::LogicalResult checkKernels(mlir::ModuleOp module);

/// Gives each kernel of `module` the name of the C++ structure of its shape,
/// and each function a summary of its kernels.
void nameKernels(mlir::ModuleOp module);
inline constexpr llvm::StringLiteral kShapeNameAttr = "neon.shape_name";

/// A number as it stands in C++.
mlir::Value createLiteral(mlir::OpBuilder &b, mlir::Location loc,
                          mlir::Type type, llvm::StringRef text);
mlir::Value createLiteral(mlir::OpBuilder &b, mlir::Location loc,
                          mlir::Type type, int64_t value);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_TRANSFORMS_EMITCPATTERNS_H
