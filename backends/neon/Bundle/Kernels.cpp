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
  llvm::StringSet<> seen;
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
  // The banner ends with the first line that is no comment; then the guard.
  size_t begin = 0;
  while (begin < lines.size() && lines[begin].starts_with("//"))
    ++begin;
  std::string body;
  unsigned blank = 1;
  for (StringRef line : llvm::ArrayRef(lines).drop_front(begin)) {
    StringRef rest = line;
    if (rest.consume_front("#include \"")) {
      add(rest.take_until([](char c) { return c == '"'; }));
      continue;
    }
    // Includes that depend on the machine stay in their place in simd.h.
    if (name != "simd.h" && rest.consume_front("#include ")) {
      if (!llvm::is_contained(texts.includes, rest))
        texts.includes.push_back(rest.str());
      continue;
    }
    if (line.contains("LACUNA_NEON_") &&
        (line.starts_with("#ifndef") || line.starts_with("#define") ||
         line.starts_with("#endif")))
      continue;
    blank = line.empty() ? blank + 1 : 0;
    if (blank < 2)
      (body += line) += '\n';
  }
  texts.text += body;
}

neon::KernelTexts neon::getKernels(llvm::ArrayRef<StringRef> headers) {
  Collector collector;
  for (StringRef header : headers)
    collector.add(header);
  return collector.take();
}
