//===- Constant.cpp - Constants in the IR and their bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constant.h"

#include "Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cstring>

using namespace mlir;

namespace lacuna {

ElementsAttr getConstantElements(Value value) {
  if (!value)
    return nullptr;
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  return constant ? dyn_cast<ElementsAttr>(constant.getValue()) : nullptr;
}

HostTensor readElements(ElementsAttr elements, DType type) {
  HostTensor tensor(type, elements.getShapedType().getShape());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    ArrayRef<char> bytes = resource.getData();
    std::memcpy(tensor.data(), bytes.data(),
                std::min(bytes.size(), tensor.getByteSize()));
    return tensor;
  }
  auto dense = cast<DenseElementsAttr>(elements);
  if (type == DType::Bool) {
    size_t i = 0;
    for (bool value : dense.getValues<bool>())
      tensor.data()[i++] = value;
    return tensor;
  }
  ArrayRef<char> bytes = dense.getRawData();
  size_t size = getByteSize(type), total = tensor.getByteSize();
  if (!dense.isSplat()) {
    std::memcpy(tensor.data(), bytes.data(), total);
    return tensor;
  }
  for (size_t at = 0; at < total; at += size)
    std::memcpy(tensor.data() + at, bytes.data(), size);
  return tensor;
}

ElementsAttr createElements(MLIRContext *context, const HostTensor &tensor) {
  auto type = RankedTensorType::get(tensor.getShape(),
                                    getElementType(context, tensor.getType()));
  if (tensor.getType() == DType::Bool) {
    SmallVector<bool> values;
    for (uint8_t value : tensor.elements<uint8_t>())
      values.push_back(value != 0);
    return DenseElementsAttr::get(type, values);
  }
  ArrayRef<char> bytes(tensor.data(), tensor.getByteSize());
  if (tensor.getNumElements() <= kDenseLimit)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  auto blob = UnmanagedAsmResourceBlob::allocateWithAlign(
      bytes, /*align=*/64,
      [keep = tensor](void *, size_t, size_t) { (void)keep; });
  return DenseResourceElementsAttr::get(type, "constant", std::move(blob));
}

ElementsAttr reshapeElements(ElementsAttr elements, ArrayRef<int64_t> shape) {
  auto type =
      RankedTensorType::get(shape, elements.getShapedType().getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return cast<DenseElementsAttr>(elements).reshape(type);
}

} // namespace lacuna
