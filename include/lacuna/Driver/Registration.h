//===- Registration.h - The dialects and passes of Lacuna -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_REGISTRATION_H
#define LACUNA_DRIVER_REGISTRATION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace lacuna {

/// The dialects that Lacuna's IR may hold: its own, and only those of upstream
/// that it uses.
void registerDialects(mlir::DialectRegistry &registry);

/// Lacuna's passes and pipelines, and the upstream passes that tests need.
void registerPasses();

} // namespace lacuna

#endif // LACUNA_DRIVER_REGISTRATION_H
