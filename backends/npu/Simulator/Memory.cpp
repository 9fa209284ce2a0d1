//===- Memory.cpp - The bytes that a stream works on -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Memory.h"

using namespace llvm;

namespace lacuna::npu {

void RegionMemory::borrow(uint8_t region, ArrayRef<uint8_t> bytes) {
  regions[region].bytes = bytes.size();
  regions[region].data = bytes.data();
  regions[region].own.reset();
}

Error RegionMemory::allocate(uint8_t region, uint64_t bytes) {
  // One byte more, so that there is a pointer for a region of none.
  auto *data = static_cast<uint8_t *>(std::calloc(bytes + 1, 1));
  if (!data)
    return createStringError("no memory for the " + Twine(bytes) +
                             " bytes of " + getRegionName(region));
  regions[region].bytes = bytes;
  regions[region].data = data;
  regions[region].own.reset(data);
  return Error::success();
}

Error RegionMemory::checkRange(const ByteRange &range) const {
  const Region &region = regions[range.region];
  if (range.begin <= range.end && range.end <= region.bytes)
    return Error::success();
  return createStringError(
      "bytes [" + Twine(range.begin) + ", " + Twine(range.end) + ") of " +
      getRegionName(range.region) + ", which has " + Twine(region.bytes));
}

Expected<const uint8_t *> RegionMemory::read(Address address,
                                             uint64_t bytes) const {
  if (Error error =
          checkRange({address.region, address.offset, address.offset + bytes}))
    return error;
  return regions[address.region].data + address.offset;
}

Expected<uint8_t *> RegionMemory::write(Address address, uint64_t bytes) const {
  if (Error error =
          checkRange({address.region, address.offset, address.offset + bytes}))
    return error;
  const Region &region = regions[address.region];
  if (!region.own)
    return createStringError(getRegionName(address.region) +
                             " cannot be written");
  return region.own.get() + address.offset;
}

Error RegionMemory::check(const Access &access) const {
  if (Error error = checkRange(access.where.getHull()))
    return createStringError(access.what + ": " + toString(std::move(error)));
  if (access.writes && !regions[access.where.region].own)
    return createStringError(access.what + ": " +
                             getRegionName(access.where.region) +
                             " cannot be written");
  return Error::success();
}

} // namespace lacuna::npu
