//===- StoredFormat.cpp - Values many of which are zero, in few bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/StoredFormat.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

constexpr unsigned kBrick = 16;
constexpr uint64_t kLastWord = uint64_t(1) << 63;

static unsigned getN(int64_t parameter) { return parameter >> 8 & 0xff; }
static unsigned getM(int64_t parameter) { return parameter & 0xff; }
static unsigned getRowBytes(int64_t column) { return column <= 256 ? 1 : 2; }

namespace {
/// How runs are counted, and how many of them and their values a word holds.
struct RunLayout {
  RunLayout(int64_t parameter, int64_t elementBytes)
      : bits(static_cast<unsigned>(parameter ? parameter : kDefaultRunBits)),
        valueBits(8 * static_cast<unsigned>(elementBytes)),
        pairs((kWordBits - 1) / (bits + valueBits)) {}

  uint64_t getLongest() const { return maskTrailingOnes<uint64_t>(bits); }

  static constexpr int64_t kDefaultRunBits = 5, kMostRunBits = 16;
  static constexpr unsigned kWordBits = 64;
  unsigned bits, valueBits, pairs;
};
} // namespace

Error checkFormat(StoredFormat format, int64_t parameter, int64_t elementBytes,
                  int64_t elements) {
  if (elementBytes != 1 && elementBytes != 2 && elementBytes != 4 &&
      elementBytes != 8)
    return createStringError("elements of " + Twine(elementBytes) + " bytes");
  if (elements < 0 || elements > int64_t(kRegionBytes) / elementBytes)
    return createStringError("too many elements for a region");
  bool takesParameter = format == StoredFormat::RunLength ||
                        format == StoredFormat::Column ||
                        format == StoredFormat::NofM;
  if (!takesParameter && parameter)
    return createStringError("the format takes no parameter");
  switch (format) {
  case StoredFormat::Dense:
  case StoredFormat::BitVector:
  case StoredFormat::Brick:
    return Error::success();
  case StoredFormat::RunLength:
    if (parameter < 0 || parameter > RunLayout::kMostRunBits)
      return createStringError("runs of " + Twine(parameter) +
                               " bits; there may be 1 to " +
                               Twine(RunLayout::kMostRunBits));
    if (RunLayout(parameter, elementBytes).pairs == 0)
      return createStringError("run-length stores elements of 1, 2 or 4 bytes");
    return Error::success();
  case StoredFormat::Column:
    if (parameter < 1 || parameter > UINT16_MAX || elements % parameter)
      return createStringError("columns of " + Twine(parameter) +
                               " elements do not divide " + Twine(elements));
    return Error::success();
  case StoredFormat::NofM: {
    unsigned n = getN(parameter), m = getM(parameter);
    if (parameter < 0 || parameter > UINT16_MAX || n < 1 || m < 2 || n > m ||
        elements % m)
      return createStringError(Twine(n) + " of " + Twine(m) +
                               " elements do not divide " + Twine(elements));
    return Error::success();
  }
  }
  llvm_unreachable("all formats are handled");
}

namespace {
/// Elements that are written, and what comes before them.
class Storer {
public:
  Storer(int64_t elementBytes, uint64_t absent, ArrayRef<uint8_t> dense)
      : elementBytes(elementBytes), dense(dense),
        elements(static_cast<int64_t>(dense.size()) / elementBytes) {
    for (int64_t i = 0; i < elementBytes; ++i)
      absentBytes.push_back(static_cast<uint8_t>(absent >> (8 * i)));
  }

  void storeBitVector();
  void storeBricks();
  void storeRuns(const RunLayout &layout);
  void storeColumns(int64_t column);
  Error storeGroups(unsigned n, unsigned m);

  std::vector<uint8_t> stored;

private:
  ArrayRef<uint8_t> get(int64_t i) const {
    return dense.slice(i * elementBytes, elementBytes);
  }
  bool isAbsent(int64_t i) const {
    return get(i) == ArrayRef<uint8_t>(absentBytes);
  }
  void append(ArrayRef<uint8_t> bytes) { llvm::append_range(stored, bytes); }
  /// The elements of [first, last) that are not left out.
  std::vector<int64_t> getPresent(int64_t first, int64_t last) const {
    std::vector<int64_t> present;
    for (int64_t i = first; i < last; ++i)
      if (!isAbsent(i))
        present.push_back(i);
    return present;
  }

  int64_t elementBytes;
  ArrayRef<uint8_t> dense;
  int64_t elements;
  std::vector<uint8_t> absentBytes;
};
} // namespace

void Storer::storeBitVector() {
  stored.resize(divideCeil(elements, 8));
  for (int64_t i = 0; i < elements; ++i) {
    if (isAbsent(i))
      continue;
    stored[i / 8] = static_cast<uint8_t>(stored[i / 8] | 1 << i % 8);
    append(get(i));
  }
}

void Storer::storeBricks() {
  for (int64_t first = 0; first < elements; first += kBrick) {
    std::vector<int64_t> present =
        getPresent(first, std::min<int64_t>(first + kBrick, elements));
    stored.push_back(static_cast<uint8_t>(present.size()));
    size_t offsets = stored.size();
    stored.resize(offsets + divideCeil(present.size(), 2));
    for (auto [slot, i] : enumerate(present))
      stored[offsets + slot / 2] = static_cast<uint8_t>(
          stored[offsets + slot / 2] | (i - first) << (slot % 2 * 4));
    for (int64_t i : present)
      append(get(i));
  }
}

void Storer::storeRuns(const RunLayout &layout) {
  uint64_t longest = layout.getLongest();
  unsigned pairBits = layout.bits + layout.valueBits;
  uint64_t word = 0;
  unsigned used = 0;
  auto flush = [&](uint64_t flag) {
    word |= flag;
    for (unsigned byte = 0; byte < 8; ++byte)
      stored.push_back(static_cast<uint8_t>(word >> (8 * byte)));
    word = used = 0;
  };
  for (int64_t i = 0; i < elements; ++i) {
    if (used == layout.pairs)
      flush(0);
    uint64_t run = 0;
    // The last element is written even if it is absent, so that the row ends.
    while (run < longest && i + 1 < elements && isAbsent(i)) {
      ++run;
      ++i;
    }
    uint64_t value = 0;
    for (auto [byte, bits] : enumerate(get(i)))
      value |= uint64_t(bits) << (8 * byte);
    word |= (value << layout.bits | run) << (pairBits * used++);
  }
  if (elements)
    flush(kLastWord);
}

void Storer::storeColumns(int64_t column) {
  stored.resize(2 * (elements / column));
  std::vector<int64_t> present = getPresent(0, elements);
  for (int64_t i : present) {
    size_t at = 2 * (i / column);
    unsigned count = (stored[at] | stored[at + 1] << 8) + 1;
    stored[at] = static_cast<uint8_t>(count);
    stored[at + 1] = static_cast<uint8_t>(count >> 8);
  }
  for (int64_t i : present) {
    int64_t row = i % column;
    stored.push_back(static_cast<uint8_t>(row));
    if (getRowBytes(column) == 2)
      stored.push_back(static_cast<uint8_t>(row >> 8));
  }
  for (int64_t i : present)
    append(get(i));
}

Error Storer::storeGroups(unsigned n, unsigned m) {
  unsigned bits = Log2_32_Ceil(m);
  int64_t slots = elements / m * n;
  stored.resize(divideCeil(uint64_t(slots) * bits, 8));
  std::vector<int64_t> chosen;
  for (int64_t first = 0; first < elements; first += m) {
    std::vector<int64_t> group = getPresent(first, first + m);
    if (group.size() > n)
      return createStringError("a group of " + Twine(m) + " elements has " +
                               Twine(group.size()) +
                               " that are not zero; there may be " + Twine(n));
    // Absent ones take the slots that are left.
    for (int64_t i = first; group.size() < n; ++i)
      if (isAbsent(i))
        group.push_back(i);
    llvm::sort(group);
    append_range(chosen, group);
  }
  for (auto [slot, i] : enumerate(chosen))
    for (unsigned bit = 0; bit < bits; ++bit) {
      uint64_t at = slot * bits + bit;
      stored[at / 8] =
          static_cast<uint8_t>(stored[at / 8] | ((i % m) >> bit & 1) << at % 8);
    }
  for (int64_t i : chosen)
    append(get(i));
  return Error::success();
}

Expected<std::vector<uint8_t>>
storeValues(StoredFormat format, int64_t parameter, int64_t elementBytes,
            uint64_t absent, ArrayRef<uint8_t> dense) {
  if (elementBytes <= 0 || dense.size() % elementBytes)
    return createStringError("bytes that are no whole elements");
  if (Error error =
          checkFormat(format, parameter, elementBytes,
                      static_cast<int64_t>(dense.size()) / elementBytes))
    return error;
  Storer storer(elementBytes, absent, dense);
  switch (format) {
  case StoredFormat::Dense:
    return dense.vec();
  case StoredFormat::BitVector:
    storer.storeBitVector();
    break;
  case StoredFormat::Brick:
    storer.storeBricks();
    break;
  case StoredFormat::RunLength:
    storer.storeRuns(RunLayout(parameter, elementBytes));
    break;
  case StoredFormat::Column:
    storer.storeColumns(parameter);
    break;
  case StoredFormat::NofM:
    if (Error error = storer.storeGroups(getN(parameter), getM(parameter)))
      return error;
    break;
  }
  return std::move(storer.stored);
}

namespace {
/// Reads stored bytes and puts elements. False from a function: the bytes are
/// too few or contradict themselves.
class Loader {
public:
  Loader(int64_t elementBytes, uint64_t absent, int64_t elements,
         ArrayRef<uint8_t> stored)
      : elementBytes(elementBytes), elements(elements), stored(stored) {
    values.dense.resize(static_cast<size_t>(elements * elementBytes));
    if (absent)
      for (auto [i, byte] : enumerate(values.dense))
        byte = static_cast<uint8_t>(absent >> (8 * (i % elementBytes)));
  }

  bool loadBitVector();
  bool loadBricks();
  bool loadRuns(const RunLayout &layout);
  bool loadColumns(int64_t column);
  bool loadGroups(unsigned n, unsigned m);

  LoadedValues values;

private:
  /// The next `count` bytes; empty if there are not so many.
  bool take(uint64_t count, ArrayRef<uint8_t> &bytes) {
    if (count > stored.size() - values.usedBytes)
      return false;
    bytes = stored.slice(values.usedBytes, count);
    values.usedBytes += count;
    return true;
  }
  bool takeElement(int64_t i) {
    ArrayRef<uint8_t> bytes;
    if (!take(elementBytes, bytes))
      return false;
    llvm::copy(bytes, values.dense.begin() + i * elementBytes);
    ++values.present;
    return true;
  }

  int64_t elementBytes, elements;
  ArrayRef<uint8_t> stored;
};
} // namespace

bool Loader::loadBitVector() {
  ArrayRef<uint8_t> mask;
  if (!take(divideCeil(elements, 8), mask))
    return false;
  for (int64_t i = 0; i < elements; ++i)
    if ((mask[i / 8] >> i % 8 & 1) && !takeElement(i))
      return false;
  return true;
}

bool Loader::loadBricks() {
  for (int64_t first = 0; first < elements; first += kBrick) {
    ArrayRef<uint8_t> count, offsets;
    int64_t size = std::min<int64_t>(kBrick, elements - first);
    if (!take(1, count) || count[0] > size ||
        !take(divideCeil(count[0], 2), offsets))
      return false;
    int64_t previous = -1;
    for (unsigned slot = 0; slot < count[0]; ++slot) {
      int64_t offset = offsets[slot / 2] >> (slot % 2 * 4) & 0xf;
      if (offset <= previous || offset >= size || !takeElement(first + offset))
        return false;
      previous = offset;
    }
  }
  return true;
}

bool Loader::loadRuns(const RunLayout &layout) {
  for (int64_t i = 0; i < elements;) {
    ArrayRef<uint8_t> bytes;
    if (!take(8, bytes))
      return false;
    uint64_t word = 0;
    for (auto [index, byte] : enumerate(bytes))
      word |= uint64_t(byte) << (8 * index);
    bool last = word & kLastWord;
    for (unsigned pair = 0; pair < layout.pairs && i < elements; ++pair) {
      i += static_cast<int64_t>(word & layout.getLongest());
      if (i >= elements)
        return false;
      word >>= layout.bits;
      for (int64_t byte = 0; byte < elementBytes; ++byte)
        values.dense[i * elementBytes + byte] =
            static_cast<uint8_t>(word >> (8 * byte));
      ++values.present;
      ++i;
      word >>= layout.valueBits;
    }
    if (last != (i == elements))
      return false;
  }
  return true;
}

bool Loader::loadColumns(int64_t column) {
  ArrayRef<uint8_t> counts, rows;
  if (!take(2 * (elements / column), counts))
    return false;
  uint64_t total = 0;
  for (int64_t i = 0; i < elements / column; ++i)
    total += counts[2 * i] | counts[2 * i + 1] << 8;
  unsigned rowBytes = getRowBytes(column);
  if (!take(total * rowBytes, rows))
    return false;
  for (int64_t i = 0; i < elements / column; ++i) {
    int64_t previous = -1;
    for (unsigned left = counts[2 * i] | counts[2 * i + 1] << 8; left; --left) {
      int64_t row = rows[0] | (rowBytes == 2 ? rows[1] << 8 : 0);
      rows = rows.drop_front(rowBytes);
      if (row <= previous || row >= column || !takeElement(i * column + row))
        return false;
      previous = row;
    }
  }
  return true;
}

bool Loader::loadGroups(unsigned n, unsigned m) {
  unsigned bits = Log2_32_Ceil(m);
  ArrayRef<uint8_t> indices;
  if (!take(divideCeil(uint64_t(elements / m * n) * bits, 8), indices))
    return false;
  uint64_t at = 0;
  for (int64_t first = 0; first < elements; first += m) {
    int64_t previous = -1;
    for (unsigned slot = 0; slot < n; ++slot) {
      int64_t index = 0;
      for (unsigned bit = 0; bit < bits; ++bit, ++at)
        index |= int64_t(indices[at / 8] >> at % 8 & 1) << bit;
      if (index <= previous || index >= m || !takeElement(first + index))
        return false;
      previous = index;
    }
  }
  return true;
}

/// A lower bound of what so many elements take: nothing is allocated for
/// elements that cannot be there.
static uint64_t getLeastBytes(StoredFormat format, int64_t parameter,
                              int64_t elementBytes, int64_t elements) {
  switch (format) {
  case StoredFormat::Dense:
    return elements * elementBytes;
  case StoredFormat::BitVector:
    return divideCeil(elements, 8);
  case StoredFormat::Brick:
    return divideCeil(elements, kBrick);
  case StoredFormat::RunLength: {
    RunLayout layout(parameter, elementBytes);
    return divideCeil(elements, (layout.getLongest() + 1) * layout.pairs) * 8;
  }
  case StoredFormat::Column:
    return elements / parameter * 2;
  case StoredFormat::NofM:
    return elements / getM(parameter) * getN(parameter) * elementBytes;
  }
  llvm_unreachable("all formats are handled");
}

Expected<LoadedValues> loadValues(StoredFormat format, int64_t parameter,
                                  int64_t elementBytes, uint64_t absent,
                                  int64_t elements, ArrayRef<uint8_t> stored) {
  if (Error error = checkFormat(format, parameter, elementBytes, elements))
    return error;
  StringRef name = getStoredFormatNames()[static_cast<unsigned>(format)];
  auto fail = [&]() {
    return createStringError("the " + Twine(stored.size()) + " bytes are not " +
                             Twine(elements) + " elements as " + name +
                             " stores them");
  };
  if (getLeastBytes(format, parameter, elementBytes, elements) > stored.size())
    return fail();
  if (format == StoredFormat::Dense) {
    uint64_t bytes = elements * elementBytes;
    return LoadedValues{stored.take_front(bytes).vec(), bytes,
                        static_cast<uint64_t>(elements)};
  }
  Loader loader(elementBytes, absent, elements, stored);
  bool loaded = false;
  switch (format) {
  case StoredFormat::Dense:
    break;
  case StoredFormat::BitVector:
    loaded = loader.loadBitVector();
    break;
  case StoredFormat::Brick:
    loaded = loader.loadBricks();
    break;
  case StoredFormat::RunLength:
    loaded = loader.loadRuns(RunLayout(parameter, elementBytes));
    break;
  case StoredFormat::Column:
    loaded = loader.loadColumns(parameter);
    break;
  case StoredFormat::NofM:
    loaded = loader.loadGroups(getN(parameter), getM(parameter));
    break;
  }
  if (!loaded)
    return fail();
  return std::move(loader.values);
}

} // namespace lacuna::npu
