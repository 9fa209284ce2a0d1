//===- Request.cpp - What kernels are wanted -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Request.h"

#include "backends/halide/Operations.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <string_view>

using namespace lacuna::halide;

namespace {
class Reader {
public:
  explicit Reader(const std::string &text) : lines(text) {}

  std::optional<RequestFile> read();
  std::string takeError() { return std::move(error); }

private:
  bool readLine(const std::vector<std::string> &words);
  bool readKernel(const std::vector<std::string> &words);
  bool readProperty(Request &kernel, const std::vector<std::string> &words);
  bool checkName(const Request &kernel, const std::string &name);
  bool readInput(Request &kernel, const std::vector<std::string> &words);
  bool readValue(Request &kernel, const std::vector<std::string> &words);
  bool check(Request &kernel);
  bool checkWithoutWeights(const Request &kernel);

  bool fail(int at, const std::string &message) {
    error = std::to_string(at) + ": error: " + message;
    return false;
  }
  bool fail(const std::string &message) { return fail(line, message); }

  template <size_t N>
  bool readNumbers(const std::vector<std::string> &words, int64_t least,
                   std::array<int64_t, N> &numbers);
  bool readNumber(const std::vector<std::string> &words, int64_t least,
                  int64_t &number);

  std::istringstream lines;
  RequestFile file;
  int line = 0;
  std::string error;
};
} // namespace

static bool parse(const std::string &word, int64_t &number) {
  char *end = nullptr;
  number = std::strtoll(word.c_str(), &end, 10);
  constexpr int64_t kMost = int64_t(1) << 31;
  return !word.empty() && *end == '\0' && number > -kMost && number < kMost;
}

static bool parse(const std::string &word, double &number) {
  char *end = nullptr;
  number = std::strtod(word.c_str(), &end);
  return !word.empty() && *end == '\0' && !std::isnan(number);
}

/// As in Family.
static constexpr std::string_view kFamilies[] = {
    "conv", "depthwise", "planar", "winograd", "map", "softmax"};

/// Words of C and C++ that are none of the form that kernels are called by.
static constexpr std::string_view kKeywords[] = {
    "auto",     "bool",      "break",    "case",      "catch",    "char",
    "class",    "const",     "continue", "default",   "delete",   "do",
    "double",   "else",      "enum",     "explicit",  "extern",   "false",
    "float",    "for",       "friend",   "goto",      "if",       "inline",
    "int",      "long",      "mutable",  "namespace", "new",      "operator",
    "private",  "protected", "public",   "register",  "restrict", "return",
    "short",    "signed",    "sizeof",   "static",    "struct",   "switch",
    "template", "this",      "throw",    "true",      "try",      "typedef",
    "typename", "union",     "unsigned", "using",     "virtual",  "void",
    "volatile", "while"};

static bool isName(const std::string &word) {
  if (std::find(std::begin(kKeywords), std::end(kKeywords), word) !=
      std::end(kKeywords))
    return false;
  return !std::isdigit(static_cast<unsigned char>(word[0])) &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '_';
         });
}

template <size_t N>
bool Reader::readNumbers(const std::vector<std::string> &words, int64_t least,
                         std::array<int64_t, N> &numbers) {
  if (words.size() != N + 1)
    return fail("'" + words[0] + "' wants " + std::to_string(N) + " numbers");
  for (size_t i = 0; i < N; ++i)
    if (!parse(words[i + 1], numbers[i]) || numbers[i] < least)
      return fail("'" + words[0] + "' wants numbers of at least " +
                  std::to_string(least) + ", not '" + words[i + 1] + "'");
  return true;
}

bool Reader::readNumber(const std::vector<std::string> &words, int64_t least,
                        int64_t &number) {
  std::array<int64_t, 1> one = {};
  if (!readNumbers(words, least, one))
    return false;
  number = one[0];
  return true;
}

bool Reader::readKernel(const std::vector<std::string> &words) {
  if (words.size() != 4)
    return fail("a kernel is 'kernel NAME FAMILY f32|u8|s8'");
  Request kernel;
  kernel.name = words[1];
  kernel.line = line;
  const auto *family = std::find(std::begin(kFamilies), std::end(kFamilies),
                                 std::string_view(words[2]));
  if (family == std::end(kFamilies))
    return fail("there is no family '" + words[2] +
                "'; there are conv, depthwise, planar, winograd, map and "
                "softmax");
  kernel.family = Family(family - std::begin(kFamilies));
  if (words[3] == "f32")
    kernel.element = Element::F32;
  else if (words[3] == "u8")
    kernel.element = Element::U8;
  else if (words[3] == "s8")
    kernel.element = Element::S8;
  else
    return fail("there are no kernels of '" + words[3] +
                "'; there are f32, u8 and s8");
  if (!isName(kernel.name))
    return fail("'" + kernel.name + "' is no name in C");
  for (const Request &other : file.kernels)
    if (other.name == kernel.name)
      return fail("the kernel '" + kernel.name + "' is already in line " +
                  std::to_string(other.line));
  file.kernels.push_back(std::move(kernel));
  return true;
}

/// Whether what a map reads or makes may be called `name`.
bool Reader::checkName(const Request &kernel, const std::string &name) {
  auto hasName = [&](const auto &other) { return other.name == name; };
  bool isTaken =
      std::any_of(kernel.inputs.begin(), kernel.inputs.end(), hasName) ||
      std::any_of(kernel.values.begin(), kernel.values.end(), hasName);
  // The header calls its own by names that end so.
  static const std::string ending = "_buffer";
  bool isOwn =
      name == "out" || name == "output" ||
      (name.size() >= ending.size() &&
       !name.compare(name.size() - ending.size(), ending.size(), ending));
  if (isTaken || !isName(name) || isOwn)
    return fail("'" + name + "' is no new name in C");
  return true;
}

/// `input NAME` and its steps.
bool Reader::readInput(Request &kernel, const std::vector<std::string> &words) {
  if (words.size() < 2 || !checkName(kernel, words[1]))
    return !error.empty() ? false : fail("'input' wants a name");
  Request::Input input{words[1]};
  if (!readNumbers({words.begin() + 1, words.end()}, 0, input.step))
    return false;
  kernel.inputs.push_back(std::move(input));
  return true;
}

/// `value NAME OPERATION` and its operands.
bool Reader::readValue(Request &kernel, const std::vector<std::string> &words) {
  if (words.size() < 3 || !checkName(kernel, words[1]))
    return !error.empty() ? false
                          : fail("'value' wants a name and an operation");
  Request::Value value{words[1], words[2], {words.begin() + 3, words.end()}};
  std::optional<size_t> count = countOperands(value.operation);
  if (!count)
    return fail("there is no operation '" + value.operation +
                "'; there are: " + listOperations());
  if (value.operands.size() != *count)
    return fail("'" + value.operation + "' wants " + std::to_string(*count) +
                " operands");
  for (const std::string &operand : value.operands) {
    auto hasName = [&](const auto &other) { return other.name == operand; };
    double number;
    if (!parse(operand, number) &&
        std::none_of(kernel.inputs.begin(), kernel.inputs.end(), hasName) &&
        std::none_of(kernel.values.begin(), kernel.values.end(), hasName))
      return fail("'" + operand + "' is no input, no value and no number");
  }
  kernel.values.push_back(std::move(value));
  return true;
}

bool Reader::readProperty(Request &kernel,
                          const std::vector<std::string> &words) {
  const std::string &key = words[0];
  if (key == "block") {
    std::array<int64_t, 2> numbers = {};
    if (!readNumbers(words, 1, numbers))
      return false;
    kernel.lanes = numbers[0];
    kernel.together = numbers[1];
    return true;
  }
  if (key == "out")
    return readNumbers(words, 1, kernel.out);
  if (key == "in-step")
    return readNumbers(words, 0, kernel.inStep);
  if (key == "out-step")
    return readNumbers(words, 0, kernel.outStep);
  if (key == "residual-step") {
    kernel.hasResidual = true;
    return readNumbers(words, 0, kernel.residualStep);
  }
  if (key == "taps")
    return readNumbers(words, 1, kernel.taps);
  if (key == "tap-step")
    return readNumbers(words, 0, kernel.tapStep);
  if (key == "depth")
    return readNumber(words, 1, kernel.depth);
  if (key == "channels")
    return readNumber(words, 1, kernel.channels);
  if (key == "groups") {
    std::array<int64_t, 3> numbers = {};
    if (!readNumbers(words, 1, numbers))
      return false;
    kernel.groups = numbers[0];
    kernel.inGroup = numbers[1];
    kernel.outGroup = numbers[2];
    return true;
  }
  if (key == "channel-step") {
    std::array<int64_t, 2> numbers = {};
    if (!readNumbers(words, 1, numbers))
      return false;
    kernel.inChannel = numbers[0];
    kernel.outChannel = numbers[1];
    return true;
  }
  if (key == "bias") {
    kernel.hasBias = true;
    return words.size() == 1 || fail("'bias' stands alone");
  }
  if (key == "log") {
    kernel.isLog = true;
    return words.size() == 1 || fail("'log' stands alone");
  }
  if (key == "input")
    return readInput(kernel, words);
  if (key == "value")
    return readValue(kernel, words);
  if (key == "clamp") {
    double lo, hi;
    if (words.size() != 3 || !parse(words[1], lo) || !parse(words[2], hi) ||
        lo > hi)
      return fail("'clamp' wants a lower and an upper bound");
    if (std::isfinite(lo))
      kernel.lo = lo;
    if (std::isfinite(hi))
      kernel.hi = hi;
    return true;
  }
  if (key == "requantize") {
    if (words.size() != 3 || (words[1] != "u8" && words[1] != "s8") ||
        !parse(words[2], kernel.zeroPoint))
      return fail("'requantize' wants u8 or s8 and a zero point");
    kernel.outUnsigned = words[1] == "u8";
    return true;
  }
  if (key == "tile") {
    std::array<int64_t, 2> numbers = {};
    if (!readNumbers(words, 1, numbers))
      return false;
    kernel.tile = {numbers[0], numbers[1]};
    return true;
  }
  return fail("a kernel has no '" + key + "'");
}

/// How many elements the kernel reaches in its memory, at most: whether 31 bits
/// hold that, as Halide's indices must.
static bool isAddressable(const Request &kernel) {
  double input = double(kernel.groups) * double(kernel.inGroup) +
                 double(kernel.depth) * double(kernel.inChannel) +
                 double(kernel.channels);
  double output = double(kernel.groups) * double(kernel.outGroup) +
                  double(kernel.channels) * double(kernel.outChannel);
  double residual = output, farthest = 0;
  for (const Request::Input &each : kernel.inputs) {
    double reach = 0;
    for (int i = 0; i < 4; ++i)
      reach += double(kernel.out[i]) * double(each.step[i]);
    farthest = std::max(farthest, reach);
  }
  input += double(kernel.channels) * double(kernel.inChannel);
  for (int i = 0; i < 4; ++i) {
    input += double(kernel.out[i]) * double(kernel.inStep[i]);
    output += double(kernel.out[i]) * double(kernel.outStep[i]);
    residual += double(kernel.out[i]) * double(kernel.residualStep[i]);
  }
  double weights = double(kernel.groups) * double(kernel.channels + 64) *
                   double(kernel.depth) * double(kernel.getWeightTaps());
  for (int i = 0; i < 3; ++i)
    input += double(kernel.taps[i]) * double(kernel.tapStep[i]);
  constexpr double kMost = 2147483647.0;
  return input < kMost && output < kMost && residual < kMost &&
         weights < kMost && farthest < kMost;
}

/// Whether `kernel` is one whose registers hold pixels.
static bool isPlanar(const Request &kernel) {
  return kernel.element == Element::F32 && kernel.lanes == 1 &&
         kernel.groups == 1 && !kernel.hasResidual &&
         kernel.taps == Request::Taps{1, 1, 1} &&
         (kernel.out[3] == 1 ||
          (kernel.inStep[3] == 1 && kernel.outStep[3] == 1));
}

/// Whether `kernel` is a 3x3 convolution of floats that moves by one.
static bool isWinograd(const Request &kernel) {
  return kernel.element == Element::F32 && kernel.groups == 1 &&
         kernel.taps == Request::Taps{1, 3, 3} &&
         kernel.tapStep[1] == kernel.inStep[2] &&
         kernel.tapStep[2] == kernel.inStep[3] &&
         kernel.channels % kernel.lanes == 0 && kernel.depth >= kernel.lanes;
}

/// Whether the tile that is asked for, if any, is one of the kernel.
static bool tileFits(const Request &kernel) {
  if (!kernel.tile.pixels || !kernel.hasWeights())
    return true;
  if (kernel.family == Family::Planar)
    return kernel.tile.pixels <= kernel.channels;
  int64_t wide = kernel.family == Family::Winograd ? 2 : 1;
  return (kernel.tile.pixels - 1) * wide < kernel.out[3] &&
         kernel.getBlocks() % kernel.tile.vectors == 0;
}

/// Whether `kernel`, which has no weights, has anything that only others have.
static bool hasForeign(const Request &kernel) {
  return kernel.element != Element::F32 || kernel.lanes || kernel.hasBias ||
         kernel.hasResidual || kernel.lo || kernel.hi || kernel.groups != 1 ||
         kernel.depth != 1 || kernel.taps != Request::Taps{1, 1, 1};
}

/// Whether what was read makes a map, or softmax.
bool Reader::checkWithoutWeights(const Request &kernel) {
  auto wrong = [&](const std::string &message) {
    return fail(kernel.line, "the kernel '" + kernel.name + "' " + message);
  };
  bool isMap = kernel.family == Family::Map;
  if (hasForeign(kernel))
    return wrong("has bytes, or a property that wants weights");
  if (isMap == kernel.values.empty() || isMap == kernel.inputs.empty())
    return wrong(isMap ? "wants inputs and values"
                       : "has inputs or values, which only maps have");
  if (isMap ? kernel.channels || !kernel.sumsNeighbours() || kernel.isLog
            : !kernel.channels)
    return wrong(isMap ? "is a map and has channels or a logarithm"
                       : "has no 'channels'");
  if (isMap && kernel.outStep[3] != 1 && kernel.out[3] != 1)
    return wrong("is a map whose results do not lie side by side");
  if (kernel.tile.pixels > 1 || kernel.tile.vectors > 8)
    return wrong("wants a 'tile' of one pixel and at most 8 registers");
  if (!isAddressable(kernel))
    return wrong("reaches more memory than 31 bits can address");
  return true;
}

/// Whether what was read makes a kernel.
bool Reader::check(Request &kernel) {
  auto wrong = [&](const std::string &message) {
    return fail(kernel.line, "the kernel '" + kernel.name + "' " + message);
  };
  if (!kernel.hasWeights())
    return checkWithoutWeights(kernel);
  if (!kernel.inputs.empty() || !kernel.values.empty() || kernel.isLog)
    return wrong("has an 'input', a 'value' or a 'log', but has weights");
  if (kernel.channels == 0)
    return wrong("has no 'channels'");
  if (kernel.lanes == 0 || kernel.lanes > 64 ||
      (kernel.lanes & (kernel.lanes - 1)))
    return wrong("wants a 'block' of a power of two of channels, at most 64");
  int64_t most = kernel.isBytes() && kernel.family == Family::Conv ? 4 : 1;
  if (kernel.together != 1 && kernel.together != 2 && kernel.together != 4)
    return wrong("wants a 'block' of 1, 2 or 4 products");
  if (kernel.together > most)
    return wrong("cannot have products side by side");
  bool overlaps = kernel.isBytes() || kernel.family == Family::Depthwise;
  if (overlaps && kernel.lanes > kernel.channels)
    return wrong("has fewer channels than a block");
  if (kernel.family == Family::Depthwise && kernel.hasResidual &&
      kernel.channels % kernel.lanes)
    return wrong("has a residual, so blocks must divide its channels");
  if (kernel.family == Family::Depthwise &&
      (kernel.groups != 1 || kernel.depth != 1))
    return wrong("is depthwise and has no groups or depth of its own");
  if (kernel.family == Family::Planar && !isPlanar(kernel))
    return wrong("is planar and has bytes, blocks, groups, taps, a residual or "
                 "pixels that do not lie side by side");
  if (kernel.family == Family::Winograd && !isWinograd(kernel))
    return wrong("is Winograd's and has bytes, groups, taps other than 3x3, "
                 "strides, dilations or channels that fill no blocks");
  if (kernel.family != Family::Planar &&
      (kernel.inChannel != 1 || kernel.outChannel != 1))
    return wrong(
        "has a 'channel-step', which only planar kernels and softmax have");
  if (kernel.isBytes() && kernel.hasResidual)
    return wrong("is of bytes, and they have no residual");
  if (kernel.isBytes() && !kernel.hasBias)
    return wrong("is of bytes and has no 'bias'");
  if (!tileFits(kernel))
    return wrong("has a 'tile' of more pixels than a row, or of a number of "
                 "blocks that does not divide theirs");
  constexpr int64_t kMostSums = 64;
  if (kernel.tile.pixels * kernel.tile.vectors > kMostSums)
    return wrong("has a 'tile' of more than 64 sums");
  if (!isAddressable(kernel))
    return wrong("reaches more memory than 31 bits can address");
  int64_t lowest = kernel.outUnsigned ? 0 : -128;
  if (kernel.isBytes() &&
      (kernel.zeroPoint < lowest || kernel.zeroPoint > lowest + 255))
    return wrong("has a zero point that is no byte");
  auto isByte = [&](const std::optional<double> &bound) {
    return !bound ||
           (*bound == std::floor(*bound) && *bound >= double(lowest) &&
            *bound <= double(lowest + 255));
  };
  if (kernel.isBytes() && (!isByte(kernel.lo) || !isByte(kernel.hi)))
    return wrong("has a 'clamp' whose bounds are no bytes");
  return true;
}

bool Reader::readLine(const std::vector<std::string> &words) {
  if (words[0] == "target") {
    if (words.size() != 2 || !file.target.empty() || !file.kernels.empty())
      return fail("one 'target NAME' stands before all kernels");
    file.target = words[1];
    file.targetLine = line;
    return true;
  }
  if (words[0] == "kernel")
    return readKernel(words);
  if (file.kernels.empty())
    return fail("'" + words[0] + "' stands in no kernel");
  return readProperty(file.kernels.back(), words);
}

std::optional<RequestFile> Reader::read() {
  std::string text;
  while (std::getline(lines, text)) {
    ++line;
    std::istringstream stream(text.substr(0, text.find('#')));
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
      words.push_back(word);
    if (!words.empty() && !readLine(words))
      return std::nullopt;
  }
  if (file.target.empty()) {
    fail(1, "there is no 'target'");
    return std::nullopt;
  }
  if (file.kernels.empty()) {
    fail(line, "there is no 'kernel'");
    return std::nullopt;
  }
  for (Request &kernel : file.kernels)
    if (!check(kernel))
      return std::nullopt;
  return std::move(file);
}

std::optional<RequestFile> lacuna::halide::readRequests(const std::string &text,
                                                        std::string &error) {
  Reader reader(text);
  std::optional<RequestFile> file = reader.read();
  error = reader.takeError();
  return file;
}

template <size_t N>
static void write(std::ostream &os, const char *key,
                  const std::array<int64_t, N> &numbers) {
  os << "  " << key;
  for (int64_t number : numbers)
    os << " " << number;
  os << "\n";
}

std::string Request::getText() const {
  static const char *const kElements[] = {"f32", "u8", "s8"};
  std::ostringstream os;
  os << kFamilies[int(family)] << " " << kElements[int(element)] << "\n";
  if (hasWeights())
    os << "  block " << lanes << " " << together << "\n";
  write(os, "out", out);
  if (family != Family::Map)
    write(os, "in-step", inStep);
  write(os, "out-step", outStep);
  if (hasResidual)
    write(os, "residual-step", residualStep);
  for (const Input &input : inputs)
    write(os, ("input " + input.name).c_str(), input.step);
  for (const Value &value : values) {
    os << "  value " << value.name << " " << value.operation;
    for (const std::string &operand : value.operands)
      os << " " << operand;
    os << "\n";
  }
  if (hasWeights()) {
    write(os, "taps", taps);
    write(os, "tap-step", tapStep);
    os << "  depth " << depth << "\n";
    write(os, "groups", std::array<int64_t, 3>{groups, inGroup, outGroup});
  }
  if (channels)
    os << "  channels " << channels << "\n";
  if (isLog)
    os << "  log\n";
  if (family == Family::Planar || family == Family::Softmax)
    write(os, "channel-step", std::array<int64_t, 2>{inChannel, outChannel});
  if (hasBias)
    os << "  bias\n";
  if (lo || hi) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    os.precision(17);
    os << "  clamp " << lo.value_or(-kInfinity) << " " << hi.value_or(kInfinity)
       << "\n";
  }
  if (isBytes())
    os << "  requantize " << (outUnsigned ? "u8 " : "s8 ") << zeroPoint << "\n";
  if (tile.pixels)
    os << "  tile " << tile.pixels << " " << tile.vectors << "\n";
  return os.str();
}
