//===- Kernels.cpp - The text of the kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Kernels.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"

using namespace lacuna;
using llvm::StringRef;

namespace {
struct Text {
  StringRef name, text;
};
constexpr Text kTexts[] = {
#include "backends/neon/Bundle/KernelTexts.inc"
};

class Collector {
public:
  void add(StringRef name);
  neon::KernelTexts take() { return std::move(texts); }

private:
  neon::KernelTexts texts;
  llvm::StringSet<> seen, included;
};
} // namespace

void Collector::add(StringRef name) {
  if (!seen.insert(name).second)
    return;
  const Text *found = llvm::find_if(
      kTexts, [&](const Text &text) { return text.name == name; });
  if (found == std::end(kTexts))
    llvm::report_fatal_error("no kernels are called " + llvm::Twine(name));
  llvm::SmallVector<StringRef> lines;
  found->text.split(lines, '\n');
  // After the banner and the guard come directives, and then the code.
  bool inPreamble = true;
  unsigned blank = 1;
  std::string body;
  for (StringRef line : lines) {
    StringRef rest = line;
    bool isGuard = line.contains("LACUNA_NEON_") &&
                   (line.starts_with("#ifndef") ||
                    line.starts_with("#define") || line.starts_with("#endif"));
    if (isGuard || (inPreamble && line.starts_with("//===")) ||
        (inPreamble && body.empty() && line.starts_with("// ")) ||
        (inPreamble && line == "//"))
      continue;
    if (rest.consume_front("#include \"")) {
      add(rest.take_until([](char c) { return c == '"'; }));
      continue;
    }
    if (inPreamble && line.empty())
      continue;
    if (inPreamble && line.starts_with("#")) {
      // What another header has included need not stand twice.
      if (!line.starts_with("#include") || included.insert(line).second)
        (texts.preamble += line) += '\n';
      continue;
    }
    inPreamble = false;
    blank = line.empty() ? blank + 1 : 0;
    if (blank < 2)
      (body += line) += '\n';
  }
  texts.text += "\n" + body;
}

neon::KernelTexts neon::getKernels(llvm::ArrayRef<StringRef> headers) {
  Collector collector;
  for (StringRef header : headers)
    collector.add(header);
  return collector.take();
}
