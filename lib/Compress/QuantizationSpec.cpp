//===- QuantizationSpec.cpp - What --quantize asks for -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Compress/QuantizationSpec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/YAMLParser.h"

using namespace lacuna;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

static Expected<unsigned> parseWeightWidth(StringRef text) {
  unsigned bits;
  if (text.getAsInteger(10, bits) || bits < 2 || bits > 8)
    return llvm::createStringError("'" + text +
                                   "' is no width of 2 to 8 bits, which "
                                   "weights have");
  return bits;
}

static Expected<unsigned> parseActivationWidth(StringRef text) {
  unsigned bits;
  if (text.getAsInteger(10, bits) ||
      ((bits < 2 || bits > 8) && bits != kWideBits))
    return llvm::createStringError("'" + text +
                                   "' is no width of 2 to 8 bits, nor 16");
  return bits;
}

/// One width for a layer: weights have at most 8 of so many bits.
static Expected<LayerWidths> parseWidths(StringRef text) {
  Expected<unsigned> bits = parseActivationWidth(text);
  if (!bits)
    return bits.takeError();
  return LayerWidths{std::min(*bits, 8u), *bits};
}

static Expected<bool> parseFlag(StringRef text) {
  if (text == "true" || text.empty())
    return true;
  if (text == "false")
    return false;
  return llvm::createStringError("'" + text + "' is neither true nor false");
}

static Expected<unsigned> parseGroup(StringRef text) {
  unsigned size;
  if (text.getAsInteger(10, size) ||
      !llvm::is_contained({0u, 16u, 32u, 64u, 128u}, size))
    return llvm::createStringError(
        "'" + text + "' is no group of 16, 32, 64 or 128 weights, or 0");
  return size;
}

static Expected<double> parsePerCent(StringRef text) {
  double value;
  if (text.getAsDouble(value) || !(value >= 0 && value <= 100))
    return llvm::createStringError("'" + text + "' is no percentage");
  return value;
}

template <typename T>
static Error store(Expected<T> value, T &place) {
  if (!value)
    return value.takeError();
  place = *value;
  return Error::success();
}

/// Sets one of the options that are no layers.
static Error setOption(QuantizationSpec &spec, StringRef key, StringRef value) {
  if (key == "weights")
    return store(parseWeightWidth(value), spec.widths.weights);
  if (key == "activations")
    return store(parseActivationWidth(value), spec.widths.activations);
  if (key == "highway")
    return store(parseFlag(value), spec.highway);
  if (key == "group")
    return store(parseGroup(value), spec.group);
  if (key == "equalize")
    return store(parseFlag(value), spec.equalize);
  if (key == "correct-bias")
    return store(parseFlag(value), spec.correctBias);
  if (key == "percentile")
    return store(parsePerCent(value), spec.calibration.percentile);
  if (key == "outliers") {
    if (Error error = store(parsePerCent(value), spec.outliers))
      return error;
    spec.outliers /= 100;
    return Error::success();
  }
  if (key == "calibration") {
    auto known = parseCalibration(value);
    if (!known)
      return llvm::createStringError("there is no calibration '" + value +
                                     "'; there are: minmax, percentile, mse, "
                                     "kl");
    spec.calibration.calibration = *known;
    return Error::success();
  }
  return llvm::createStringError(
      "there is no option '" + key +
      "'; there are: activations, calibration, correct-bias, equalize, "
      "group, highway, outliers, percentile, weights");
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static Expected<std::string> readScalar(llvm::yaml::Node *node) {
  auto *scalar = llvm::dyn_cast_or_null<llvm::yaml::ScalarNode>(node);
  if (!scalar)
    return llvm::createStringError("a name or a number is missing");
  llvm::SmallString<64> storage;
  return scalar->getValue(storage).str();
}

/// Calls `visit` with each key of `node`, and its value.
static Error
visitMapping(llvm::yaml::Node *node,
             llvm::function_ref<Error(StringRef, llvm::yaml::Node *)> visit) {
  auto *mapping = llvm::dyn_cast_or_null<llvm::yaml::MappingNode>(node);
  if (!mapping)
    return llvm::createStringError("a mapping is missing");
  for (llvm::yaml::KeyValueNode &entry : *mapping) {
    Expected<std::string> key = readScalar(entry.getKey());
    if (!key)
      return key.takeError();
    if (Error error = visit(*key, entry.getValue()))
      return error;
  }
  return Error::success();
}

/// A width for weights and activations, or one each.
static Error readWidths(llvm::yaml::Node *node, LayerWidths &widths) {
  if (llvm::isa_and_nonnull<llvm::yaml::MappingNode>(node))
    return visitMapping(node, [&](StringRef key, llvm::yaml::Node *value) {
      Expected<std::string> text = readScalar(value);
      if (!text)
        return text.takeError();
      if (key != "weights" && key != "activations")
        return llvm::createStringError("a layer has weights and activations, "
                                       "no '" +
                                       key + "'");
      return key == "weights"
                 ? store(parseWeightWidth(*text), widths.weights)
                 : store(parseActivationWidth(*text), widths.activations);
    });
  Expected<std::string> text = readScalar(node);
  if (!text)
    return text.takeError();
  return store(parseWidths(*text), widths);
}

static Error readFile(StringRef path, QuantizationSpec &spec) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!file)
    return llvm::createStringError(file.getError().message() +
                                   "; expected int2 to int8, int16, "
                                   "auto:BUDGET or a JSON or YAML file");
  llvm::SourceMgr sources;
  std::string message;
  sources.setDiagHandler(
      [](const llvm::SMDiagnostic &diagnostic, void *text) {
        *static_cast<std::string *>(text) =
            ("line " + Twine(diagnostic.getLineNo()) + ": " +
             diagnostic.getMessage())
                .str();
      },
      &message);
  llvm::yaml::Stream stream((*file)->getMemBufferRef(), sources);
  Error error = visitMapping(
      stream.begin()->getRoot(),
      [&](StringRef key, llvm::yaml::Node *value) -> Error {
        if (key == "layers")
          return visitMapping(value,
                              [&](StringRef name, llvm::yaml::Node *widths) {
                                return readWidths(widths, spec.layers[name]);
                              });
        Expected<std::string> text = readScalar(value);
        if (!text)
          return text.takeError();
        return setOption(spec, key, *text);
      });
  if (message.empty())
    return error;
  llvm::consumeError(std::move(error));
  return llvm::createStringError(message);
}

//===----------------------------------------------------------------------===//
// The option
//===----------------------------------------------------------------------===//

/// `60KB`, `1.5MB` or `5000`.
static Expected<QuantizationBudget> parseBudget(StringRef text) {
  StringRef number = text;
  double unit = number.consume_back("KB")   ? 1024
                : number.consume_back("MB") ? 1024 * 1024
                                            : 1;
  QuantizationBudget budget;
  if (number.getAsDouble(budget.weightBytes) || !(budget.weightBytes > 0))
    return llvm::createStringError("'" + text +
                                   "' is no budget for weights, such as 60KB");
  budget.weightBytes *= unit;
  return budget;
}

/// Refuses what does not go together.
static Error check(const QuantizationSpec &spec) {
  if (!spec.group)
    return Error::success();
  if (spec.outliers > 0)
    return llvm::createStringError("groups of weights have no outliers; give "
                                   "either 'group' or 'outliers'");
  auto isNarrow = [](const LayerWidths &widths) {
    return widths.weights <= kMostGroupedBits;
  };
  bool isUsed = spec.budget || isNarrow(spec.widths);
  for (const auto &entry : spec.layers)
    isUsed |= isNarrow(entry.second);
  if (!isUsed)
    return llvm::createStringError("'group' is for weights of 2 to 4 bits; "
                                   "give int4, or weights=4, too");
  return Error::success();
}

Expected<QuantizationSpec> lacuna::parseQuantizationSpec(StringRef text) {
  llvm::SmallVector<StringRef> parts;
  text.split(parts, ',');
  QuantizationSpec spec;
  StringRef first = parts.front(), rest = first;
  unsigned bits;
  if (rest.consume_front("auto:")) {
    Expected<QuantizationBudget> budget = parseBudget(rest);
    if (!budget)
      return budget.takeError();
    spec.budget = *budget;
  } else if (rest.consume_front("int") && !rest.getAsInteger(10, bits)) {
    if (Error error = store(parseWidths(rest), spec.widths))
      return error;
  } else if (Error error = readFile(first, spec)) {
    return error;
  }
  for (StringRef part : llvm::ArrayRef(parts).drop_front()) {
    auto [key, value] = part.split('=');
    if (Error error = setOption(spec, key, value))
      return error;
  }
  if (Error error = check(spec))
    return error;
  return spec;
}
