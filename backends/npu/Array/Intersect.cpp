//===- Intersect.cpp - Values that two masks have in common -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Intersect.h"

#include "backends/npu/Array/ArrayTask.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <vector>

using namespace llvm;

namespace lacuna::npu {

/// The bits that `window` and each of the filters have in common.
static inline void intersectEach(const uint64_t *window,
                                 const uint64_t *filters, int64_t words,
                                 MutableArrayRef<int32_t> counts) {
  for (int32_t &count : counts) {
    int64_t sum = 0;
    for (int64_t i = 0; i < words; ++i)
      sum += popcount(window[i] & filters[i]);
    count = int32_t(sum);
    filters += words;
  }
}

using Intersect = void (*)(const uint64_t *, const uint64_t *, int64_t,
                           MutableArrayRef<int32_t>);

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
// The baseline of x86-64 has no instruction that counts bits; every machine
// made since 2008 has.
__attribute__((target("popcnt"))) static void
intersectEachByInstruction(const uint64_t *window, const uint64_t *filters,
                           int64_t words, MutableArrayRef<int32_t> counts) {
  for (int32_t &count : counts) {
    int64_t sum = 0;
    for (int64_t i = 0; i < words; ++i)
      sum += __builtin_popcountll(window[i] & filters[i]);
    count = int32_t(sum);
    filters += words;
  }
}

// The baseline has no greater of two numbers either.
#define LACUNA_WIDE_VECTORS __attribute__((target_clones("avx2", "default")))

static Intersect getIntersect() {
  return __builtin_cpu_supports("popcnt") ? intersectEachByInstruction
                                          : intersectEach;
}
#else
#define LACUNA_WIDE_VECTORS
static Intersect getIntersect() { return intersectEach; }
#endif

namespace {

/// Bits one after the other.
class BitWriter {
public:
  explicit BitWriter(MutableArrayRef<uint64_t> words) : words(words) {
    std::fill(words.begin(), words.end(), 0);
  }

  void skip(int64_t count) { at += count; }

  /// Columns [begin, end) of a row of a mask.
  void append(const uint64_t *row, int64_t begin, int64_t end) {
    while (begin < end) {
      int64_t count = std::min(end - begin, 64 - begin % 64);
      count = std::min(count, 64 - at % 64);
      uint64_t value = row[begin / 64] >> (begin % 64);
      value &= maskTrailingOnes<uint64_t>(count);
      words[at / 64] |= value << (at % 64);
      at += count;
      begin += count;
    }
  }

private:
  MutableArrayRef<uint64_t> words;
  int64_t at = 0;
};

} // namespace

void forEachWindowCount(
    const ArrayTask &task, const ZeroMask &activations, const ZeroMask &weights,
    int64_t firstChannel, int64_t lastChannel,
    function_ref<void(int64_t, int64_t, ArrayRef<int32_t>)> visit) {
  Intersect intersect = getIntersect();
  int64_t channels = lastChannel - firstChannel;
  int64_t taps = task.getTaps(), filters = task.getGroupFilters();
  int64_t words = divideCeil(taps * channels, 64);

  // Filters with their taps packed, once.
  std::vector<uint64_t> packed(task.filters * words);
  for (int64_t f = 0; f < task.filters; ++f) {
    BitWriter writer(MutableArrayRef<uint64_t>(packed).slice(f * words, words));
    for (int64_t tap = 0; tap < taps; ++tap)
      writer.append(weights.getRow(f * taps + tap), firstChannel, lastChannel);
  }

  const auto &[depth, height, width] = task.space;
  std::vector<uint64_t> window(words);
  std::vector<int32_t> counts(filters);
  int64_t index = 0;
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t od = 0; od < depth.output; ++od)
      for (int64_t oh = 0; oh < height.output; ++oh)
        for (int64_t ow = 0; ow < width.output; ++ow, ++index)
          for (int64_t group = 0; group < task.groups; ++group) {
            BitWriter writer(window);
            for (int64_t kd = 0; kd < depth.kernel; ++kd)
              for (int64_t kh = 0; kh < height.kernel; ++kh)
                for (int64_t kw = 0; kw < width.kernel; ++kw) {
                  int64_t d = depth.getPosition(od, kd);
                  int64_t h = height.getPosition(oh, kh);
                  int64_t w = width.getPosition(ow, kw);
                  if (!depth.isInside(d) || !height.isInside(h) ||
                      !width.isInside(w)) {
                    writer.skip(channels);
                    continue;
                  }
                  int64_t position =
                      ((b * depth.input + d) * height.input + h) * width.input +
                      w;
                  writer.append(
                      activations.getRow(position * task.groups + group),
                      firstChannel, lastChannel);
                }
            intersect(window.data(), &packed[group * filters * words], words,
                      counts);
            visit(index, group, counts);
          }
}

void forEachWindowCount(
    const ArrayTask &task, const ZeroMask &activations, const ZeroMask &weights,
    function_ref<void(int64_t, int64_t, ArrayRef<int32_t>)> visit) {
  forEachWindowCount(task, activations, weights, 0, task.getGroupChannels(),
                     visit);
}

LACUNA_WIDE_VECTORS
int64_t addClocks(ArrayRef<int32_t> counts, MutableArrayRef<int64_t> clocks) {
  int64_t sum = 0, size = int64_t(counts.size());
  const int32_t *from = counts.data();
  int64_t *to = clocks.data();
  for (int64_t f = 0; f < size; ++f) {
    to[f] += std::max(1, from[f]);
    sum += from[f];
  }
  return sum;
}

} // namespace lacuna::npu
