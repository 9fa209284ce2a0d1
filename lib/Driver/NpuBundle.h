//===- NpuBundle.h - A command stream and what goes with it, in files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_NPUBUNDLE_H
#define LACUNA_LIB_DRIVER_NPUBUNDLE_H

#include "Streaming.h"

#include "backends/npu/Codegen/Codegen.h"

#include "llvm/Support/JSON.h"

namespace lacuna {

/// `manifest.json` of a stream in the file `name`.npu: what is known of the
/// compilation, then the machine, inputs and outputs.
llvm::json::Object describeStream(const npu::Stream &stream,
                                  llvm::StringRef name,
                                  llvm::json::Object provenance);

/// What the manifest says of a stream that goes through a recording.
llvm::json::Object describeSteps(const StreamShape &shape);

/// `schedule.json`: for each layer its unit, and the tilings that were tried,
/// with what they were thought to cost and why all but one lost.
llvm::json::Object describeDecisions(const npu::CompiledStream &compiled);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_NPUBUNDLE_H
