//===- StoredFormat.h - Values many of which are zero, in few bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the bytes of a stored format mean; docs/stream.md describes them. The
// values are a row of elements of 1, 2, 4 or 8 bytes, little endian. One of
// them, usually zero or the zero point, is left out.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_STOREDFORMAT_H
#define LACUNA_BACKENDS_NPU_STREAM_STOREDFORMAT_H

#include "backends/npu/Stream/Format.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace lacuna::npu {

/// An error if `elements` elements of that size cannot be stored so.
llvm::Error checkFormat(StoredFormat format, int64_t parameter,
                        int64_t elementBytes, int64_t elements);

/// Stores the elements of `dense`. An error if the format cannot hold them
/// (n-of-m: more than n in a group) or `checkFormat` fails.
llvm::Expected<std::vector<uint8_t>>
storeValues(StoredFormat format, int64_t parameter, int64_t elementBytes,
            uint64_t absent, llvm::ArrayRef<uint8_t> dense);

/// The `elements` elements that `stored` holds. Bytes after the last element
/// are not read; their number is known by `usedBytes`. An error if `stored` is
/// too short or contradicts itself.
struct LoadedValues {
  std::vector<uint8_t> dense;
  uint64_t usedBytes = 0;
  /// Elements that were not left out.
  uint64_t present = 0;
};
llvm::Expected<LoadedValues> loadValues(StoredFormat format, int64_t parameter,
                                        int64_t elementBytes, uint64_t absent,
                                        int64_t elements,
                                        llvm::ArrayRef<uint8_t> stored);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_STOREDFORMAT_H
