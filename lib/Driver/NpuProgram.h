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

/// Of a stream with steps, each run is the next step.
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
  void restart() const override { simulation.reset(); }

  npu::SimulatorOptions options;
  /// Are given what the beginning and each run was, if set.
  std::function<void(npu::SimulationResult)> observeStart, observe;

private:
  /// Does the beginning, if it has to be done.
  llvm::Error start() const;

  /// The machine as the last step left it.
  mutable std::unique_ptr<npu::Simulation> simulation;
  Machine machine;
  npu::Stream stream;
  std::unique_ptr<llvm::MemoryBuffer> file;
};

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_NPUPROGRAM_H
