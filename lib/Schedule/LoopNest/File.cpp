//===- File.cpp - A loop nest in YAML -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/File.h"

#include "Check.h"
#include "Texts.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::loopnest {

constexpr StringLiteral kDensities[] = {"dense", "uniform", "structured",
                                        "n-of-m", "mask"};
constexpr StringLiteral kRanks[] = {"bitmap", "coordinates", "run-length",
                                    "offsets"};
constexpr StringLiteral kActions[] = {"gate", "skip"};
constexpr StringLiteral kWindows[] = {"none", "innermost", "all"};

namespace {
struct DensityText {
  DensityKind kind = DensityKind::Dense;
  double mean = 1;
  int64_t kept = 2, of = 4;
  std::string mask;
};

struct TensorText {
  std::string name, index;
  bool isOutput = false;
  DensityText density;
};

struct FormatText {
  std::string tensor;
  Format format;
};

struct RuleText {
  std::string tensor, leaders;
  ZeroAction action = ZeroAction::Gate;
};

struct LevelText {
  Level level;
  std::string keeps = "all", loops, across;
  std::vector<FormatText> formats;
  std::vector<RuleText> rules;
};

struct CaseText {
  std::string name, dimensions;
  std::vector<TensorText> tensors;
  std::vector<LevelText> levels;
  ComputeUnit compute;
  std::string energyUnit = "pJ";
};
} // namespace

static void visitTensor(FieldVisitor &visitor, TensorText &tensor) {
  visitor.text({"name", "", "unlike those of other tensors", true},
               TextKind::Name, tensor.name);
  visitor.text({"index", "",
                "of each axis, from the outermost: a sum of dimensions with "
                "strides or dilations, as in `C, 2 * P + R`",
                true},
               TextKind::Line, tensor.index);
  visitor.flag({"output", "", "the sums; one tensor is the output"},
               tensor.isOutput);
  visitor.section({"density", "", "where zeros lie"}, [&] {
    DensityText &density = tensor.density;
    visitor.choice({"kind", "", "how zeros are spread"}, kDensities,
                   density.kind);
    visitor.real({"mean", "",
                  "uniform, structured: the part of values that are not "
                  "zero"},
                 ranges::kMean, density.mean);
    visitor.integer({"kept", "values", "n-of-m: that may not be zero"},
                    ranges::kGroup, density.kept);
    visitor.integer({"of", "values", "n-of-m: among which these are"},
                    ranges::kGroup, density.of);
    visitor.text({"mask", "", "mask: a digit for each value, 0 or 1"},
                 TextKind::Line, density.mask);
  });
}

static void visitFormat(FieldVisitor &visitor, FormatText &text) {
  Format &format = text.format;
  visitor.text({"tensor", "", "that is stored so", true}, TextKind::Name,
               text.tensor);
  visitor.flag({"packed", "",
                "zeros take no room; they are not moved in "
                "either case"},
               format.isPacked);
  visitor.list(
      {"ranks", "", "from the outermost", true}, ranges::kListSize,
      format.ranks.size(), [&](size_t size) { format.ranks.resize(size); },
      [&](size_t i) {
        Rank &rank = format.ranks[i];
        visitor.choice({"kind", "", "what it has of its coordinates", true},
                       kRanks, rank.kind);
        visitor.integer({"bits", "bits",
                         "of a coordinate, a run, an offset, or of the mark of "
                         "a value in a bitmap"},
                        ranges::kRankBits, rank.bits);
        visitor.integer({"fibre", "coordinates",
                         "in a fibre; 0: what the other ranks leave of a "
                         "tile"},
                        ranges::kFibre, rank.fibre);
      });
}

static void visitRule(FieldVisitor &visitor, RuleText &rule) {
  visitor.choice({"action", "", "takes time but no energy, or neither", true},
                 kActions, rule.action);
  visitor.text({"tensor", "", "whose accesses are left out", true},
               TextKind::Name, rule.tensor);
  visitor.text({"leaders", "", "inputs: where one of them is zero", true},
               TextKind::Line, rule.leaders);
}

static void visitPrices(FieldVisitor &visitor, Prices &prices) {
  auto price = [&](StringRef key, StringRef meaning, double &value) {
    visitor.real({key, "pJ", meaning}, ranges::kPrice, value);
  };
  price("read", "of a block", prices.read);
  price("write", "of a block that comes from further out", prices.write);
  price("update", "of a block of sums", prices.update);
  price("gatedRead", "of a block", prices.gatedRead);
  price("gatedUpdate", "of a block of sums", prices.gatedUpdate);
  price("metadataRead", "of `metadataBits`", prices.metadataRead);
  price("metadataWrite", "of `metadataBits`", prices.metadataWrite);
  price("pack", "of a value that goes out to a level with a format",
        prices.pack);
  price("unpack", "of a value that comes from such a level", prices.unpack);
  price("leak", "in a clock, of an instance that is used", prices.leak);
}

static void visitLevel(FieldVisitor &visitor, LevelText &text,
                       const Architecture *base) {
  Level &level = text.level;
  visitor.text({"name", "", "unlike those of other levels", true},
               TextKind::Name, level.name);
  if (base)
    for (const Level &other : base->levels)
      if (other.name == level.name)
        level = other;
  visitor.text({"keeps", "",
                "tensors that pass through its storage; `all` or `none` of "
                "them"},
               TextKind::Line, text.keeps);
  visitor.text(
      {"loops", "", "one after another, from the outermost, as in `K 16, P 4`"},
      TextKind::Line, text.loops);
  visitor.text({"across", "",
                "inside these, side by side: every iteration in an instance "
                "of the next level"},
               TextKind::Line, text.across);
  visitor.integer({"fanout", "instances",
                   "of the next level in each of this; 0: any number"},
                  ranges::kFanout, level.fanout);
  visitor.integer({"words", "values", "that an instance holds; 0: any number"},
                  ranges::kWords, level.words);
  visitor.integer({"copies", "tiles", "of every tensor that it has room for"},
                  ranges::kCopies, level.copies);
  visitor.integer({"wordBits", "bits", "of a value"}, ranges::kWordBits,
                  level.wordBits);
  visitor.integer({"blockWords", "values", "that an access moves"},
                  ranges::kBlock, level.blockWords);
  visitor.integer({"metadataBits", "bits",
                   "that an access to metadata moves; 0: they are free"},
                  ranges::kMetadataBits, level.metadataBits);
  visitor.real(
      {"readWords", "values", "of an instance in a clock; 0: any number"},
      ranges::kBandwidth, level.readWords);
  visitor.real({"writeWords", "values", "the same"}, ranges::kBandwidth,
               level.writeWords);
  visitor.real({"sharedWords", "values", "the same, read and written together"},
               ranges::kBandwidth, level.sharedWords);
  visitor.flag(
      {"multicasts", "", "what several instances want is read once for all"},
      level.multicasts);
  visitor.flag(
      {"reduces", "", "sums of several instances are added on their way out"},
      level.reduces);
  visitor.choice({"windows", "",
                  "loops along which the overlap of a tile with the one "
                  "before stays"},
                 kWindows, level.windows);
  visitor.section({"prices", "", "of accesses"},
                  [&] { visitPrices(visitor, level.prices); });
  visitor.list(
      {"formats", "", "how tensors with zeros are stored"},
      ranges::kListSizeOrNone, text.formats.size(),
      [&](size_t size) { text.formats.resize(size); },
      [&](size_t i) { visitFormat(visitor, text.formats[i]); });
  visitor.list(
      {"rules", "", "what zeros leave out"}, ranges::kListSizeOrNone,
      text.rules.size(), [&](size_t size) { text.rules.resize(size); },
      [&](size_t i) { visitRule(visitor, text.rules[i]); });
}

static void visitCase(FieldVisitor &visitor, CaseText &text,
                      const Architecture *base = nullptr) {
  if (base) {
    text.compute = base->compute;
    text.energyUnit = base->energyUnit;
  }
  visitor.text({"name", "", "what reports call it", true}, TextKind::Name,
               text.name);
  visitor.text(
      {"dimensions", "", "with their sizes, as in `K 32, P 16, R 3`", true},
      TextKind::Line, text.dimensions);
  visitor.list(
      {"tensors", "", "inputs and one output", true}, ranges::kListSize,
      text.tensors.size(), [&](size_t size) { text.tensors.resize(size); },
      [&](size_t i) { visitTensor(visitor, text.tensors[i]); });
  visitor.list(
      {"levels", "", "from the outermost", true}, ranges::kListSize,
      text.levels.size(), [&](size_t size) { text.levels.resize(size); },
      [&](size_t i) { visitLevel(visitor, text.levels[i], base); });
  visitor.section({"compute", "", "what multiplies and adds"}, [&] {
    ComputeUnit &compute = text.compute;
    visitor.real({"price", "pJ", "of a multiplication and addition"},
                 ranges::kPrice, compute.price);
    visitor.real({"gatedPrice", "pJ", "of one that is gated"}, ranges::kPrice,
                 compute.gatedPrice);
    visitor.real({"leak", "pJ", "in a clock, of a unit that is used"},
                 ranges::kPrice, compute.leak);
    visitor.flag({"gatesZeros", "",
                  "products with a zero are gated, whatever "
                  "the levels do"},
                 compute.gatesZeros);
  });
}

namespace {
/// Makes a case of its texts.
class CaseBuilder {
public:
  explicit CaseBuilder(FieldComplaint complain) : complain(complain) {}

  Case build(CaseText text);

private:
  /// What is read, or nothing and a complaint.
  template <typename Value>
  Value take(const Twine &path, Expected<Value> value) {
    if (value)
      return std::move(*value);
    std::string name = path.str();
    complain(name, "'" + name + "': " + toString(value.takeError()));
    return Value();
  }
  Density buildDensity(const Twine &path, const DensityText &text,
                       const Tensor &tensor, const Workload &workload);
  void buildLevel(const Twine &path, LevelText &text, Case &result);

  FieldComplaint complain;
};
} // namespace

Density CaseBuilder::buildDensity(const Twine &path, const DensityText &text,
                                  const Tensor &tensor,
                                  const Workload &workload) {
  switch (text.kind) {
  case DensityKind::Dense:
    return Density();
  case DensityKind::Uniform:
    return Density::uniform(text.mean);
  case DensityKind::Structured:
    return Density::structured(text.mean);
  case DensityKind::NofM:
    return Density::nOfM(text.kept, text.of);
  case DensityKind::Mask:
    return take(path, readMask(text.mask, tensor, workload));
  }
  llvm_unreachable("a kind of density");
}

void CaseBuilder::buildLevel(const Twine &path, LevelText &text, Case &result) {
  const Workload &workload = result.problem.workload;
  LevelMapping mapping;
  mapping.keeps = take(path + ".keeps", readTensors(text.keeps, workload));
  mapping.loops = take(path + ".loops", readLoops(text.loops, workload));
  mapping.across = take(path + ".across", readLoops(text.across, workload));
  for (auto [i, format] : enumerate(text.formats)) {
    format.format.tensor = take(path + ".formats[" + Twine(i) + "].tensor",
                                readTensor(format.tensor, workload));
    text.level.formats.push_back(format.format);
  }
  for (auto [i, rule] : enumerate(text.rules)) {
    std::string rulePath = (path + ".rules[" + Twine(i) + "]").str();
    text.level.rules.push_back(
        {rule.action,
         take(rulePath + ".tensor", readTensor(rule.tensor, workload)),
         take(rulePath + ".leaders", readTensors(rule.leaders, workload))});
  }
  result.problem.architecture.levels.push_back(std::move(text.level));
  result.solution.levels.push_back(std::move(mapping));
}

Case CaseBuilder::build(CaseText text) {
  Case result;
  result.name = text.name;
  Workload &workload = result.problem.workload;
  workload.dimensions = take("dimensions", readDimensions(text.dimensions));
  for (auto [i, tensorText] : enumerate(text.tensors)) {
    std::string path = ("tensors[" + Twine(i) + "]").str();
    Tensor tensor;
    tensor.name = tensorText.name;
    tensor.isOutput = tensorText.isOutput;
    tensor.axes = take(path + ".index", readIndex(tensorText.index, workload));
    tensor.density =
        buildDensity(path + ".density", tensorText.density, tensor, workload);
    workload.tensors.push_back(std::move(tensor));
  }
  for (auto [i, level] : enumerate(text.levels))
    buildLevel("levels[" + Twine(i) + "]", level, result);
  result.problem.architecture.compute = text.compute;
  result.problem.architecture.energyUnit = text.energyUnit;
  return result;
}

Expected<Case> readCase(StringRef text, StringRef file,
                        const Architecture *base) {
  Complaints complaints(file);
  YamlNode root = readYaml(text, complaints);
  if (complaints.empty() && root.kind != YamlNode::Kind::Mapping)
    complaints.add(root.position, "expected the keys of a loop nest");
  if (Error error = complaints.take())
    return error;

  CaseText fields;
  FieldReader reader(root, complaints);
  visitCase(reader, fields, base);
  reader.finish();
  auto complain = [&](StringRef path, const Twine &message) {
    complaints.add(reader.getPosition(path), message);
  };
  // What follows uses what came before.
  Case result;
  if (complaints.empty())
    result = CaseBuilder(complain).build(std::move(fields));
  if (complaints.empty() && !isName(result.name))
    complain("name", Twine("'name' ") + kNameRule);
  if (complaints.empty())
    checkProblem(result.problem, complain);
  if (complaints.empty())
    verifySolution(result.problem, result.solution, complain);
  if (Error error = complaints.take())
    return error;
  return result;
}

void printFields(raw_ostream &os) {
  printFieldTable(os, [](FieldVisitor &visitor) {
    CaseText text;
    text.tensors.resize(1);
    text.levels.resize(1);
    text.levels[0].formats.resize(1);
    text.levels[0].formats[0].format.ranks.resize(1);
    text.levels[0].rules.resize(1);
    visitCase(visitor, text);
  });
}

} // namespace lacuna::loopnest
