//===- TensorProto.cpp - ONNX tensors to bytes and back -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

namespace lacuna {

using onnx::TensorProto;

static constexpr std::pair<int32_t, DType> kDTypes[] = {
    {TensorProto::FLOAT, DType::Float32},
    {TensorProto::DOUBLE, DType::Float64},
    {TensorProto::FLOAT16, DType::Float16},
    {TensorProto::BFLOAT16, DType::BFloat16},
    {TensorProto::INT8, DType::Int8},
    {TensorProto::INT16, DType::Int16},
    {TensorProto::INT32, DType::Int32},
    {TensorProto::INT64, DType::Int64},
    {TensorProto::UINT8, DType::UInt8},
    {TensorProto::UINT16, DType::UInt16},
    {TensorProto::UINT32, DType::UInt32},
    {TensorProto::UINT64, DType::UInt64},
    {TensorProto::BOOL, DType::Bool},
};

std::optional<DType> toDType(int32_t onnxType) {
  for (auto [onnx, type] : kDTypes)
    if (onnx == onnxType)
      return type;
  return std::nullopt;
}

// Integers of 4 bits, which the installed library does not know. They are bytes
// once they are read.
static constexpr int32_t kUInt4 = 21, kInt4 = 22;

static bool isHalfByte(const TensorProto &tensor) {
  return tensor.data_type() == kUInt4 || tensor.data_type() == kInt4;
}

std::string onnxTypeName(int32_t onnxType) {
  if (std::optional<DType> type = toDType(onnxType))
    return getName(*type).str();
  // Named here because the installed library does not know all of them.
  switch (onnxType) {
  case 0:
    return "undefined";
  case 8:
    return "string";
  case 14:
    return "complex64";
  case 15:
    return "complex128";
  case 17:
    return "float8e4m3fn";
  case 18:
    return "float8e4m3fnuz";
  case 19:
    return "float8e5m2";
  case 20:
    return "float8e5m2fnuz";
  case kUInt4:
    return "uint4";
  case kInt4:
    return "int4";
  case 23:
    return "float4e2m1";
  default:
    return "number " + std::to_string(onnxType);
  }
}

std::optional<DType> getReadType(const TensorProto &tensor) {
  if (isHalfByte(tensor))
    return tensor.data_type() == kInt4 ? DType::Int8 : DType::UInt8;
  return toDType(tensor.data_type());
}

llvm::Expected<std::pair<DType, llvm::SmallVector<int64_t>>>
checkTensorType(const TensorProto &tensor) {
  std::optional<DType> type = getReadType(tensor);
  if (!type)
    return llvm::createStringError("its element type is " +
                                   onnxTypeName(tensor.data_type()));
  llvm::SmallVector<int64_t> shape;
  int64_t bytes = getByteSize(*type);
  for (int64_t size : tensor.dims()) {
    std::optional<int64_t> next = llvm::checkedMul(bytes, size);
    if (size < 0 || !next)
      return llvm::createStringError("its shape has the dimension " +
                                     llvm::Twine(size));
    // A dimension of zero must not hide one that overflows.
    bytes = std::max<int64_t>(*next, 1);
    shape.push_back(size);
  }
  return std::pair(*type, shape);
}

/// Copies a typed field, where each element takes a field of its own, to bytes.
template <typename To, typename Field>
static llvm::Error copyField(const Field &field, HostTensor &tensor) {
  if (field.size() != tensor.getNumElements())
    return llvm::createStringError("it holds " + llvm::Twine(field.size()) +
                                   " elements, but its shape " + "needs " +
                                   llvm::Twine(tensor.getNumElements()));
  auto out = tensor.elements<To>();
  for (int64_t i = 0; i < tensor.getNumElements(); ++i)
    out[i] = static_cast<To>(field.Get(i));
  return llvm::Error::success();
}

size_t getStoredBytes(const TensorProto &tensor, DType type, int64_t count) {
  return isHalfByte(tensor) ? (count + 1) / 2 : count * getByteSize(type);
}

HostTensor copyStored(const TensorProto &tensor, DType type,
                      llvm::ArrayRef<int64_t> shape, const char *stored) {
  HostTensor result(type, shape);
  if (!isHalfByte(tensor)) {
    std::memcpy(result.data(), stored, result.getByteSize());
    return result;
  }
  for (auto [i, value] : llvm::enumerate(result.elements<uint8_t>())) {
    value = uint8_t(stored[i / 2]) >> i % 2 * 4 & 15;
    if (type == DType::Int8 && value > 7)
      value -= 16;
  }
  return result;
}

llvm::Expected<HostTensor> decodeTensor(const TensorProto &tensor) {
  auto checked = checkTensorType(tensor);
  if (!checked)
    return checked.takeError();
  auto [type, shape] = *checked;
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::string pairs;
  llvm::StringRef bytes = tensor.raw_data();
  if (isHalfByte(tensor) && !tensor.has_raw_data()) {
    for (int32_t pair : tensor.int32_data())
      pairs.push_back(char(pair));
    bytes = pairs;
  }
  if (tensor.has_raw_data() || isHalfByte(tensor)) {
    size_t needed = getStoredBytes(tensor, type, count);
    if (bytes.size() != needed)
      return llvm::createStringError("it holds " + llvm::Twine(bytes.size()) +
                                     " bytes, but its shape needs " +
                                     llvm::Twine(needed));
    return copyStored(tensor, type, shape, bytes.data());
  }
  // Check the count before allocating what a damaged shape asks for.
  int64_t held = std::max({tensor.float_data_size(), tensor.int32_data_size(),
                           tensor.int64_data_size(), tensor.double_data_size(),
                           tensor.uint64_data_size()});
  if (held != count)
    return llvm::createStringError("it holds " + llvm::Twine(held) +
                                   " elements, but its shape needs " +
                                   llvm::Twine(count));
  HostTensor result(type, shape);
  auto fill = [&]() -> llvm::Error {
    switch (type) {
    case DType::Float32:
      return copyField<float>(tensor.float_data(), result);
    case DType::Float64:
      return copyField<double>(tensor.double_data(), result);
    case DType::Int64:
      return copyField<int64_t>(tensor.int64_data(), result);
    case DType::UInt32:
      return copyField<uint32_t>(tensor.uint64_data(), result);
    case DType::UInt64:
      return copyField<uint64_t>(tensor.uint64_data(), result);
    case DType::Int32:
      return copyField<int32_t>(tensor.int32_data(), result);
    case DType::Int16:
    case DType::UInt16:
    case DType::Float16:
    case DType::BFloat16:
      return copyField<uint16_t>(tensor.int32_data(), result);
    case DType::Int8:
    case DType::UInt8:
    case DType::Bool:
      return copyField<uint8_t>(tensor.int32_data(), result);
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = fill())
    return error;
  return result;
}

llvm::Expected<HostTensor> readTensorProto(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  TensorProto tensor;
  if (!tensor.ParseFromArray((*buffer)->getBufferStart(),
                             (*buffer)->getBufferSize()))
    return llvm::createStringError(path + ": not an ONNX tensor");
  llvm::Expected<HostTensor> result = decodeTensor(tensor);
  if (!result)
    return llvm::createStringError(path + ": " +
                                   llvm::toString(result.takeError()));
  return result;
}

llvm::Error writeTensorProto(llvm::StringRef path, llvm::StringRef name,
                             const HostTensor &tensor) {
  TensorProto proto;
  proto.set_name(name.str());
  for (int64_t size : tensor.getShape())
    proto.add_dims(size);
  for (auto [onnx, type] : kDTypes)
    if (type == tensor.getType())
      proto.set_data_type(onnx);
  proto.set_raw_data(tensor.data(), tensor.getByteSize());
  std::error_code code;
  llvm::raw_fd_ostream file(path, code);
  if (code)
    return llvm::createStringError(code, path + ": " + code.message());
  file << proto.SerializeAsString();
  return llvm::Error::success();
}

} // namespace lacuna
