//===- Weights.cpp - Weights in the model file and beside it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constant.h"
#include "GraphImporter.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace lacuna {

/// The file that external data at `location` lies in; an error if that would
/// leave the model's folder.
static llvm::Expected<std::string> resolveExternal(StringRef folder,
                                                   StringRef location) {
  namespace path = llvm::sys::path;
  if (location.empty() || path::is_absolute(location) ||
      llvm::is_contained(
          llvm::make_range(path::begin(location), path::end(location)), ".."))
    return llvm::createStringError("its external data '" + location +
                                   "' lies outside the model's folder");
  SmallString<256> file(folder), real, realFolder;
  path::append(file, location);
  if (std::error_code error = llvm::sys::fs::real_path(file, real))
    return llvm::createStringError("its external data '" + location +
                                   "' cannot be read: " + error.message());
  // A link may lead out of the folder too.
  StringRef rest = real;
  if (llvm::sys::fs::real_path(folder.empty() ? "." : folder, realFolder) ||
      !rest.consume_front(realFolder) ||
      (realFolder != "/" && !rest.starts_with("/")))
    return llvm::createStringError("its external data '" + location +
                                   "' lies outside the model's folder");
  return real.str().str();
}

/// Maps the part of a file that external data names.
static llvm::Expected<std::shared_ptr<llvm::MemoryBuffer>>
mapExternal(StringRef folder, const onnx::TensorProto &tensor, int64_t bytes) {
  std::string location;
  int64_t offset = 0, length = -1;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    if (entry.key() == "location")
      location = value;
    if ((entry.key() == "offset" && value.getAsInteger(10, offset)) ||
        (entry.key() == "length" && value.getAsInteger(10, length)) ||
        offset < 0)
      return llvm::createStringError("its external data has the " +
                                     entry.key() + " '" + value + "'");
  }
  if (length >= 0 && length != bytes)
    return llvm::createStringError("its external data has " + Twine(length) +
                                   " bytes, but its shape needs " +
                                   Twine(bytes));
  llvm::Expected<std::string> file = resolveExternal(folder, location);
  if (!file)
    return file.takeError();
  uint64_t fileBytes = 0;
  if (llvm::sys::fs::file_size(*file, fileBytes) ||
      uint64_t(offset) > fileBytes || fileBytes - offset < uint64_t(bytes))
    return llvm::createStringError("its external data '" + location +
                                   "' is too short");
  auto slice = llvm::MemoryBuffer::getFileSlice(*file, bytes, offset);
  if (!slice)
    return llvm::createStringError(
        "its external data '" + location +
        "' cannot be read: " + slice.getError().message());
  return std::shared_ptr<llvm::MemoryBuffer>(std::move(*slice));
}

/// `bytes`, kept alive by `owner`, as the elements of `type`.
template <typename Owner>
static ElementsAttr shareBytes(RankedTensorType type, StringRef name,
                               ArrayRef<char> bytes, Owner owner) {
  size_t align = std::max(1u, type.getElementTypeBitWidth() / 8);
  auto blob = UnmanagedAsmResourceBlob::allocateWithAlign(
      bytes, align, [owner](void *, size_t, size_t) { (void)owner; });
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

FailureOr<ElementsAttr>
GraphImporter::createElements(Location loc, const onnx::TensorProto &tensor) {
  auto refuse = [&](llvm::Error error) {
    return emitInvalid(UnknownLoc::get(&context))
           << "constant '" << tensor.name()
           << "' is damaged: " << llvm::toString(std::move(error));
  };
  auto checked = checkTensorType(tensor);
  if (!checked)
    return refuse(checked.takeError());
  auto [dtype, shape] = *checked;
  auto type = RankedTensorType::get(shape, getElementType(&context, dtype));
  size_t bytes = getStoredBytes(tensor, dtype, type.getNumElements());
  auto isAligned = [&](const char *data) {
    return uintptr_t(data) % getByteSize(dtype) == 0;
  };
  bool large = type.getNumElements() > kDenseLimit && dtype != DType::Bool &&
               bytes == type.getNumElements() * getByteSize(dtype);

  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    auto mapped = mapExternal(folder, tensor, bytes);
    if (!mapped)
      return refuse(mapped.takeError());
    const char *data = (*mapped)->getBufferStart();
    if (large && isAligned(data))
      return shareBytes(type, tensor.name(), ArrayRef(data, bytes), *mapped);
    return lacuna::createElements(&context,
                                  copyStored(tensor, dtype, shape, data));
  }
  // The bodies of operators that ONNX defines as functions do not outlive the
  // import; the model does, as long as a weight points into it.
  if (large && !enclosing && tensor.raw_data().size() == bytes &&
      isAligned(tensor.raw_data().data()))
    return shareBytes(type, tensor.name(),
                      ArrayRef(tensor.raw_data().data(), bytes), model);
  llvm::Expected<HostTensor> decoded = decodeTensor(tensor);
  if (!decoded)
    return refuse(decoded.takeError());
  return lacuna::createElements(&context, *decoded);
}

} // namespace lacuna
