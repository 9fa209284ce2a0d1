//===- Streaming.h - Networks that go step by step -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_STREAMING_H
#define LACUNA_LIB_DRIVER_STREAMING_H

#include "lacuna/Driver/Program.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/CommandLine.h"
#include <memory>

namespace lacuna {

class RunTargetOptions;
enum class Target;

/// `--stream[=[NAME:]axis=N,hop=N]`
class StreamOption {
public:
  explicit StreamOption(llvm::cl::SubCommand &sub);

  bool isGiven() const { return spec.getNumOccurrences(); }
  /// The option as it would be given again.
  std::string getText() const;
  /// The exit code, after a message: whether the text says something, and
  /// something that `target` can do.
  int check(Target target) const;
  /// Makes a step function of `module`; the exit code, after diagnostics. Time
  /// is `axis`, if it is given.
  int apply(mlir::ModuleOp module,
            std::optional<int64_t> axis = std::nullopt) const;

private:
  struct Spec {
    std::string input;
    int64_t axis = -1, hop = 0;
  };
  /// An error says what is wrong with the text.
  llvm::Expected<Spec> parse() const;

  llvm::cl::opt<std::string> spec;
};

/// How a step function goes through a recording, from `module` or a manifest.
struct StreamShape {
  int64_t frames = 1, clip = 1, axis = 0;
  /// Of all states.
  int64_t stateBytes = 0;
  std::vector<int64_t> outputAxes;
};
StreamShape getStreamShape(mlir::ModuleOp module);

/// The ports of a step function that an app sees: one frame, the outputs, and
/// last how many of them are new.
std::vector<Port> getStepInputs(mlir::ModuleOp module);
std::vector<Port> getStepOutputs(mlir::ModuleOp module);

/// The states of the step function in `module` before its first step.
std::vector<HostTensor> getInitialStates(mlir::ModuleOp module);

/// A program that takes the frames of a recording as samples, and gives what it
/// has after each step and in the flush. `step` is the step function: it takes
/// the states, of which `initial` are the first, and gives those after it, or
/// keeps them itself.
std::unique_ptr<Program> makeStepsProgram(std::unique_ptr<Program> step,
                                          const StreamShape &shape,
                                          std::vector<HostTensor> initial);

/// Makes `port`, whose dimension `axis` is time, as long as the recording that
/// the first of `inputs`, `[NAME=]FILE`, holds.
void fitRecording(llvm::ArrayRef<std::string> inputs, int64_t axis, Port &port);

/// Compiles the step function in `module`, which was made of a network of clips
/// with the ports `inputs` and `outputs`: null, after diagnostics, with the
/// exit code.
std::unique_ptr<Program> compileStream(const RunTargetOptions &target,
                                       mlir::OwningOpRef<mlir::ModuleOp> module,
                                       std::vector<Port> inputs,
                                       std::vector<Port> outputs,
                                       int &exitCode);

/// A program that takes whole recordings of `inputs`, and gives `steps`, which
/// takes frames, the frames one after the other. Of a clip, outputs are those
/// of the network of whole clips; of a longer recording, those that sum up a
/// clip are stacked.
std::unique_ptr<Program> makeRecordingProgram(std::unique_ptr<Program> steps,
                                              const StreamShape &shape,
                                              std::vector<Port> inputs,
                                              std::vector<Port> outputs);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_STREAMING_H
