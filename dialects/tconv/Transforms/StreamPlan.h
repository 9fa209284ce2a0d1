//===- StreamPlan.h - What each layer does step by step -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_TCONV_TRANSFORMS_STREAMPLAN_H
#define LACUNA_DIALECTS_TCONV_TRANSFORMS_STREAMPLAN_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include <deque>

namespace lacuna::tconv {

/// How many frames a value has, of a clip and of any recording.
struct Rate {
  /// Of a clip.
  int64_t length;
  /// How many frames of the input lie between one and the next.
  int64_t stride = 1;
  /// Windows of `extent` frames, `step` apart, over the frames of `parent`
  /// between `padBegin` and `padEnd` more.
  const Rate *parent = nullptr;
  int64_t padBegin = 0, padEnd = 0, extent = 1, step = 1;
};

/// Whether, of any recording, both have as many frames, as far apart.
bool haveSamePace(const Rate &a, const Rate &b);

/// A value with frames: `inner` elements of dimension `axis` belong to a frame
/// and those lie `outer` times behind one another.
struct Timed {
  int64_t axis;
  int64_t outer = 1, inner = 1;
  const Rate *rate = nullptr;
  /// After step `s` the value has the frames before `count * (s + 1) + delay`,
  /// where `count` is how many a step makes; never positive.
  int64_t delay = 0;

  bool isPlain() const { return outer == 1 && inner == 1; }
};

/// What becomes of an operation.
struct Role {
  enum Kind {
    /// The same in every step.
    Constant,
    /// The same on fewer frames.
    Frames,
    /// Looks at neighbouring frames of its operand `operand`, as `rate` of its
    /// result says, and at `fill` outside of the recording.
    Window,
    /// A cell whose state goes from step to step.
    Recurrent,
    /// Sums up `count` frames of a clip from number `from` on.
    Collapse,
    /// Computes with what sums up a clip.
    Clip,
  };
  Kind kind = Constant;
  unsigned operand = 0;
  mlir::TypedAttr fill;
  int64_t from = 0, count = 0;
};

/// Frames that are wanted of a value: `count` of them, the first as many as
/// `back` before the end of the newest block. If there is a `fill`, it stands
/// for those outside of the recording.
struct Request {
  int64_t back, count;
  mlir::TypedAttr fill;
};

/// Tells what is wrong at a place in the network.
using ReportFn = llvm::function_ref<void(
    mlir::Location loc, const llvm::Twine &reason, const llvm::Twine &remedy)>;

/// The way of each value of a network of clips through time.
class StreamPlan {
public:
  /// `axis` of argument `input` of `func` is time. Fails with a report.
  mlir::LogicalResult analyze(mlir::func::FuncOp func, unsigned input,
                              int64_t axis, ReportFn report);
  /// Chooses how many frames a step takes (`hop`, or the least), and all
  /// delays.
  mlir::LogicalResult schedule(int64_t hop, ReportFn report);

  /// How many operations walk along time; what sums up a clip at once does not.
  int64_t countTemporal() const { return temporal; }
  /// How many operations were understood.
  size_t getProgress() const { return roles.size(); }

  int64_t getFrames() const { return frames; }
  /// How many frames of `value` a step makes.
  int64_t getCount(const Timed &timed) const {
    return frames / timed.rate->stride;
  }
  const Timed *getTimed(mlir::Value value) const {
    auto it = timed.find(value);
    return it == timed.end() ? nullptr : &it->second;
  }
  const Role &getRole(mlir::Operation *op) const {
    return roles.find(op)->second;
  }
  bool isClip(mlir::Value value) const { return clips.contains(value); }

  /// What the window operation that makes `result` wants of its operand.
  Request getWindow(const Role &role, const Timed &operand,
                    const Timed &result) const;
  /// What an operation wants of an operand to be with `delay`.
  Request getDelayed(const Timed &operand, int64_t delay) const;
  /// What an operation that sums up a clip wants.
  Request getClip(const Role &role, const Timed &operand) const;
  /// The delay of an output that has frames.
  int64_t getOutputDelay(const Timed &output) const {
    return phase / output.rate->stride;
  }
  /// The rate of which the first output is, and how many of its frames are one
  /// output.
  const Rate *getOutputRate() const { return outputRate; }
  int64_t getOutputLength() const { return outputLength; }
  /// After step `s` outputs are of the frame of the input
  /// `frames * (s + 1) + phase`, or of the clip that begins there.
  int64_t getPhase() const { return phase; }

private:
  mlir::LogicalResult classify(mlir::Operation *op, ReportFn report);
  mlir::LogicalResult checkOutputs(mlir::Operation *terminator,
                                   ReportFn report);
  /// The earliest each value can be had, and the latest it is wanted.
  void findEarliest();
  void findPhase();
  void findLatest();
  int64_t getNeed(mlir::OpOperand &use) const;

  friend class RoleFinder;

  mlir::func::FuncOp func;
  std::deque<Rate> rates;
  llvm::DenseMap<mlir::Value, Timed> timed;
  llvm::DenseSet<mlir::Value> clips;
  llvm::DenseMap<mlir::Operation *, Role> roles;
  const Rate *outputRate = nullptr;
  int64_t outputLength = 1;
  int64_t temporal = 0, frames = 1, phase = 0;
};

} // namespace lacuna::tconv

#endif // LACUNA_DIALECTS_TCONV_TRANSFORMS_STREAMPLAN_H
