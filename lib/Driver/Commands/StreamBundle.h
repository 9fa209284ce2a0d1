//===- StreamBundle.h - Bundles of the target npu -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_COMMANDS_STREAMBUNDLE_H
#define LACUNA_LIB_DRIVER_COMMANDS_STREAMBUNDLE_H

#include "../Streaming.h"

#include "backends/npu/Stream/Stream.h"
#include "lacuna/Schedule/Machine.h"
#include "lacuna/Schedule/Port.h"

#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace lacuna {

/// A stream and the machine that it is for.
struct StreamBundle {
  Machine machine;
  npu::Stream stream;
  /// How a recording is gone through, if the stream does that.
  std::optional<StreamShape> steps;
  /// The network of whole clips, to compare with, if it is at hand.
  std::optional<npu::Stream> clip;
  /// What constants point into, if it was read.
  std::unique_ptr<llvm::MemoryBuffer> file;
};

bool hasStream(llvm::StringRef folder);

/// Reads the stream of a folder. `machine` is a name or a file; if empty, the
/// stream names its own. Returns the exit code, after a message.
int readStreamBundle(llvm::StringRef folder, llvm::StringRef machine,
                     StreamBundle &bundle);

/// What a bundle with steps takes: a clip.
Port getClip(const StreamBundle &bundle);

/// A program that takes `recording`; `step` runs the stream of `bundle`, which
/// has steps.
std::unique_ptr<Program> makeRecordingProgram(const StreamBundle &bundle,
                                              std::unique_ptr<Program> step,
                                              Port recording);

Port getPort(const npu::Tensor &tensor);
std::vector<Port> getInputs(const npu::Stream &stream);
std::vector<Port> getOutputs(const npu::Stream &stream);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_COMMANDS_STREAMBUNDLE_H
