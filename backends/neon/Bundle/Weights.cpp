//===- Weights.cpp - Constants as one block of bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Weights.h"

#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace lacuna;

/// Element `value` in `bytes` bytes, little endian, as AArch64 has them.
static void writeElement(char *to, const APInt &value, unsigned bytes) {
  uint64_t bits = value.getZExtValue();
  for (unsigned i = 0; i < bytes; ++i)
    to[i] = static_cast<char>(bits >> (8 * i));
}

static LogicalResult writeGlobal(memref::GlobalOp global, char *to,
                                 size_t room) {
  Attribute value = global.getInitialValueAttr();
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(value)) {
    ArrayRef<char> data = resource.getData();
    if (data.size() > room)
      return global.emitOpError("has more data than its type");
    llvm::copy(data, to);
    return success();
  }
  auto dense = dyn_cast_or_null<DenseElementsAttr>(value);
  if (!dense)
    return global.emitOpError("is no constant");
  Type element = dense.getElementType();
  unsigned bytes = element.isIndex()
                       ? 8
                       : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  if (isa<FloatType>(element))
    for (const APFloat &each : dense.getValues<APFloat>()) {
      writeElement(to, each.bitcastToAPInt(), bytes);
      to += bytes;
    }
  else
    for (const APInt &each : dense.getValues<APInt>()) {
      writeElement(to, each, bytes);
      to += bytes;
    }
  return success();
}

FailureOr<std::string> neon::collectWeights(ModuleOp module, int64_t bytes) {
  std::string block(bytes, '\0');
  for (auto global : module.getOps<memref::GlobalOp>()) {
    auto offset = global->getAttrOfType<IntegerAttr>(neon::kOffsetAttr);
    if (!offset)
      return global.emitOpError("has no place: run neon-place-weights");
    if (failed(writeGlobal(global, block.data() + offset.getInt(),
                           block.size() - offset.getInt())))
      return failure();
  }
  return block;
}
