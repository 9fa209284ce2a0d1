//===- ConvPlain.cpp - Convolutions, product by product -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ConvMethods.h"

using namespace llvm;

namespace lacuna::npu {

namespace {
template <typename Input, typename Weight>
class PlainConv {
public:
  PlainConv(const ConvCommand &command, const ConvOperands &operands)
      : command(command), operands(operands) {}

  void run() {
    for (int64_t n = 0; n < command.batch; ++n)
      for (int64_t f = 0; f < command.filters; ++f)
        for (int64_t d = 0; d < command.outputExtents[0]; ++d)
          for (int64_t h = 0; h < command.outputExtents[1]; ++h)
            for (int64_t w = 0; w < command.outputExtents[2]; ++w)
              runWindow(n, f, {d, h, w});
  }

private:
  static constexpr bool kIsFloat = std::is_same_v<Input, float>;
  using Sum = std::conditional_t<kIsFloat, float, uint32_t>;

  void runWindow(int64_t n, int64_t f, const Extents &window);

  const ConvCommand &command;
  const ConvOperands &operands;
};
} // namespace

template <typename Input, typename Weight>
void PlainConv<Input, Weight>::runWindow(int64_t n, int64_t f,
                                         const Extents &window) {
  const auto &in = command.inputStrides, &we = command.weightStrides,
             &su = command.sumStrides;
  int64_t perGroup = command.channels / command.groups;
  int64_t group = f / (command.filters / command.groups);
  int64_t index = n * su[0] + f * su[1] + window[0] * su[2] +
                  window[1] * su[3] + window[2] * su[4];
  Sum sum = getStart<Sum>(command, operands, f, index);
  int32_t weightZero = getWeightZeroPoint(command, operands, f);
  InsideTaps d = getInsideTaps(command, 0, window[0]),
             h = getInsideTaps(command, 1, window[1]),
             w = getInsideTaps(command, 2, window[2]);
  for (int64_t c = 0; c < perGroup; ++c)
    for (int64_t kd = d.begin; kd < d.end; ++kd)
      for (int64_t kh = h.begin; kh < h.end; ++kh)
        for (int64_t kw = w.begin; kw < w.end; ++kw) {
          Input x = loadElement<Input>(
              operands.input, n * in[0] + (group * perGroup + c) * in[1] +
                                  (d.first + kd * command.dilation[0]) * in[2] +
                                  (h.first + kh * command.dilation[1]) * in[3] +
                                  (w.first + kw * command.dilation[2]) * in[4]);
          Weight y = loadElement<Weight>(operands.weights,
                                         f * we[0] + c * we[1] + kd * we[2] +
                                             kh * we[3] + kw * we[4]);
          if constexpr (kIsFloat)
            sum += x * y;
          else
            // Zero points of a table have 32 bits, and sums wrap.
            sum += uint32_t(int64_t(x) - command.inputZeroPoint) *
                   (uint32_t(int32_t(y)) - uint32_t(weightZero));
        }
  storeElement<Sum>(operands.sums, index, sum);
}

void runPlain(const ConvCommand &command, const ConvOperands &operands) {
  if (command.isFloat())
    return PlainConv<float, float>(command, operands).run();
  visitIntegerType(command.inputType, [&](auto input) {
    visitIntegerType(command.weightsType, [&](auto weight) {
      PlainConv<decltype(input), decltype(weight)>(command, operands).run();
    });
  });
}

} // namespace lacuna::npu
