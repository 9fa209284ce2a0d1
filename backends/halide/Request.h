//===- Request.h - What kernels are wanted -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_REQUEST_H
#define LACUNA_BACKENDS_HALIDE_REQUEST_H

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna::halide {

enum class Family { Conv, Depthwise, Planar, Winograd, Map, Softmax };

/// What the input is of: float32, or bytes with their sign.
enum class Element { F32, U8, S8 };

/// How many output pixels, and registers of channels of each, are summed at
/// once; of a planar kernel, how many channels, and registers of pixels of
/// each. Pixels of Winograd's are tiles of two by two. Of maps and softmax only
/// the registers count.
struct Tile {
  int64_t pixels = 0, vectors = 0;

  bool operator==(const Tile &other) const {
    return pixels == other.pixels && vectors == other.vectors;
  }
};

/// One kernel, as docs/host.md describes it. Loops over outputs are images,
/// planes, rows, columns; steps are distances in elements. The input contains
/// its padding.
struct Request {
  using Loops = std::array<int64_t, 4>;
  using Taps = std::array<int64_t, 3>;

  std::string name;
  int line = 0;
  Family family = Family::Conv;
  Element element = Element::F32;
  /// Channels in a block of weights, and how many products of each stand side
  /// by side there.
  int64_t lanes = 0, together = 1;
  Loops out = {1, 1, 1, 1}, inStep = {}, outStep = {}, residualStep = {};
  Taps taps = {1, 1, 1}, tapStep = {};
  int64_t depth = 1, channels = 0, groups = 1, inGroup = 0, outGroup = 0;
  /// Between neighbouring channels; more than 1 only of a planar kernel, or of
  /// softmax, whose channels are what is summed.
  int64_t inChannel = 1, outChannel = 1;
  bool hasBias = false, hasResidual = false;
  std::optional<double> lo, hi;
  /// Of a kernel of bytes.
  bool outUnsigned = false;
  int64_t zeroPoint = 0;
  /// Chosen by the tool if there are no pixels.
  Tile tile;

  /// Of softmax: whether the logarithm is wanted.
  bool isLog = false;
  /// What a map reads.
  struct Input {
    std::string name;
    Loops step = {};
  };
  std::vector<Input> inputs;
  /// What it makes of that; the last is the output. Operands are inputs,
  /// values before, or numbers.
  struct Value {
    std::string name, operation;
    std::vector<std::string> operands;
  };
  std::vector<Value> values;

  bool isBytes() const { return element != Element::F32; }
  /// Of all families but maps and softmax.
  bool hasWeights() const {
    return family != Family::Map && family != Family::Softmax;
  }
  /// Of softmax: whether registers hold channels, not pixels.
  bool sumsNeighbours() const { return inChannel == 1 && outChannel == 1; }
  /// What the function takes, in order; the last is the output.
  struct Argument {
    std::string name;
    const char *type;
    /// In elements; what it holds beyond those is not touched.
    int64_t size;
  };
  std::vector<Argument> getArguments() const;
  /// Blocks of channels in a group; of bytes the last may overlap the one
  /// before it.
  int64_t getBlocks() const { return (channels + lanes - 1) / lanes; }
  /// Filters of how many taps the weights hold for each product of channels:
  /// Winograd's are transformed to 16 places.
  int64_t getWeightTaps() const {
    return family == Family::Winograd ? 16 : taps[0] * taps[1] * taps[2];
  }
  /// All of it but the name: kernels of equal text are equal.
  std::string getText() const;
};

/// A file of requests.
struct RequestFile {
  /// `cascadelake`, and the line that says so.
  std::string target;
  int targetLine = 0;
  std::vector<Request> kernels;
};

/// Reads `text`; `error` says what is wrong, with the line, if there is no
/// result.
std::optional<RequestFile> readRequests(const std::string &text,
                                        std::string &error);

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_REQUEST_H
