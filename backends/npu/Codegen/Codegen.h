//===- Codegen.h - From layers and loops to a command stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_CODEGEN_H
#define LACUNA_BACKENDS_NPU_CODEGEN_CODEGEN_H

#include "backends/npu/Stream/Stream.h"
#include "lacuna/Schedule/Machine.h"
#include "lacuna/Schedule/Port.h"
#include "lacuna/Schedule/Tiling.h"

#include "mlir/IR/BuiltinOps.h"

namespace lacuna::npu {

struct CodegenOptions {
  const Machine *machine = nullptr;
  /// What `main` takes and gives, in order. Of a step function, states come
  /// last.
  std::vector<Port> inputs, outputs;
  /// Whether registers that have their value are left alone.
  bool elide = true;
};

/// How a layer is computed, for reports.
struct LayerDecision {
  std::string layer;
  /// `array`, `vector`, `scalar` or `dma`.
  std::string unit;
  /// Of an array layer: what was tried, best and others.
  std::vector<TilingChoice> choices;
  /// Of an array layer whose filters are not in their order: the channel of the
  /// output that each gives.
  std::vector<int64_t> filterOrder;
};

struct CompiledStream {
  Stream stream;
  std::vector<LayerDecision> decisions;
};

/// The stream of a module that the lowering pipeline has made. Fails after a
/// diagnostic.
mlir::FailureOr<CompiledStream> generate(mlir::ModuleOp module,
                                         const CodegenOptions &options);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_CODEGEN_H
