//===- CheckProblem.cpp - Problems that make sense -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace lacuna::loopnest {

bool isName(StringRef text) {
  constexpr size_t kMostLetters = 100;
  return !text.empty() && text.size() <= kMostLetters &&
         all_of(text, [](char c) {
           return isAlnum(c) || StringRef("-_.:").contains(c);
         });
}

namespace {
class ProblemChecker {
public:
  ProblemChecker(const Problem &problem, FieldComplaint complain)
      : workload(problem.workload), architecture(problem.architecture),
        complain(complain) {}

  void check();

private:
  void checkDimensions();
  void checkTensor(size_t index);
  void checkDensity(const std::string &path, const Tensor &tensor);
  void checkLevel(size_t index);
  void checkPrices(const std::string &path, const Prices &prices);
  void checkFormat(const std::string &path, const Format &format);
  void checkRule(const std::string &path, const ZeroRule &rule);

  template <typename Range, typename Value>
  void require(const Twine &path, const Range &range, Value value) {
    if (range.contains(value))
      return;
    std::string text;
    raw_string_ostream(text) << value;
    refuse(path, "must be " + range.toText() + ", not " + text);
  }
  void refuse(const Twine &path, const Twine &message) {
    std::string name = path.str();
    complain(name, "'" + name + "' " + message);
    isRight = false;
  }
  template <typename Named>
  void requireNames(const char *list, const std::vector<Named> &entries);

  const Workload &workload;
  const Architecture &architecture;
  FieldComplaint complain;
  bool isRight = true;
};
} // namespace

template <typename Named>
void ProblemChecker::requireNames(const char *list,
                                  const std::vector<Named> &entries) {
  if (!ranges::kListSize.contains(int64_t(entries.size())))
    refuse(list, "must have " + ranges::kListSize.toText() + " elements, not " +
                     Twine(entries.size()));
  StringSet<> names;
  for (auto [i, entry] : enumerate(entries)) {
    std::string path = (list + Twine("[") + Twine(i) + "].name").str();
    if (!isName(entry.name))
      refuse(path, kNameRule);
    else if (!names.insert(entry.name).second)
      refuse(path, "is '" + entry.name + "', which another one is called too");
  }
}

void ProblemChecker::checkDimensions() {
  requireNames("dimensions", workload.dimensions);
  // Counts are exact as long as a double can hold them.
  constexpr double kMostProducts = double(int64_t(1) << 53);
  double products = 1;
  for (auto [i, dimension] : enumerate(workload.dimensions)) {
    require("dimensions[" + Twine(i) + "].size", ranges::kSize, dimension.size);
    products *= double(dimension.size);
  }
  if (products > kMostProducts)
    refuse("dimensions", "make more than 2^53 products; split the workload");
}

void ProblemChecker::checkDensity(const std::string &path,
                                  const Tensor &tensor) {
  const Density &density = tensor.density;
  if (density.getKind() == DensityKind::NofM &&
      (!ranges::kGroup.contains(density.getGroup()) ||
       !ranges::kGroup.contains(density.getKept()) ||
       density.getKept() > density.getGroup()))
    return refuse(path, "keeps " + Twine(density.getKept()) + " of " +
                            Twine(density.getGroup()) + " values; both are " +
                            ranges::kGroup.toText() +
                            ", the first not more than the second");
  require(path, ranges::kMean, density.getMean());
  if (density.getKind() == DensityKind::Mask && isRight) {
    std::vector<int64_t> extents = tensor.getExtents(workload.getSizes());
    if (ArrayRef(extents) != density.getMaskShape())
      refuse(path, "has a mask of another shape than the tensor, which has " +
                       Twine(getWords(extents)) + " values");
  }
}

void ProblemChecker::checkTensor(size_t index) {
  const Tensor &tensor = workload.tensors[index];
  std::string path = ("tensors[" + Twine(index) + "]").str();
  if (tensor.name == "all" || tensor.name == "none")
    refuse(path + ".name", "must not be '" + tensor.name +
                               "', which means something in 'keeps'");
  for (const Axis &axis : tensor.axes)
    for (auto [i, term] : enumerate(axis)) {
      if (term.dimension >= workload.dimensions.size())
        return refuse(path + ".index",
                      "has no dimension " + Twine(term.dimension));
      require(path + ".index", ranges::kFactor, term.factor);
      if (any_of(ArrayRef(axis).take_front(i),
                 [&, dimension = term.dimension](const Term &other) {
                   return other.dimension == dimension;
                 }))
        refuse(path + ".index",
               "has dimension '" + workload.dimensions[term.dimension].name +
                   "' twice along an axis; write it once, with the sum of "
                   "its factors");
    }
  if (isRight) {
    std::vector<int64_t> sizes = workload.getSizes();
    double words =
        tensor.estimateWords(std::vector<double>(sizes.begin(), sizes.end()));
    if (words > double(ranges::kWords.most))
      return refuse(path + ".index",
                    "makes more than 2^50 values; split the workload");
  }
  checkDensity(path + ".density", tensor);
}

void ProblemChecker::checkFormat(const std::string &path,
                                 const Format &format) {
  if (format.tensor >= workload.tensors.size())
    return refuse(path + ".tensor", "is none of the tensors");
  if (!ranges::kListSize.contains(int64_t(format.ranks.size())))
    refuse(path + ".ranks", "must have " + ranges::kListSize.toText() +
                                " elements, not " + Twine(format.ranks.size()));
  int64_t rest = 0;
  for (auto [i, rank] : enumerate(format.ranks)) {
    std::string rankPath = (path + ".ranks[" + Twine(i) + "]").str();
    require(rankPath + ".bits", ranges::kRankBits, rank.bits);
    require(rankPath + ".fibre", ranges::kFibre, rank.fibre);
    rest += rank.fibre == 0;
  }
  if (rest > 1)
    refuse(path + ".ranks", "has " + Twine(rest) +
                                " ranks without a 'fibre'; only one can take "
                                "what the others leave");
}

void ProblemChecker::checkRule(const std::string &path, const ZeroRule &rule) {
  auto isInput = [&](unsigned tensor) {
    return tensor < workload.tensors.size() &&
           !workload.tensors[tensor].isOutput;
  };
  if (rule.tensor >= workload.tensors.size())
    return refuse(path + ".tensor", "is none of the tensors");
  if (rule.leaders.empty())
    refuse(path + ".leaders", "must not be empty: they are the tensors whose "
                              "zeros leave accesses out");
  for (auto [i, leader] : enumerate(rule.leaders)) {
    if (!isInput(leader))
      return refuse(path + ".leaders", "must be inputs: what is zero in an "
                                       "output is known when it is too late");
    const std::string &name = workload.tensors[leader].name;
    if (leader == rule.tensor)
      refuse(path + ".leaders", "has '" + name +
                                    "', which the rule is about; "
                                    "a format leaves out its own zeros");
    if (is_contained(ArrayRef(rule.leaders).take_front(i), leader))
      refuse(path + ".leaders", "has '" + name + "' twice");
    if (rule.action == ZeroAction::Skip &&
        none_of(architecture.levels, [&, leader = leader](const Level &level) {
          return level.findFormat(leader);
        }))
      refuse(
          path + ".leaders",
          "has '" + name +
              "', which no level has a format of: zeros can be "
              "skipped only if they are known before they are read; give it a "
              "format, or gate");
  }
}

void ProblemChecker::checkPrices(const std::string &path,
                                 const Prices &prices) {
  for (auto [name, price] :
       {std::pair("read", prices.read), std::pair("write", prices.write),
        std::pair("update", prices.update),
        std::pair("gatedRead", prices.gatedRead),
        std::pair("gatedUpdate", prices.gatedUpdate),
        std::pair("metadataRead", prices.metadataRead),
        std::pair("metadataWrite", prices.metadataWrite),
        std::pair("pack", prices.pack), std::pair("unpack", prices.unpack),
        std::pair("leak", prices.leak)})
    require(path + "." + name, ranges::kPrice, price);
}

void ProblemChecker::checkLevel(size_t index) {
  const Level &level = architecture.levels[index];
  std::string path = ("levels[" + Twine(index) + "]").str();
  require(path + ".words", ranges::kWords, level.words);
  require(path + ".copies", ranges::kCopies, level.copies);
  require(path + ".wordBits", ranges::kWordBits, level.wordBits);
  require(path + ".blockWords", ranges::kBlock, level.blockWords);
  require(path + ".metadataBits", ranges::kMetadataBits, level.metadataBits);
  require(path + ".readWords", ranges::kBandwidth, level.readWords);
  require(path + ".writeWords", ranges::kBandwidth, level.writeWords);
  require(path + ".sharedWords", ranges::kBandwidth, level.sharedWords);
  require(path + ".fanout", ranges::kFanout, level.fanout);
  checkPrices(path + ".prices", level.prices);
  for (auto [i, format] : enumerate(level.formats)) {
    std::string formatPath = (path + ".formats[" + Twine(i) + "]").str();
    checkFormat(formatPath, format);
    if (level.findFormat(format.tensor) != &format)
      refuse(formatPath + ".tensor", "has a format in this level already");
  }
  for (auto [i, rule] : enumerate(level.rules)) {
    std::string rulePath = (path + ".rules[" + Twine(i) + "]").str();
    checkRule(rulePath, rule);
    if (level.findRule(rule.tensor) != &rule)
      refuse(rulePath + ".tensor", "has a rule in this level already; list "
                                   "all leaders in one");
  }
}

void ProblemChecker::check() {
  checkDimensions();
  requireNames("tensors", workload.tensors);
  for (size_t i = 0; i < workload.tensors.size(); ++i)
    checkTensor(i);
  int64_t outputs = count_if(
      workload.tensors, [](const Tensor &tensor) { return tensor.isOutput; });
  if (outputs != 1 || workload.tensors.size() < 2)
    refuse("tensors", "must have one output and at least one input, not " +
                          Twine(outputs) + " outputs of " +
                          Twine(workload.tensors.size()));
  requireNames("levels", architecture.levels);
  for (size_t i = 0; i < architecture.levels.size(); ++i)
    checkLevel(i);
  require("compute.price", ranges::kPrice, architecture.compute.price);
  require("compute.gatedPrice", ranges::kPrice,
          architecture.compute.gatedPrice);
  require("compute.leak", ranges::kPrice, architecture.compute.leak);
}

void checkProblem(const Problem &problem, FieldComplaint complain) {
  ProblemChecker(problem, complain).check();
}

Error Problem::check() const {
  std::string text;
  checkProblem(*this, [&](StringRef, const Twine &message) {
    text += ((text.empty() ? "" : "\n") + message).str();
  });
  return text.empty() ? Error::success() : createStringError(text);
}

} // namespace lacuna::loopnest
