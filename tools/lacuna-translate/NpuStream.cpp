//===- NpuStream.cpp - Translations of command streams -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuStream.h"

#include "backends/npu/Stream/Verifier.h"

#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace lacuna;

namespace {
const llvm::MemoryBuffer &getInput(const llvm::SourceMgr &sources) {
  return *sources.getMemoryBuffer(sources.getMainFileID());
}

/// `place` is empty or `:line:column`.
LogicalResult report(const llvm::SourceMgr &sources, const llvm::Twine &place,
                     llvm::StringRef message) {
  llvm::errs() << getInput(sources).getBufferIdentifier() << place << ": ";
  llvm::WithColor::error() << message << "\n";
  return failure();
}

LogicalResult report(const llvm::SourceMgr &sources, llvm::Error error) {
  return report(sources, "", llvm::toString(std::move(error)));
}

llvm::Expected<npu::Stream> readStream(const llvm::SourceMgr &sources) {
  return npu::decode(
      llvm::arrayRefFromStringRef(getInput(sources).getBuffer()));
}

/// `NAME:BYTES`
llvm::Expected<npu::ChipMemory> parseMemory(llvm::StringRef text) {
  npu::ChipMemory memory;
  auto [name, bytes] = text.split(':');
  memory.name = name.str();
  if (name.empty() || bytes.getAsInteger(0, memory.bytes))
    return llvm::createStringError("--npu-memory=" + text +
                                   ": expected NAME:BYTES");
  return memory;
}

LogicalResult assembleStream(const llvm::SourceMgr &sources,
                             llvm::raw_ostream &os) {
  llvm::Expected<npu::Stream> stream =
      npu::assemble(getInput(sources).getBuffer());
  if (!stream) {
    std::string text = llvm::toString(stream.takeError());
    auto [place, message] = llvm::StringRef(text).split(": ");
    return report(sources, ":" + place, message);
  }
  llvm::Expected<std::vector<uint8_t>> file = npu::encode(*stream);
  if (!file)
    return report(sources, file.takeError());
  os << llvm::toStringRef(*file);
  return success();
}

LogicalResult disassembleStream(const llvm::SourceMgr &sources,
                                llvm::raw_ostream &os) {
  llvm::Expected<npu::Stream> stream = readStream(sources);
  if (!stream)
    return report(sources, stream.takeError());
  npu::disassemble(*stream, os);
  return success();
}

LogicalResult verifyStream(const llvm::SourceMgr &sources,
                           llvm::ArrayRef<std::string> memoryTexts,
                           llvm::raw_ostream &os) {
  llvm::Expected<npu::Stream> stream = readStream(sources);
  if (!stream)
    return report(sources, stream.takeError());
  std::vector<npu::ChipMemory> memories;
  for (const std::string &text : memoryTexts) {
    llvm::Expected<npu::ChipMemory> memory = parseMemory(text);
    if (!memory)
      return report(sources, memory.takeError());
    memories.push_back(std::move(*memory));
  }
  if (llvm::Error error = npu::verify(*stream, memories))
    return report(sources, std::move(error));
  os << stream->commands.size() << " words of commands are in order\n";
  return success();
}
} // namespace

void lacuna::registerNpuStreamTranslations() {
  static llvm::cl::list<std::string> memories(
      "npu-memory", llvm::cl::value_desc("name:bytes"),
      llvm::cl::desc("a memory on the chip, for --npu-verify; in the order of "
                     "the machine"));
  static TranslateRegistration assemble(
      "npu-assemble", "assemble a command stream",
      [](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
         MLIRContext *) { return assembleStream(*sources, os); });
  static TranslateRegistration disassemble(
      "npu-disassemble", "print a command stream as text",
      [](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
         MLIRContext *) { return disassembleStream(*sources, os); });
  static TranslateRegistration verify(
      "npu-verify", "verify a command stream against --npu-memory",
      [](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
         MLIRContext *) { return verifyStream(*sources, memories, os); });
}
