//===- HostTensorTest.cpp - Tensors and .npy files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Support/HostTensor.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace lacuna;

namespace {

std::string tempFile(llvm::StringRef suffix) {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("lacuna", suffix, path));
  return path.str().str();
}

TEST(HostTensor, NpyKeepsTypeShapeAndBytes) {
  std::string path = tempFile("npy");
  for (int i = 0; i <= int(DType::Bool); ++i) {
    DType type = DType(i);
    if (type == DType::BFloat16)
      continue;
    HostTensor tensor(type, {2, 3});
    for (size_t b = 0; b < tensor.getByteSize(); ++b)
      tensor.data()[b] = type == DType::Bool ? b % 2 : b;
    ASSERT_FALSE(bool(writeNpy(path, tensor)));
    llvm::Expected<HostTensor> back = readNpy(path);
    ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
    EXPECT_EQ(back->getType(), type);
    EXPECT_EQ(back->getShape(), tensor.getShape());
    EXPECT_EQ(memcmp(back->data(), tensor.data(), tensor.getByteSize()), 0);
  }
  llvm::sys::fs::remove(path);
}

TEST(HostTensor, ConvertsAsACastDoes) {
  HostTensor tensor(DType::Float32, {3});
  tensor.elements<float>()[0] = -1.75f;
  tensor.elements<float>()[1] = 0.0f;
  tensor.elements<float>()[2] = 200.5f;
  EXPECT_EQ(tensor.convertTo(DType::Int32).elements<int32_t>()[0], -1);
  EXPECT_EQ(tensor.convertTo(DType::UInt8).elements<uint8_t>()[2], 200);
  EXPECT_EQ(tensor.convertTo(DType::Bool).elements<uint8_t>()[1], 0);
  EXPECT_EQ(tensor.convertTo(DType::Float16).getAsDouble(0), -1.75);
}

TEST(HostTensor, ComparesLikeNumPy) {
  HostTensor a(DType::Float32, {2}), b(DType::Float32, {2});
  a.elements<float>()[0] = NAN;
  b.elements<float>()[0] = NAN;
  a.elements<float>()[1] = 1.0f;
  b.elements<float>()[1] = 1.0005f;
  EXPECT_FALSE(compare(a, b, 1e-3, 0).has_value());
  std::optional<Difference> difference = compare(a, b, 1e-5, 0);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->index, 1);
  EXPECT_EQ(difference->count, 1);
}

TEST(HostTensor, RefusesDamagedNpy) {
  std::string path = tempFile("npy");
  HostTensor tensor(DType::Float32, {4});
  ASSERT_FALSE(bool(writeNpy(path, tensor)));
  uint64_t size;
  ASSERT_FALSE(llvm::sys::fs::file_size(path, size));
  for (uint64_t cut = 0; cut < size; ++cut) {
    int file;
    ASSERT_FALSE(llvm::sys::fs::openFileForReadWrite(
        path, file, llvm::sys::fs::CD_OpenExisting, llvm::sys::fs::OF_None));
    ASSERT_FALSE(llvm::sys::fs::resize_file(file, size - cut - 1));
    llvm::sys::Process::SafelyCloseFileDescriptor(file);
    llvm::Expected<HostTensor> back = readNpy(path);
    EXPECT_FALSE(bool(back));
    llvm::consumeError(back.takeError());
  }
  llvm::sys::fs::remove(path);
}

} // namespace
