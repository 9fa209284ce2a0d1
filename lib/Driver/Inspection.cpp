//===- Inspection.cpp - What a network costs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Inspection.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/NodeLocation.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringMap.h"
#include <cstring>

using namespace mlir;

namespace lacuna {

template <typename T>
static int64_t countZeros(ArrayRef<char> bytes, T mask) {
  int64_t zeros = 0;
  for (size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T bits;
    std::memcpy(&bits, bytes.data() + at, sizeof(T));
    zeros += (bits & mask) == 0;
  }
  return zeros;
}

/// The elements of `width` bits that are zero; a float may be minus zero.
static int64_t countZeros(ArrayRef<char> bytes, unsigned width, bool isFloat) {
  switch (width) {
  case 8:
    return countZeros<uint8_t>(bytes, UINT8_MAX);
  case 16:
    return countZeros<uint16_t>(bytes, isFloat ? INT16_MAX : UINT16_MAX);
  case 32:
    return countZeros<uint32_t>(bytes, isFloat ? INT32_MAX : UINT32_MAX);
  case 64:
    return countZeros<uint64_t>(bytes, isFloat ? INT64_MAX : UINT64_MAX);
  }
  return 0;
}

static int64_t countZeros(ElementsAttr elements) {
  Type type = elements.getElementType();
  int64_t count = elements.getNumElements();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return countZeros(resource.getData(), type.getIntOrFloatBitWidth(),
                      isa<FloatType>(type));
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense || count == 0)
    return 0;
  // A splat may be far larger than its one element.
  int64_t repeat = dense.isSplat() ? count : 1;
  if (type.isInteger(1)) {
    if (dense.isSplat())
      return dense.getSplatValue<bool>() ? 0 : count;
    return llvm::count(dense.getValues<bool>(), false);
  }
  return repeat * countZeros(dense.getRawData(), type.getIntOrFloatBitWidth(),
                             isa<FloatType>(type));
}

/// The elements of `weight` that are what its zero point says.
static int64_t countZeroPoints(const ImportedWeight &weight) {
  ArrayRef<int64_t> shape = weight.elements.getShapedType().getShape();
  unsigned width = weight.elements.getElementType().getIntOrFloatBitWidth();
  if (width % 8 ||
      weight.zeroPoint.getElementType() != weight.elements.getElementType())
    return countZeros(weight.elements);
  size_t size = width / 8;
  auto getBytes = [](ElementsAttr elements) -> ArrayRef<char> {
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
      return resource.getData();
    return cast<DenseElementsAttr>(elements).getRawData();
  };
  ArrayRef<char> bytes = getBytes(weight.elements);
  ArrayRef<char> zeros = getBytes(weight.zeroPoint);
  // A splat is one element that stands for all.
  auto at = [&](ArrayRef<char> from, int64_t index) {
    return from.slice(from.size() == size ? 0 : index * size, size);
  };
  int64_t inner = 1, count = weight.elements.getNumElements(), found = 0;
  for (int64_t dim = shape.size(); --dim > weight.axis;)
    inner *= shape[dim];
  for (int64_t i = 0; i < count; ++i) {
    int64_t channel = shape.empty() ? 0 : i / inner % shape[weight.axis];
    found += at(bytes, i) == at(zeros, channel);
  }
  return found;
}

/// The weight itself, whatever name the node knows it by.
static std::string getIdentity(StringRef name, ElementsAttr elements) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return ("resource " + resource.getRawHandle().getKey()).str();
  return ("name " + name).str();
}

static int64_t getMacs(Operation *op) {
  if (auto macs = dyn_cast<nn::MacOpInterface>(op))
    return macs.getMacs();
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !linalg::isaContractionOpInterface(linalgOp))
    return 0;
  int64_t count = 1;
  for (int64_t size : linalgOp.getStaticLoopRanges())
    count *= size;
  return count;
}

int64_t countMacs(ModuleOp module) {
  int64_t sum = 0;
  module.walk([&](Operation *op) { sum += getMacs(op); });
  return sum;
}

Inspection inspect(const ImportResult &imported) {
  llvm::StringMap<int64_t> macs;
  Inspection inspection;
  imported.module.get().walk([&](Operation *op) {
    int64_t count = getMacs(op);
    if (count == 0)
      return;
    inspection.total.macs += count;
    SmallVector<NodeId> nodes = getNodes(op->getLoc());
    if (!nodes.empty())
      macs[nodes.front().name] += count;
  });

  llvm::StringMap<int64_t> zeros;
  for (const ImportedNode &node : imported.nodes) {
    Cost cost;
    if (!node.folded) {
      // An inlined branch has nodes of its own beside the node that holds it.
      auto found = macs.find(node.name);
      cost.macs = found == macs.end() ? 0 : found->second;
      for (const ImportedValue &output : node.outputs) {
        int64_t bytes = getByteSize(output.type);
        for (int64_t size : output.shape)
          bytes *= size;
        cost.activationBytes += bytes;
      }
    }
    for (const ImportedWeight &weight : node.weights) {
      ElementsAttr elements = weight.elements;
      int64_t count = elements.getNumElements();
      unsigned width = elements.getElementType().getIntOrFloatBitWidth();
      int64_t bytes = count * std::max(width / 8, 1u);
      auto [known, isNew] =
          zeros.try_emplace(getIdentity(weight.name, elements), 0);
      if (isNew) {
        if (!weight.isScaling)
          known->second =
              weight.zeroPoint ? countZeroPoints(weight) : countZeros(elements);
        inspection.total.parameters += count;
        inspection.total.weightBytes += bytes;
        inspection.total.weightZeros += known->second;
      }
      cost.parameters += count;
      cost.weightBytes += bytes;
      cost.weightZeros += known->second;
    }
    inspection.total.activationBytes += cost.activationBytes;
    inspection.nodes.push_back(cost);
  }
  return inspection;
}

} // namespace lacuna
