//===- Targets.cpp - lacuna targets -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "TargetOptions.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace lacuna;

namespace {
class TargetsCommand : public Command {
public:
  TargetsCommand() : Command("targets", "List the targets") {}
  int run() override;
};
} // namespace

int TargetsCommand::run() {
  for (const TargetInfo &info : getTargets())
    llvm::outs() << llvm::formatv("{0,-11}{1}\n", info.name, info.summary);
  return kExitOk;
}

std::unique_ptr<Command> lacuna::createTargetsCommand() {
  return std::make_unique<TargetsCommand>();
}
