//===- check_others.cpp - All but products against plain loops ------------===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/copy.h"
#include "backends/neon/Kernels/lookup_s8.h"
#include "backends/neon/Kernels/softmax_f32.h"
#include "check.h"
#include <cmath>

namespace {
template <std::ptrdiff_t R, std::ptrdiff_t C>
void check_softmax(bool infinite) {
  Guarded<float> in(R * C, true), out(R * C, true);
  for (std::ptrdiff_t i = 0; i < R * C; ++i)
    in[i] = 50 * uniform();
  if (infinite)
    in[0] = -INFINITY;
  softmax_f32<R, C>(in.data, out.data);
  bool good = true;
  for (std::ptrdiff_t r = 0; r < R; ++r) {
    volatile double best = -INFINITY;
    double sum = 0;
    for (std::ptrdiff_t c = 0; c < C; ++c)
      if (in[r * C + c] > best)
        best = in[r * C + c];
    for (std::ptrdiff_t c = 0; c < C; ++c)
      sum += std::exp(in[r * C + c] - best);
    for (std::ptrdiff_t c = 0; c < C; ++c) {
      double want = std::exp(in[r * C + c] - best) / sum;
      if (!(std::fabs(want - out[r * C + c]) <= 1e-5 * want + 1e-38))
        good = false;
    }
  }
  if (infinite && C > 1 && out[0] != 0)
    good = false;
  report(__PRETTY_FUNCTION__, good);
}
template <class E, std::ptrdiff_t R, std::ptrdiff_t C>
void check_transpose() {
  Guarded<E> in((R - 1) * (C + 3) + C, true), out((C - 1) * (R + 2) + R, true);
  for (std::ptrdiff_t i = 0; i < in.count; ++i)
    in[i] = E(i * 7 + 1);
  for (std::ptrdiff_t i = 0; i < out.count; ++i)
    out[i] = E(99);
  transpose<E, R, C, C + 3, R + 2>(in.data, out.data);
  bool good = true;
  for (std::ptrdiff_t i = 0; i < out.count; ++i) {
    std::ptrdiff_t c = i / (R + 2), r = i % (R + 2);
    if (out[i] != (r < R ? in[r * (C + 3) + c] : E(99)))
      good = false;
  }
  report(__PRETTY_FUNCTION__, good);
}
/// Rows of C bytes, some bytes apart in the result.
template <std::ptrdiff_t R, std::ptrdiff_t C>
struct Rows : LookupGeometry {
  static constexpr int rank = 2;
  static constexpr std::ptrdiff_t size[] = {R, C}, in_step[] = {C, 1},
                                  out_step[] = {C + 3, 1};
};
template <std::ptrdiff_t R, std::ptrdiff_t C>
void check_lookup() {
  Guarded<std::int8_t> in(R * C, true), out((R - 1) * (C + 3) + C, true),
      table(256, true);
  for (std::ptrdiff_t i = 0; i < 256; ++i)
    table[i] = std::int8_t(i * 37 + 11);
  for (std::ptrdiff_t i = 0; i < in.count; ++i)
    in[i] = std::int8_t(i * 7 - 3);
  for (std::ptrdiff_t i = 0; i < out.count; ++i)
    out[i] = 99;
  lookup_s8<Rows<R, C>>(in.data, table.data, out.data);
  bool good = true;
  for (std::ptrdiff_t i = 0; i < out.count; ++i) {
    std::ptrdiff_t r = i / (C + 3), c = i % (C + 3);
    if (out[i] != (c < C ? table[std::uint8_t(in[r * C + c])] : 99))
      good = false;
  }
  // Where the bytes are.
  lookup_s8<Rows<1, C>>(in.data, table.data, in.data);
  for (std::ptrdiff_t c = 0; c < C; ++c)
    if (in[c] != out[c])
      good = false;
  report(__PRETTY_FUNCTION__, good);
}
} // namespace

int main() {
  double worst = 0, ws = 0, wt = 0;
  float x[4], e[4], s[4], t[4];
  for (double v = -87.3; v < 88.7; v += 4e-4) {
    for (int i = 0; i < 4; ++i)
      x[i] = float(v + i * 1e-4);
    exp_f32(x, e, 4);
    sigmoid_f32(x, s, 4);
    tanh_f32(x, t, 4);
    for (int i = 0; i < 4; ++i) {
      double w = std::exp((double)x[i]);
      worst = std::fmax(worst, std::fabs(e[i] - w) / w);
      ws = std::fmax(ws, std::fabs(s[i] - 1 / (1 + std::exp(-(double)x[i]))));
      wt = std::fmax(wt, std::fabs(t[i] - std::tanh((double)x[i])));
    }
  }
  std::printf("exp relative %g sigmoid %g tanh %g\n", worst, ws, wt);
  report("errors", worst < 3e-7 && ws < 1e-6 && wt < 1e-6);
  float special[7] = {-INFINITY, INFINITY, NAN, 0, -104.5f, 89, -100};
  float r[7], q[7], u[7];
  exp_f32(special, r, 7);
  sigmoid_f32(special, q, 7);
  tanh_f32(special, u, 7);

  report("exp special", r[0] == 0 && r[1] == INFINITY && std::isnan(r[2]) &&
                            r[3] == 1 && r[4] == 0 && r[5] == INFINITY &&
                            r[6] > 3.6e-44f && r[6] < 3.9e-44f);
  report("sigmoid special",
         q[0] == 0 && q[1] == 1 && std::isnan(q[2]) && q[3] == 0.5f);
  report("tanh special",
         u[0] == -1 && u[1] == 1 && std::isnan(u[2]) && u[3] == 0);
  for (std::ptrdiff_t n = 0; n < 10; ++n) {
    Guarded<float> a(n + 1, true), b(n + 1, true);
    for (std::ptrdiff_t i = 0; i < n; ++i)
      a[i + 1] = uniform();
    exp_f32(a.data + 1, b.data + 1, n);
    bool good = b[0] == 0;
    for (std::ptrdiff_t i = 1; i <= n; ++i)
      good &= std::fabs(b[i] - std::exp(a[i])) < 1e-6;
    report("exp length", good);
  }
  check_softmax<3, 12>(false);
  check_softmax<2, 10>(true);
  check_softmax<5, 1>(false);
  check_softmax<2, 3>(true);
  check_softmax<1, 1001>(true);
  check_softmax<4, 35>(false);
  check_transpose<float, 4, 4>();
  check_transpose<float, 40, 98>();
  check_transpose<float, 5, 7>();
  check_transpose<float, 3, 9>();
  check_transpose<std::int32_t, 6, 4>();
  check_transpose<std::int8_t, 8, 8>();
  check_transpose<std::int8_t, 40, 98>();
  check_transpose<std::uint8_t, 13, 9>();
  check_transpose<std::int8_t, 5, 30>();
  check_transpose<std::int8_t, 1, 1>();
  check_transpose<std::int8_t, 16, 16>();
  check_transpose<std::int8_t, 64, 61>();
  check_transpose<std::int16_t, 8, 8>();
  check_transpose<std::int16_t, 10, 30>();
  check_transpose<std::int16_t, 7, 30>();
  check_transpose<double, 4, 5>();
  check_transpose<float, 30, 3>();
  check_lookup<3, 256>();
  check_lookup<2, 61>();
  check_lookup<5, 7>();
  return finish();
}
