//===- HalideRequest.cpp - Kernels that lacuna-halide is asked for -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/HalideRequest.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;

static void write(llvm::raw_ostream &os, const Twine &key,
                  ArrayRef<int64_t> numbers) {
  os << "  " << key;
  for (int64_t number : numbers)
    os << " " << number;
  os << "\n";
}

/// Images before the three others.
static std::array<int64_t, 4> join(int64_t images,
                                   const neon::Geometry::Three &others) {
  return {images, others[0], others[1], others[2]};
}

std::string neon::describeRequest(ConvOp op, const Geometry &geometry) {
  std::string text;
  llvm::raw_string_ostream os(text);
  bool isBytes = bool(op.getScale());
  os << (op.getDepthwise()            ? "depthwise"
         : op.getPlanar()             ? "planar"
         : op->hasAttr(kWinogradAttr) ? "winograd"
                                      : "conv")
     << " "
     << (!isBytes                ? "f32"
         : op.getInputUnsigned() ? "u8"
                                 : "s8")
     << "\n";
  write(os, "block",
        op->getAttrOfType<DenseI64ArrayAttr>(kBlockAttr).asArrayRef());
  write(os, "out", join(geometry.images, geometry.out));
  write(os, "in-step", join(geometry.inImage, geometry.inStep));
  write(os, "out-step", join(geometry.outImage, geometry.outStep));
  if (op.getResidual())
    write(os, "residual-step", join(geometry.resImage, geometry.resStep));
  write(os, "taps", geometry.taps);
  write(os, "tap-step", geometry.tapStep);
  write(os, "depth", geometry.depth);
  write(os, "channels", geometry.channels);
  if (op.getPlanar())
    write(os, "channel-step", {geometry.inChannel, geometry.outChannel});
  if (geometry.groups > 1)
    write(os, "groups", {geometry.groups, geometry.inGroup, geometry.outGroup});
  if (op.getBias())
    os << "  bias\n";
  if (op.getLo() || op.getHi()) {
    auto getBound = [](std::optional<APFloat> bound, StringRef otherwise) {
      return bound ? llvm::formatv("{0:e9}", bound->convertToDouble()).str()
                   : otherwise.str();
    };
    os << "  clamp " << getBound(op.getLo(), "-inf") << " "
       << getBound(op.getHi(), "inf") << "\n";
  }
  if (isBytes)
    os << "  requantize " << (op.getOutputUnsigned() ? "u8 " : "s8 ")
       << int64_t(op.getZeroPoint()) << "\n";
  return text;
}

std::string neon::describeRequest(MapOp op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  constexpr size_t kLoops = 4;
  ArrayRef<int64_t> steps = op.getSteps();
  os << "map f32\n";
  write(os, "out", op.getSizes());
  write(os, "out-step", steps.take_back(kLoops));
  for (size_t i = 0; i < op.getInputs().size(); ++i)
    write(os, "input x" + std::to_string(i), steps.slice(i * kLoops, kLoops));
  for (StringRef value : op.getValues().getAsValueRange<StringAttr>())
    os << "  value " << value << "\n";
  return text;
}

std::string neon::describeRequest(SoftmaxOp op) {
  auto type = cast<MemRefType>(op.getInput().getType());
  auto [in, inOffset] = type.getStridesAndOffset();
  auto [out, outOffset] =
      cast<MemRefType>(op.getInit().getType()).getStridesAndOffset();
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "softmax f32\n";
  // Of the outer dimension and of the inner one; nothing moves along a
  // dimension of size 1.
  auto getLoops = [&](ArrayRef<int64_t> of, int64_t single) {
    auto get = [&](int64_t dim) {
      return type.getDimSize(dim) == 1 ? single : of[dim];
    };
    return SmallVector<int64_t>{single, single, get(0), get(2)};
  };
  write(os, "out", getLoops(type.getShape(), 1));
  write(os, "in-step", getLoops(in, 0));
  write(os, "out-step", getLoops(out, 0));
  write(os, "channels", type.getDimSize(1));
  write(os, "channel-step", {in[1], out[1]});
  if (op.getLog())
    os << "  log\n";
  return text;
}
