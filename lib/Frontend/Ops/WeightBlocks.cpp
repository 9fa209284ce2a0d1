//===- WeightBlocks.cpp - Weights with a scale for each block -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floats are computed with, so weights become the floats that they stand for
// while the model is read: nothing later gains from knowing how they were kept.
//
//===----------------------------------------------------------------------===//

#include "WeightBlocks.h"

#include "Constant.h"
#include "Elementwise.h"
#include "OpTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lacuna;

static Value createConstant(Node &node, const HostTensor &tensor) {
  return arith::ConstantOp::create(
      node.b, cast<TypedAttr>(createElements(node.b.getContext(), tensor)));
}

/// (value - zero) * scale, as DequantizeLinear computes it: the difference is
/// exact, the product rounded.
static float dequantize(double value, double zero, float scale) {
  return float(value - zero) * scale;
}

//===----------------------------------------------------------------------===//
// DequantizeLinear
//===----------------------------------------------------------------------===//

LogicalResult lacuna::importDequantizeBlocks(Node &node) {
  const Operand &input = node.getInput(0), &scale = node.getInput(1);
  int64_t block = node.getInt("block_size", 0);
  FailureOr<int64_t> axis = node.getAxis("axis", 1, input.getRank());
  if (failed(axis))
    return failure();
  if (input.isFloat())
    return node.unsupported("it dequantizes " + getName(input.type));
  if (block < 1)
    return node.invalid("its block_size is " + Twine(block));
  FailureOr<DType> wanted = DType::Float32;
  if (node.getInt("output_dtype", 0) != 0)
    wanted = node.getDType("output_dtype", DType::Float32);
  if (failed(wanted))
    return failure();
  if (scale.type != DType::Float32 || *wanted != DType::Float32)
    return node.unsupported("its scale is " + getName(scale.type) +
                                " and its result " + getName(*wanted),
                            "export the model in float32");
  SmallVector<int64_t> shape(input.getShape());
  shape[*axis] = llvm::divideCeil(shape[*axis], block);
  if (scale.getShape() != ArrayRef(shape))
    return node.invalid("its scale is " +
                        describe(scale.type, scale.getShape()) +
                        ", but blocks of " + Twine(block) + " along axis " +
                        Twine(*axis) + " need " + describe(scale.type, shape));
  if (node.hasInput(2) && (node.getInput(2).type != input.type ||
                           node.getInput(2).getShape() != ArrayRef(shape)))
    return node.invalid(
        "its zero point is " +
        describe(node.getInput(2).type, node.getInput(2).getShape()) +
        ", not " + describe(input.type, shape));
  FailureOr<HostTensor> values = node.getConstant(0);
  FailureOr<HostTensor> scales = node.getConstant(1);
  FailureOr<HostTensor> zeros =
      node.hasInput(2) ? node.getConstant(2)
                       : FailureOr<HostTensor>(HostTensor(input.type, shape));
  if (failed(values) || failed(scales) || failed(zeros))
    return failure();
  HostTensor result(DType::Float32, input.getShape());
  int64_t size = input.getDim(*axis), inner = 1;
  for (int64_t dim : input.getShape().drop_front(*axis + 1))
    inner *= dim;
  for (auto [i, out] : llvm::enumerate(result.elements<float>())) {
    int64_t outer = i / (inner * size), k = i / inner % size;
    int64_t at = (outer * shape[*axis] + k / block) * inner + i % inner;
    out = dequantize(values->getAsDouble(i), zeros->getAsDouble(at),
                     scales->elements<float>()[at]);
  }
  node.setOutput(0, createConstant(node, result), DType::Float32);
  return success();
}

//===----------------------------------------------------------------------===//
// MatMulNBits
//===----------------------------------------------------------------------===//

namespace {
/// Columns of `depth` values of few bits, the first in the low bits of a byte;
/// each block of a column begins with a byte of its own.
struct PackedColumns {
  int64_t bits, depth, columns, block;

  int64_t getBlocks() const { return llvm::divideCeil(depth, block); }
  int64_t getBlockBytes() const { return llvm::divideCeil(block * bits, 8); }
  /// Bytes that the zero points of one column take, packed too.
  int64_t getZeroBytes() const {
    return llvm::divideCeil(getBlocks() * bits, 8);
  }
  /// Value `index` of those that begin at `bytes`.
  unsigned get(const uint8_t *bytes, int64_t index) const {
    return bytes[index * bits / 8] >> index * bits % 8 & ((1 << bits) - 1);
  }
};
} // namespace

/// Checks that input `index` has `type` and `count` elements, whatever their
/// shape, and reads it.
static FailureOr<HostTensor> readInput(Node &node, size_t index, DType type,
                                       int64_t count) {
  if (!node.hasInput(index))
    return node.invalid("input " + Twine(index) + " is missing");
  const Operand &input = node.getInput(index);
  if (input.type != type)
    return node.unsupported("input '" + node.getInputName(index) + "' is " +
                            getName(input.type) + ", not " + getName(type));
  if (input.getNumElements() != count)
    return node.invalid("input '" + node.getInputName(index) + "' has " +
                        Twine(input.getNumElements()) + " elements, not " +
                        Twine(count));
  return node.getConstant(index);
}

/// The zero point of each block; in the middle of the range if there are none.
static FailureOr<std::vector<float>> readZeros(Node &node,
                                               const PackedColumns &packed) {
  int64_t blocks = packed.getBlocks(), count = packed.columns * blocks;
  std::vector<float> zeros(count, float(1 << (packed.bits - 1)));
  if (!node.hasInput(3))
    return zeros;
  bool isPacked = node.getInput(3).type == DType::UInt8;
  FailureOr<HostTensor> given =
      readInput(node, 3, isPacked ? DType::UInt8 : DType::Float32,
                isPacked ? packed.columns * packed.getZeroBytes() : count);
  if (failed(given))
    return failure();
  for (auto [i, zero] : llvm::enumerate(zeros))
    zero = isPacked ? float(packed.get(given->elements<uint8_t>().data() +
                                           i / blocks * packed.getZeroBytes(),
                                       i % blocks))
                    : given->elements<float>()[i];
  return zeros;
}

/// The product of input 0 and a matrix of weights in 2, 4 or 8 bits, each block
/// of a column with a scale and a zero point of its own; then a bias.
static LogicalResult importMatMulNBits(Node &node) {
  PackedColumns packed{node.getInt("bits", 4), node.getInt("K", 0),
                       node.getInt("N", 0), node.getInt("block_size", 0)};
  if (!node.hasInput(0) || node.getInput(0).type != DType::Float32)
    return node.unsupported("its input A is not float32",
                            "export the model in float32");
  if (!llvm::is_contained({2, 4, 8}, packed.bits))
    return node.unsupported("its weights have " + Twine(packed.bits) + " bits",
                            "quantize them to 2, 4 or 8 bits");
  if (packed.block < 16 || !llvm::isPowerOf2_64(packed.block))
    return node.invalid("its block_size is " + Twine(packed.block) +
                        ", no power of two of at least 16");
  // Larger ones could not be stored, nor their bytes counted.
  constexpr int64_t kMost = int64_t(1) << 24;
  if (std::max({packed.depth, packed.columns, packed.block}) > kMost)
    return node.unsupported("its weights are " + Twine(packed.depth) + " x " +
                            Twine(packed.columns) + " in blocks of " +
                            Twine(packed.block));
  const Operand &input = node.getInput(0);
  if (packed.depth < 1 || packed.columns < 1 || input.getRank() == 0 ||
      input.getShape().back() != packed.depth)
    return node.invalid("its weights are " + Twine(packed.depth) + " x " +
                        Twine(packed.columns) +
                        ", which do not fit its input of " +
                        describe(input.type, input.getShape()));
  if (node.hasInput(4))
    return node.unsupported("it has a g_idx, an order of its weights",
                            "quantize the model without reordering");
  int64_t blocks = packed.getBlocks();
  int64_t columnBytes = blocks * packed.getBlockBytes();
  FailureOr<HostTensor> stored =
      readInput(node, 1, DType::UInt8, packed.columns * columnBytes);
  if (failed(stored))
    return failure();
  FailureOr<HostTensor> scales =
      readInput(node, 2, DType::Float32, packed.columns * blocks);
  if (failed(scales))
    return failure();
  FailureOr<std::vector<float>> zeros = readZeros(node, packed);
  if (failed(zeros))
    return failure();

  HostTensor weights(DType::Float32, {packed.depth, packed.columns});
  for (int64_t n = 0; n < packed.columns; ++n)
    for (int64_t k = 0; k < packed.depth; ++k) {
      int64_t at = n * blocks + k / packed.block;
      const uint8_t *block = stored->elements<uint8_t>().data() +
                             n * columnBytes +
                             k / packed.block * packed.getBlockBytes();
      weights.elements<float>()[k * packed.columns + n] =
          dequantize(packed.get(block, k % packed.block), (*zeros)[at],
                     scales->elements<float>()[at]);
    }
  Operand bias;
  if (node.hasInput(5)) {
    bias = node.getInput(5);
    if (bias.type != DType::Float32 ||
        bias.getShape() != ArrayRef<int64_t>(packed.columns))
      return node.invalid("its bias is " +
                          describe(bias.type, bias.getShape()) + ", not " +
                          describe(DType::Float32, packed.columns));
  }
  node.replaceInput(1, Operand{createConstant(node, weights), DType::Float32});
  if (failed(OpTable::get().lookup("", "MatMul", kNewestOpset)->handler(node)))
    return failure();
  if (!bias.value)
    return success();
  Operand product = node.getOutputs()[0];
  node.setOutput(
      createElementwise(node.b, {product.value, bias.value}, product.getShape(),
                        node.b.getF32Type(),
                        [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                          return arith::AddFOp::create(b, args[0], args[1]);
                        }));
  return success();
}

void lacuna::registerWeightBlockOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"MatMulNBits", 1, importMatMulNBits, "", "com.microsoft"},
  };
  table.add(entries);
}
