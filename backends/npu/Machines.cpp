//===- Machines.cpp - The machines and prices that are shipped -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Machines.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace lacuna::npu {

bool isFile(StringRef nameOrFile) {
  return nameOrFile.ends_with(".yaml") || nameOrFile.ends_with(".yml");
}

/// The text of a file, and what messages call it.
static Expected<std::unique_ptr<MemoryBuffer>> readFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError(
        buffer.getError(),
        path + ": error: cannot read the file: " + buffer.getError().message());
  return std::move(*buffer);
}

template <typename T>
static T unwrap(Expected<T> read) {
  if (!read)
    report_fatal_error(read.takeError());
  return std::move(*read);
}

/// An error that lists what there is.
template <typename T>
static Error refuseName(StringRef kind, StringRef name, ArrayRef<T> all,
                        StringRef rest) {
  std::string known;
  for (const T &one : all)
    known += (known.empty() ? "" : ", ") + one.name;
  return createStringError("no " + kind + " is called '" + name +
                           "'; there are: " + known + rest);
}

template <typename T>
static const T *find(ArrayRef<T> all, StringRef name) {
  const T *found = find_if(all, [&](const T &one) { return one.name == name; });
  return found == all.end() ? nullptr : found;
}

static Error checkEnergy(const Machine &machine, StringRef nameOrFile) {
  Expected<EnergyTable> table = getEnergyTable(nameOrFile);
  if (!table)
    return table.takeError();
  return table->checkFor(machine);
}

ArrayRef<EnergyTable> getEnergyTables() {
  static const std::vector<EnergyTable> tables = [] {
    constexpr StringLiteral kTexts[][2] = {
#include "backends/npu/EnergyTexts.inc"
    };
    std::vector<EnergyTable> read;
    for (const auto &[file, text] : kTexts)
      read.push_back(unwrap(EnergyTable::read(text, file)));
    sort(read, [](const EnergyTable &lhs, const EnergyTable &rhs) {
      return lhs.name < rhs.name;
    });
    return read;
  }();
  return tables;
}

Expected<EnergyTable> getEnergyTable(StringRef nameOrFile) {
  if (isFile(nameOrFile)) {
    auto buffer = readFile(nameOrFile);
    if (!buffer)
      return buffer.takeError();
    return EnergyTable::read((*buffer)->getBuffer(), nameOrFile);
  }
  if (const EnergyTable *table = find(getEnergyTables(), nameOrFile))
    return *table;
  return refuseName("energy table", nameOrFile, getEnergyTables(),
                    ", or a file that ends in .yaml");
}

ArrayRef<Machine> getMachines() {
  static const std::vector<Machine> machines = [] {
    constexpr StringLiteral kTexts[][2] = {
#include "backends/npu/MachineTexts.inc"
    };
    std::vector<Machine> read;
    for (const auto &[file, text] : kTexts)
      read.push_back(
          unwrap(Machine::read(text, file, [](const Machine &machine) {
            return checkEnergy(machine, machine.energy);
          })));
    sort(read, [](const Machine &lhs, const Machine &rhs) {
      return lhs.name < rhs.name;
    });
    return read;
  }();
  return machines;
}

/// The table of a machine that was read from `file` lies beside it.
static std::string findEnergy(StringRef energy, StringRef file) {
  if (!isFile(energy) || sys::path::is_absolute(energy))
    return energy.str();
  SmallString<128> path = sys::path::parent_path(file);
  sys::path::append(path, energy);
  return path.str().str();
}

static Expected<Machine> readMachine(StringRef file) {
  auto buffer = readFile(file);
  if (!buffer)
    return buffer.takeError();
  Expected<Machine> machine =
      Machine::read((*buffer)->getBuffer(), file, [&](const Machine &machine) {
        return checkEnergy(machine, findEnergy(machine.energy, file));
      });
  if (machine)
    machine->energy = findEnergy(machine->energy, file);
  return machine;
}

Expected<Machine> getMachine(StringRef nameOrFile) {
  if (isFile(nameOrFile))
    return readMachine(nameOrFile);
  if (nameOrFile.starts_with("systolic"))
    return Machine::makeSystolic(nameOrFile);
  if (const Machine *machine = find(getMachines(), nameOrFile))
    return *machine;
  return refuseName("machine", nameOrFile, getMachines(),
                    ", systolic-os:ROWSxCOLUMNS, systolic-ws:..., "
                    "systolic-is:..., or a file that ends in .yaml");
}

} // namespace lacuna::npu
