//===- StepApi.h - What an app calls for each frame -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_BUNDLE_STEPAPI_H
#define LACUNA_BACKENDS_NEON_BUNDLE_STEPAPI_H

#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace lacuna::neon {

/// Attribute of the module: bytes and initial value of each state.
inline constexpr llvm::StringLiteral kStatesAttr = "neon.states";

/// What a step function keeps in its arena, behind the state of the network.
struct StepLayout {
  struct State {
    int64_t offset, bytes;
    llvm::StringRef type;
    /// The bytes with which it begins, over and over.
    std::string initial;
  };

  /// How many frames a step takes, and of how many a clip is.
  int64_t frames = 1, clip = 1;
  /// Which dimension of the model's input is time, and of each output, or -1.
  int64_t axis = 0;
  std::vector<int64_t> outputAxes;
  /// Where the clock and the block of frames are, in bytes from the start of
  /// the arena, and where what is kept ends.
  int64_t clock = 0, block = 0, end = 0;
  int64_t frameBytes = 0;
  std::vector<State> states;

  /// Bytes of what goes from step to step: states, and frames that wait.
  int64_t getStateBytes() const;
};

/// The layout for `module`, whose clock and states lie from `start` on; none if
/// it has no step function.
std::optional<StepLayout> getStepLayout(mlir::ModuleOp module, int64_t start);

/// The declarations and the definitions for the network `name`, which takes
/// `arguments`.
std::string declareSteps(llvm::StringRef name, const StepLayout &layout);
std::string defineSteps(llvm::StringRef name, const StepLayout &layout,
                        llvm::StringRef arguments);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_BUNDLE_STEPAPI_H
