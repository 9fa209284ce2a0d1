//===- Program.cpp - A network that can be run -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/Program.h"

using namespace lacuna;

Program::~Program() = default;

llvm::Expected<Program::Tensors>
Program::run(llvm::ArrayRef<HostTensor> arguments) const {
  llvm::Expected<std::vector<Tensors>> results =
      runAll(Tensors(arguments.begin(), arguments.end()));
  if (!results)
    return results.takeError();
  return std::move(results->front());
}
