//===- LoopNest.cpp - Counts of a loop nest -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNest.h"

#include "backends/npu/Machines.h"
#include "lacuna/Schedule/LoopNest/File.h"
#include "lacuna/Schedule/LoopNest/FromMachine.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace lacuna;
using namespace lacuna::loopnest;

static Expected<Architecture> getArchitecture(StringRef machineName,
                                              StringRef typeName) {
  Expected<Machine> machine = npu::getMachine(machineName);
  if (!machine)
    return machine.takeError();
  auto type = StringSwitch<std::optional<ElementType>>(typeName)
                  .Case("int8", ElementType::Int8)
                  .Case("int16", ElementType::Int16)
                  .Case("float32", ElementType::Float32)
                  .Default(std::nullopt);
  if (!type || !machine->hasType(*type))
    return createStringError("--type: machine '" + machine->name +
                             "' does not multiply '" + typeName + "'");
  Expected<EnergyTable> table = npu::getEnergyTable(machine->energy);
  if (!table)
    return table.takeError();
  return makeArchitecture(*machine, *table, *type);
}

Error lacuna::countLoopNest(StringRef path, StringRef machineName,
                            StringRef type, raw_ostream &os) {
  auto buffer = MemoryBuffer::getFileOrSTDIN(path);
  if (!buffer)
    return createStringError(
        buffer.getError(),
        path + ": error: cannot read the file: " + buffer.getError().message());
  std::optional<Architecture> base;
  if (!machineName.empty()) {
    Expected<Architecture> architecture = getArchitecture(machineName, type);
    if (!architecture)
      return architecture.takeError();
    base = std::move(*architecture);
  }
  Expected<Case> description =
      readCase((*buffer)->getBuffer(), (*buffer)->getBufferIdentifier(),
               base ? &*base : nullptr);
  if (!description)
    return description.takeError();
  printReport(os, *description,
              evaluate(description->problem, description->solution));
  return Error::success();
}
