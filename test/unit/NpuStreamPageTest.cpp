//===- NpuStreamPageTest.cpp - The page on streams says what the code does
//-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Reference.h"
#include "backends/npu/Stream/Stream.h"

#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

using namespace lacuna::npu;

namespace {

constexpr llvm::StringLiteral kPage = LACUNA_DOCS "/stream.md";

std::string readPage() {
  auto buffer = llvm::MemoryBuffer::getFile(kPage);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// With LACUNA_UPDATE_DOCS in the environment the tables of the page are
/// written anew.
TEST(NpuStreamPage, HasTheTables) {
  std::string page = readPage(), reference;
  llvm::raw_string_ostream os(reference);
  printReference(os);
  constexpr llvm::StringLiteral kMark =
      "<!-- Tables of the code from here on -->\n";
  size_t at = page.find(kMark);
  ASSERT_NE(at, page.npos);
  at += kMark.size();
  if (getenv("LACUNA_UPDATE_DOCS")) {
    std::error_code error;
    llvm::raw_fd_ostream file(kPage, error);
    file << page.substr(0, at) << reference;
    return;
  }
  EXPECT_EQ(page.substr(at), reference)
      << "run this test with LACUNA_UPDATE_DOCS=1";
}

TEST(NpuStreamPage, HasAnExampleThatAssembles) {
  std::string page = readPage();
  size_t begin = page.find("```\n.stream"), end = page.find("```\n", begin + 4);
  ASSERT_NE(begin, page.npos);
  ASSERT_NE(end, page.npos);
  std::string text = page.substr(begin + 4, end - begin - 4);
  llvm::Expected<Stream> stream = assemble(text);
  ASSERT_TRUE(bool(stream)) << llvm::toString(stream.takeError());
  std::string printed;
  llvm::raw_string_ostream os(printed);
  disassemble(*stream, os);
  EXPECT_EQ(printed, text);
}

} // namespace
