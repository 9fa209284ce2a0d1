//===- LoopNestPageTest.cpp - docs/loop-nests.md -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNestCase.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace lacuna::loopnest;

namespace {

class LoopNestPage : public testing::Test {
protected:
  void SetUp() override {
    auto buffer = llvm::MemoryBuffer::getFile(LACUNA_DOCS "/loop-nests.md");
    ASSERT_TRUE(bool(buffer));
    page = (*buffer)->getBuffer().str();
  }

  std::string page;
};

TEST_F(LoopNestPage, HasEveryField) {
  std::string fields;
  llvm::raw_string_ostream os(fields);
  printFields(os);
  EXPECT_NE(page.find(fields), std::string::npos)
      << "docs/loop-nests.md should have this table:\n"
      << fields;
}

TEST_F(LoopNestPage, HasWhatItsExamplePrints) {
  llvm::StringRef example =
      llvm::StringRef(page).split("```yaml\n").second.split("```").first;
  Evaluated result(example);
  std::string text;
  llvm::raw_string_ostream os(text);
  printReport(os, result.description, result.evaluation);
  llvm::StringRef summary =
      llvm::StringRef(text).split("Memory  Weights").first;
  EXPECT_NE(page.find(summary.str()), std::string::npos) << text;
}

} // namespace
