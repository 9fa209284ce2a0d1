//===- ConvIntegers.cpp - Convolutions of integers, by planes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is packed with its padding, such that a tap of the kernel meets the
// windows one value after the other, whatever strides and dilation are. A
// weight is then one multiplication and addition over a row that is as long as
// the output, which compilers make vectors of. Where the output is tiny, rows
// run over a window instead.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ConvMethods.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

using namespace llvm;

namespace lacuna::npu {

namespace {
/// Windows of which the output has fewer are computed one by one.
constexpr uint64_t kFewWindows = 16;
/// Sums that are kept in registers.
constexpr int64_t kBlock = 32;

/// How one dimension is packed: inputs whose distance is the stride lie beside
/// each other, in one phase.
struct PackedDimension {
  int64_t extent = 0;
  /// The remainders of taps by the stride that there are.
  std::vector<int64_t> phases;
  /// For each tap, its phase and where in it the first window meets it.
  std::vector<int64_t> phaseOf, begins;
};

/// Two weights that are not zero, and where in the packed input they begin.
struct TapPair {
  int64_t offsets[2];
  int16_t weights[2];
};

class PlaneConv {
public:
  PlaneConv(const ConvCommand &command, const ConvOperands &operands)
      : command(command), operands(operands),
        perGroup(command.channels / command.groups),
        groupFilters(command.filters / command.groups) {}

  /// False if values do not fit or the work is not of this kind.
  bool prepare();
  void run();

private:
  bool prepareDimension(unsigned dimension);
  template <typename T>
  void packInput(int64_t n, int64_t group);
  template <typename T>
  void packWeights(int64_t f);
  void runPlane(int64_t n, int64_t f);
  void storeBlock(int64_t n, int64_t f, int64_t begin, int64_t length);

  template <typename T>
  void gatherWindows(int64_t group);
  template <typename T>
  void gatherWindow(int64_t n, int64_t group, const Extents &window);
  void runWindows(int64_t f);

  int64_t getSumIndex(int64_t n, int64_t f, int64_t d, int64_t h,
                      int64_t w) const {
    const auto &strides = command.sumStrides;
    return n * strides[0] + f * strides[1] + d * strides[2] + h * strides[3] +
           w * strides[4];
  }

  const ConvCommand &command;
  const ConvOperands &operands;
  int64_t perGroup, groupFilters;
  int64_t taps = 1;
  uint64_t windows = 1;
  bool byWindows = false;

  std::array<PackedDimension, 3> dimensions;
  int64_t channelStride = 0;
  std::vector<int64_t> tapOffsets;
  /// Without its zero point.
  std::vector<int16_t> input, weights;
  std::vector<TapPair> nonzero;
  std::array<uint32_t, kBlock> sums;
};
} // namespace

/// Whether values of a type have 16 bits when `zeroPoint` is subtracted.
static bool fits(ArrayType type, int64_t zeroPoint) {
  switch (type) {
  case ArrayType::Int8:
    return zeroPoint >= INT8_MIN && zeroPoint <= INT8_MAX;
  case ArrayType::UInt8:
    return zeroPoint >= 0 && zeroPoint <= UINT8_MAX;
  default:
    return zeroPoint == 0;
  }
}

bool PlaneConv::prepareDimension(unsigned dimension) {
  PackedDimension &packed = dimensions[dimension];
  int64_t stride = command.stride[dimension],
          dilation = command.dilation[dimension],
          kernel = command.kernel[dimension];
  packed.extent =
      command.outputExtents[dimension] + (kernel - 1) * dilation / stride;
  if (uint64_t(packed.extent) > kMaxPacked || uint64_t(kernel) > kMaxPacked)
    return false;
  for (int64_t tap = 0; tap < kernel; ++tap)
    packed.phases.push_back(tap * dilation % stride);
  llvm::sort(packed.phases);
  packed.phases.erase(llvm::unique(packed.phases), packed.phases.end());
  for (int64_t tap = 0; tap < kernel; ++tap) {
    packed.phaseOf.push_back(
        llvm::lower_bound(packed.phases, tap * dilation % stride) -
        packed.phases.begin());
    packed.begins.push_back(tap * dilation / stride);
  }
  return true;
}

bool PlaneConv::prepare() {
  if (!fits(command.inputType, command.inputZeroPoint))
    return false;
  for (int64_t f = 0; f < command.filters; ++f)
    if (!fits(command.weightsType, getWeightZeroPoint(command, operands, f)))
      return false;
  uint64_t all = perGroup;
  for (unsigned dimension = 0; dimension < 3; ++dimension) {
    all = SaturatingMultiply<uint64_t>(all, command.kernel[dimension]);
    if (all > kMaxPacked)
      return false;
    taps *= command.kernel[dimension];
    windows =
        SaturatingMultiply<uint64_t>(windows, command.outputExtents[dimension]);
  }
  weights.resize(all);
  byWindows = windows < kFewWindows;
  if (byWindows) {
    uint64_t values = SaturatingMultiply<uint64_t>(all, windows);
    values = SaturatingMultiply<uint64_t>(values, command.batch);
    if (values > kMaxPacked)
      return false;
    input.resize(values);
    return true;
  }

  uint64_t stride = 1;
  for (unsigned dimension = 0; dimension < 3; ++dimension) {
    if (!prepareDimension(dimension))
      return false;
    stride = SaturatingMultiply<uint64_t>(stride, dimensions[dimension].extent);
    stride = SaturatingMultiply<uint64_t>(stride,
                                          dimensions[dimension].phases.size());
  }
  if (SaturatingMultiply<uint64_t>(stride, perGroup) > kMaxPacked)
    return false;
  channelStride = int64_t(stride);
  const auto &[d, h, w] = dimensions;
  int64_t plane = d.extent * h.extent * w.extent;
  for (int64_t kd = 0; kd < command.kernel[0]; ++kd)
    for (int64_t kh = 0; kh < command.kernel[1]; ++kh)
      for (int64_t kw = 0; kw < command.kernel[2]; ++kw) {
        int64_t phase =
            (d.phaseOf[kd] * int64_t(h.phases.size()) + h.phaseOf[kh]) *
                int64_t(w.phases.size()) +
            w.phaseOf[kw];
        tapOffsets.push_back(
            phase * plane +
            (d.begins[kd] * h.extent + h.begins[kh]) * w.extent + w.begins[kw]);
      }
  // The last block may begin at the last window.
  input.resize(stride * perGroup + kBlock);
  return true;
}

template <typename T>
void PlaneConv::packInput(int64_t n, int64_t group) {
  const auto &[d, h, w] = dimensions;
  const auto &strides = command.inputStrides;
  auto zero = int16_t(command.inputZeroPoint);
  int16_t *to = input.data();
  for (int64_t c = 0; c < perGroup; ++c)
    for (int64_t pd : d.phases)
      for (int64_t ph : h.phases)
        for (int64_t pw : w.phases)
          for (int64_t jd = 0; jd < d.extent; ++jd)
            for (int64_t jh = 0; jh < h.extent; ++jh, to += w.extent) {
              int64_t atD = jd * command.stride[0] + pd - command.padBefore[0];
              int64_t atH = jh * command.stride[1] + ph - command.padBefore[1];
              if (atD < 0 || atD >= command.inputExtents[0] || atH < 0 ||
                  atH >= command.inputExtents[1]) {
                std::fill_n(to, w.extent, 0);
                continue;
              }
              int64_t base = n * strides[0] +
                             (group * perGroup + c) * strides[1] +
                             atD * strides[2] + atH * strides[3];
              // The part of the row that is inside.
              int64_t step = command.stride[2];
              int64_t first = pw - command.padBefore[2];
              int64_t begin =
                  first < 0 ? std::min(w.extent, (-first + step - 1) / step)
                            : 0;
              int64_t room = command.inputExtents[2] - first;
              int64_t end = std::clamp<int64_t>(
                  room > 0 ? (room + step - 1) / step : 0, begin, w.extent);
              std::fill_n(to, begin, 0);
              for (int64_t j = begin; j < end; ++j)
                to[j] = int16_t(
                    loadElement<T>(operands.input,
                                   base + (first + j * step) * strides[4]) -
                    zero);
              std::fill(to + end, to + w.extent, 0);
            }
}

template <typename T>
void PlaneConv::packWeights(int64_t f) {
  const auto &strides = command.weightStrides;
  int32_t zero = getWeightZeroPoint(command, operands, f);
  int16_t *to = weights.data();
  for (int64_t c = 0; c < perGroup; ++c)
    for (int64_t kd = 0; kd < command.kernel[0]; ++kd)
      for (int64_t kh = 0; kh < command.kernel[1]; ++kh)
        for (int64_t kw = 0; kw < command.kernel[2]; ++kw)
          *to++ = int16_t(loadElement<T>(operands.weights,
                                         f * strides[0] + c * strides[1] +
                                             kd * strides[2] + kh * strides[3] +
                                             kw * strides[4]) -
                          zero);
}

/// `sums` becomes what the pairs make of `kBlock` windows from `input` on.
static void multiplyBlock(const int16_t *input, ArrayRef<TapPair> pairs,
                          std::array<uint32_t, kBlock> &sums) {
#ifdef __SSE2__
  // Eight windows at a time: `madd` multiplies pairs and adds the products.
  constexpr unsigned kVectors = kBlock / 8;
  __m128i low[kVectors], high[kVectors];
  for (unsigned i = 0; i < kVectors; ++i)
    low[i] = high[i] = _mm_setzero_si128();
  for (const TapPair &pair : pairs) {
    int32_t both;
    std::memcpy(&both, pair.weights, sizeof(both));
    __m128i weights = _mm_set1_epi32(both);
    const auto *first =
        reinterpret_cast<const __m128i *>(input + pair.offsets[0]);
    const auto *second =
        reinterpret_cast<const __m128i *>(input + pair.offsets[1]);
    for (unsigned i = 0; i < kVectors; ++i) {
      __m128i x = _mm_loadu_si128(first + i), y = _mm_loadu_si128(second + i);
      low[i] = _mm_add_epi32(low[i],
                             _mm_madd_epi16(_mm_unpacklo_epi16(x, y), weights));
      high[i] = _mm_add_epi32(
          high[i], _mm_madd_epi16(_mm_unpackhi_epi16(x, y), weights));
    }
  }
  auto *to = reinterpret_cast<__m128i *>(sums.data());
  for (unsigned i = 0; i < kVectors; ++i) {
    _mm_storeu_si128(to++, low[i]);
    _mm_storeu_si128(to++, high[i]);
  }
#else
  sums.fill(0);
  for (const TapPair &pair : pairs) {
    const int16_t *first = input + pair.offsets[0],
                  *second = input + pair.offsets[1];
    for (int64_t i = 0; i < kBlock; ++i)
      sums[i] += uint32_t(int32_t(first[i]) * pair.weights[0]) +
                 uint32_t(int32_t(second[i]) * pair.weights[1]);
  }
#endif
}

void PlaneConv::storeBlock(int64_t n, int64_t f, int64_t begin,
                           int64_t length) {
  const auto &[d, h, w] = dimensions;
  const Extents &output = command.outputExtents;
  for (int64_t at = begin; at < begin + length;) {
    int64_t column = at % w.extent, row = at / w.extent;
    int64_t end = std::min(begin + length, at - column + w.extent);
    int64_t od = row / h.extent, oh = row % h.extent;
    // What lies between rows and planes is no window.
    if (oh < output[1])
      for (int64_t ow = column; ow < std::min(output[2], column + end - at);
           ++ow) {
        int64_t index = getSumIndex(n, f, od, oh, ow);
        storeElement<uint32_t>(operands.sums, index,
                               getStart<uint32_t>(command, operands, f, index) +
                                   sums[at + ow - column - begin]);
      }
    at = end;
  }
}

void PlaneConv::runPlane(int64_t n, int64_t f) {
  visitIntegerType(command.weightsType,
                   [&](auto type) { packWeights<decltype(type)>(f); });
  nonzero.clear();
  bool isOdd = false;
  for (int64_t c = 0; c < perGroup; ++c)
    for (int64_t tap = 0; tap < taps; ++tap) {
      int16_t weight = weights[c * taps + tap];
      if (weight == 0)
        continue;
      int64_t offset = c * channelStride + tapOffsets[tap];
      if (isOdd) {
        nonzero.back().offsets[1] = offset;
        nonzero.back().weights[1] = weight;
      } else {
        nonzero.push_back({{offset, offset}, {weight, 0}});
      }
      isOdd = !isOdd;
    }
  const auto &[d, h, w] = dimensions;
  const Extents &output = command.outputExtents;
  int64_t last =
      ((output[0] - 1) * h.extent + output[1] - 1) * w.extent + output[2];
  for (int64_t begin = 0; begin < last; begin += kBlock) {
    int64_t length = std::min(kBlock, last - begin);
    multiplyBlock(input.data() + begin, nonzero, sums);
    storeBlock(n, f, begin, length);
  }
}

template <typename T>
void PlaneConv::gatherWindow(int64_t n, int64_t group, const Extents &window) {
  const auto &strides = command.inputStrides;
  auto zero = int16_t(command.inputZeroPoint);
  const auto &[od, oh, ow] = window;
  int64_t number =
      ((n * command.outputExtents[0] + od) * command.outputExtents[1] + oh) *
          command.outputExtents[2] +
      ow;
  int16_t *to = input.data() + number * perGroup * taps;
  auto getPosition = [&](unsigned dimension, int64_t at, int64_t tap) {
    return at * command.stride[dimension] + tap * command.dilation[dimension] -
           command.padBefore[dimension];
  };
  auto isInside = [&](unsigned dimension, int64_t at) {
    return at >= 0 && at < command.inputExtents[dimension];
  };
  for (int64_t c = 0; c < perGroup; ++c)
    for (int64_t kd = 0; kd < command.kernel[0]; ++kd)
      for (int64_t kh = 0; kh < command.kernel[1]; ++kh)
        for (int64_t kw = 0; kw < command.kernel[2]; ++kw) {
          int64_t d = getPosition(0, od, kd), h = getPosition(1, oh, kh),
                  w = getPosition(2, ow, kw);
          *to++ = isInside(0, d) && isInside(1, h) && isInside(2, w)
                      ? int16_t(loadElement<T>(
                                    operands.input,
                                    n * strides[0] +
                                        (group * perGroup + c) * strides[1] +
                                        d * strides[2] + h * strides[3] +
                                        w * strides[4]) -
                                zero)
                      : int16_t(0);
        }
}

template <typename T>
void PlaneConv::gatherWindows(int64_t group) {
  const Extents &output = command.outputExtents;
  for (int64_t n = 0; n < command.batch; ++n)
    for (int64_t d = 0; d < output[0]; ++d)
      for (int64_t h = 0; h < output[1]; ++h)
        for (int64_t w = 0; w < output[2]; ++w)
          gatherWindow<T>(n, group, {d, h, w});
}

static uint32_t multiplyRows(const int16_t *lhs, const int16_t *rhs,
                             int64_t length) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < length; ++i)
    sum += uint32_t(int32_t(lhs[i]) * rhs[i]);
  return sum;
}

void PlaneConv::runWindows(int64_t f) {
  visitIntegerType(command.weightsType,
                   [&](auto type) { packWeights<decltype(type)>(f); });
  const int16_t *window = input.data();
  int64_t length = perGroup * taps;
  const Extents &output = command.outputExtents;
  for (int64_t n = 0; n < command.batch; ++n)
    for (int64_t d = 0; d < output[0]; ++d)
      for (int64_t h = 0; h < output[1]; ++h)
        for (int64_t w = 0; w < output[2]; ++w, window += length) {
          int64_t index = getSumIndex(n, f, d, h, w);
          storeElement<uint32_t>(
              operands.sums, index,
              getStart<uint32_t>(command, operands, f, index) +
                  multiplyRows(window, weights.data(), length));
        }
}

void PlaneConv::run() {
  for (int64_t group = 0; group < command.groups; ++group) {
    int64_t first = group * groupFilters, last = first + groupFilters;
    if (byWindows) {
      visitIntegerType(command.inputType, [&](auto type) {
        gatherWindows<decltype(type)>(group);
      });
      for (int64_t f = first; f < last; ++f)
        runWindows(f);
      continue;
    }
    for (int64_t n = 0; n < command.batch; ++n) {
      visitIntegerType(command.inputType,
                       [&](auto type) { packInput<decltype(type)>(n, group); });
      for (int64_t f = first; f < last; ++f)
        runPlane(n, f);
    }
  }
}

bool runIntegerPlanes(const ConvCommand &command,
                      const ConvOperands &operands) {
  PlaneConv conv(command, operands);
  if (!conv.prepare())
    return false;
  conv.run();
  return true;
}

} // namespace lacuna::npu
