//===- RunLength.h - Activations as runs of zeros -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run of up to 31 zeros in 5 bits and the value after it in 16; three such
// pairs and a bit that says whether more follow make a word of 64 bits.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_RUNLENGTH_H
#define LACUNA_NPU_ARRAY_RUNLENGTH_H

#include "backends/npu/Array/ZeroMask.h"

namespace lacuna::npu {

/// Pairs that the values of the mask need, row after row as one sequence.
int64_t countRunLengthPairs(const ZeroMask &mask);

/// Words of 16 bits that hold so many pairs.
int64_t getRunLengthWords(int64_t pairs);

/// Words of 16 bits of `values` values of which a share of `density`, here and
/// there, is not zero. Exact on average.
double estimateRunLengthWords(int64_t values, double density);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_RUNLENGTH_H
