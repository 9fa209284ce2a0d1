//===- Metadata.cpp - What a model says of itself -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Frontend/Metadata.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/wire_format_lite.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/MemoryBuffer.h"
#include <limits>

namespace lacuna {

using google::protobuf::internal::WireFormatLite;

std::string readModelMetadata(llvm::StringRef path, llvm::StringRef key) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file || (*file)->getBufferSize() > std::numeric_limits<int>::max())
    return "";
  google::protobuf::LogSilencer quiet;
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>((*file)->getBufferStart()),
      int((*file)->getBufferSize()));
  constexpr uint32_t wanted =
      WireFormatLite::MakeTag(onnx::ModelProto::kMetadataPropsFieldNumber,
                              WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  while (uint32_t tag = stream.ReadTag()) {
    uint32_t size = 0;
    std::string bytes;
    if (tag != wanted) {
      if (!WireFormatLite::SkipField(&stream, tag))
        return "";
      continue;
    }
    if (!stream.ReadVarint32(&size) ||
        !stream.ReadString(&bytes, static_cast<int>(size)))
      return "";
    onnx::StringStringEntryProto entry;
    if (entry.ParseFromString(bytes) && entry.key() == key)
      return entry.value();
  }
  return "";
}

} // namespace lacuna
