//===- ZeroMask.cpp - Which values of a tensor are not zero -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/ZeroMask.h"

#include "backends/npu/Array/ArrayTask.h"
#include "backends/npu/Array/Random.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <type_traits>

using namespace llvm;

namespace lacuna::npu {

ZeroMask::ZeroMask(int64_t rows, int64_t columns)
    : rows(rows), columns(columns), words(divideCeil(columns, 64)),
      bits(rows * words) {}

int64_t ZeroMask::count() const {
  int64_t sum = 0;
  for (uint64_t word : bits)
    sum += popcount(word);
  return sum;
}

int64_t ZeroMask::countRow(int64_t row) const {
  return countRange(row, 0, columns);
}

int64_t ZeroMask::countRange(int64_t row, int64_t begin, int64_t end) const {
  const uint64_t *at = getRow(row);
  int64_t sum = 0;
  for (int64_t word = begin / 64; word * 64 < end; ++word) {
    uint64_t value = at[word];
    if (word * 64 < begin)
      value &= maskTrailingZeros<uint64_t>(begin - word * 64);
    if (end - word * 64 < 64)
      value &= maskTrailingOnes<uint64_t>(end - word * 64);
    sum += popcount(value);
  }
  return sum;
}

/// An error if an index of these extents and strides can lie outside.
static Error checkReach(StringRef what, ArrayRef<int64_t> extents,
                        ArrayRef<int64_t> strides, size_t size) {
  int64_t last = 0;
  for (auto [extent, stride] : zip(extents, strides)) {
    std::optional<int64_t> reach = checkedMulAdd(extent - 1, stride, last);
    if (stride < 0 || !reach)
      return createStringError("the strides of the " + what +
                               " are negative or too large");
    last = *reach;
  }
  if (last >= int64_t(size))
    return createStringError("the " + what + " have " + Twine(size) +
                             " values; the task needs " + Twine(last + 1));
  return Error::success();
}

/// Whether a value belongs in a mask. No number at all is never inside.
template <typename T>
static bool isOutside(T value, T zeroPoint, const InnerRange &inner) {
  using Wide = std::conditional_t<std::is_floating_point_v<T>, T, int64_t>;
  Wide distance = Wide(value) - Wide(zeroPoint);
  return !(distance >= Wide(inner.least) && distance <= Wide(inner.most));
}

template <typename T>
Expected<ZeroMask> makeActivationMask(const ArrayTask &task, ArrayRef<T> values,
                                      const ActivationStrides &strides,
                                      T zeroPoint, const InnerRange &inner) {
  const auto &[depth, height, width] = task.space;
  if (Error error = checkReach(
          "activations",
          {task.batch, task.channels, depth.input, height.input, width.input},
          {strides.batch, strides.channel, strides.depth, strides.height,
           strides.width},
          values.size()))
    return error;
  int64_t perGroup = task.getGroupChannels();
  ZeroMask mask(task.getActivationRows(), perGroup);
  int64_t row = 0;
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t d = 0; d < depth.input; ++d)
      for (int64_t h = 0; h < height.input; ++h)
        for (int64_t w = 0; w < width.input; ++w) {
          const T *at = values.data() + b * strides.batch + d * strides.depth +
                        h * strides.height + w * strides.width;
          for (int64_t group = 0; group < task.groups; ++group, ++row)
            for (int64_t c = 0; c < perGroup; ++c)
              if (isOutside(at[(group * perGroup + c) * strides.channel],
                            zeroPoint, inner))
                mask.setNonzero(row, c);
        }
  return mask;
}

template <typename T>
Expected<ZeroMask> makeWeightMask(const ArrayTask &task, ArrayRef<T> values,
                                  const WeightStrides &strides,
                                  ArrayRef<T> zeroPoints,
                                  const InnerRange &inner) {
  const auto &[depth, height, width] = task.space;
  int64_t perGroup = task.getGroupChannels();
  if (zeroPoints.size() != 1 && int64_t(zeroPoints.size()) != task.filters)
    return createStringError("there are " + Twine(zeroPoints.size()) +
                             " zero points for " + Twine(task.filters) +
                             " filters; give one, or one for each");
  if (Error error = checkReach(
          "weights",
          {task.filters, perGroup, depth.kernel, height.kernel, width.kernel},
          {strides.filter, strides.channel, strides.depth, strides.height,
           strides.width},
          values.size()))
    return error;
  ZeroMask mask(task.getWeightRows(), perGroup);
  int64_t row = 0;
  for (int64_t f = 0; f < task.filters; ++f) {
    T zeroPoint = zeroPoints[zeroPoints.size() == 1 ? 0 : f];
    for (int64_t d = 0; d < depth.kernel; ++d)
      for (int64_t h = 0; h < height.kernel; ++h)
        for (int64_t w = 0; w < width.kernel; ++w, ++row) {
          const T *at = values.data() + f * strides.filter + d * strides.depth +
                        h * strides.height + w * strides.width;
          for (int64_t c = 0; c < perGroup; ++c)
            if (isOutside(at[c * strides.channel], zeroPoint, inner))
              mask.setNonzero(row, c);
        }
  }
  return mask;
}

#define LACUNA_INSTANTIATE(T)                                                  \
  template Expected<ZeroMask> makeActivationMask<T>(                           \
      const ArrayTask &, ArrayRef<T>, const ActivationStrides &, T,            \
      const InnerRange &);                                                     \
  template Expected<ZeroMask> makeWeightMask<T>(                               \
      const ArrayTask &, ArrayRef<T>, const WeightStrides &, ArrayRef<T>,      \
      const InnerRange &);
LACUNA_INSTANTIATE(int8_t)
LACUNA_INSTANTIATE(uint8_t)
LACUNA_INSTANTIATE(int16_t)
LACUNA_INSTANTIATE(float)
#undef LACUNA_INSTANTIATE

namespace {

class Generator : public RandomNumbers {
public:
  using RandomNumbers::RandomNumbers;

  /// In [0, 1).
  double nextUniform() { return double(next() >> 11) * 0x1p-53; }
  /// Mean 0, deviation 1, within 6: the sum of twelve uniform numbers, which
  /// needs no function that differs between C libraries.
  double nextNormal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i)
      sum += nextUniform();
    return sum;
  }
};

} // namespace

namespace {

/// Bits of which each is set with the same probability.
class RandomBits {
public:
  RandomBits(Generator &generator, double density)
      : generator(generator), share(uint32_t(density * kAll + 0.5)) {}

  /// `count` of them, at most 64.
  uint64_t take(int64_t count) {
    if (left < count) {
      word = next();
      left = 64;
    }
    uint64_t taken = word & maskTrailingOnes<uint64_t>(count);
    word = count < 64 ? word >> count : 0;
    left -= count;
    return taken;
  }

  void fillRow(ZeroMask &mask, int64_t row) {
    for (int64_t column = 0; column < mask.getColumns(); column += 64)
      mask.setWord(row, column / 64,
                   take(std::min<int64_t>(64, mask.getColumns() - column)));
  }

private:
  /// From the last binary digit of the share to the first, a 1 sets and a 0
  /// clears half of the bits.
  uint64_t next() {
    if (share == 0 || share >= kAll)
      return share ? ~uint64_t(0) : 0;
    uint64_t bits = 0;
    for (uint32_t digit = share & -share; digit < kAll; digit <<= 1) {
      uint64_t random = generator.next();
      bits = share & digit ? bits | random : bits & random;
    }
    return bits;
  }

  static constexpr uint32_t kAll = 1 << 16;
  Generator &generator;
  uint32_t share;
  uint64_t word = 0;
  int64_t left = 0;
};

} // namespace

ZeroMask makeRandomActivationMask(const ArrayTask &task, double density,
                                  uint64_t seed) {
  ZeroMask mask(task.getActivationRows(), task.getGroupChannels());
  Generator generator(seed);
  RandomBits bits(generator, density);
  for (int64_t row = 0; row < mask.getRows(); ++row)
    bits.fillRow(mask, row);
  return mask;
}

ZeroMask makeRandomOutlierMask(int64_t rows, int64_t columns, double share,
                               const ZeroMask *nonzero, uint64_t seed) {
  double all = double(rows) * double(columns);
  double density = nonzero && all > 0 ? double(nonzero->count()) / all : 1;
  ZeroMask mask(rows, columns);
  Generator generator(seed);
  RandomBits bits(generator, density > 0 ? std::min(1.0, share / density) : 0);
  for (int64_t row = 0; row < rows; ++row) {
    bits.fillRow(mask, row);
    if (nonzero)
      for (int64_t word = 0; word < mask.getWordsPerRow(); ++word)
        mask.setWord(row, word,
                     mask.getRow(row)[word] & nonzero->getRow(row)[word]);
  }
  return mask;
}

ZeroMask makeRandomWeightMask(const ArrayTask &task, double density,
                              uint64_t seed, double variation) {
  ZeroMask mask(task.getWeightRows(), task.getGroupChannels());
  Generator generator(seed);
  std::vector<double> densities(task.filters);
  double sum = 0;
  for (double &of : densities) {
    of = std::clamp(density * (1 + variation * generator.nextNormal()), 0.0,
                    1.0);
    sum += of;
  }
  // Clipping must not move the mean.
  double scale = sum > 0 ? density * double(task.filters) / sum : 0;
  int64_t row = 0;
  for (double of : densities) {
    RandomBits bits(generator, std::min(1.0, of * scale));
    for (int64_t tap = 0; tap < task.getTaps(); ++tap, ++row)
      bits.fillRow(mask, row);
  }
  return mask;
}

} // namespace lacuna::npu
