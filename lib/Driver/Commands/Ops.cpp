//===- Ops.cpp - lacuna ops -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace lacuna;
namespace cl = llvm::cl;
namespace json = llvm::json;

namespace {
class OpsCommand : public Command {
public:
  OpsCommand() : Command("ops", "List the operators that are supported") {}
  int run() override;

private:
  cl::opt<std::string> jsonFile{
      "json", cl::value_desc("FILE"),
      cl::desc("Write the table as JSON; - for standard output, "
               "which then holds nothing else"),
      cl::sub(sub), cl::cat(getOutputCategory())};
};
} // namespace

int OpsCommand::run() {
  std::map<std::pair<std::string, std::string>, std::vector<SupportedOp>> ops;
  for (SupportedOp &op : getSupportedOps())
    ops[{op.domain, op.name}].push_back(op);

  for (auto &[key, versions] : ops)
    llvm::sort(versions, [](const SupportedOp &lhs, const SupportedOp &rhs) {
      return lhs.sinceVersion < rhs.sinceVersion;
    });
  json::Array entries;
  size_t domainWidth = 6, nameWidth = 8;
  for (const auto &[key, versions] : ops) {
    domainWidth = std::max(domainWidth, key.first.size());
    nameWidth = std::max(nameWidth, key.second.size());
    for (const SupportedOp &op : versions) {
      json::Object entry{{"domain", op.domain},
                         {"op", op.name},
                         {"since", op.sinceVersion},
                         {"supported", op.refusal.empty()},
                         {"reason", op.refusal}};
      if (op.isInlined)
        entry["inlined"] = true;
      entries.push_back(std::move(entry));
    }
  }
  if (jsonFile == "-")
    return writeJson(jsonFile, json::Object{{"ops", std::move(entries)}});
  auto print = [&](llvm::StringRef name, llvm::StringRef domain,
                   llvm::StringRef versions) {
    llvm::outs() << llvm::left_justify(name, nameWidth) << "  "
                 << llvm::left_justify(domain, domainWidth) << "  " << versions
                 << "\n";
  };
  print("operator", "domain", "opsets");
  for (const auto &[key, versions] : ops) {
    std::string text, refusals;
    for (size_t i = 0; i < versions.size(); ++i) {
      std::string from = std::to_string(versions[i].sinceVersion);
      if (!versions[i].refusal.empty()) {
        refusals += (refusals.empty() ? "" : "; ") + from +
                    " on: " + versions[i].refusal;
        continue;
      }
      // Meanings that follow each other are one range to the reader.
      if (i > 0 && versions[i - 1].refusal.empty())
        continue;
      size_t end = i;
      while (end < versions.size() && versions[end].refusal.empty())
        ++end;
      text += (text.empty() ? "" : ", ") + from + "-";
      if (end < versions.size())
        text += std::to_string(versions[end].sinceVersion - 1);
    }
    if (versions.front().isInlined)
      text += " (by its definition in other operators)";
    if (!refusals.empty())
      text += (text.empty() ? "none (" : " (") + refusals + ")";
    print(key.second, key.first.empty() ? "onnx" : key.first, text);
  }
  if (jsonFile.empty())
    return kExitOk;
  return writeJson(jsonFile, json::Object{{"ops", std::move(entries)}});
}

std::unique_ptr<Command> lacuna::createOpsCommand() {
  return std::make_unique<OpsCommand>();
}
