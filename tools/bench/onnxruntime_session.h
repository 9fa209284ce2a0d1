//===- onnxruntime_session.h - A model in ONNX Runtime -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TOOLS_BENCH_ONNXRUNTIME_SESSION_H
#define LACUNA_TOOLS_BENCH_ONNXRUNTIME_SESSION_H

/// Opens the only model of this process, with inputs that are made up, for
/// `threads`. Ends the process if that fails.
void open_onnxruntime(const char *model, int threads);

/// Runs it once. Outputs are allocated by the first run and used again by the
/// others.
void run_onnxruntime(void);

#endif // LACUNA_TOOLS_BENCH_ONNXRUNTIME_SESSION_H
