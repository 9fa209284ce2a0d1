//===- check.h - Compares a kernel of Halide with plain loops -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TEST_HALIDE_CHECK_H
#define LACUNA_TEST_HALIDE_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct shape {
  long out[4], in_step[4], out_step[4], taps[3], tap_step[3];
  long depth, channels, groups, depthwise, winograd, lanes, together;
  long in_channel, out_channel, in_size, out_size;
  int has_bias, has_residual, has_lo, has_hi, in_signed, out_unsigned;
};

typedef void kernel(const void *in, const void *packed, const void *bias,
                    const float *scale, const float *residual, void *out);

/// Memory that ends where a page ends that nobody may touch.
static void *allocate(size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t whole = (bytes + page - 1) / page * page;
  char *block = (char *)mmap(NULL, whole + page, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED || mprotect(block + whole, page, PROT_NONE))
    abort();
  return block + whole - bytes;
}

static unsigned seed = 1;
static int next(void) {
  seed = seed * 1103515245u + 12345u;
  return (int)(seed >> 16 & 255);
}

static long count_taps(const struct shape *s) {
  return s->taps[0] * s->taps[1] * s->taps[2];
}
static long count_blocks(const struct shape *s) {
  return (s->channels + s->lanes - 1) / s->lanes;
}
/// The first channel of a block: the last one of bytes overlaps.
static long first_channel(const struct shape *s, long block, int overlaps) {
  long first = block * s->lanes;
  return overlaps && first > s->channels - s->lanes ? s->channels - s->lanes
                                                    : first;
}

/// Of which weight, [channel][tap][depth], each packed one is; -1 of none.
static long *make_order(const struct shape *s, int overlaps, long *count) {
  long taps = count_taps(s), blocks = count_blocks(s);
  long whole = s->depth / s->together;
  *count = s->groups * blocks * taps * s->depth * s->lanes;
  long *order = (long *)malloc((size_t)*count * sizeof(long)), *to = order;
  for (long group = 0; group < s->groups; ++group)
    for (long block = 0; block < blocks; ++block)
      for (long tap = 0; tap < taps; ++tap)
        for (long turn = 0; turn < whole + s->depth % s->together; ++turn)
          for (long lane = 0; lane < s->lanes; ++lane)
            for (long i = 0; i < (turn < whole ? s->together : 1); ++i) {
              long k = turn < whole ? turn * s->together + i
                                    : whole * s->together + turn - whole;
              long channel = first_channel(s, block, overlaps) + lane;
              *to++ = channel < s->channels
                          ? ((group * s->channels + channel) * taps + tap) *
                                    s->depth +
                                k
                          : -1;
            }
  return order;
}

/// Calls `sum(image .. channel)` for each output.
#define EACH_OUTPUT(s)                                                         \
  for (long n = 0; n < s->out[0]; ++n)                                         \
    for (long z = 0; z < s->out[1]; ++z)                                       \
      for (long y = 0; y < s->out[2]; ++y)                                     \
        for (long x = 0; x < s->out[3]; ++x)                                   \
          for (long m = 0; m < s->channels * s->groups; ++m)
#define EACH_PRODUCT(s)                                                        \
  for (long tz = 0; tz < s->taps[0]; ++tz)                                     \
    for (long ty = 0; ty < s->taps[1]; ++ty)                                   \
      for (long tx = 0; tx < s->taps[2]; ++tx)                                 \
        for (long k = 0; k < s->depth; ++k)
#define IN_INDEX(s)                                                            \
  (n * s->in_step[0] + z * s->in_step[1] + y * s->in_step[2] +                 \
   x * s->in_step[3] + tz * s->tap_step[0] + ty * s->tap_step[1] +             \
   tx * s->tap_step[2] + k * s->in_channel +                                   \
   (s->depthwise ? m : m / s->channels * s->depth))
#define WEIGHT_INDEX(s)                                                        \
  (((m * s->taps[0] + tz) * s->taps[1] + ty) * s->taps[2] + tx) * s->depth + k
#define OUT_INDEX(s)                                                           \
  (n * s->out_step[0] + z * s->out_step[1] + y * s->out_step[2] +              \
   x * s->out_step[3] + m * s->out_channel)

/// The 16 places of Winograd's F(2x2, 3x3) for each filter, [channel][place]
/// [depth], from [channel][tap][depth].
static float *transform_weights(const struct shape *s, const float *weights) {
  static const double g[4][3] = {
      {1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  float *all = (float *)malloc((size_t)(s->channels * 16 * s->depth) * 4);
  for (long m = 0; m < s->channels; ++m)
    for (long place = 0; place < 16; ++place)
      for (long k = 0; k < s->depth; ++k) {
        double sum = 0;
        for (long tap = 0; tap < 9; ++tap)
          sum += g[place / 4][tap / 3] * g[place % 4][tap % 3] *
                 weights[(m * 9 + tap) * s->depth + k];
        all[(m * 16 + place) * s->depth + k] = (float)sum;
      }
  return all;
}

static inline int check_floats(const char *name, const struct shape *s,
                               kernel *call) {
  long count, each = count_taps(s) * s->depth, total = s->channels * s->groups;
  struct shape packing = *s;
  if (s->winograd)
    packing.taps[1] = packing.taps[2] = 4;
  long *order = make_order(&packing, (int)s->depthwise, &count);
  float *in = (float *)allocate((size_t)s->in_size * 4);
  float *weights = (float *)malloc((size_t)(total * each) * 4);
  float *packed = (float *)allocate((size_t)count * 4);
  long padded = s->depthwise ? s->channels : count_blocks(s) * s->lanes;
  float *bias = (float *)allocate((size_t)(s->groups * padded) * 4);
  float *out = (float *)allocate((size_t)s->out_size * 4);
  float *residual = (float *)malloc((size_t)s->out_size * 4);
  for (long i = 0; i < s->in_size; ++i)
    in[i] = (float)(next() - 128) / 64;
  for (long i = 0; i < total * each; ++i)
    weights[i] = (float)(next() - 128) / 128;
  float *given = s->winograd ? transform_weights(s, weights) : weights;
  for (long i = 0; i < count; ++i)
    packed[i] = order[i] < 0 ? 0 : given[order[i]];
  for (long i = 0; i < s->groups * padded; ++i)
    bias[i] = (float)(next() - 128) / 64;
  for (long i = 0; i < s->out_size; ++i)
    out[i] = residual[i] = (float)(next() - 128) / 64;
  // The residual is overwritten by the result, as it may be in a network.
  call(in, packed, bias, NULL, out, out);
  double worst = 0;
  EACH_OUTPUT(s) {
    double sum =
        s->has_bias ? bias[m / s->channels * padded + m % s->channels] : 0;
    EACH_PRODUCT(s) sum += (double)in[IN_INDEX(s)] * weights[WEIGHT_INDEX(s)];
    if (s->has_residual)
      sum += residual[OUT_INDEX(s)];
    if (s->has_lo && sum < 0)
      sum = 0;
    if (s->has_hi && sum > 6)
      sum = 6;
    worst = fmax(worst, fabs(sum - out[OUT_INDEX(s)]) / (1 + fabs(sum)));
  }
  if (worst < 1e-4)
    return 0;
  printf("%s: off by %g\n", name, worst);
  return 1;
}

static inline int check_bytes(const char *name, const struct shape *s,
                              kernel *call) {
  long count, each = count_taps(s) * s->depth, total = s->channels * s->groups;
  long *order = make_order(s, 1, &count);
  int8_t *in = (int8_t *)allocate((size_t)s->in_size);
  int8_t *weights = (int8_t *)malloc((size_t)(total * each));
  int8_t *packed = (int8_t *)allocate((size_t)count);
  int32_t *bias = (int32_t *)allocate((size_t)total * 4);
  float *scale = (float *)allocate((size_t)total * 4);
  int8_t *out = (int8_t *)allocate((size_t)s->out_size);
  for (long i = 0; i < s->in_size; ++i)
    in[i] = (int8_t)next();
  for (long i = 0; i < total * each; ++i)
    // Many at the ends: sums of two products then leave 16 bits.
    weights[i] = (int8_t)(next() % 3 ? next() : 127);
  for (long i = 0; i < count; ++i)
    packed[i] = order[i] < 0 ? 0 : weights[order[i]];
  for (long i = 0; i < total; ++i) {
    bias[i] = (next() - 128) * 8;
    scale[i] = 1.0f / (float)(256 << next() % 6);
  }
  call(in, packed, bias, scale, NULL, out);
  long wrong = 0;
  int lowest = s->out_unsigned ? 0 : -128;
  EACH_OUTPUT(s) {
    int32_t sum = bias[m];
    EACH_PRODUCT(s) {
      int8_t stored = in[IN_INDEX(s)];
      // As the kernel is asked: of what is stored, seen as unsigned, and 128
      // more of what is signed.
      int value = s->in_signed ? stored + 128 : (uint8_t)stored;
      sum += value * weights[WEIGHT_INDEX(s)];
    }
    float scaled = (float)sum * scale[m];
    float result = rintf(scaled) + 3;
    float lo = s->has_lo && lowest < 3 ? 3 : (float)lowest;
    result = fminf(fmaxf(result, lo), (float)(lowest + 255));
    wrong += (int8_t)(int)result != out[OUT_INDEX(s)];
  }
  if (wrong == 0)
    return 0;
  printf("%s: %ld bytes are wrong\n", name, wrong);
  return 1;
}

#endif // LACUNA_TEST_HALIDE_CHECK_H
