//===- features_design.h - What front ends of both kinds compute -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_RUNTIME_FEATURES_DESIGN_H
#define LACUNA_RUNTIME_FEATURES_DESIGN_H

#include "lacuna/features.h"

/* The numbers of the tables, as exact as doubles are. */

int lacuna_design_is_valid(const lacuna_features_config *config);

double lacuna_design_window(const lacuna_features_config *config, int sample);

/* cos and -sin of 2 pi i / fft. */
double lacuna_design_twiddle_re(const lacuna_features_config *config, int i);
double lacuna_design_twiddle_im(const lacuna_features_config *config, int i);

/* Where a triangular filter begins, peaks and ends, in Hz, and how high it is.
 */
typedef struct lacuna_filter {
  double begin, peak, end, height;
} lacuna_filter;

lacuna_filter lacuna_design_filter(const lacuna_features_config *config, int i);

/* What the filter multiplies the power of an FFT's bin by. */
double lacuna_filter_weight(const lacuna_features_config *config,
                            const lacuna_filter *filter, int bin);

/* At least the number of pairs of filter and bin that are not zero. */
size_t lacuna_design_max_weights(const lacuna_features_config *config);

/* What natural logarithms are multiplied by for a number of the frame, and what
   is then added. Without coefficients only `filter` == `number` counts. */
double lacuna_design_transform(const lacuna_features_config *config, int filter,
                               int number);
double lacuna_design_bias(const lacuna_features_config *config, int number);

/* The elements of the table of these factors. */
size_t lacuna_design_transform_size(const lacuna_features_config *config);

/* Memory that the caller gave, taken from its start. */
size_t lacuna_align(size_t bytes);
void *lacuna_take(char **memory, size_t bytes);

/* Cuts a stream into windows. `filled` samples of the window are there; if it
   is negative, as many are skipped before the next window. */
typedef struct lacuna_framing {
  int window, hop, filled;
} lacuna_framing;

/* How many of `count` samples come next. They belong at `*at` of the window, or
   nowhere if it is negative. */
size_t lacuna_framing_take(lacuna_framing *framing, size_t count, int *at);

int lacuna_framing_is_full(const lacuna_framing *framing);

/* Goes on to the next window, which begins with the last samples of this one.
   Returns how many. */
size_t lacuna_framing_advance(lacuna_framing *framing);

#endif /* LACUNA_RUNTIME_FEATURES_DESIGN_H */
