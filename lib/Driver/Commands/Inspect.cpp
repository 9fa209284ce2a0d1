//===- Inspect.cpp - lacuna inspect -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "../Inspection.h"
#include "../ModuleFile.h"
#include "../Roofline.h"

#include "lacuna/Driver/Registration.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;
namespace json = llvm::json;

namespace {
class InspectCommand : public Command {
public:
  InspectCommand()
      : Command("inspect", "Show what a network costs, node by node; MACs "
                           "with those on padding") {}
  int run() override;

private:
  ModelOptions model{sub};
  cl::opt<std::string> machineName{
      "machine", cl::value_desc("NAME|FILE"),
      cl::desc(
          "Also show the least clocks that this accelerator takes for each "
          "convolution and matrix: those of its multipliers, or of its "
          "DRAM if that is slower"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> jsonFile{
      "json", cl::value_desc("FILE"),
      cl::desc("Write the figures as JSON; - for standard output, "
               "which then holds nothing else"),
      cl::sub(sub), cl::cat(getOutputCategory())};
};

/// Columns as wide as their widest cell.
class Table {
public:
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  void addRule() { rows.emplace_back(); }
  /// Columns before `numbers` are aligned left.
  void print(llvm::raw_ostream &os, size_t numbers) const;

private:
  std::vector<std::vector<std::string>> rows;
};
} // namespace

void Table::print(llvm::raw_ostream &os, size_t numbers) const {
  std::vector<size_t> widths(rows.front().size());
  for (const auto &row : rows)
    for (auto [i, cell] : llvm::enumerate(row))
      widths[i] = std::max(widths[i], cell.size());
  for (const auto &row : rows) {
    std::string line;
    for (size_t i = 0; i < widths.size(); ++i) {
      line += i ? "  " : "";
      if (row.empty())
        line.append(widths[i], '-');
      else if (i < numbers)
        line += row[i] + std::string(widths[i] - row[i].size(), ' ');
      else
        line += std::string(widths[i] - row[i].size(), ' ') + row[i];
    }
    os << StringRef(line).rtrim() << "\n";
  }
}

static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

/// The shapes of what flows; weights have columns of their own.
static std::string shapeTexts(ArrayRef<ImportedValue> values,
                              const ImportedNode *weightsOf = nullptr) {
  std::string text;
  for (const ImportedValue &value : values) {
    bool isWeight =
        weightsOf && llvm::any_of(weightsOf->weights, [&](const auto &weight) {
          return weight.name == value.name;
        });
    if (!isWeight)
      text += (text.empty() ? "" : " ") + shapeText(value.shape);
  }
  return text;
}

/// 15470264320 as 15,470,264,320.
static std::string group(int64_t value) {
  std::string text = std::to_string(value);
  for (int64_t at = int64_t(text.size()) - 3; at > 0; at -= 3)
    text.insert(at, ",");
  return text;
}

static std::string shorten(StringRef name) {
  constexpr size_t limit = 40;
  if (name.size() <= limit)
    return name.str();
  return ("..." + name.take_back(limit - 3)).str();
}

static void addNumbers(std::vector<std::string> &row, const Cost &cost) {
  for (int64_t value : {cost.macs, cost.parameters, cost.weightBytes,
                        cost.activationBytes, cost.weightZeros})
    row.push_back(group(value));
}

static void printTable(const ImportResult &imported,
                       const Inspection &inspection) {
  Table table;
  table.add({"node", "op", "input", "output", "MACs", "parameters",
             "weight bytes", "activation bytes", "zero weights"});
  table.addRule();
  size_t folded = 0;
  for (auto [node, cost] : llvm::zip(imported.nodes, inspection.nodes)) {
    folded += node.folded;
    if (node.folded)
      continue;
    std::vector<std::string> row = {shorten(node.name), node.opType,
                                    shapeTexts(node.inputs, &node),
                                    shapeTexts(node.outputs)};
    addNumbers(row, cost);
    table.add(std::move(row));
  }
  table.addRule();
  std::vector<std::string> row = {"total", "", "", ""};
  addNumbers(row, inspection.total);
  table.add(std::move(row));
  table.print(llvm::outs(), /*numbers=*/4);
  if (folded)
    llvm::outs()
        << folded
        << " more nodes are computed at compile time and cost nothing\n";
}

static json::Object toJson(const Cost &cost) {
  return json::Object{{"macs", cost.macs},
                      {"parameters", cost.parameters},
                      {"weight_bytes", cost.weightBytes},
                      {"activation_bytes", cost.activationBytes},
                      {"weight_zeros", cost.weightZeros}};
}

static json::Array toJson(ArrayRef<ImportedValue> values) {
  json::Array shapes;
  for (const ImportedValue &value : values)
    shapes.push_back(json::Array(value.shape));
  return shapes;
}

static json::Object toJson(const ImportResult &imported,
                           const Inspection &inspection) {
  json::Array nodes;
  for (auto [node, cost] : llvm::zip(imported.nodes, inspection.nodes)) {
    json::Object entry = toJson(cost);
    entry["name"] = node.name;
    entry["op"] = node.opType;
    entry["inputs"] = toJson(node.inputs);
    entry["outputs"] = toJson(node.outputs);
    if (node.folded)
      entry["folded"] = true;
    if (!node.supported)
      entry["supported"] = false;
    nodes.push_back(std::move(entry));
  }
  return json::Object{{"total", toJson(inspection.total)},
                      {"nodes", std::move(nodes)}};
}

static void printRoofline(ArrayRef<RooflineRow> roofline,
                          const Machine &machine) {
  llvm::outs() << "\nroofline of " << machine.name << ", "
               << getBits(machine.types.front()) << " bits"
               << ", clocks of one image:\n";
  Table table;
  table.add({"node", "bound by", "images", "KiB", "DRAM clocks", "MAC clocks",
             "clocks"});
  table.addRule();
  auto toText = [](double value) {
    return llvm::formatv("{0:f2}", value).str();
  };
  double sum = 0, bytes = 0;
  for (const RooflineRow &row : roofline) {
    if (!row.refusal.empty())
      continue;
    const npu::RooflineTiming &timing = row.timing;
    sum += timing.getCycles();
    bytes += timing.bytes;
    table.add({shorten(row.name), timing.isBoundByDram() ? "DRAM" : "MAC",
               group(row.layer.frames), toText(timing.bytes / 1024),
               group(timing.dramCycles), toText(timing.macCycles),
               toText(timing.getCycles())});
  }
  table.addRule();
  table.add({"total", "", "", toText(bytes / 1024), "", "", toText(sum)});
  table.print(llvm::outs(), /*numbers=*/2);
  for (const RooflineRow &row : roofline)
    if (!row.refusal.empty())
      llvm::outs() << "node '" << row.name << "' is left out: " << row.refusal
                   << "\n";
}

static json::Array toJson(ArrayRef<RooflineRow> roofline) {
  json::Array layers;
  for (const RooflineRow &row : roofline)
    if (row.refusal.empty())
      layers.push_back(json::Object{
          {"name", row.name},
          {"images", row.layer.frames},
          {"bytes", row.timing.bytes},
          {"dram_cycles", row.timing.dramCycles},
          {"mac_cycles", row.timing.macCycles},
          {"bound_by", row.timing.isBoundByDram() ? "dram" : "mac"}});
    else
      layers.push_back(
          json::Object{{"name", row.name}, {"refused", row.refusal}});
  return layers;
}

/// Says that `node` does not count, and why if the node itself is to blame.
static void printRefusal(StringRef file, const ImportedNode &node) {
  llvm::errs() << file << ": warning: node '" << node.name << "' ("
               << node.opType << ", opset " << node.opset << ") is not "
               << (node.remedy.empty() ? "supported" : "imported")
               << "; its multiply-accumulates are not counted\n";
  llvm::errs() << file << ": note: "
               << (node.refusal.empty() ? "what it takes comes from such a node"
                                        : StringRef(node.refusal))
               << "\n";
  if (!node.remedy.empty())
    llvm::errs() << file << ": note: " << node.remedy << "\n";
}

int InspectCommand::run() {
  if (isModuleFile(model.path))
    return reportError(model.getFile(),
                       "inspect needs the ONNX model, not what was made of it",
                       kExitUsage);
  Machine machine;
  if (machineName.getNumOccurrences())
    if (int code = readMachine(machineName, machine))
      return code;
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  std::string messages;
  DiagnosticPrinter printer(&context, model.getFile(), &messages);
  FailureOr<ImportResult> imported =
      model.import(context, /*keepUnsupported=*/true);
  if (failed(imported)) {
    llvm::errs() << messages;
    return model.getExitCode();
  }
  Inspection inspection = inspect(*imported);
  std::vector<RooflineRow> roofline;
  if (machineName.getNumOccurrences())
    roofline = makeRoofline(*imported->module, machine);
  if (jsonFile != "-") {
    printTable(*imported, inspection);
    if (machineName.getNumOccurrences())
      printRoofline(roofline, machine);
  }
  llvm::outs().flush();
  for (const ImportedNode &node : imported->nodes)
    if (!node.supported)
      printRefusal(model.getFile(), node);
  if (jsonFile.empty())
    return kExitOk;
  json::Object figures = toJson(*imported, inspection);
  if (machineName.getNumOccurrences()) {
    figures["machine"] = machine.name;
    figures["roofline"] = toJson(roofline);
  }
  return writeJson(jsonFile, std::move(figures));
}

std::unique_ptr<Command> lacuna::createInspectCommand() {
  return std::make_unique<InspectCommand>();
}
