//===- NpuProgram.h - A command stream that the simulator runs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_NPUPROGRAM_H
#define LACUNA_LIB_DRIVER_NPUPROGRAM_H

#include "backends/npu/Simulator/Simulator.h"
#include "lacuna/Driver/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace lacuna {

class NpuProgram : public Program {
public:
  /// Compiles `module` for `machine`; null, after diagnostics, if that fails.
  static std::unique_ptr<NpuProgram>
  compile(mlir::OwningOpRef<mlir::ModuleOp> module, const Machine &machine);

  /// What it was compiled to. `file` is what constants point into.
  NpuProgram(npu::Stream stream, Machine machine, std::vector<Port> inputs,
             std::vector<Port> outputs,
             std::unique_ptr<llvm::MemoryBuffer> file = nullptr);

  llvm::Expected<std::vector<Tensors>>
  runAll(llvm::ArrayRef<Tensors> samples) const override;

  npu::SimulatorOptions options;
  /// Is given what each run was, if set.
  std::function<void(npu::SimulationResult)> observe;

private:
  Machine machine;
  npu::Stream stream;
  std::unique_ptr<llvm::MemoryBuffer> file;
};

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_NPUPROGRAM_H
