//===- Evaluate.cpp - What a mapping of loops to storage costs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Metadata.h"
#include "Traffic.h"
#include "Zeros.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace llvm;

namespace lacuna::loopnest {

// Expectations become counts. What is an integer but for the last digits of a
// double must not go up by one.
constexpr double kSlack = 1e-9;
static int64_t roundUp(double value) {
  return int64_t(std::ceil(value - kSlack * std::max(1.0, value)));
}
static int64_t roundDown(double value) {
  return int64_t(std::floor(value + kSlack * std::max(1.0, value)));
}

/// Counts `all` accesses of which zeros leave a part. Fewer rather than more
/// are left out, but of the reads of sums: a sum is not read more often than it
/// is written.
static ActionCounts countActions(int64_t all, double reaching, const Flow &flow,
                                 bool isReadOfSum = false) {
  ActionCounts counts;
  counts.all = all;
  int64_t present = roundUp(double(all) * reaching);
  double part = flow.reaching > 0 ? 1 - flow.remaining / flow.reaching : 0;
  double left = double(present) * part;
  int64_t leftOut = isReadOfSum ? roundUp(left) : roundDown(left);
  (flow.action == ZeroAction::Skip ? counts.skipped : counts.gated) = leftOut;
  counts.done = present - leftOut;
  return counts;
}

namespace {
/// Fills in an evaluation, step by step.
class Evaluator {
public:
  explicit Evaluator(const Nest &nest)
      : nest(nest), workload(nest.problem.workload),
        architecture(nest.problem.architecture) {
    for (size_t tensor = 0; tensor < workload.tensors.size(); ++tensor)
      flows.push_back(getFlow(nest, unsigned(tensor)));
  }

  Evaluation evaluate();

private:
  TensorCounts countTensor(unsigned level, unsigned tensor);
  void countMetadata(const Format &format, const Traffic &traffic,
                     unsigned level, unsigned tensor, TensorCounts &counts);
  void countPacking(unsigned level, unsigned tensor, Evaluation &evaluation);
  void countComputes(Evaluation &evaluation);
  void addTime(Evaluation &evaluation);
  void addEnergy(Evaluation &evaluation);
  int64_t getLevelClocks(unsigned level, const LevelCounts &counts) const;
  double getTensorEnergy(unsigned level, const TensorCounts &counts,
                         const Format *format) const;

  const Nest &nest;
  const Workload &workload;
  const Architecture &architecture;
  std::vector<std::vector<Flow>> flows;
};
} // namespace

TensorCounts Evaluator::countTensor(unsigned level, unsigned index) {
  const Tensor &tensor = workload.tensors[index];
  const Format *format = architecture.levels[level].findFormat(index);
  const Flow &flow = flows[index][level];
  Traffic traffic = getTraffic(nest, level, index);
  double reaching = flow.reaching * (format ? tensor.density.getMean() : 1);

  TensorCounts counts;
  counts.isKept = true;
  counts.tileWords = getWords(nest.getTile(level, index));
  counts.storedWords =
      format && format->isPacked
          ? roundUp(double(counts.tileWords) * tensor.density.getMean())
          : counts.tileWords;
  counts.reads = countActions(traffic.reads, reaching, flow, tensor.isOutput);
  counts.updates = countActions(traffic.updates, reaching, flow);
  // A rule of this level acts on what goes inwards.
  counts.fills = countActions(traffic.fills, reaching, Flow());
  if (format)
    countMetadata(*format, traffic, level, index, counts);
  return counts;
}

void Evaluator::countMetadata(const Format &format, const Traffic &traffic,
                              unsigned level, unsigned index,
                              TensorCounts &counts) {
  const Flow &flow = flows[index][level];
  int64_t tensorWords = getWords(nest.getTile(nest.getOutermost(index), index));
  for (double units : getUnits(format, counts.tileWords,
                               workload.tensors[index], tensorWords)) {
    auto count = [&](int64_t words, const Flow &flow) {
      int64_t all = roundUp(units * double(words) / double(counts.tileWords));
      return countActions(all, flow.reaching, flow);
    };
    RankCounts rank;
    rank.units = units;
    rank.reads = count(traffic.reads, flow);
    rank.updates = count(traffic.updates, flow);
    rank.fills =
        count(traffic.fills, {flow.reaching, flow.reaching, ZeroAction::Gate});
    counts.ranks.push_back(rank);
  }
}

/// What is stored in a format further out is unpacked when it comes in, and
/// packed when it goes out.
void Evaluator::countPacking(unsigned level, unsigned tensor,
                             Evaluation &evaluation) {
  unsigned inner = nest.getInner(level, tensor);
  if (inner == nest.getComputeLevel() ||
      !architecture.levels[level].findFormat(tensor) ||
      architecture.levels[inner].findFormat(tensor))
    return;
  TensorCounts &counts = evaluation.levels[inner].tensors[tensor];
  counts.unpacked = counts.fills.done;
  int64_t updates = evaluation.levels[level].tensors[tensor].updates.done;
  counts.packed = int64_t(
      divideCeil(uint64_t(updates), uint64_t(nest.getInstances(inner))));
}

void Evaluator::countComputes(Evaluation &evaluation) {
  ComputeFlow flow = getComputeFlow(nest, flows);
  evaluation.instances = nest.getInstances(nest.getComputeLevel());
  int64_t steps = nest.getSteps();
  ActionCounts &counts = evaluation.computes;
  counts.all = steps * evaluation.instances;
  auto all = double(counts.all);
  counts.done = roundUp(all * flow.done);
  int64_t left = counts.all - counts.done;
  counts.skipped =
      flow.gated > 0 ? std::min(left, roundDown(all * flow.skipped)) : left;
  counts.gated = left - counts.skipped;
  evaluation.computeClocks = roundUp(double(steps) * (flow.done + flow.gated));
}

static int64_t getBits(const Format *format, const TensorCounts &counts,
                       function_ref<int64_t(const RankCounts &)> getUnits) {
  int64_t bits = 0;
  if (format)
    for (auto [rank, units] : zip_equal(format->ranks, counts.ranks))
      bits += rank.bits * getUnits(units);
  return bits;
}

int64_t Evaluator::getLevelClocks(unsigned index,
                                  const LevelCounts &counts) const {
  const Level &level = architecture.levels[index];
  auto takesTime = [](const ActionCounts &actions) {
    return actions.done + actions.gated;
  };
  double reads = 0, writes = 0;
  for (auto [tensor, words] : enumerate(counts.tensors)) {
    const Format *format = level.findFormat(unsigned(tensor));
    int64_t readBits = getBits(format, words, [&](const RankCounts &rank) {
      return takesTime(rank.reads);
    });
    int64_t writeBits = getBits(format, words, [&](const RankCounts &rank) {
      return takesTime(rank.fills) + takesTime(rank.updates);
    });
    reads += double(takesTime(words.reads)) +
             std::ceil(double(readBits) / double(level.wordBits));
    writes += double(takesTime(words.fills) + takesTime(words.updates)) +
              std::ceil(double(writeBits) / double(level.wordBits));
  }
  int64_t clocks = 0;
  if (level.readWords > 0)
    clocks = roundUp(reads / level.readWords);
  if (level.writeWords > 0)
    clocks = std::max(clocks, roundUp(writes / level.writeWords));
  if (level.sharedWords > 0)
    clocks = std::max(clocks, roundUp((reads + writes) / level.sharedWords));
  return clocks;
}

void Evaluator::addTime(Evaluation &evaluation) {
  evaluation.clocks = evaluation.computeClocks;
  double units = 1;
  for (auto [index, counts] : enumerate(evaluation.levels)) {
    counts.clocks = getLevelClocks(unsigned(index), counts);
    evaluation.clocks = std::max(evaluation.clocks, counts.clocks);
    double fanout = double(architecture.levels[index].fanout);
    if (fanout == 0)
      fanout = double(nest.getInstances(unsigned(index) + 1)) /
               double(counts.instances);
    units *= fanout;
  }
  double useful = double(evaluation.computes.done);
  for (int64_t size : workload.getSizes())
    useful *= double(size);
  useful /= double(evaluation.computes.all);
  // Nothing takes no time if all of it is skipped.
  if (evaluation.clocks > 0)
    evaluation.utilization = useful / (units * double(evaluation.clocks));
}

double Evaluator::getTensorEnergy(unsigned index, const TensorCounts &counts,
                                  const Format *format) const {
  const Level &level = architecture.levels[index];
  const Prices &prices = level.prices;
  auto blocks = [&](int64_t words) {
    return double(divideCeil(uint64_t(words), uint64_t(level.blockWords)));
  };
  auto metadata = [&](function_ref<int64_t(const RankCounts &)> getUnits) {
    int64_t bits = getBits(format, counts, getUnits);
    return level.metadataBits > 0
               ? double(
                     divideCeil(uint64_t(bits), uint64_t(level.metadataBits)))
               : 0;
  };
  double energy = blocks(counts.reads.done) * prices.read +
                  blocks(counts.fills.done) * prices.write +
                  blocks(counts.updates.done) * prices.update +
                  blocks(counts.reads.gated) * prices.gatedRead +
                  blocks(counts.updates.gated) * prices.gatedUpdate +
                  double(counts.packed) * prices.pack +
                  double(counts.unpacked) * prices.unpack;
  using Rank = RankCounts;
  energy += metadata([](const Rank &rank) { return rank.reads.done; }) *
                prices.metadataRead +
            (metadata([](const Rank &rank) { return rank.fills.done; }) +
             metadata([](const Rank &rank) { return rank.updates.done; })) *
                prices.metadataWrite;
  return energy;
}

void Evaluator::addEnergy(Evaluation &evaluation) {
  auto clocks = double(evaluation.clocks);
  for (auto [index, counts] : enumerate(evaluation.levels)) {
    const Level &level = architecture.levels[index];
    double energy = level.prices.leak * clocks;
    for (auto [tensor, words] : enumerate(counts.tensors)) {
      words.energy = getTensorEnergy(unsigned(index), words,
                                     level.findFormat(unsigned(tensor)));
      energy += words.energy;
    }
    counts.energy = energy * double(counts.instances);
    evaluation.energy += counts.energy;
  }
  const ComputeUnit &compute = architecture.compute;
  evaluation.computeEnergy =
      double(evaluation.computes.done) * compute.price +
      double(evaluation.computes.gated) * compute.gatedPrice +
      compute.leak * clocks * double(evaluation.instances);
  evaluation.energy += evaluation.computeEnergy;
}

Evaluation Evaluator::evaluate() {
  Evaluation evaluation;
  for (unsigned level = 0; level < architecture.levels.size(); ++level) {
    LevelCounts counts;
    counts.instances = nest.getInstances(level);
    counts.tensors.resize(workload.tensors.size());
    for (unsigned tensor = 0; tensor < workload.tensors.size(); ++tensor)
      if (nest.keeps(level, tensor))
        counts.tensors[tensor] = countTensor(level, tensor);
    evaluation.levels.push_back(std::move(counts));
  }
  for (unsigned level = 0; level < architecture.levels.size(); ++level)
    for (unsigned tensor = 0; tensor < workload.tensors.size(); ++tensor)
      if (nest.keeps(level, tensor))
        countPacking(level, tensor, evaluation);
  countComputes(evaluation);
  addTime(evaluation);
  addEnergy(evaluation);
  return evaluation;
}

Evaluation evaluate(const Problem &problem, const Solution &solution) {
  Nest nest(problem, solution);
  return Evaluator(nest).evaluate();
}

} // namespace lacuna::loopnest
