//===- Constants.cpp - The numbers of constants -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace lacuna;

template <typename T>
static Type getElementType(MLIRContext *context) {
  if constexpr (std::is_floating_point_v<T>)
    return Float32Type::get(context);
  else if constexpr (std::is_same_v<T, uint16_t>)
    return Float16Type::get(context);
  else
    return IntegerType::get(context, sizeof(T) * 8);
}

template <typename T>
bool nn::readElements(Attribute attr, std::vector<T> &out) {
  auto elements = dyn_cast_or_null<ElementsAttr>(attr);
  if (!elements ||
      elements.getElementType() != getElementType<T>(attr.getContext()))
    return false;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    ArrayRef<char> data = resource.getData();
    out.resize(data.size() / sizeof(T));
    std::memcpy(out.data(), data.data(), out.size() * sizeof(T));
    return int64_t(out.size()) == elements.getNumElements();
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense)
    return false;
  out.clear();
  if constexpr (std::is_same_v<T, uint16_t>) {
    for (const APFloat &value : dense.getValues<APFloat>())
      out.push_back(value.bitcastToAPInt().getZExtValue());
  } else {
    auto values = dense.getValues<T>();
    out.assign(values.begin(), values.end());
  }
  return true;
}

template <typename T>
bool nn::readConstant(Value value, std::vector<T> &out) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  return constant && readElements(constant.getValue(), out);
}

template <typename T>
TypedAttr nn::makeElements(Type element, ArrayRef<T> values,
                           ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, element);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyInferAlign(values);
  return cast<TypedAttr>(Attribute(
      DenseResourceElementsAttr::get(type, "packed", std::move(blob))));
}

template <typename T>
Value nn::createConstant(ImplicitLocOpBuilder &b, ArrayRef<T> values,
                         ArrayRef<int64_t> shape) {
  TypedAttr attr =
      makeElements(getElementType<T>(b.getContext()), values, shape);
  return arith::ConstantOp::create(b, b.getLoc(), attr.getType(), attr);
}

#define INSTANTIATE(T)                                                         \
  template bool nn::readElements(Attribute, std::vector<T> &);                 \
  template bool nn::readConstant(Value, std::vector<T> &);                     \
  template TypedAttr nn::makeElements(Type, ArrayRef<T>, ArrayRef<int64_t>);   \
  template Value nn::createConstant(ImplicitLocOpBuilder &, ArrayRef<T>,       \
                                    ArrayRef<int64_t>);
INSTANTIATE(float)
INSTANTIATE(int8_t)
INSTANTIATE(int16_t)
INSTANTIATE(int32_t)
INSTANTIATE(int64_t)
INSTANTIATE(uint16_t)
#undef INSTANTIATE
