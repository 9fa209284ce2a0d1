//===- StreamPlan.cpp - Delays -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/Transforms/StreamPlan.h"

#include "dialects/nn/IR/NNDialect.h"

#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace lacuna;
using namespace lacuna::tconv;

/// How many frames of `rate` a recording of `frames` has.
static int64_t getLength(const Rate &rate, int64_t frames) {
  if (!rate.parent)
    return frames;
  int64_t room = getLength(*rate.parent, frames) + rate.padBegin + rate.padEnd -
                 rate.extent;
  return room < 0 ? 0 : room / rate.step + 1;
}

static int64_t getClipLength(const Rate &rate) {
  return rate.parent ? getClipLength(*rate.parent) : rate.length;
}

bool lacuna::tconv::haveSamePace(const Rate &a, const Rate &b) {
  if (a.stride != b.stride)
    return false;
  int64_t clip = getClipLength(a);
  return llvm::all_of(llvm::seq(clip, clip + a.stride), [&](int64_t frames) {
    return getLength(a, frames) == getLength(b, frames);
  });
}

LogicalResult StreamPlan::analyze(func::FuncOp main, unsigned input,
                                  int64_t axis, ReportFn report) {
  func = main;
  Value clip = func.getArgument(input);
  int64_t length = cast<RankedTensorType>(clip.getType()).getDimSize(axis);
  if (length < 2) {
    report(clip.getLoc(), "a clip of one frame has no time to walk along",
           "give it more with --shape");
    return failure();
  }
  rates.push_back(Rate{length});
  timed[clip] = Timed{axis, 1, 1, &rates.back(), 0};
  Block &body = func.getBody().front();
  for (Operation &op : body.without_terminator())
    if (failed(classify(&op, report)))
      return failure();
  return checkOutputs(body.getTerminator(), report);
}

LogicalResult StreamPlan::checkOutputs(Operation *terminator, ReportFn report) {
  std::optional<bool> summedUp;
  for (Value output : terminator->getOperands()) {
    const Timed *frames = getTimed(output);
    if (!frames && !isClip(output)) {
      report(output.getLoc(), "an output that no frame changes",
             "leave it out of the model");
      return failure();
    }
    if (frames && !frames->isPlain()) {
      report(output.getLoc(), "an output in which time is part of a dimension",
             "leave out the last reshape");
      return failure();
    }
    if (summedUp && *summedUp != !frames) {
      report(output.getLoc(),
             "some outputs have frames and others sum up a clip",
             "make a model of each");
      return failure();
    }
    summedUp = !frames;
    if (frames && !outputRate)
      outputRate = frames->rate;
    if (frames && !haveSamePace(*frames->rate, *outputRate)) {
      report(output.getLoc(), "outputs have frames at different paces",
             "make a model of each");
      return failure();
    }
  }
  if (!summedUp) {
    report(terminator->getLoc(), "a network without outputs", "give it one");
    return failure();
  }
  return success();
}

LogicalResult StreamPlan::schedule(int64_t hop, ReportFn report) {
  frames = 1;
  for (const Rate &rate : rates)
    frames = std::lcm(frames, rate.stride);
  if (hop % frames) {
    report(func.getLoc(),
           "a step of " + Twine(hop) + " frames does not fit the strides",
           "take a multiple of " + Twine(frames));
    return failure();
  }
  if (hop)
    frames = hop;
  findEarliest();
  findPhase();
  findLatest();
  return success();
}

/// The delay with which a window operation can follow its operand's.
static int64_t followWindow(const Rate &rate, int64_t delay) {
  return std::min<int64_t>(
      0,
      llvm::divideFloorSigned(delay - rate.extent + rate.padBegin, rate.step) +
          1);
}

void StreamPlan::findEarliest() {
  for (Operation &op : func.getBody().front().without_terminator()) {
    const Role &role = getRole(&op);
    if (role.kind != Role::Frames && role.kind != Role::Window &&
        role.kind != Role::Recurrent)
      continue;
    int64_t delay = 0;
    for (Value operand : op.getOperands())
      if (const Timed *frames = getTimed(operand))
        delay = std::min(delay, frames->delay);
    for (Value result : op.getResults()) {
      auto it = timed.find(result);
      if (it == timed.end())
        continue;
      Timed &made = it->second;
      made.delay = delay;
      if (role.kind == Role::Window)
        made.delay = followWindow(*made.rate, delay);
      // A cell starts with a block that is wholly within the recording.
      if (role.kind == Role::Recurrent)
        made.delay =
            llvm::divideFloorSigned(delay, getCount(made)) * getCount(made);
    }
  }
}

void StreamPlan::findPhase() {
  // All outputs are of the same place in the recording, and the first clip is
  // one of them.
  int64_t latest = 0;
  for (Operation &op : func.getBody().front()) {
    bool isReturn = op.hasTrait<OpTrait::IsTerminator>();
    if (!isReturn && getRole(&op).kind != Role::Collapse)
      continue;
    for (Value operand : op.getOperands())
      if (const Timed *frames = getTimed(operand)) {
        int64_t length = isReturn ? 0 : frames->rate->length;
        if (!isReturn && !outputRate) {
          outputRate = frames->rate;
          outputLength = length;
        }
        latest =
            std::max(latest, frames->rate->stride * (length - frames->delay));
      }
  }
  phase = -int64_t(llvm::alignTo(latest, frames));
}

/// The delay that the value of `use` must have for its user.
int64_t StreamPlan::getNeed(OpOperand &use) const {
  Operation *user = use.getOwner();
  const Timed &operand = timed.find(use.get())->second;
  if (user->hasTrait<OpTrait::IsTerminator>())
    return getOutputDelay(operand);
  const Role &role = getRole(user);
  if (role.kind == Role::Collapse)
    return phase / operand.rate->stride + role.from + role.count;
  const Timed *result = nullptr;
  for (Value each : user->getResults())
    if ((result = getTimed(each)))
      break;
  if (role.kind == Role::Window)
    return result->rate->step * (result->delay - 1) + result->rate->extent -
           result->rate->padBegin;
  return result->delay;
}

void StreamPlan::findLatest() {
  Block &body = func.getBody().front();
  for (Operation &op : llvm::reverse(body.without_terminator())) {
    std::optional<int64_t> need;
    for (Value result : op.getResults())
      if (getTimed(result))
        for (OpOperand &use : result.getUses())
          need = std::max(need.value_or(std::numeric_limits<int64_t>::min()),
                          getNeed(use));
    if (!need)
      continue;
    for (Value result : op.getResults())
      if (auto it = timed.find(result); it != timed.end()) {
        int64_t count = getCount(it->second), wanted = *need;
        if (getRole(&op).kind == Role::Recurrent)
          wanted = -llvm::divideFloorSigned(-wanted, count) * count;
        it->second.delay = std::min(it->second.delay, wanted);
      }
  }
  // Frames wait in lines that windows need anyway, not before what only passes
  // them on.
  for (Operation &op : body.without_terminator()) {
    if (getRole(&op).kind != Role::Frames)
      continue;
    int64_t delay = 0;
    for (Value operand : op.getOperands())
      if (const Timed *frames = getTimed(operand))
        delay = std::min(delay, frames->delay);
    for (Value result : op.getResults())
      if (auto it = timed.find(result); it != timed.end())
        it->second.delay = delay;
  }
}

Request StreamPlan::getWindow(const Role &role, const Timed &operand,
                              const Timed &result) const {
  const Rate &rate = *result.rate;
  return {getCount(operand) + operand.delay - rate.step * result.delay +
              rate.padBegin,
          (getCount(result) - 1) * rate.step + rate.extent,
          rate.padBegin > 0 || rate.padEnd > 0 ? role.fill : TypedAttr()};
}

Request StreamPlan::getDelayed(const Timed &operand, int64_t delay) const {
  int64_t count = getCount(operand);
  return {count + operand.delay - delay, count, {}};
}

Request StreamPlan::getClip(const Role &role, const Timed &operand) const {
  return {
      operand.delay - phase / operand.rate->stride - role.from, role.count, {}};
}
