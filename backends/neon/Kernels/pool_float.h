//===- pool_float.h - Pooling of floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_POOL_FLOAT_H
#define LACUNA_NEON_POOL_FLOAT_H

#include "floats.h"
#include "geometry.h"
#include "window_float.h"
#include <cstddef>
#include <limits>

template <class E>
struct MaximumFloat {
  using F = Floats<E>;
  using Vector = typename F::Vector;
  static constexpr bool weighted = false;
  const E *weights;

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector start(std::ptrdiff_t) const {
    return F::splat(-std::numeric_limits<float>::infinity());
  }

  static LACUNA_INLINE Vector take(Vector best, Vector input, Vector) {
    return F::largest(best, input);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector finish(Vector best, std::ptrdiff_t,
                              std::ptrdiff_t) const {
    return best;
  }
};

template <class L>
struct AverageFloat {
  using E = typename L::Element;
  using F = Floats<E>;
  using Vector = typename F::Vector;
  static constexpr bool weighted = false;
  /// The sum of halves may be too large for one: each is scaled before.
  static constexpr bool scales_first = sizeof(E) == 2;
  const E *weights;

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector start(std::ptrdiff_t) const {
    return F::splat(0);
  }

  static LACUNA_INLINE Vector take(Vector sum, Vector input, Vector) {
    if constexpr (scales_first)
      return F::multiply_add(sum, input, F::splat(L::scale));
    else
      return F::add(sum, input);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector finish(Vector sum, std::ptrdiff_t,
                              std::ptrdiff_t) const {
    if constexpr (scales_first)
      return sum;
    else
      return F::times(sum, L::scale);
  }
};

/// Padding, if any, must be minus infinity. Geometry and tile as in
/// depthwise_float.
template <class L, class T>
void maximum_pool_float(const typename L::Element *in,
                        typename L::Element *out) {
  window_float<L, T>(MaximumFloat<typename L::Element>{in}, in, out);
}

/// Padding, if any, must be zero. The sum is multiplied by L::scale.
template <class L, class T>
void average_pool_float(const typename L::Element *in,
                        typename L::Element *out) {
  window_float<L, T>(AverageFloat<L>{in}, in, out);
}

#endif // LACUNA_NEON_POOL_FLOAT_H
