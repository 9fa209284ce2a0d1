//===- Npy.cpp - NumPy's .npy files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Support/HostTensor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

namespace lacuna {

static constexpr llvm::StringLiteral kMagic("\x93NUMPY");

/// NumPy has no bfloat16; such tensors are written as their bits.
static llvm::StringRef getDescr(DType type) {
  switch (type) {
  case DType::Float32:
    return "<f4";
  case DType::Float64:
    return "<f8";
  case DType::Float16:
    return "<f2";
  case DType::Int8:
    return "|i1";
  case DType::Int16:
    return "<i2";
  case DType::Int32:
    return "<i4";
  case DType::Int64:
    return "<i8";
  case DType::UInt8:
    return "|u1";
  case DType::BFloat16:
  case DType::UInt16:
    return "<u2";
  case DType::UInt32:
    return "<u4";
  case DType::UInt64:
    return "<u8";
  case DType::Bool:
    return "|b1";
  }
  return "";
}

static std::optional<DType> parseDescr(llvm::StringRef descr) {
  for (int i = 0; i <= int(DType::Bool); ++i)
    if (DType(i) != DType::BFloat16 &&
        getDescr(DType(i)).drop_front() == descr.drop_front())
      return DType(i);
  return std::nullopt;
}

/// The text after `'key':` in the header dictionary.
static llvm::StringRef getField(llvm::StringRef header, llvm::StringRef key) {
  size_t at = header.find(("'" + key + "'").str());
  if (at == llvm::StringRef::npos)
    return "";
  return header.substr(at + key.size() + 2).ltrim(" :");
}

llvm::Expected<HostTensor> readNpy(llvm::StringRef path) {
  auto error = [&](const llvm::Twine &reason) {
    return llvm::createStringError(path + ": " + reason);
  };
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return error(buffer.getError().message());
  llvm::StringRef file = (*buffer)->getBuffer();
  if (!file.consume_front(kMagic) || file.size() < 4)
    return error("not a .npy file");
  uint8_t major = file[0];
  size_t lengthBytes = major == 1 ? 2 : 4;
  if (major < 1 || major > 3 || file.size() < 2 + lengthBytes)
    return error("an unknown version of .npy");
  size_t length = major == 1 ? llvm::support::endian::read16le(file.data() + 2)
                             : llvm::support::endian::read32le(file.data() + 2);
  file = file.drop_front(2 + lengthBytes);
  if (file.size() < length)
    return error("truncated header");
  llvm::StringRef header = file.take_front(length);
  file = file.drop_front(length);

  llvm::StringRef descr = getField(header, "descr");
  descr = descr.drop_front().take_until([](char c) { return c == '\''; });
  std::optional<DType> type = descr.empty() ? std::nullopt : parseDescr(descr);
  if (!type)
    return error("unsupported element type '" + descr + "'");
  if (descr.front() == '>')
    return error("big-endian data; save it as little-endian");

  llvm::StringRef shapeText = getField(header, "shape");
  if (!shapeText.consume_front("("))
    return error("no shape in the header");
  shapeText = shapeText.take_until([](char c) { return c == ')'; });
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<llvm::StringRef> parts;
  shapeText.split(parts, ',', -1, /*KeepEmpty=*/false);
  int64_t count = 1;
  for (llvm::StringRef part : parts) {
    int64_t size;
    if (part.trim().empty())
      continue;
    if (part.trim().getAsInteger(10, size) || size < 0)
      return error("bad shape in the header");
    std::optional<int64_t> next = llvm::checkedMul(count, size);
    if (!next)
      return error("bad shape in the header");
    count = *next;
    shape.push_back(size);
  }
  if (file.size() / getByteSize(*type) < uint64_t(count))
    return error(llvm::formatv("holds {0} bytes, but its shape needs {1}",
                               file.size(), count * getByteSize(*type)));

  HostTensor tensor(*type, shape);
  if (!getField(header, "fortran_order").starts_with("True") ||
      shape.size() < 2) {
    std::memcpy(tensor.data(), file.data(), tensor.getByteSize());
    return tensor;
  }
  size_t bytes = getByteSize(*type);
  llvm::SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t to = 0; to < count; ++to) {
    int64_t from = 0;
    for (size_t dim = shape.size(); dim-- > 0;)
      from = from * shape[dim] + index[dim];
    std::memcpy(tensor.data() + to * bytes, file.data() + from * bytes, bytes);
    for (size_t dim = shape.size(); dim-- > 0;) {
      if (++index[dim] < shape[dim])
        break;
      index[dim] = 0;
    }
  }
  return tensor;
}

llvm::Error writeNpy(llvm::StringRef path, const HostTensor &tensor) {
  std::string header;
  llvm::raw_string_ostream os(header);
  os << "{'descr': '" << getDescr(tensor.getType())
     << "', 'fortran_order': False, 'shape': (";
  for (int64_t size : tensor.getShape())
    os << size << ",";
  os << "), }";
  size_t prefix = kMagic.size() + 4;
  os.indent(63 - (prefix + header.size()) % 64) << "\n";

  std::error_code code;
  llvm::raw_fd_ostream file(path, code);
  if (code)
    return llvm::createStringError(code, path + ": " + code.message());
  char length[2];
  llvm::support::endian::write16le(length, header.size());
  file << kMagic << '\x01' << '\0' << llvm::StringRef(length, 2) << header;
  file.write(tensor.data(), tensor.getByteSize());
  file.close();
  if (file.has_error()) {
    code = file.error();
    file.clear_error();
    return llvm::createStringError(code, path + ": " + code.message());
  }
  return llvm::Error::success();
}

} // namespace lacuna
