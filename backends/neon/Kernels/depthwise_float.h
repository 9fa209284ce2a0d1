//===- depthwise_float.h - Depthwise convolutions of floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_DEPTHWISE_FLOAT_H
#define LACUNA_NEON_DEPTHWISE_FLOAT_H

#include "floats.h"
#include "geometry.h"
#include "window_float.h"
#include <cstddef>

template <class L>
struct DepthwiseFloat {
  static constexpr bool weighted = true;
  using Element = typename L::Element;
  using F = Floats<Element>;
  using Vector = typename F::Vector;
  const Element *weights, *bias, *residual;

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector start(std::ptrdiff_t channel) const {
    if constexpr (L::has_bias) {
      // Loading the bias for every pixel is cheaper than copying registers.
      const Element *again = bias + channel;
      opaque(again);
      return F::template load<count>(again);
    } else {
      return F::splat(0);
    }
  }

  static LACUNA_INLINE Vector take(Vector sum, Vector input, Vector weight) {
    return F::multiply_add(sum, input, weight);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector finish(Vector sum, std::ptrdiff_t,
                              std::ptrdiff_t result) const {
    if constexpr (L::has_residual)
      sum = F::add(sum, F::template load<count>(residual + result));
    return clamp<L>(sum);
  }
};

/// Each channel convolved alone. All filter positions are in L::taps. Weights:
/// [block of lanes channels][tap][lane], the last block filled up. T::rows
/// output pixels of a row and T::columns (whole vectors) channels are a tile.
template <class L, class T>
void depthwise_float(const typename L::Element *in,
                     const typename L::Element *weights,
                     const typename L::Element *bias,
                     const typename L::Element *residual,
                     typename L::Element *out) {
  window_float<L, T>(DepthwiseFloat<L>{weights, bias, residual}, in, out);
}

#endif // LACUNA_NEON_DEPTHWISE_FLOAT_H
