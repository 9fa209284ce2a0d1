//===- Architecture.h - Storage, from DRAM to the multipliers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_LOOPNEST_ARCHITECTURE_H
#define LACUNA_SCHEDULE_LOOPNEST_ARCHITECTURE_H

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna::loopnest {

/// How one rank of a compressed tile tells which of its coordinates are there.
enum class RankKind {
  Bitmap,      // a bit for each
  Coordinates, // the coordinate of each that is there
  RunLength,   // how many are missing before each that is there
  Offsets      // where each begins: the rows of CSR
};

/// From the outermost rank inwards.
struct Rank {
  RankKind kind = RankKind::Bitmap;
  /// Of a bit of the map, a coordinate, a run, an offset.
  int64_t bits = 1;
  /// Coordinates in a fibre; 0: what the other ranks leave of the tile, which
  /// one rank may say.
  int64_t fibre = 0;
};

/// How a level stores a tensor.
struct Format {
  unsigned tensor = 0;
  /// Zeros take no room. They are not moved in either case.
  bool isPacked = true;
  std::vector<Rank> ranks;
};

enum class ZeroAction {
  Gate, // nothing is done, but time goes by
  Skip  // no time goes by
};

/// Accesses to `tensor` are left out where one of `leaders` is all zeros.
struct ZeroRule {
  ZeroAction action = ZeroAction::Gate;
  unsigned tensor = 0;
  std::vector<unsigned> leaders;
};

/// What of a tile a level need not fetch again when the tile moves on.
enum class WindowReuse {
  None,      // a tile stays as a whole or not at all
  Innermost, // the overlap with the last tile, along the innermost loop
  All        // the overlap with the last tile
};

/// Of one block of words, of one block of metadata, of one word that is packed
/// or unpacked, of one clock.
struct Prices {
  double read = 0, write = 0, update = 0;
  double gatedRead = 0, gatedUpdate = 0;
  double metadataRead = 0, metadataWrite = 0;
  double pack = 0, unpack = 0;
  double leak = 0;
};

struct Level {
  std::string name;
  /// Values that one instance holds; 0: any number.
  int64_t words = 0;
  /// Tiles of which it has room for, as buffers that are filled while others
  /// are used.
  int64_t copies = 1;
  int64_t wordBits = 8;
  /// Words, and bits of metadata, that one access moves.
  int64_t blockWords = 1, metadataBits = 0;
  /// Words in a clock, of one instance: read, written, and both together; 0:
  /// any number.
  double readWords = 0, writeWords = 0, sharedWords = 0;
  /// Instances of the next level in each one of this; 0: any number.
  int64_t fanout = 0;
  /// What several instances want is read once; what they all add to is added
  /// on its way.
  bool multicasts = true, reduces = true;
  WindowReuse windows = WindowReuse::Innermost;
  Prices prices;
  std::vector<Format> formats;
  std::vector<ZeroRule> rules;

  const Format *findFormat(unsigned tensor) const;
  const ZeroRule *findRule(unsigned tensor) const;
};

/// What multiplies and adds, once a clock.
struct ComputeUnit {
  double price = 0, gatedPrice = 0, leak = 0;
  /// Products with a zero are gated, whatever rules there are.
  bool gatesZeros = false;
};

struct Architecture {
  /// From the outermost, which holds everything, inwards.
  std::vector<Level> levels;
  ComputeUnit compute;
  /// Of prices.
  std::string energyUnit = "pJ";
};

} // namespace lacuna::loopnest

#endif // LACUNA_SCHEDULE_LOOPNEST_ARCHITECTURE_H
