//===- Machines.cpp - lacuna machines -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "backends/npu/Machines.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace lacuna;
namespace cl = llvm::cl;
namespace json = llvm::json;

namespace {
class MachinesCommand : public Command {
public:
  MachinesCommand()
      : Command("machines", "List the accelerators, or describe one") {}
  int run() override;

private:
  int readMachines(std::vector<Machine> &machines) const;

  cl::opt<std::string> name{cl::Positional, cl::desc("[NAME|FILE.yaml]"),
                            cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<bool> fields{
      "fields",
      cl::desc("Print what a machine file and an energy table may "
               "say"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<std::string> jsonFile{
      "json", cl::value_desc("FILE"),
      cl::desc("Write the machines as JSON; - for standard output, "
               "which then holds nothing else"),
      cl::sub(sub), cl::cat(getOutputCategory())};
};
} // namespace

static int reportMachineError(llvm::StringRef name, llvm::Error error) {
  int code = kExitUsage;
  llvm::handleAllErrors(std::move(error), [&](const llvm::StringError &error) {
    if (error.convertToErrorCode() != llvm::inconvertibleErrorCode())
      code = kExitFile;
    if (npu::isFile(name))
      llvm::errs() << error.getMessage() << "\n";
    else
      reportError("lacuna", error.getMessage(), code);
  });
  return code;
}

static void printTable(llvm::ArrayRef<Machine> machines) {
  auto print = [](llvm::StringRef name, llvm::StringRef macs,
                  llvm::StringRef clock, llvm::StringRef memory,
                  llvm::StringRef dram, llvm::StringRef summary) {
    llvm::outs() << llvm::left_justify(name, 12) << llvm::right_justify(macs, 6)
                 << llvm::right_justify(clock, 6)
                 << llvm::right_justify(memory, 8)
                 << llvm::right_justify(dram, 6) << "  " << summary << "\n";
  };
  print("machine", "MACs", "MHz", "KB", "GB/s", "what");
  for (const Machine &machine : machines) {
    int64_t bytes = 0;
    for (const Memory &memory : machine.memories)
      bytes += memory.bytes;
    double dram = machine.getDramBytesPerClock() * machine.clockMHz / 1000;
    print(machine.name, std::to_string(machine.array.getMacsPerClock()),
          toText(machine.clockMHz), std::to_string(bytes / 1024),
          llvm::formatv("{0:f2}", dram).str(), machine.summary);
  }
  llvm::outs() << "systolic-os|ws|is:ROWSxCOLUMNS: systolic arrays of any "
                  "size\n";
}

static std::string getHashText(const Machine &machine) {
  return llvm::formatv("{0:x16}", machine.getHash());
}

int MachinesCommand::readMachines(std::vector<Machine> &machines) const {
  if (name.empty()) {
    machines = npu::getMachines();
    return kExitOk;
  }
  llvm::Expected<Machine> machine = npu::getMachine(name);
  if (!machine)
    return reportMachineError(name, machine.takeError());
  machines.push_back(std::move(*machine));
  return kExitOk;
}

int MachinesCommand::run() {
  if (fields) {
    Machine::printFields(llvm::outs());
    llvm::outs() << "\n";
    EnergyTable::printFields(llvm::outs());
    return kExitOk;
  }
  std::vector<Machine> machines;
  if (int code = readMachines(machines))
    return code;
  if (jsonFile != "-" && name.empty())
    printTable(machines);
  if (jsonFile != "-" && !name.empty()) {
    machines.front().print(llvm::outs());
    llvm::outs() << llvm::left_justify("hash", 28) << "  "
                 << getHashText(machines.front()) << "\n";
  }
  if (jsonFile.empty())
    return kExitOk;
  json::Array entries;
  for (const Machine &machine : machines) {
    json::Object entry = machine.toJson();
    entry["hash"] = getHashText(machine);
    entries.push_back(std::move(entry));
  }
  return writeJson(jsonFile, json::Object{{"machines", std::move(entries)}});
}

std::unique_ptr<Command> lacuna::createMachinesCommand() {
  return std::make_unique<MachinesCommand>();
}
