//===- PackedLayout.h - How weights of bytes lie for their kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_PACKEDLAYOUT_H
#define LACUNA_BACKENDS_NEON_PACKEDLAYOUT_H

#include <cstddef>
#include <cstdint>

namespace lacuna::neon {

/// How the depth of one tap lies in packed weights, for a form that multiplies
/// `group` (4, 8 or 16) values of k of one column together. The kernels never
/// read past a row: they read the last 16 (8, 4) bytes of it instead, so the
/// last values may come twice and have zero weights the first time.
struct PackedDepth {
  std::ptrdiff_t depth, group;

  /// Values that are read in order, the widest loads first.
  constexpr std::ptrdiff_t in_order() const {
    return depth < 4    ? depth
           : depth < 8  ? depth / 4 * 4
           : depth < 16 ? depth / 8 * 8
                        : depth / 16 * 16;
  }
  /// Packed values a column; a last group of 16 is cut to 8 if that suffices.
  constexpr std::ptrdiff_t padded() const {
    const std::ptrdiff_t unit = group == 4 ? 4 : 8;
    return (depth + unit - 1) / unit * unit;
  }
  /// The k that is multiplied by packed value p, or -1 if its weight is zero.
  constexpr std::ptrdiff_t source(std::ptrdiff_t p) const {
    if (p < in_order())
      return p;
    const std::ptrdiff_t k = depth - padded() + p;
    return k >= in_order() ? k : -1;
  }
  /// Where packed value p of column n lies in a tile of `width` columns.
  constexpr std::ptrdiff_t index(std::ptrdiff_t p, std::ptrdiff_t n,
                                 std::ptrdiff_t width) const {
    const std::ptrdiff_t first = p / group * group;
    const std::ptrdiff_t size =
        padded() - first < group ? padded() - first : group;
    return first * width + n * size + (p - first);
  }
};

/// Packs the weights of one group, weight(tap, k, n) with taps in the order of
/// the kernel's loops, in column tiles of `columns` (the last one narrower, its
/// columns rounded up to 4). Returns how many bytes it wrote.
template <class Weight>
std::ptrdiff_t pack_conv_s8(std::ptrdiff_t taps, std::ptrdiff_t depth,
                            std::ptrdiff_t channels, std::ptrdiff_t group,
                            std::ptrdiff_t columns, Weight weight,
                            std::int8_t *packed) {
  const PackedDepth layout = {depth, group};
  std::int8_t *to = packed;
  for (std::ptrdiff_t first = 0; first < channels; first += columns) {
    const std::ptrdiff_t rest = (channels - first + 3) / 4 * 4;
    const std::ptrdiff_t width = rest < columns ? rest : columns;
    for (std::ptrdiff_t tap = 0; tap < taps; ++tap) {
      for (std::ptrdiff_t p = 0; p < layout.padded(); ++p)
        for (std::ptrdiff_t n = 0; n < width; ++n) {
          const std::ptrdiff_t k = layout.source(p);
          to[layout.index(p, n, width)] = k >= 0 && first + n < channels
                                              ? weight(tap, k, first + n)
                                              : std::int8_t(0);
        }
      to += layout.padded() * width;
    }
  }
  return to - packed;
}

/// How a tile of packed weights is stored in less than a byte each: 128 / bits
/// weights in 16 bytes, weight i in byte i % 16 as its field i / 16. One bit
/// means 1, or -1 if it is set. With `factor_depth` what is stored so are
/// quotients, and factors come behind them: see FactorLayout.
///
/// With `outliers` some weights keep 8 bits. Behind the fields comes how many
/// those are, in two bytes, and of each how far it lies behind the one before
/// (the first: behind the start of the tile) and the weight. Where the way is
/// longer than 255, a weight between is named too.
struct StoredBits {
  int bits = 8;
  bool outliers = false;
  std::ptrdiff_t factor_depth = 0;

  constexpr bool fits(std::int8_t weight) const {
    return bits == 1 ? weight == 1 || weight == -1
                     : weight >= -(1 << (bits - 1)) && weight < 1 << (bits - 1);
  }
};

/// Which packed weights of a tile of `width` columns share a factor: those of a
/// column and a tap in the same `depth` packed values, a multiple of 16. A tap
/// has the factors of all columns for the first of those, then for the next.
struct FactorLayout {
  PackedDepth packed;
  std::ptrdiff_t width, depth;

  /// Factors of a tile of so many taps.
  constexpr std::ptrdiff_t count(std::ptrdiff_t taps) const {
    return taps * each() * width;
  }
  /// The factor of packed weight `i`.
  constexpr std::ptrdiff_t index(std::ptrdiff_t i) const {
    const std::ptrdiff_t tap = i / (packed.padded() * width);
    const std::ptrdiff_t at = i % (packed.padded() * width);
    const std::ptrdiff_t first = at / (packed.group * width) * packed.group;
    const std::ptrdiff_t left = packed.padded() - first;
    const std::ptrdiff_t size = left < packed.group ? left : packed.group;
    return (tap * each() + first / depth) * width + (at - first * width) / size;
  }

private:
  /// Factors of one column and tap.
  constexpr std::ptrdiff_t each() const {
    return (packed.padded() + depth - 1) / depth;
  }
};

/// Stores a tile of `size` packed weights; Put takes one byte after another.
/// Returns how many weights keep 8 bits.
template <class Put>
std::ptrdiff_t store_tile(StoredBits stored, const std::int8_t *packed,
                          std::ptrdiff_t size, Put put) {
  const std::ptrdiff_t block = 128 / stored.bits;
  const unsigned mask = (1U << stored.bits) - 1;
  for (std::ptrdiff_t first = 0; first < size; first += block)
    for (std::ptrdiff_t byte = first; byte < first + 16; ++byte) {
      unsigned fields = 0;
      for (std::ptrdiff_t i = byte, at = 0; i < first + block;
           i += 16, at += stored.bits) {
        if (i >= size || !stored.fits(packed[i]))
          continue;
        const unsigned weight =
            stored.bits == 1 ? packed[i] < 0 : unsigned(packed[i]);
        fields |= (weight & mask) << at;
      }
      put(std::int8_t(std::uint8_t(fields)));
    }
  if (!stored.outliers)
    return 0;
  // Calls visit(way, weight) for what is named.
  const auto each_named = [&](auto visit) {
    std::ptrdiff_t last = 0, outliers = 0;
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      if (stored.fits(packed[i]))
        continue;
      for (; i - last > 255; last += 255)
        visit(255, packed[last + 255]);
      visit(i - last, packed[i]);
      last = i;
      ++outliers;
    }
    return outliers;
  };
  std::ptrdiff_t named = 0;
  each_named([&](std::ptrdiff_t, std::int8_t) { ++named; });
  put(std::int8_t(std::uint8_t(named)));
  put(std::int8_t(std::uint8_t(named >> 8)));
  return each_named([&](std::ptrdiff_t way, std::int8_t weight) {
    put(std::int8_t(std::uint8_t(way)));
    put(weight);
  });
}

/// Where the blocks of channels of a depthwise convolution begin. The last
/// block ends with the channels and overlaps the block before it.
struct DepthwiseBlocks {
  std::ptrdiff_t channels;

  constexpr std::ptrdiff_t width() const { return channels < 16 ? 8 : 16; }
  constexpr std::ptrdiff_t count() const {
    return (channels + width() - 1) / width();
  }
  constexpr std::ptrdiff_t first_channel(std::ptrdiff_t block) const {
    const std::ptrdiff_t last = channels < width() ? 0 : channels - width();
    return block * width() < last ? block * width() : last;
  }
};

/// Packs [block][tap][channel of the block] from weight(tap, channel); what a
/// single short block lacks is 0. Returns how many bytes it wrote.
template <class Weight>
std::ptrdiff_t pack_depthwise_s8(std::ptrdiff_t taps, std::ptrdiff_t channels,
                                 Weight weight, std::int8_t *packed) {
  const DepthwiseBlocks blocks = {channels};
  std::int8_t *to = packed;
  for (std::ptrdiff_t block = 0; block < blocks.count(); ++block)
    for (std::ptrdiff_t tap = 0; tap < taps; ++tap)
      for (std::ptrdiff_t i = 0; i < blocks.width(); ++i) {
        const std::ptrdiff_t channel = blocks.first_channel(block) + i;
        *to++ = channel < channels ? weight(tap, channel) : std::int8_t(0);
      }
  return to - packed;
}

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_PACKEDLAYOUT_H
