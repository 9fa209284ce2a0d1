//===- ArrayLayer.cpp - What a layer of products asks of a machine -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/ArrayLayer.h"

#include "lacuna/Schedule/Buffers.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

Address DramTensor::at(std::array<int64_t, 5> position) const {
  int64_t elements = 0;
  for (auto [index, stride] : llvm::zip_equal(position, strides))
    elements += index * stride;
  return {address.region, address.offset + elements * elementBytes};
}

static MemRefType getType(Value memory) {
  return cast<MemRefType>(memory.getType());
}

static ArrayType getArrayType(Type element, bool isUnsigned) {
  if (element.isF32())
    return ArrayType::Float32;
  if (element.isInteger(16))
    return ArrayType::Int16;
  return isUnsigned ? ArrayType::UInt8 : ArrayType::Int8;
}

/// The memory with its strides, of which there must be one a dimension.
static FailureOr<std::pair<Address, SmallVector<int64_t>>>
locate(mlir::Operation *op, Value memory, FindAddress findAddress) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(getType(memory).getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset) ||
      llvm::any_of(strides, ShapedType::isDynamic)) {
    op->emitOpError("has an operand of type ")
        << memory.getType() << ", whose place is not known when compiling";
    return failure();
  }
  FailureOr<Address> address = findAddress(memory);
  if (failed(address))
    return failure();
  return std::pair(*address, strides);
}

/// A tensor `[N, C, D...]`, whose missing dimensions of space are before the
/// others.
static FailureOr<DramTensor> readMaps(mlir::Operation *op, Value memory,
                                      FindAddress findAddress) {
  auto place = locate(op, memory, findAddress);
  if (failed(place))
    return failure();
  const SmallVector<int64_t> &strides = place->second;
  DramTensor tensor;
  tensor.address = place->first;
  tensor.elementBytes = getElementBytes(getType(memory).getElementType());
  tensor.strides[0] = strides[0];
  tensor.strides[1] = strides[1];
  for (size_t i = 2; i < strides.size(); ++i)
    tensor.strides[5 - strides.size() + i] = strides[i];
  return tensor;
}

/// A tensor `[B..., M, K]`: images, pixels along the width, channels.
static FailureOr<DramTensor> readRows(mlir::Operation *op, Value memory,
                                      FindAddress findAddress) {
  auto place = locate(op, memory, findAddress);
  if (failed(place))
    return failure();
  const SmallVector<int64_t> &strides = place->second;
  ArrayRef<int64_t> shape = getType(memory).getShape();
  size_t rank = strides.size();
  DramTensor tensor;
  tensor.address = place->first;
  tensor.elementBytes = getElementBytes(getType(memory).getElementType());
  tensor.strides[1] = strides[rank - 1];
  tensor.strides[4] = strides[rank - 2];
  if (rank > 2)
    tensor.strides[0] = strides[rank - 3];
  for (size_t i = 0; i + 3 < rank; ++i)
    if (strides[i] != strides[i + 1] * shape[i + 1])
      return op->emitOpError("has an operand of type ")
             << memory.getType() << ", whose matrices are not evenly apart";
  return tensor;
}

/// What a convolution and a product have in common.
template <typename Op>
static LogicalResult readEpilogue(Op op, FindAddress findAddress,
                                  ArrayLayer &layer) {
  auto init = getType(op.getInit());
  layer.op = op;
  layer.sumType = op.getSumType();
  layer.outputType = init.getElementType();
  if (!op.getEpilogue().empty()) {
    layer.epilogue = &op.getEpilogue();
    // With the load of the sum; the terminator stands for the store.
    layer.problem.vectorInstructions =
        1 + op.getExtras().size() +
        llvm::count_if(layer.epilogue->front(), [](mlir::Operation &inner) {
          return !inner.hasTrait<OpTrait::ConstantLike>();
        });
  }
  if (op.getBias()) {
    auto place = locate(op, op.getBias(), findAddress);
    if (failed(place))
      return failure();
    layer.bias.address = place->first;
    layer.bias.strides[0] = place->second.front();
    layer.bias.elementBytes = 4;
  }
  for (Value value : op.getExtras()) {
    LayerExtra extra;
    extra.kind = *getExtraKind(getType(value), init, getFilterDim(op));
    extra.type = getType(value).getElementType();
    if (extra.kind == ExtraKind::EachElement) {
      FailureOr<DramTensor> tensor = isa<npu::ConvOp>(op)
                                         ? readMaps(op, value, findAddress)
                                         : readRows(op, value, findAddress);
      if (failed(tensor))
        return failure();
      extra.tensor = *tensor;
    } else {
      auto place = locate(op, value, findAddress);
      if (failed(place))
        return failure();
      extra.tensor.address = place->first;
      extra.tensor.elementBytes = getElementBytes(extra.type);
      if (extra.kind == ExtraKind::EachFilter)
        extra.tensor.strides[1] = place->second.back();
    }
    int64_t bytes = extra.tensor.elementBytes;
    bool isThere = extra.tensor.address.isChip();
    if (extra.kind == ExtraKind::EachElement) {
      layer.problem.elementExtraBytes += isThere ? 0 : bytes;
    } else if (!isThere) {
      layer.problem.filterExtraBytes += bytes;
      ++layer.problem.filterExtras;
    }
    layer.extras.push_back(extra);
  }
  layer.problem.outputBytes = layer.output.elementBytes;
  layer.problem.inputBytes = layer.input.elementBytes;
  layer.problem.weightBytes = layer.weights.elementBytes;
  layer.problem.channelsInner = layer.filtersInner;
  layer.problem.weightsFiltersInner =
      layer.weights.strides[0] < layer.weights.strides[1];
  layer.problem.inputStays = layer.input.address.isChip();
  layer.problem.outputStays = layer.output.address.isChip();
  layer.problem.hasWeights = layer.weights.address.isChip();
  if (op.getBias() && !layer.bias.address.isChip())
    layer.problem.weightExtraBytes += 4;
  if (layer.weightZeroPoints.size() > 1)
    layer.problem.weightExtraBytes += 4;
  return success();
}

FailureOr<ArrayLayer> npu::readLayer(ConvOp op, const Machine &machine,
                                     FindAddress findAddress) {
  ArrayLayer layer;
  auto input = getType(op.getInput()), weights = getType(op.getWeights()),
       init = getType(op.getInit());
  auto inputMaps = readMaps(op, op.getInput(), findAddress),
       filters = readMaps(op, op.getWeights(), findAddress),
       outputMaps = readMaps(op, op.getInit(), findAddress);
  if (failed(inputMaps) || failed(filters) || failed(outputMaps))
    return failure();
  layer.input = *inputMaps;
  layer.weights = *filters;
  layer.output = *outputMaps;
  layer.inputType = getArrayType(input.getElementType(), op.getInputUnsigned());
  layer.weightsType =
      getArrayType(weights.getElementType(), op.getWeightsUnsigned());
  layer.inputZeroPoint = op.getInputZeroPoint();
  layer.weightZeroPoints = llvm::to_vector(op.getWeightZeroPoints());
  layer.filterOrder = llvm::to_vector(op.getFilterOrder());
  TilingProblem &problem = layer.problem;
  problem.machine = &machine;
  problem.scattersFilters = !layer.filterOrder.empty();
  problem.batch = input.getDimSize(0);
  problem.groups = op.getGroup();
  problem.channels = weights.getDimSize(1);
  problem.filters = weights.getDimSize(0) / problem.groups;
  int64_t spatial = input.getRank() - 2;
  for (int64_t i = 0; i < spatial; ++i) {
    size_t dim = 3 - spatial + i;
    problem.input[dim] = input.getDimSize(i + 2);
    problem.kernel[dim] = weights.getDimSize(i + 2);
    problem.output[dim] = init.getDimSize(i + 2);
    problem.stride[dim] = op.getStrides()[i];
    problem.dilation[dim] = op.getDilations()[i];
    problem.padBefore[dim] = op.getPadsBegin()[i];
  }
  if (failed(readEpilogue(op, findAddress, layer)))
    return failure();
  return layer;
}

FailureOr<ArrayLayer> npu::readLayer(MatMulOp op, const Machine &machine,
                                     FindAddress findAddress) {
  ArrayLayer layer;
  auto lhs = getType(op.getLhs()), rhs = getType(op.getRhs());
  auto rows = readRows(op, op.getLhs(), findAddress),
       matrix = readRows(op, op.getRhs(), findAddress),
       products = readRows(op, op.getInit(), findAddress);
  if (failed(rows) || failed(matrix) || failed(products))
    return failure();
  layer.input = *rows;
  layer.output = *products;
  // Columns are filters.
  layer.weights = *matrix;
  layer.weightsOfImage = matrix->strides[0];
  int64_t along = matrix->strides[1], down = matrix->strides[4];
  layer.weights.strides = {op.getTransposeRhs() ? down : along,
                           op.getTransposeRhs() ? along : down, 0, 0, 0};
  layer.inputType = getArrayType(lhs.getElementType(), op.getLhsUnsigned());
  layer.weightsType = getArrayType(rhs.getElementType(), op.getRhsUnsigned());
  layer.inputZeroPoint = op.getLhsZeroPoint();
  layer.weightZeroPoints = llvm::to_vector(op.getRhsZeroPoints());
  layer.filtersInner = true;
  TilingProblem &problem = layer.problem;
  problem.machine = &machine;
  problem.batch = llvm::product_of(lhs.getShape().drop_back(2), int64_t(1));
  problem.channels = lhs.getShape().back();
  problem.filters = getType(op.getInit()).getShape().back();
  problem.input[2] = problem.output[2] = lhs.getDimSize(lhs.getRank() - 2);
  if (failed(readEpilogue(op, findAddress, layer)))
    return failure();
  return layer;
}
