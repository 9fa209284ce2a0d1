//===- VerifySolution.cpp - Mappings that cover the work and fit -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "Metadata.h"
#include "Nest.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;

namespace lacuna::loopnest {

/// A product of counts, all digits of it if it is one that can be.
static std::string countToText(double count) {
  return count < double(ranges::kWords.most) ? itostr(int64_t(count))
                                             : realToText(count);
}

namespace {
class SolutionVerifier {
public:
  SolutionVerifier(const Problem &problem, const Solution &solution,
                   FieldComplaint complain)
      : workload(problem.workload), architecture(problem.architecture),
        problem(problem), solution(solution), complain(complain) {}

  void verify();

private:
  bool verifyNames();
  void verifyCoverage();
  void verifySizes(ArrayRef<double> counts);
  void verifyLevel(const Nest &nest, unsigned level);
  void verifyOrigin(const Nest &nest, unsigned tensor);
  void verifyRules(const Nest &nest, unsigned level);

  std::string getPath(size_t level, StringRef field) const {
    return ("levels[" + Twine(level) + "]." + field).str();
  }
  void refuse(const std::string &path, const Twine &message) {
    complain(path, "'" + path + "': " + message);
    isRight = false;
  }

  const Workload &workload;
  const Architecture &architecture;
  const Problem &problem;
  const Solution &solution;
  FieldComplaint complain;
  bool isRight = true;
};
} // namespace

bool SolutionVerifier::verifyNames() {
  if (solution.levels.size() != architecture.levels.size()) {
    refuse("levels", "the mapping has " + Twine(solution.levels.size()) +
                         " levels and the architecture " +
                         Twine(architecture.levels.size()));
    return false;
  }
  for (auto [index, mapping] : enumerate(solution.levels)) {
    for (auto [i, tensor] : enumerate(mapping.keeps)) {
      if (tensor >= workload.tensors.size())
        refuse(getPath(index, "keeps"), "there is no tensor " + Twine(tensor));
      else if (is_contained(ArrayRef(mapping.keeps).take_front(i), tensor))
        refuse(getPath(index, "keeps"),
               "'" + workload.tensors[tensor].name + "' is there twice");
    }
    for (bool isAcross : {false, true})
      for (const Loop &loop : isAcross ? mapping.across : mapping.loops) {
        std::string path = getPath(index, isAcross ? "across" : "loops");
        if (loop.dimension >= workload.dimensions.size())
          refuse(path, "there is no dimension " + Twine(loop.dimension));
        if (!ranges::kSize.contains(loop.count))
          refuse(path, "counts are " + ranges::kSize.toText() + ", not " +
                           Twine(loop.count));
      }
  }
  return isRight;
}

void SolutionVerifier::verifyCoverage() {
  std::vector<double> counts;
  for (auto [index, dimension] : enumerate(workload.dimensions)) {
    double count = 1;
    for (const LevelMapping &mapping : solution.levels)
      for (const std::vector<Loop> *loops : {&mapping.loops, &mapping.across})
        for (const Loop &loop : *loops)
          if (loop.dimension == index)
            count *= double(loop.count);
    if (count < double(dimension.size))
      refuse("dimensions", "loops run " + countToText(count) +
                               " times through '" + dimension.name +
                               "', which has " + Twine(dimension.size) +
                               "; raise a count");
    counts.push_back(count);
  }
  verifySizes(counts);
}

/// That no count overflows, and that instances can be enumerated.
void SolutionVerifier::verifySizes(ArrayRef<double> counts) {
  constexpr double kMostProducts = double(int64_t(1) << 53);
  constexpr double kMostInstances = 65536;
  double products = 1;
  for (double count : counts)
    products *= count;
  if (products > kMostProducts)
    refuse("levels", "loops make more than 2^53 products; lower a count");
  for (const Tensor &tensor : workload.tensors)
    if (tensor.estimateWords(counts) > double(ranges::kWords.most))
      refuse("levels", "loops reach more than 2^50 values of '" + tensor.name +
                           "'; lower a count");
  for (auto [index, mapping] : enumerate(solution.levels)) {
    double instances = 1;
    for (const Loop &loop : mapping.across)
      instances *= double(loop.count);
    if (instances > kMostInstances)
      refuse(getPath(index, "across"),
             countToText(instances) + " instances are more than " +
                 countToText(kMostInstances) + "; lower a count");
  }
}

/// Everything has to come from somewhere.
void SolutionVerifier::verifyOrigin(const Nest &nest, unsigned index) {
  const std::string &name = workload.tensors[index].name;
  unsigned level = nest.getOutermost(index);
  if (level == nest.getComputeLevel())
    return refuse("levels",
                  "no level keeps '" + name + "'; add it to the outermost");
  for (const NestLoop &loop :
       ArrayRef(nest.loops).take_front(nest.getPlace(level)))
    if (loop.isAcross || workload.tensors[index].uses(loop.dimension))
      return refuse(getPath(level, "keeps"),
                    "'" + name + "' comes from '" +
                        architecture.levels[level].name +
                        "', which has a part of it only, as loops over '" +
                        workload.dimensions[loop.dimension].name +
                        "' are outside; keep it in '" +
                        architecture.levels[loop.level].name + "' too");
}

void SolutionVerifier::verifyLevel(const Nest &nest, unsigned index) {
  const Level &level = architecture.levels[index];
  constexpr double kMostMoved = double(int64_t(1) << 60);
  double words = 0;
  std::string parts;
  for (unsigned tensor : solution.levels[index].keeps) {
    int64_t tile = getWords(nest.getTile(index, tensor));
    auto stored = double(tile);
    double moved = stored;
    for (const NestLoop &loop :
         ArrayRef(nest.loops).take_front(nest.getPlace(index)))
      moved *= double(loop.count);
    if (moved > kMostMoved)
      refuse(getPath(index, "keeps"), "more than 2^60 values of '" +
                                          workload.tensors[tensor].name +
                                          "' may come and go; lower a count");
    if (const Format *format = level.findFormat(tensor)) {
      if (getFibres(*format, tile).empty())
        refuse(getPath(index, "formats"),
               "the fibres of '" + workload.tensors[tensor].name +
                   "' do not make up its tile of " + Twine(tile) +
                   " values: their product must be that, or divide it if one "
                   "takes the rest");
      if (format->isPacked)
        stored = std::ceil(stored * workload.tensors[tensor].density.getMean());
    }
    words += stored;
    parts += (parts.empty() ? "" : ", ") + workload.tensors[tensor].name + " " +
             countToText(stored);
  }
  if (level.words > 0 && words * double(level.copies) > double(level.words))
    refuse(getPath(index, "words"),
           "'" + level.name + "' has room for " + Twine(level.words) +
               " values, not for " + Twine(level.copies) + " x " +
               countToText(words) + " (" + parts + "); move loops further out");
  double across = 1;
  for (const Loop &loop : solution.levels[index].across)
    across *= double(loop.count);
  if (level.fanout > 0 && across > double(level.fanout))
    refuse(getPath(index, "across"),
           countToText(across) + " instances are used, but there are " +
               Twine(level.fanout) + "; lower a count");
}

/// A rule that nothing obeys would be forgotten in silence.
void SolutionVerifier::verifyRules(const Nest &nest, unsigned index) {
  for (const Format &format : architecture.levels[index].formats)
    if (!nest.keeps(index, format.tensor))
      refuse(getPath(index, "formats"),
             "'" + workload.tensors[format.tensor].name +
                 "' is not kept here, so it has no format");
  for (const ZeroRule &rule : architecture.levels[index].rules)
    if (index < nest.getOutermost(rule.tensor))
      refuse(getPath(index, "rules"),
             "'" + workload.tensors[rule.tensor].name +
                 "' is kept further in only, so nothing can be left out here");
}

void SolutionVerifier::verify() {
  if (!verifyNames())
    return;
  verifyCoverage();
  if (!isRight)
    return;
  Nest nest(problem, solution);
  for (unsigned tensor = 0; tensor < workload.tensors.size(); ++tensor)
    verifyOrigin(nest, tensor);
  for (unsigned level = 0; level < architecture.levels.size(); ++level) {
    verifyLevel(nest, level);
    verifyRules(nest, level);
  }
}

void verifySolution(const Problem &problem, const Solution &solution,
                    FieldComplaint complain) {
  SolutionVerifier(problem, solution, complain).verify();
}

Error Solution::verify(const Problem &problem) const {
  std::string text;
  verifySolution(problem, *this, [&](StringRef, const Twine &message) {
    text += ((text.empty() ? "" : "\n") + message).str();
  });
  return text.empty() ? Error::success() : createStringError(text);
}

} // namespace lacuna::loopnest
