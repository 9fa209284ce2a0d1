//===- ConvFloats.cpp - Convolutions of floats, by filters -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A sum adds its products in the order of channels, then of taps; what is done
// beside it are other filters. A weight of zero is a product like others: its
// input may be infinite. What a window meets outside of the tile is none.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ConvMethods.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstring>

using namespace llvm;

namespace lacuna::npu {

namespace {
/// `kLanes` filters of one group at a time.
template <int64_t kLanes>
class FilterConv {
public:
  FilterConv(const ConvCommand &command, const ConvOperands &operands)
      : command(command), operands(operands),
        perGroup(command.channels / command.groups),
        groupFilters(command.filters / command.groups),
        taps(command.kernel[0] * command.kernel[1] * command.kernel[2]),
        weights(perGroup * taps * kLanes) {
    for (unsigned dimension = 0; dimension < 3; ++dimension)
      for (int64_t window = 0; window < command.outputExtents[dimension];
           ++window)
        inside[dimension].push_back(getInsideTaps(command, dimension, window));
  }

  void run();

private:
  /// [channel][tap][filter]
  void packWeights(int64_t first, int64_t lanes);
  void runWindow(int64_t n, int64_t first, int64_t lanes, const InsideTaps &d,
                 const InsideTaps &h, const InsideTaps &w, int64_t index);

  const ConvCommand &command;
  const ConvOperands &operands;
  int64_t perGroup, groupFilters, taps;
  std::vector<float> weights;
  std::array<std::vector<InsideTaps>, 3> inside;
};
} // namespace

template <int64_t kLanes>
void FilterConv<kLanes>::packWeights(int64_t first, int64_t lanes) {
  const auto &strides = command.weightStrides;
  float *to = weights.data();
  for (int64_t c = 0; c < perGroup; ++c)
    for (int64_t kd = 0; kd < command.kernel[0]; ++kd)
      for (int64_t kh = 0; kh < command.kernel[1]; ++kh)
        for (int64_t kw = 0; kw < command.kernel[2]; ++kw, to += kLanes)
          for (int64_t lane = 0; lane < lanes; ++lane)
            to[lane] = loadElement<float>(
                operands.weights, (first + lane) * strides[0] + c * strides[1] +
                                      kd * strides[2] + kh * strides[3] +
                                      kw * strides[4]);
}

template <int64_t kLanes>
void FilterConv<kLanes>::runWindow(int64_t n, int64_t first, int64_t lanes,
                                   const InsideTaps &d, const InsideTaps &h,
                                   const InsideTaps &w, int64_t index) {
  const auto &in = command.inputStrides;
  // Four floats, which all compilers keep in a register.
  typedef float Vector __attribute__((vector_size(16)));
  constexpr int64_t kVectors = (kLanes + 3) / 4;
  alignas(16) float lanesOfSums[kVectors * 4] = {};
  for (int64_t lane = 0; lane < lanes; ++lane)
    lanesOfSums[lane] =
        getStart<float>(command, operands, first + lane,
                        index + (first + lane) * command.sumStrides[1]);
  Vector sums[kVectors];
  std::memcpy(sums, lanesOfSums, sizeof(sums));

  int64_t channel = first / groupFilters * perGroup;
  int64_t step = command.dilation[2] * in[4];
  for (int64_t c = 0; c < perGroup; ++c)
    for (int64_t kd = d.begin; kd < d.end; ++kd)
      for (int64_t kh = h.begin; kh < h.end; ++kh) {
        int64_t from = n * in[0] + (channel + c) * in[1] +
                       (d.first + kd * command.dilation[0]) * in[2] +
                       (h.first + kh * command.dilation[1]) * in[3] +
                       (w.first + w.begin * command.dilation[2]) * in[4];
        int64_t tap = (kd * command.kernel[1] + kh) * command.kernel[2];
        const float *row = weights.data() + (c * taps + tap) * kLanes;
        for (int64_t kw = w.begin; kw < w.end; ++kw, from += step) {
          float x = loadElement<float>(operands.input, from);
          if constexpr (kLanes == 1) {
            sums[0][0] += x * row[kw];
          } else {
            for (int64_t i = 0; i < kVectors; ++i) {
              Vector weight;
              std::memcpy(&weight, row + kw * kLanes + i * 4, sizeof(weight));
              sums[i] += x * weight;
            }
          }
        }
      }

  std::memcpy(lanesOfSums, sums, sizeof(sums));
  for (int64_t lane = 0; lane < lanes; ++lane)
    storeElement<float>(operands.sums,
                        index + (first + lane) * command.sumStrides[1],
                        lanesOfSums[lane]);
}

template <int64_t kLanes>
void FilterConv<kLanes>::run() {
  const auto &su = command.sumStrides;
  const Extents &output = command.outputExtents;
  for (int64_t group = 0; group < command.groups; ++group)
    for (int64_t begin = 0; begin < groupFilters; begin += kLanes) {
      int64_t lanes = std::min(kLanes, groupFilters - begin);
      int64_t first = group * groupFilters + begin;
      packWeights(first, lanes);
      for (int64_t n = 0; n < command.batch; ++n)
        for (int64_t d = 0; d < output[0]; ++d)
          for (int64_t h = 0; h < output[1]; ++h)
            for (int64_t w = 0; w < output[2]; ++w)
              runWindow(n, first, lanes, inside[0][d], inside[1][h],
                        inside[2][w],
                        n * su[0] + d * su[2] + h * su[3] + w * su[4]);
    }
}

bool runFloatFilters(const ConvCommand &command, const ConvOperands &operands) {
  constexpr int64_t kLanes = 16, kFewFilters = 4;
  uint64_t values = kLanes;
  for (int64_t extent : {command.channels / command.groups, command.kernel[0],
                         command.kernel[1], command.kernel[2]})
    values = SaturatingMultiply<uint64_t>(values, extent);
  for (int64_t extent : command.outputExtents)
    values = std::max<uint64_t>(values, extent);
  if (values > kMaxPacked)
    return false;
  if (command.filters / command.groups < kFewFilters)
    FilterConv<1>(command, operands).run();
  else
    FilterConv<kLanes>(command, operands).run();
  return true;
}

} // namespace lacuna::npu
