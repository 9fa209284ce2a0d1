//===- ConvTest.cpp - Tests of convolutions on memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ConvRunner.h"
#include "backends/npu/Stream/StoredFormat.h"
#include "llvm/Support/MathExtras.h"

#include "gtest/gtest.h"
#include <cstring>
#include <random>

using namespace lacuna::npu;

namespace {
class ConvTest : public testing::Test {
protected:
  int64_t pick(int64_t least, int64_t most) {
    return least + int64_t(random() % uint64_t(most - least + 1));
  }
  ConvCommand makeCommand(ArrayType inputType, ArrayType weightsType);
  void fill(ArrayType type, std::vector<uint8_t> &bytes);
  double load(ArrayType type, const std::vector<uint8_t> &bytes,
              int64_t index) const;
  /// The sums as the page of the format says.
  std::vector<uint8_t> compute(const ConvCommand &command,
                               const std::vector<uint8_t> &start) const;
  void check(const ConvCommand &command);

  std::mt19937_64 random{42};
  std::vector<uint8_t> input, weights, bias, zeroPoints;
};
} // namespace

/// Strides of extents in a random order, with gaps.
template <size_t N>
static std::array<int64_t, N> makeStrides(const std::array<int64_t, N> &extents,
                                          std::mt19937_64 &random,
                                          int64_t &elements) {
  std::array<unsigned, N> order;
  for (unsigned i = 0; i < N; ++i)
    order[i] = i;
  std::shuffle(order.begin(), order.end(), random);
  std::array<int64_t, N> strides;
  int64_t stride = 1;
  for (unsigned i : order) {
    strides[i] = stride;
    stride *= extents[i] + int64_t(random() % 2);
  }
  elements = stride;
  return strides;
}

ConvCommand ConvTest::makeCommand(ArrayType inputType, ArrayType weightsType) {
  ConvCommand it;
  it.inputType = inputType;
  it.weightsType = weightsType;
  it.batch = pick(1, 2);
  it.groups = pick(1, 3);
  it.channels = it.groups * pick(1, 5);
  it.filters = it.groups * pick(1, 6);
  int64_t rank = pick(1, 3);
  for (int64_t i = 3 - rank; i < 3; ++i) {
    it.inputExtents[i] = pick(1, rank == 3 ? 7 : 40);
    it.kernel[i] = pick(1, 4);
    it.stride[i] = pick(1, 3);
    it.dilation[i] = pick(1, 3);
    it.padBefore[i] = pick(0, 4);
    it.outputExtents[i] = pick(1, rank == 3 ? 7 : 30);
  }
  int64_t elements;
  it.inputStrides = makeStrides<5>({it.batch, it.channels, it.inputExtents[0],
                                    it.inputExtents[1], it.inputExtents[2]},
                                   random, elements);
  input.resize(elements * getBytes(inputType));
  it.weightStrides = makeStrides<5>({it.filters, it.channels / it.groups,
                                     it.kernel[0], it.kernel[1], it.kernel[2]},
                                    random, elements);
  weights.resize(elements * getBytes(weightsType));
  it.sumStrides = makeStrides<5>({it.batch, it.filters, it.outputExtents[0],
                                  it.outputExtents[1], it.outputExtents[2]},
                                 random, elements);
  it.sums = Address::chip(0, elements * 4);
  bias.resize(pick(0, 1) * it.filters * 4);
  it.accumulate = pick(0, 2) == 0;
  fill(inputType, input);
  fill(weightsType, weights);
  fill(it.isFloat() ? ArrayType::Float32 : ArrayType::Int16, bias);
  zeroPoints.clear();
  if (it.isFloat())
    return it;
  if (pick(0, 1))
    it.inputZeroPoint =
        inputType == ArrayType::UInt8 ? pick(0, 255) : pick(-128, 127);
  if (pick(0, 1))
    it.weightZeroPoint =
        weightsType == ArrayType::UInt8 ? pick(0, 255) : pick(-128, 127);
  if (pick(0, 2) == 0) {
    zeroPoints.resize(it.filters * 4);
    for (int64_t f = 0; f < it.filters; ++f) {
      auto point = int32_t(pick(0, 3) ? pick(0, 127) : pick(0, 1 << 30));
      std::memcpy(&zeroPoints[f * 4], &point, 4);
    }
  }
  return it;
}

void ConvTest::fill(ArrayType type, std::vector<uint8_t> &bytes) {
  if (type == ArrayType::Float32) {
    for (size_t i = 0; i < bytes.size(); i += 4) {
      float value = float(pick(-1000, 1000)) / 64;
      std::memcpy(&bytes[i], &value, 4);
    }
    return;
  }
  for (uint8_t &byte : bytes)
    byte = pick(0, 2) ? uint8_t(random()) : 0;
}

template <typename T>
static T loadAs(const std::vector<uint8_t> &bytes, int64_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * int64_t(sizeof(T)), sizeof(T));
  return value;
}

double ConvTest::load(ArrayType type, const std::vector<uint8_t> &bytes,
                      int64_t index) const {
  switch (type) {
  case ArrayType::Int8:
    return loadAs<int8_t>(bytes, index);
  case ArrayType::UInt8:
    return loadAs<uint8_t>(bytes, index);
  case ArrayType::Int16:
    return loadAs<int16_t>(bytes, index);
  case ArrayType::Float32:
    return double(loadAs<float>(bytes, index));
  }
  return 0;
}

std::vector<uint8_t>
ConvTest::compute(const ConvCommand &it,
                  const std::vector<uint8_t> &start) const {
  std::vector<uint8_t> sums = start;
  int64_t perGroup = it.channels / it.groups;
  const auto &in = it.inputStrides, &we = it.weightStrides, &su = it.sumStrides;
  for (int64_t n = 0; n < it.batch; ++n)
    for (int64_t f = 0; f < it.filters; ++f)
      for (int64_t d = 0; d < it.outputExtents[0]; ++d)
        for (int64_t h = 0; h < it.outputExtents[1]; ++h)
          for (int64_t w = 0; w < it.outputExtents[2]; ++w) {
            int64_t at =
                n * su[0] + f * su[1] + d * su[2] + h * su[3] + w * su[4];
            float real = 0;
            uint32_t whole = 0;
            if (it.accumulate) {
              real = loadAs<float>(start, at);
              whole = loadAs<uint32_t>(start, at);
            } else if (!bias.empty()) {
              real = loadAs<float>(bias, f);
              whole = loadAs<uint32_t>(bias, f);
            }
            for (int64_t c = 0; c < perGroup; ++c)
              for (int64_t i = 0; i < it.kernel[0]; ++i)
                for (int64_t j = 0; j < it.kernel[1]; ++j)
                  for (int64_t k = 0; k < it.kernel[2]; ++k) {
                    int64_t z =
                        d * it.stride[0] + i * it.dilation[0] - it.padBefore[0];
                    int64_t y =
                        h * it.stride[1] + j * it.dilation[1] - it.padBefore[1];
                    int64_t x =
                        w * it.stride[2] + k * it.dilation[2] - it.padBefore[2];
                    if (z < 0 || y < 0 || x < 0 || z >= it.inputExtents[0] ||
                        y >= it.inputExtents[1] || x >= it.inputExtents[2])
                      continue;
                    int64_t channel = f / (it.filters / it.groups) * perGroup;
                    double a = load(it.inputType, input,
                                    n * in[0] + (channel + c) * in[1] +
                                        z * in[2] + y * in[3] + x * in[4]);
                    double b = load(it.weightsType, weights,
                                    f * we[0] + c * we[1] + i * we[2] +
                                        j * we[3] + k * we[4]);
                    if (it.isFloat()) {
                      real += float(a) * float(b);
                      continue;
                    }
                    int64_t zero = zeroPoints.empty()
                                       ? it.weightZeroPoint
                                       : loadAs<int32_t>(zeroPoints, f);
                    whole += uint32_t((int64_t(a) - it.inputZeroPoint) *
                                      (int64_t(b) - zero));
                  }
            if (it.isFloat())
              std::memcpy(&sums[at * 4], &real, 4);
            else
              std::memcpy(&sums[at * 4], &whole, 4);
          }
  return sums;
}

void ConvTest::check(const ConvCommand &command) {
  std::vector<uint8_t> start(command.sums.offset);
  fill(command.isFloat() ? ArrayType::Float32 : ArrayType::Int16, start);
  std::vector<uint8_t> expected = compute(command, start);
  for (ConvMethod method : {ConvMethod::Best, ConvMethod::Plain}) {
    std::vector<uint8_t> sums = start;
    ConvOperands operands;
    operands.input = input.data();
    operands.weights = weights.data();
    operands.bias = bias.empty() ? nullptr : bias.data();
    operands.weightZeroPoints =
        zeroPoints.empty() ? nullptr : zeroPoints.data();
    operands.sums = sums.data();
    runConv(command, operands, method);
    ASSERT_EQ(sums, expected);
  }
}

TEST_F(ConvTest, RandomGeometriesAreThoseOfPlainLoops) {
  constexpr ArrayType kIntegers[] = {ArrayType::Int8, ArrayType::UInt8,
                                     ArrayType::Int16};
  for (int i = 0; i < 150; ++i)
    for (ArrayType inputType : kIntegers)
      ASSERT_NO_FATAL_FAILURE(
          check(makeCommand(inputType, kIntegers[pick(0, 2)])));
}

TEST_F(ConvTest, FloatsAreAddedInOrder) {
  for (int i = 0; i < 300; ++i)
    ASSERT_NO_FATAL_FAILURE(
        check(makeCommand(ArrayType::Float32, ArrayType::Float32)));
}

TEST_F(ConvTest, ManyFiltersOfFloats) {
  ConvCommand command = makeCommand(ArrayType::Float32, ArrayType::Float32);
  command.batch = command.groups = 1;
  command.channels = 3;
  command.filters = 21;
  command.inputExtents = {1, 6, 5};
  command.outputExtents = {1, 6, 5};
  command.kernel = {1, 3, 3};
  command.stride = command.dilation = {1, 1, 1};
  command.padBefore = {0, 1, 1};
  command.inputStrides = {90, 30, 30, 5, 1};
  command.weightStrides = {27, 9, 9, 3, 1};
  command.sumStrides = {630, 30, 30, 5, 1};
  command.accumulate = false;
  command.sums.offset = 630 * 4;
  input.resize(90 * 4);
  weights.resize(27 * 21 * 4);
  bias.resize(21 * 4);
  fill(ArrayType::Float32, input);
  fill(ArrayType::Float32, weights);
  fill(ArrayType::Float32, bias);
  // A weight of zero does not hide an infinite input.
  float infinite = INFINITY;
  std::memcpy(&input[4 * 30], &infinite, 4);
  check(command);
}

TEST_F(ConvTest, WeightsOfAFormatThatIsTooShortAreRefused) {
  ConvCommand command;
  command.channels = 4;
  command.filters = 2;
  command.weightStrides = {4, 1, 0, 0, 0};
  command.weightsFormat = StoredFormat::BitVector;
  std::vector<uint8_t> dense = {0, 1, 0, 0, 2, 0, 0, 3};
  std::vector<uint8_t> stored =
      llvm::cantFail(storeValues(StoredFormat::BitVector, 0, 1, 0, dense));
  command.weightsBytes = int64_t(stored.size());
  auto loaded = loadWeights(command, stored.data());
  ASSERT_TRUE(bool(loaded));
  EXPECT_EQ(*loaded, dense);
  command.weightStrides[0] = 5;
  auto outside = loadWeights(command, stored.data());
  ASSERT_FALSE(bool(outside));
  EXPECT_EQ(llvm::toString(outside.takeError()),
            "weights: the strides reach element 8 of 8");
}
