//===- check_maps.c - Compares kernels without weights with libm -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "kernels.h"

#include "check.h"

static int wrong, count;

static void report(const char *name, double worst, double most) {
  ++count;
  if (worst <= most)
    return;
  printf("%s: off by %g\n", name, worst);
  ++wrong;
}

/// Distance in units in the last place of `expected`.
static double getUlps(double expected, float actual) {
  float rounded = (float)expected;
  if (isnan(expected) || isnan(actual))
    return !isnan(expected) != !isnan(actual) ? INFINITY : 0;
  if (isinf(rounded) || isinf(actual))
    return rounded == actual ? 0 : INFINITY;
  double unit = (double)nextafterf(fabsf(rounded), INFINITY) - fabs(rounded);
  return fabs(actual - expected) / unit;
}

static float random_float(float lo, float hi) {
  return lo + (hi - lo) * (float)(next() * 256 + next()) / 65535;
}

enum { kCount = 203 };

static void check_each(const char *name, void (*call)(const float *, float *),
                       double (*expect)(double), float lo, float hi,
                       double most) {
  static const float special[] = {0,      -0.0f,   INFINITY, -INFINITY, NAN,
                                  1e-40f, 1e-5f,   -1e-5f,   88.7f,     89,
                                  -87.5f, -103.5f, -110,     1e30f,     -1e30f};
  enum { kSpecial = sizeof special / sizeof *special };
  float *in = (float *)allocate(kCount * 4),
        *out = (float *)allocate(kCount * 4);
  double worst = 0;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < kCount; ++i)
      in[i] = i < kSpecial ? special[i] : random_float(lo, hi);
    call(in, out);
    for (int i = 0; i < kCount; ++i)
      worst = fmax(worst, getUlps(expect(in[i]), out[i]));
  }
  report(name, worst, most);
}

static void check_mixed(void) {
  float *x = (float *)allocate(222 * 4), *a = (float *)allocate(3 * 4);
  float *b = (float *)allocate(111 * 4), *out = (float *)allocate(317 * 4);
  for (int i = 0; i < 222; ++i)
    x[i] = random_float(-4, 4);
  for (int i = 0; i < 3; ++i)
    a[i] = random_float(-2, 2);
  for (int i = 0; i < 111; ++i)
    b[i] = random_float(-2, 2);
  for (int i = 0; i < 317; ++i)
    out[i] = 7;
  mixed(x, a, b, out);
  double worst = 0;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 37; ++k) {
        double given = x[i * 111 + j * 37 + k];
        double u = sqrt(fabs(-given - a[j])) / 2.5 * b[j + 3 * k];
        u = fmin(fmax(u, -1), 3);
        double t = u < given ? u : a[j];
        double v = a[j] <= t ? 1 : t;
        worst = fmax(worst, fabs(v - given - out[i * 200 + j * 40 + k]));
      }
  report("mixed", worst, 1e-5);
  report("mixed, between rows", out[37] - 7 + out[199] - 7, 0);
  x[0] = NAN;
  mixed(x, a, b, out);
  report("mixed, NaN", !isnan(out[0]), 0);
}

struct softmax {
  int rows, columns, channels, is_log;
  int in_row, in_column, in_channel, out_row, out_column, out_channel;
};

static void check_softmax(const char *name,
                          void (*call)(const float *, float *),
                          struct softmax s, float lo, float hi) {
  long last = (s.rows - 1) * s.in_row + (s.columns - 1) * s.in_column +
              (s.channels - 1) * s.in_channel;
  float *in = (float *)allocate((size_t)(last + 1) * 4);
  last = (s.rows - 1) * s.out_row + (s.columns - 1) * s.out_column +
         (s.channels - 1) * s.out_channel;
  float *out = (float *)allocate((size_t)(last + 1) * 4);
  for (int turn = 0; turn < 3; ++turn) {
    double worst = 0;
    for (int r = 0; r < s.rows; ++r)
      for (int c = 0; c < s.columns; ++c)
        for (int k = 0; k < s.channels; ++k)
          in[r * s.in_row + c * s.in_column + k * s.in_channel] =
              // As masks do, and a whole row of them.
              turn && k % 3 == 1 && s.channels > 1 ? -INFINITY
              : turn == 2 && c == 0                ? -INFINITY
                                                   : random_float(lo, hi);
    call(in, out);
    for (int r = 0; r < s.rows; ++r)
      for (int c = 0; c < s.columns; ++c) {
        const float *x = in + r * s.in_row + c * s.in_column;
        const float *y = out + r * s.out_row + c * s.out_column;
        double best = -INFINITY, sum = 0;
        for (int k = 0; k < s.channels; ++k)
          best = fmax(best, x[k * s.in_channel]);
        for (int k = 0; k < s.channels; ++k)
          sum += exp(x[k * s.in_channel] - best);
        for (int k = 0; k < s.channels; ++k) {
          double shifted = x[k * s.in_channel] - best;
          double expected = s.is_log ? shifted - log(sum) : exp(shifted) / sum;
          float actual = y[k * s.out_channel];
          if (isnan(expected) || isinf(expected))
            worst = fmax(worst, getUlps(expected, actual));
          else
            worst =
                fmax(worst, fabs(actual - expected) / (1e-30 + fabs(expected)));
        }
      }
    report(name, worst, 1e-5);
  }
}

int main(void) {
  check_each("exp", each_exp, exp, -104, 89, 2);
  check_each("log", each_log, log, 0, 4, 2);
  check_each("tanh", each_tanh, tanh, -10, 10, 4);
  check_each("erf", each_erf, erf, -4, 4, 6);
  check_mixed();
  float *in = (float *)allocate(12), *out = (float *)allocate(12);
  in[0] = in[1] = in[2] = 1;
  few(in, out);
  report("few", fabs(out[0] - exp(1)) + fabs(out[2] - exp(1)), 1e-5);
  // clang-format off
  check_softmax("rows", softmax_rows, (struct softmax){2, 5, 59, 0, 300, 60, 1, 295, 59, 1}, -9, 9);
  check_softmax("few", softmax_few, (struct softmax){1, 7, 3, 0, 0, 3, 1, 0, 3, 1}, -9, 9);
  check_softmax("one", softmax_one, (struct softmax){1, 9, 1, 0, 0, 1, 1, 0, 1, 1}, -9, 9);
  check_softmax("long", softmax_long, (struct softmax){1, 1, 20001, 0, 0, 0, 1, 0, 0, 1}, 80, 99);
  check_softmax("log", softmax_log, (struct softmax){1, 3, 33, 1, 0, 33, 1, 0, 33, 1}, -9, 9);
  check_softmax("across", softmax_across, (struct softmax){2, 37, 5, 0, 185, 1, 37, 185, 1, 37}, -9, 9);
  check_softmax("across, log", softmax_across_log, (struct softmax){1, 2, 6, 1, 0, 1, 2, 0, 1, 2}, -9, 9);
  check_softmax("apart", softmax_apart, (struct softmax){1, 21, 4, 0, 0, 2, 42, 0, 1, 21}, -9, 9);
  // clang-format on
  printf("%d checks, %d wrong\n", count, wrong);
  return wrong != 0;
}
