//===- Memory.h - The bytes that a stream works on -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_MEMORY_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_MEMORY_H

#include "backends/npu/Stream/Accesses.h"
#include <cstdlib>
#include <memory>

namespace lacuna::npu {

/// All regions. What is given out lies within its region.
class RegionMemory {
public:
  /// A region of bytes that others own and nobody writes.
  void borrow(uint8_t region, llvm::ArrayRef<uint8_t> bytes);
  /// A region of zeros. An error if the system has not that much.
  llvm::Error allocate(uint8_t region, uint64_t bytes);

  uint64_t getBytes(uint8_t region) const { return regions[region].bytes; }

  /// `bytes` bytes from `address` on; an error if the region ends before.
  llvm::Expected<const uint8_t *> read(Address address, uint64_t bytes) const;
  /// The same, of a region that may be written.
  llvm::Expected<uint8_t *> write(Address address, uint64_t bytes) const;

  /// An error unless all that `access` tells is there.
  llvm::Error check(const Access &access) const;

private:
  struct Free {
    void operator()(uint8_t *bytes) const { std::free(bytes); }
  };
  struct Region {
    uint64_t bytes = 0;
    const uint8_t *data = nullptr;
    /// Null if it is borrowed.
    std::unique_ptr<uint8_t, Free> own;
  };
  llvm::Error checkRange(const ByteRange &range) const;

  std::array<Region, 256> regions;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_MEMORY_H
