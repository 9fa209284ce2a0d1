//===- Geometry.cpp - The shape of a convolution, as kernels see it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Geometry.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

static SmallVector<int64_t> getStrides(Value value) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(cast<MemRefType>(value.getType())
                 .getStridesAndOffset(strides, offset)))
    return {};
  return strides;
}

LogicalResult neon::checkMemory(DestinationStyleOpInterface op,
                                bool channelsLast) {
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    SmallVector<int64_t> strides;
    int64_t offset;
    if (!type || failed(type.getStridesAndOffset(strides, offset)) ||
        llvm::any_of(strides, ShapedType::isDynamic) ||
        (channelsLast && !strides.empty() && strides.back() != 1))
      return op->emitOpError("is not ready for code: it has operands that are "
                             "no memory with known strides")
             << (channelsLast ? " and channels side by side" : "");
  }
  return success();
}

namespace {
/// A loop over outputs: its size, and the distance of neighbours.
struct OutLoop {
  int64_t size, in, out, res;

  /// Whether this and `inner` are one loop.
  bool continues(const OutLoop &inner) const {
    return in == inner.size * inner.in && out == inner.size * inner.out &&
           res == inner.size * inner.res;
  }
};
} // namespace

/// Spatial and image loops from outer to inner, those of size 1 left out and
/// those that continue each other merged.
static SmallVector<OutLoop> mergeLoops(ArrayRef<OutLoop> loops) {
  SmallVector<OutLoop> merged;
  for (const OutLoop &loop : loops) {
    if (loop.size == 1)
      continue;
    if (!merged.empty() && merged.back().continues(loop))
      merged.back() = {merged.back().size * loop.size, loop.in, loop.out,
                       loop.res};
    else
      merged.push_back(loop);
  }
  return merged;
}

/// `residual` may be null. Space begins with dimension `first`.
static Geometry makeGeometry(Value input, Value init, Value residual,
                             ArrayRef<int64_t> kernel,
                             ArrayRef<int64_t> strides,
                             ArrayRef<int64_t> dilations, int64_t first = 1) {
  Geometry geometry;
  SmallVector<int64_t> in = getStrides(input), out = getStrides(init);
  SmallVector<int64_t> res =
      residual ? getStrides(residual) : SmallVector<int64_t>(in.size(), 0);
  auto type = cast<MemRefType>(init.getType());
  int64_t spatial = kernel.size();

  SmallVector<OutLoop> loops = {{type.getDimSize(0), in[0], out[0], res[0]}};
  for (int64_t i = 0; i < spatial; ++i)
    loops.push_back({type.getDimSize(first + i), in[first + i] * strides[i],
                     out[first + i], res[first + i]});
  loops = mergeLoops(loops);
  // The three innermost are planes, rows and columns; a fourth is the images.
  for (int64_t i = 0; i < std::min<int64_t>(3, loops.size()); ++i) {
    const OutLoop &loop = loops[loops.size() - 1 - i];
    geometry.out[2 - i] = loop.size;
    geometry.inStep[2 - i] = loop.in;
    geometry.outStep[2 - i] = loop.out;
    geometry.resStep[2 - i] = loop.res;
  }
  if (loops.size() > 3) {
    geometry.images = loops[0].size;
    geometry.inImage = loops[0].in;
    geometry.outImage = loops[0].out;
    geometry.resImage = loops[0].res;
  }

  for (int64_t i = spatial - 1, level = 2; i >= 0; --i) {
    if (kernel[i] == 1)
      continue;
    geometry.taps[level] = kernel[i];
    geometry.tapStep[level] = in[first + i] * dilations[i];
    --level;
  }
  return geometry;
}

/// Taps that lie side by side are more depth.
static void mergeTaps(Geometry &geometry) {
  for (int level = 2; level >= 0; --level) {
    if (geometry.taps[level] == 1)
      continue;
    if (geometry.tapStep[level] != geometry.depth)
      return;
    geometry.depth *= geometry.taps[level];
    geometry.taps[level] = 1;
    geometry.tapStep[level] = 0;
  }
}

Geometry neon::getGeometry(ConvOp op) {
  int64_t inputs = op.getInputChannels(), outputs = op.getOutputChannels();
  int64_t group = op.getGroup();
  Geometry geometry = makeGeometry(
      op.getInput(), op.getInit(), op.getResidual(), op.getKernel(),
      op.getStrides(), op.getDilations(), op.getSpaceDim());
  geometry.inChannel = getStrides(op.getInput())[op.getChannelDim()];
  geometry.outChannel = getStrides(op.getInit())[op.getChannelDim()];
  if (op.getDepthwise()) {
    geometry.channels = outputs;
    return geometry;
  }
  geometry.depth = inputs / group;
  geometry.channels = outputs / group;
  if (group == 1) {
    if (!op->hasAttr(kWinogradAttr))
      mergeTaps(geometry);
    return geometry;
  }
  geometry.groups = group;
  geometry.inGroup = inputs / group;
  geometry.outGroup = outputs / group;
  return geometry;
}

Geometry neon::getGeometry(WideFiltersOp op) {
  Geometry geometry =
      makeGeometry(op.getInput(), op.getInit(), Value(), op.getKernel(),
                   op.getStrides(), op.getDilations());
  geometry.depth = cast<MemRefType>(op.getInput().getType()).getShape().back() /
                   op.getGroup();
  if (op.getGroup() == 1)
    mergeTaps(geometry);
  return geometry;
}

Geometry neon::getGeometry(PoolOp op) {
  Geometry geometry =
      makeGeometry(op.getInput(), op.getInit(), Value(), op.getKernel(),
                   op.getStrides(), op.getDilations());
  geometry.channels =
      cast<MemRefType>(op.getInit().getType()).getShape().back();
  return geometry;
}

Product Geometry::getProduct() const {
  return {images * out[0] * out[1] * out[2], taps[0] * taps[1] * taps[2], depth,
          channels};
}

std::string Geometry::getMembers() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  const char *kType = "  static constexpr std::ptrdiff_t ";
  auto writeNumber = [&](const char *name, int64_t value, int64_t otherwise) {
    if (value != otherwise)
      os << kType << name << " = " << value << ";\n";
  };
  auto writeThree = [&](const char *name, const Three &values,
                        int64_t otherwise) {
    if (values != Three{otherwise, otherwise, otherwise})
      os << kType << name << "[3] = {" << values[0] << ", " << values[1] << ", "
         << values[2] << "};\n";
  };
  writeNumber("images", images, 1);
  writeNumber("in_image", inImage, 0);
  writeNumber("out_image", outImage, 0);
  writeNumber("res_image", resImage, 0);
  writeThree("out", out, 1);
  writeThree("in_step", inStep, 0);
  writeThree("out_step", outStep, 0);
  writeThree("res_step", resStep, 0);
  writeThree("taps", taps, 1);
  writeThree("tap_step", tapStep, 0);
  writeNumber("depth", depth, 1);
  writeNumber("channels", channels, 1);
  writeNumber("groups", groups, 1);
  writeNumber("in_group", inGroup, 0);
  writeNumber("out_group", outGroup, 0);
  return text;
}

SmallVector<CopyLoop> neon::getCopyLoops(Value input, Value init,
                                         ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> in = getStrides(input);
  SmallVector<int64_t> out = getStrides(init);
  ArrayRef<int64_t> shape = cast<MemRefType>(init.getType()).getShape();
  SmallVector<CopyLoop> all;
  for (auto [i, dim] : llvm::enumerate(permutation))
    if (shape[i] != 1)
      all.push_back({shape[i], in[dim], out[i]});
  llvm::stable_sort(
      all, [](const CopyLoop &a, const CopyLoop &b) { return a.out > b.out; });
  SmallVector<CopyLoop> loops;
  for (const CopyLoop &loop : all) {
    if (!loops.empty() && loops.back().in == loop.size * loop.in &&
        loops.back().out == loop.size * loop.out)
      loops.back() = {loops.back().size * loop.size, loop.in, loop.out};
    else
      loops.push_back(loop);
  }
  // The neighbours of the source are the columns of the matrix that is turned.
  auto *columns =
      llvm::find_if(loops, [](const CopyLoop &loop) { return loop.in == 1; });
  if (columns != loops.end() && loops.back().out == 1)
    std::rotate(columns, columns + 1, loops.end());
  while (loops.size() < 2)
    loops.insert(loops.begin(), {1, 0, 0});
  return loops;
}

std::string neon::getMembers(ArrayRef<CopyLoop> loops) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "  static constexpr int rank = " << loops.size() << ";\n";
  auto list = [&](const char *name, int64_t CopyLoop::*member) {
    os << "  static constexpr std::ptrdiff_t " << name << "[] = {";
    llvm::interleaveComma(loops, os,
                          [&](const CopyLoop &loop) { os << loop.*member; });
    os << "};\n";
  };
  list("size", &CopyLoop::size);
  list("in_step", &CopyLoop::in);
  list("out_step", &CopyLoop::out);
  return text;
}
