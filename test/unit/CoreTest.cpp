//===- CoreTest.cpp - What a phone core can do -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Core.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace lacuna::neon;

namespace {

Core get(llvm::StringRef name, llvm::StringRef mattr = "") {
  llvm::Expected<Core> core = getCore(name, mattr);
  EXPECT_TRUE(bool(core)) << llvm::toString(core.takeError());
  return core ? *core : Core();
}

std::string getError(llvm::StringRef name, llvm::StringRef mattr) {
  llvm::Expected<Core> core = getCore(name, mattr);
  return core ? "" : llvm::toString(core.takeError());
}

TEST(Core, AllAreDescribed) {
  EXPECT_TRUE(llvm::is_sorted(getCores(), [](const Core &a, const Core &b) {
    return a.name < b.name;
  }));
  for (const Core &core : getCores()) {
    EXPECT_EQ(core.arch.rfind("armv", 0), 0u) << core.name;
    EXPECT_FALSE(core.summary.empty()) << core.name;
    EXPECT_FALSE(core.emulator.empty()) << core.name;
    EXPECT_TRUE(llvm::is_sorted(core.features)) << core.name;
    // What emulators have.
    EXPECT_FALSE(core.has("dotprod") && core.emulator == "cortex-a53");
    EXPECT_FALSE(core.has("i8mm") && core.emulator != "max");
  }
}

TEST(Core, Architectures) {
  EXPECT_EQ(get("generic").getMarch(), "armv8-a");
  EXPECT_EQ(get("generic").tune, "");
  EXPECT_EQ(get("cortex-a76").getMarch(), "armv8.2-a+dotprod+fp16");
  EXPECT_FALSE(get("cortex-a53").has("dotprod"));
  EXPECT_TRUE(get("cortex-a76").has("dotprod"));
  EXPECT_FALSE(get("cortex-a76").has("i8mm"));
}

TEST(Core, FeaturesComeAndGo) {
  Core core = get("cortex-a53", "+dotprod");
  EXPECT_EQ(core.getMarch(), "armv8.2-a+dotprod");
  EXPECT_EQ(core.emulator, "cortex-a76");
  core = get("generic", "+i8mm,+dotprod");
  EXPECT_EQ(core.getMarch(), "armv8.2-a+dotprod+i8mm");
  EXPECT_EQ(core.emulator, "max");
  core = get("cortex-a76", "-fp16,+i8mm,-i8mm");
  EXPECT_EQ(core.getMarch(), "armv8.2-a+dotprod");
  // Twice is once.
  EXPECT_EQ(get("cortex-a76", "+dotprod,+dotprod").getMarch(),
            get("cortex-a76").getMarch());
}

TEST(Core, Errors) {
  std::string unknown = getError("m1", "");
  EXPECT_EQ(unknown.rfind("no core is called 'm1'; there are: ", 0), 0u);
  for (const Core &core : getCores())
    EXPECT_NE(unknown.find(core.name), std::string::npos) << core.name;
  for (const char *mattr : {"dotprod", "+sve", "+", "+dotprod+fp16"})
    EXPECT_EQ(getError("generic", mattr),
              std::string("--mattr=") + mattr +
                  ": expected +dotprod, +fp16 or +i8mm, or - before one of "
                  "them, with commas between");
}

} // namespace
