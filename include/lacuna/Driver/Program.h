//===- Program.h - A network that can be run -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_PROGRAM_H
#define LACUNA_DRIVER_PROGRAM_H

#include "lacuna/Schedule/Port.h"

#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace lacuna {

/// A network compiled for some target, which takes and gives tensors of this
/// process.
class Program {
public:
  virtual ~Program();

  llvm::ArrayRef<Port> getInputs() const { return inputs; }
  llvm::ArrayRef<Port> getOutputs() const { return outputs; }

  /// One tensor a port.
  using Tensors = std::vector<HostTensor>;

  /// Runs on tensors of the inputs' types and shapes.
  llvm::Expected<Tensors> run(llvm::ArrayRef<HostTensor> arguments) const;

  /// Runs on each of `samples`. Where starting costs much, it is done once.
  virtual llvm::Expected<std::vector<Tensors>>
  runAll(llvm::ArrayRef<Tensors> samples) const = 0;

  /// Forgets what it keeps from one run to the next, if it keeps anything.
  virtual void restart() const {}

protected:
  std::vector<Port> inputs, outputs;
};

} // namespace lacuna

#endif // LACUNA_DRIVER_PROGRAM_H
