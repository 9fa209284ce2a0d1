//===- Texts.cpp - Loops, indices and names as a file writes them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Texts.h"

#include "Check.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lacuna::loopnest {

/// The parts between separators. There are none in nothing.
static SmallVector<StringRef> getParts(StringRef text, char separator) {
  SmallVector<StringRef> parts;
  if (!text.trim().empty())
    text.split(parts, separator);
  for (StringRef &part : parts)
    part = part.trim();
  return parts;
}

static bool isDimensionName(StringRef text) {
  return !text.empty() && (isAlpha(text.front()) || text.front() == '_') &&
         all_of(text, [](char c) { return isAlnum(c) || c == '_'; });
}

template <typename Named>
static Expected<unsigned> findName(StringRef name, const char *what,
                                   const std::vector<Named> &entries) {
  std::string names;
  for (auto [i, entry] : enumerate(entries)) {
    if (entry.name == name)
      return unsigned(i);
    names += (names.empty() ? "" : ", ") + entry.name;
  }
  return createStringError(Twine("there is no ") + what + " '" + name +
                           "'; there are: " + names);
}

Expected<std::vector<Dimension>> readDimensions(StringRef text) {
  std::vector<Dimension> dimensions;
  for (StringRef part : getParts(text, ',')) {
    auto [name, count] = part.split(' ');
    Dimension dimension = {name.str(), 0};
    if (!isDimensionName(name) || count.trim().getAsInteger(10, dimension.size))
      return createStringError("expected names with numbers, as in 'K 32, R "
                               "3', not '" +
                               part + "'");
    if (!ranges::kSize.contains(dimension.size))
      return createStringError("'" + name + "' must be " +
                               ranges::kSize.toText() + ", not " +
                               Twine(dimension.size));
    dimensions.push_back(std::move(dimension));
  }
  return dimensions;
}

Expected<std::vector<Loop>> readLoops(StringRef text,
                                      const Workload &workload) {
  Expected<std::vector<Dimension>> parts = readDimensions(text);
  if (!parts)
    return parts.takeError();
  std::vector<Loop> loops;
  for (const Dimension &part : *parts) {
    Expected<unsigned> dimension =
        findName(part.name, "dimension", workload.dimensions);
    if (!dimension)
      return dimension.takeError();
    loops.push_back({*dimension, part.size});
  }
  return loops;
}

static Expected<Term> readTerm(StringRef text, const Workload &workload) {
  Term term;
  auto [left, right] = text.split('*');
  left = left.trim();
  right = right.trim();
  if (isDimensionName(left))
    std::swap(left, right);
  // The name is on the right now, the factor on the left if there is one.
  bool hasFactor = text.contains('*');
  if (!isDimensionName(right) ||
      (hasFactor && left.getAsInteger(10, term.factor)))
    return createStringError("expected sums of dimensions, as in 'C, 2 * P + "
                             "R', not '" +
                             text + "'");
  if (!ranges::kFactor.contains(term.factor))
    return createStringError("factors are " + ranges::kFactor.toText() +
                             ", not " + Twine(term.factor));
  Expected<unsigned> dimension =
      findName(right, "dimension", workload.dimensions);
  if (!dimension)
    return dimension.takeError();
  term.dimension = *dimension;
  return term;
}

Expected<std::vector<Axis>> readIndex(StringRef text,
                                      const Workload &workload) {
  std::vector<Axis> axes;
  for (StringRef part : getParts(text, ',')) {
    Axis &axis = axes.emplace_back();
    SmallVector<StringRef> terms;
    part.split(terms, '+');
    for (StringRef piece : terms) {
      Expected<Term> term = readTerm(piece.trim(), workload);
      if (!term)
        return term.takeError();
      axis.push_back(*term);
    }
  }
  return axes;
}

Expected<unsigned> readTensor(StringRef text, const Workload &workload) {
  return findName(text, "tensor", workload.tensors);
}

Expected<std::vector<unsigned>> readTensors(StringRef text,
                                            const Workload &workload) {
  std::vector<unsigned> tensors;
  if (text == "all") {
    for (unsigned tensor = 0; tensor < workload.tensors.size(); ++tensor)
      tensors.push_back(tensor);
    return tensors;
  }
  if (text == "none")
    return tensors;
  for (StringRef part : getParts(text, ',')) {
    Expected<unsigned> tensor = readTensor(part, workload);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(*tensor);
  }
  return tensors;
}

Expected<Density> readMask(StringRef text, const Tensor &tensor,
                           const Workload &workload) {
  std::vector<bool> values;
  for (char c : text) {
    if (c != '0' && c != '1' && c != ' ')
      return createStringError("a mask has the digits 0 and 1, and blanks");
    if (c != ' ')
      values.push_back(c == '1');
  }
  std::vector<int64_t> sizes = workload.getSizes();
  double words =
      tensor.estimateWords(std::vector<double>(sizes.begin(), sizes.end()));
  if (double(values.size()) != words)
    return createStringError("the mask needs one digit for each value of the "
                             "tensor, and has " +
                             Twine(values.size()));
  return Density::mask(tensor.getExtents(sizes), std::move(values));
}

} // namespace lacuna::loopnest
