//===- Model.cpp - Reading ONNX files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Model.h"

#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/stubs/logging.h"
#include "onnx/defs/parser.h"
#include "onnx/onnx_pb.h"

namespace lacuna {

/// Whether `buffer` is text; a protobuf model begins with a byte below space.
static bool isText(llvm::StringRef buffer) {
  llvm::StringRef start = buffer.ltrim();
  return start.starts_with("<") || start.starts_with("agraph");
}

/// Why ONNX text was refused, without the parser's banner.
static std::string describeParseError(llvm::StringRef message) {
  return message.trim().str();
}

llvm::Expected<std::shared_ptr<onnx::ModelProto>>
parseModel(llvm::StringRef buffer) {
  if (buffer.empty())
    return llvm::createStringError("the file is empty");
  auto model = std::make_shared<onnx::ModelProto>();
  if (isText(buffer)) {
    // The parser of the library throws on some errors and reports others.
    try {
      std::string text = buffer.str();
      onnx::OnnxParser parser(text.c_str());
      onnx::Common::Status status = parser.Parse(*model);
      if (!status.IsOK())
        return llvm::createStringError(
            "not valid ONNX text: " +
            describeParseError(status.ErrorMessage()));
      return model;
    } catch (const std::exception &error) {
      return llvm::createStringError("not valid ONNX text: " +
                                     describeParseError(error.what()));
    }
  }
  google::protobuf::LogSilencer quiet;
  google::protobuf::io::ArrayInputStream stream(buffer.data(), buffer.size());
  if (!model->ParseFromZeroCopyStream(&stream) || !model->has_graph())
    return llvm::createStringError(
        "not an ONNX model: the protobuf is damaged, truncated, or of another "
        "kind");
  return model;
}

} // namespace lacuna
