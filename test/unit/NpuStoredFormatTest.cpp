//===- NpuStoredFormatTest.cpp - Values many of which are zero -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/StoredFormat.h"

#include "gtest/gtest.h"
#include <random>

using namespace lacuna::npu;

namespace {

using ByteVector = std::vector<uint8_t>;

ByteVector store(StoredFormat format, int64_t parameter, int64_t elementBytes,
                 const ByteVector &dense, uint64_t absent = 0) {
  return llvm::cantFail(
      storeValues(format, parameter, elementBytes, absent, dense));
}

// Written by hand from docs/stream.md.
TEST(NpuStoredFormat, BytesAreThoseOfThePage) {
  ByteVector dense = {0, 5, 0, 0, 0, 0, 0, 0, 0, 7};
  EXPECT_EQ(store(StoredFormat::BitVector, 0, 1, dense),
            (ByteVector{0x02, 0x02, 5, 7}));
  EXPECT_EQ(store(StoredFormat::Brick, 0, 1, dense),
            (ByteVector{2, 0x91, 5, 7}));
  // (1, 5), (7, 7) in pairs of 13 bits, and the flag.
  uint64_t word = 1 | 5 << 5 | uint64_t(7 | 7 << 5) << 13 | uint64_t(1) << 63;
  ByteVector runs;
  for (unsigned i = 0; i < 8; ++i)
    runs.push_back(static_cast<uint8_t>(word >> (8 * i)));
  EXPECT_EQ(store(StoredFormat::RunLength, 5, 1, dense), runs);
  // As streams had it that said nothing of it.
  EXPECT_EQ(store(StoredFormat::RunLength, 0, 1, dense), runs);
  // Runs of two bits end at 3: (1, 5), (3, 0), (3, 7).
  word = 1 | 5 << 2 | 3 << 10 | uint64_t(3 | 7 << 2) << 20 | uint64_t(1) << 63;
  for (unsigned i = 0; i < 8; ++i)
    runs[i] = static_cast<uint8_t>(word >> (8 * i));
  EXPECT_EQ(store(StoredFormat::RunLength, 2, 1, dense), runs);
  EXPECT_EQ(store(StoredFormat::Column, 5, 1, dense),
            (ByteVector{1, 0, 1, 0, 1, 4, 5, 7}));
  // One of five: indices 1 and 4 of three bits.
  EXPECT_EQ(store(StoredFormat::NofM, 256 + 5, 1, dense),
            (ByteVector{1 | 4 << 3, 5, 7}));
}

TEST(NpuStoredFormat, ValuesRoundTrip) {
  std::mt19937 random(1);
  struct Case {
    StoredFormat format;
    int64_t parameter;
  };
  for (Case it :
       {Case{StoredFormat::Dense, 0}, Case{StoredFormat::BitVector, 0},
        Case{StoredFormat::Brick, 0}, Case{StoredFormat::RunLength, 0},
        Case{StoredFormat::RunLength, 1}, Case{StoredFormat::RunLength, 4},
        Case{StoredFormat::RunLength, 5}, Case{StoredFormat::RunLength, 16},
        Case{StoredFormat::Column, 12}, Case{StoredFormat::Column, 300},
        Case{StoredFormat::NofM, 3 * 256 + 4},
        Case{StoredFormat::NofM, 256 + 2}})
    for (int64_t elementBytes : {1, 2, 4, 8})
      for (unsigned zeros : {0, 50, 90, 99, 100})
        for (uint64_t absent : {0, 0x80}) {
          if (it.format == StoredFormat::RunLength && elementBytes == 8)
            continue;
          constexpr int64_t kElements = 1200;
          ByteVector dense;
          unsigned inGroup = 0;
          uint64_t expected = 0;
          for (int64_t i = 0; i < kElements; ++i) {
            int64_t m = it.parameter & 0xff, n = it.parameter >> 8;
            bool isGroup = it.format == StoredFormat::NofM;
            if (isGroup && i % m == 0)
              inGroup = 0;
            bool isAbsent = random() % 100 < zeros || (isGroup && inGroup == n);
            inGroup += !isAbsent;
            expected += !isAbsent;
            uint64_t value = absent;
            while (!isAbsent && value == absent)
              value = random() >>
                      (64 - 8 * elementBytes > 32 ? 32 - 8 * elementBytes : 0);
            for (int64_t byte = 0; byte < elementBytes; ++byte)
              dense.push_back(static_cast<uint8_t>(value >> (8 * byte)));
          }
          ByteVector stored =
              store(it.format, it.parameter, elementBytes, dense, absent);
          size_t bytes = stored.size();
          // What follows does not matter.
          stored.resize(bytes + 5, 0xff);
          LoadedValues loaded =
              llvm::cantFail(loadValues(it.format, it.parameter, elementBytes,
                                        absent, kElements, stored));
          EXPECT_EQ(loaded.dense, dense);
          EXPECT_EQ(loaded.usedBytes, bytes);
          bool isExact = it.format == StoredFormat::BitVector ||
                         it.format == StoredFormat::Brick;
          EXPECT_EQ(isExact ? loaded.present : expected, expected);
          EXPECT_GE(loaded.present, expected);
          stored.resize(bytes - 1);
          llvm::Expected<LoadedValues> cut = loadValues(
              it.format, it.parameter, elementBytes, absent, kElements, stored);
          EXPECT_FALSE(bool(cut));
          llvm::consumeError(cut.takeError());
        }
}

TEST(NpuStoredFormat, AnyBytesCanBeLoaded) {
  std::mt19937 random(2);
  unsigned loaded = 0;
  for (unsigned i = 0; i < 50000; ++i) {
    ByteVector bytes(random() % 64);
    for (uint8_t &byte : bytes)
      byte = static_cast<uint8_t>(random() % 3 ? random() % 4 : random());
    auto format = static_cast<StoredFormat>(random() % 6);
    auto values =
        loadValues(format, random() % 4 ? random() % (i % 2 ? 1030 : 18) : 0,
                   1 << random() % 4, random() % 2, random() % 100, bytes);
    loaded += bool(values);
    if (!values)
      llvm::consumeError(values.takeError());
  }
  EXPECT_GT(loaded, 1000u);
}

TEST(NpuStoredFormat, WhatDoesNotFitIsRefused) {
  auto refused = [](StoredFormat format, int64_t parameter,
                    int64_t elementBytes, const ByteVector &dense) {
    auto stored = storeValues(format, parameter, elementBytes, 0, dense);
    return stored ? "" : llvm::toString(stored.takeError());
  };
  EXPECT_EQ(refused(StoredFormat::NofM, 256 + 4, 1, {1, 0, 2, 0}),
            "a group of 4 elements has 2 that are not zero; there may be 1");
  EXPECT_EQ(refused(StoredFormat::NofM, 256 + 4, 1, {1, 0}),
            "1 of 4 elements do not divide 2");
  EXPECT_EQ(refused(StoredFormat::Column, 3, 1, {1, 0}),
            "columns of 3 elements do not divide 2");
  EXPECT_EQ(refused(StoredFormat::Brick, 3, 1, {1, 0}),
            "the format takes no parameter");
  EXPECT_EQ(refused(StoredFormat::RunLength, 17, 1, ByteVector(8)),
            "runs of 17 bits; there may be 1 to 16");
  EXPECT_EQ(refused(StoredFormat::RunLength, 0, 8, ByteVector(8)),
            "run-length stores elements of 1, 2 or 4 bytes");
  EXPECT_EQ(refused(StoredFormat::Brick, 0, 2, {1}),
            "bytes that are no whole elements");
}

} // namespace
